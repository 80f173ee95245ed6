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

_TURNS = re.compile(
    r"(?:As (?:for|to)\b|On (?:your|the (?:first|second|third|last|other|latter|former|issue|question))\b|Regarding\b|"
    r"With regards? to\b|Concerning\b|In response to\b|Your (?:first|second|third|last|other)\b|To answer\b|"
    r"About (?:your|the)\b|Speaking of\b|Turning to\b)"
)
"""Openings with which an answer turns to another question."""


class Signals(Record):
    """What the probability is computed from."""

    passage: float
    """Cosine of the question with the passage that holds the span: its surroundings and what was asked."""
    nearest: float
    """Cosine of the question with the span, as a share of the highest among all spans looked at."""
    opens: float
    """1 for the first span of an answer, which often says no more than that a report was seen."""
    spans: float
    """Natural logarithm of how many spans the answer has: a long one speaks of more than was asked."""
    part: float
    """Share of the question's words, weighed by rarity, in the part of the answer that takes the same question."""
    exchange: float
    """The same in the whole exchange, as a share of the most among the exchanges looked at."""
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


def bearings(exchanges: Sequence[str], wanted: Sequence[Wanted], vector: Vectors, index: Index) -> list[Bearing]:
    """Every span of the exchanges with its signals.

    Args:
        exchanges: ids of the exchanges that are looked at.
        wanted: the question's words.
        vector: the question's, float32 [dimension], of length one.
        index: what is searched.
    """
    spans = {exchange: index.spans_of(exchange) for exchange in exchanges}
    cosines = {exchange: index.vectors_of("span", exchange) @ vector for exchange in exchanges if spans[exchange]}
    highest = max((float(each.max()) for each in cosines.values()), default=0.0)
    shares = {exchange: held(wanted, stems_of(exchange, index)) for exchange in cosines}
    most = max(shares.values(), default=0.0)
    return [
        Bearing(
            exchange,
            span,
            Signals(
                passage=passage,
                nearest=max(0.0, float(cosine)) / highest if highest > 0 else 0.0,
                opens=float(i == 0),
                spans=math.log(len(spans[exchange])),
                part=part,
                exchange=shares[exchange] / most if most else 1.0,
                words=math.log(max(1, len(span.text.split()))),
            ),
        )
        for exchange, own in cosines.items()
        for i, (span, cosine, passage, part) in enumerate(
            zip(
                spans[exchange],
                own,
                _passages(exchange, spans[exchange], vector, index),
                _parts(spans[exchange], wanted),
                strict=True,
            )
        )
    ]


def _passages(exchange: str, spans: Sequence[AnswerSpan], vector: Vectors, index: Index) -> list[float]:
    """For each span the highest cosine of a passage that holds its beginning."""
    passages = index.passages_of(exchange)
    cosines = np.asarray(index.vectors_of("passage", exchange) @ vector, dtype=np.float64)
    return [
        max((float(c) for p, c in zip(passages, cosines, strict=True) if p.start <= span.start < p.end), default=0.0)
        for span in spans
    ]


def _parts(spans: Sequence[AnswerSpan], wanted: Sequence[Wanted]) -> list[float]:
    """For each span the share of the wanted words in the part of the answer that it belongs to."""
    parts: list[list[AnswerSpan]] = []
    for span in spans:
        if not parts or _TURNS.match(span.text):
            parts.append([])
        parts[-1].append(span)
    shares = [held(wanted, stems_in(" ".join(span.text for span in part))) for part in parts]
    return [share for part, share in zip(parts, shares, strict=True) for _ in part]
