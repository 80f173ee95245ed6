"""The evidence of an answer, weighed by reading each span together with the question.

A search compares points; a few dozen spans can be read word by word beside the question (`rag.indexing.joint`). What
that says and how likely the span was to bear on the question before (`rag.retrieval.bearing`) are weighed by a
regression of three coefficients, fitted by `onrecord evaluate bearing --fit` and kept in `reading.json`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from rag.retrieval.adapter import searched_texts
from rag.retrieval.confidence import probability
from rag.types import Evidence, Query, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder

T = TypeVar("T", float, NDArray[np.float64])
SUREST = 1e-6
"""Least distance of a probability from 0 and 1: its log-odds stay finite."""


FILE = "reading.json"


class Reading(Record):
    """The coefficients of the log-odds."""

    tuning: str
    """`rag.indexing.joint.Tuning.digest` of what the joint log-odds are by."""
    intercept: float
    before: float
    """Of those the span had before it was read."""
    joint: float
    """Of those of the joint reading."""
    threshold: float
    """Least probability of what is told when it was read."""
    provenance: dict[str, str | int | float] = Field(default_factory=dict)

    def log_odds(self, before: T, joint: T) -> T:
        """That the span bears on the question; of one span or of many."""
        return self.intercept + self.before * before + self.joint * joint


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
    scored = [
        item.model_copy(update={"score": probability(fitted().log_odds(_log_odds(item.score), float(score)))})
        for item, score in zip(evidence, joint, strict=True)
    ]
    return tuple(sorted(scored, key=lambda item: -item.score))


def chances(item: Evidence, parts: Sequence[str], query: Query, encoder: Encoder) -> list[float] | None:
    """For each part of a span that was read the probability that it bears on the question by itself; None as above.

    It is that of the span but for what reading the part instead of the whole changes.
    """
    joint = encoder.joint_scores(searched_texts(query)[-1], [item.span.text, *parts])
    if joint is None:
        return None
    return [probability(_log_odds(item.score) + fitted().joint * float(part - joint[0])) for part in joint[1:]]


def _log_odds(chance: float) -> float:
    kept = min(max(chance, SUREST), 1 - SUREST)
    return math.log(kept / (1 - kept))
