"""How likely each span of the found answers is to bear on the question: what an answer is chosen by.

An exchange that answers a question also says other things: it takes a second question, thanks, reminds, generalises.
A logistic regression weighs what is cheap to know of a span; its coefficients are fitted by
`onrecord evaluate bearing --fit` on spans graded by readers and kept in `bearing.json` with where they are from.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rag.retrieval.confidence import Model, probability
from rag.retrieval.coverage import Wanted, held, stems_in, stems_of
from rag.types import AnswerSpan, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Vectors
    from rag.indexing.store import Index
    from rag.retrieval.rank import RankedExchange

_TURNS = re.compile(
    r"(?:As (?:for|to)\b|On (?:your|the (?:first|second|third|last|other|latter|former|issue|question))\b|Regarding\b|"
    r"With regards? to\b|Concerning\b|In response to\b|Your (?:first|second|third|last|other)\b|To answer\b|"
    r"About (?:your|the)\b|Speaking of\b|Turning to\b)"
)
"""Openings with which an answer turns to another question."""


class Signals(Record):
    """What the probability is computed from."""

    near: float
    """Cosine of the question with the exchange's nearest passage, as a share of the highest among the exchanges."""
    moved: float
    """Cosine of the question moved towards what was found (`rag.retrieval.rank.moved`) with its nearest passage."""
    best: float
    """Cosine of the span with the passage of the best exchange that comes nearest to the question."""
    opens: float
    """1 for the first span of an answer, which often says no more than that a report was seen."""
    spans: float
    """Natural logarithm of how many spans the answer has: a long one speaks of more than was asked."""
    part: float
    """Share of the question's words, weighed by rarity, in the part of the answer that takes the same question."""
    answer: float
    """The same in the whole answer, …"""
    exchange: float
    """… and in the whole exchange, as a share of the most among the exchanges looked at."""
    words: float
    """Natural logarithm of how many words the span has."""


SIGNALS = tuple(Signals.model_fields)


class Bearing(NamedTuple):
    """A span of a found answer with what is known of it."""

    exchange: str
    """Exchange id."""
    span: AnswerSpan
    signals: Signals

    @property
    def probability(self) -> float:
        """That the span bears on the question, 0 to 1."""
        return probability(self.signals, fitted())


@lru_cache(maxsize=1)
def fitted() -> Model:
    """The committed coefficients; the threshold is the least probability of a span that is told."""
    text = resources.files("rag.retrieval").joinpath("bearing.json").read_text(encoding="utf-8")
    return Model.model_validate(json.loads(text))


def bearings(found: Sequence[RankedExchange], wanted: Sequence[Wanted], vector: Vectors, index: Index) -> list[Bearing]:
    """Every span of the exchanges with its signals.

    Args:
        found: the exchanges that are looked at, as ranked by the method "hybrid".
        wanted: the question's words.
        vector: the question's, float32 [dimension], of length one.
        index: what is searched.
    """
    spans = {item.exchange: index.spans_of(item.exchange) for item in found}
    told = [item for item in found if spans[item.exchange]]
    if not told:
        return []
    best = index.vectors_of("passage", max(told, key=lambda item: item.score).exchange)
    nearest = best[np.argmax(best @ vector)]
    highest = max(_cosine(item, "nearest") for item in told) or 1.0
    shares = [held(wanted, stems_of(item.exchange, index)) for item in told]
    most = max(shares)
    return [
        Bearing(
            item.exchange,
            span,
            Signals(
                near=_cosine(item, "nearest") / highest,
                moved=_cosine(item, "dense"),
                best=float(cosine),
                opens=float(i == 0),
                spans=math.log(len(spans[item.exchange])),
                part=part,
                answer=answer,
                exchange=share / most if most else 1.0,
                words=math.log(max(1, len(span.text.split()))),
            ),
        )
        for item, share in zip(told, shares, strict=True)
        for answer in [held(wanted, stems_in(" ".join(span.text for span in spans[item.exchange])))]
        for i, (span, cosine, part) in enumerate(
            zip(
                spans[item.exchange],
                index.vectors_of("span", item.exchange) @ nearest,
                _parts(spans[item.exchange], wanted),
                strict=True,
            )
        )
    ]


def _cosine(item: RankedExchange, retriever: str) -> float:
    """0.0 for an exchange that only its words brought: it is farther than all that the retriever returned."""
    return max(0.0, item.scores.get(retriever, 0.0))


def _parts(spans: Sequence[AnswerSpan], wanted: Sequence[Wanted]) -> list[float]:
    """For each span the share of the wanted words in the part of the answer that it belongs to."""
    parts: list[list[AnswerSpan]] = []
    for span in spans:
        if not parts or _TURNS.match(span.text):
            parts.append([])
        parts[-1].append(span)
    shares = [held(wanted, stems_in(" ".join(span.text for span in part))) for part in parts]
    return [share for part, share in zip(parts, shares, strict=True) for _ in part]
