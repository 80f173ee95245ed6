"""The evidence of an answer, weighed by reading each span together with the question.

A search compares points; a few dozen spans can be read word by word beside the question (`rag.indexing.joint`). What
that says of a span and of what was read with it, and how likely the span was to bear on the question before
(`rag.retrieval.bearing`), are weighed by a regression of five coefficients, fitted by `onrecord evaluate bearing --fit`
and kept in `reading.json`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from rag.retrieval.adapter import searched_texts
from rag.retrieval.confidence import probability
from rag.types import AnswerSpan, Evidence, Query, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder

SUREST = 1e-6
"""Least distance of a probability from 0 and 1: its log-odds stay finite."""
NEXT = 3
"""At most this many characters lie between two spans of which one follows the other: a blank, or a new paragraph."""
ALONE = 1.0
"""How much less than a span itself its neighbours are taken for when neither was read."""

Values = NDArray[np.float64]

FILE = "reading.json"


class Reading(Record):
    """The coefficients of the log-odds."""

    tuning: str
    """`rag.indexing.joint.Tuning.digest` of what the joint log-odds are by."""
    intercept: float
    before: float
    """Of those the span had before it was read."""
    joint: float
    """Of those of the joint reading, …"""
    best: float
    """… of its highest of all that was read for the question: where nothing answers, neighbours look likely, …"""
    beside: float
    """… and of its highest of the spans before and after that were read: an answer stays with its matter."""
    threshold: float
    """Least probability of what is told when it was read."""
    provenance: dict[str, str | int | float] = Field(default_factory=dict)

    def log_odds(self, before: Values, read: Read) -> Values:
        """That each span bears on the question: float64 [n]."""
        return (
            self.intercept
            + self.before * before
            + self.joint * read.joint
            + self.best * read.best
            + self.beside * read.beside
        )


class Read(NamedTuple):
    """What joint reading says of spans that were read for one question, float64 [n] each."""

    joint: Values
    """Log-odds that the span answers the question."""
    best: Values
    """The highest of all."""
    beside: Values
    """The highest of the spans right before and after in the same answer; without them `ALONE` less than its own."""


def read_with(spans: Sequence[AnswerSpan], joint: Values) -> Read:
    """The log-odds [n] of spans in any order, with those of what was read with them."""
    beside = np.full(len(joint), -np.inf)
    order = sorted(range(len(spans)), key=lambda place: (spans[place].exchange, spans[place].start))
    for one, other in pairwise(order):
        if spans[one].exchange == spans[other].exchange and spans[other].start - spans[one].end <= NEXT:
            beside[one] = max(beside[one], joint[other])
            beside[other] = max(beside[other], joint[one])
    beside = np.where(np.isneginf(beside), joint - ALONE, beside)
    return Read(joint, np.full(len(joint), joint.max(initial=-np.inf)), beside)


@lru_cache(maxsize=1)
def fitted() -> Reading:
    """The committed coefficients."""
    text = resources.files("rag.retrieval").joinpath(FILE).read_text(encoding="utf-8")
    return Reading.model_validate(json.loads(text))


def read(evidence: Sequence[Evidence], query: Query, encoder: Encoder) -> tuple[Evidence, ...] | None:
    """The evidence, scored anew, best first; None with a model that is not tuned for it."""
    joint = encoder.joint_scores(searched_texts(query)[-1], [item.span.text for item in evidence])
    if joint is None:
        return None
    before = np.array([_log_odds(item.score) for item in evidence])
    found = fitted().log_odds(before, read_with([item.span for item in evidence], joint.astype(np.float64)))
    scored = [
        item.model_copy(update={"score": probability(float(score))})
        for item, score in zip(evidence, found, strict=True)
    ]
    return tuple(sorted(scored, key=lambda item: -item.score))


def chances(item: Evidence, parts: Sequence[str], query: Query, encoder: Encoder) -> list[float] | None:
    """For each part of a span that was read the probability that it bears on the question by itself; None as above.

    It is that of the span but for what reading the part instead of the whole changes; the best of what was read and
    the span's neighbours are taken to be as they were.
    """
    joint = encoder.joint_scores(searched_texts(query)[-1], [item.span.text, *parts])
    if joint is None:
        return None
    return [probability(_log_odds(item.score) + fitted().joint * float(part - joint[0])) for part in joint[1:]]


def _log_odds(chance: float) -> float:
    kept = min(max(chance, SUREST), 1 - SUREST)
    return math.log(kept / (1 - kept))
