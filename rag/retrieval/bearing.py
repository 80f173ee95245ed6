"""How likely each span of the found answers is to bear on the question: what an answer is chosen by.

An exchange that answers a question also says other things: it takes a second question, thanks, reminds, generalises.
A logistic regression weighs what is cheap to know of a span, before the likeliest are read (`rag.retrieval.reading`);
its coefficients are fitted by
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

from rag.retrieval.confidence import Model, log_odds, probability
from rag.retrieval.coverage import Wanted, held, stems_in
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

    relevance: float
    """How well the exchange answers (`rag.retrieval.rerank`)."""
    moved: float
    """Cosine of the question moved towards what was found (`rag.retrieval.rank.moved`) with its nearest passage."""
    best: float
    """Cosine of the span with the passage of the best exchange that comes nearest to the question."""
    aside: float
    """Cosine of the span with the question, less the mean of the answer's spans."""
    opens: float
    """1 for the first span of an answer, which often says no more than that a report was seen."""
    spans: float
    """Natural logarithm of how many spans the answer has: a long one speaks of more than was asked."""
    held: float
    """Share of the question's words, weighed by rarity, in the span, …"""
    part: float
    """… in the part of the answer that takes the same question, …"""
    answer: float
    """… and in the whole answer."""
    words: float
    """Natural logarithm of how many words the span has."""
    wanted: float
    """Natural logarithm of one and the number of the question's content words: a long question asks for one thing."""
    found: float
    """Natural logarithm of how many exchanges come near the best: of a matter often spoken of much is repeated."""
    substance: float
    """How much the span is worth to whoever asks: its vector along the direction in which spans that readers wanted lie
    from empty ones ("China stands ready to work with all parties"). 0.0 with another embedding model."""


SIGNALS = tuple(Signals.model_fields)


class Fitted(Model):
    """The coefficients of the signals and the direction of substance."""

    encoder: str
    """SHA-256 (hex) of the embedding model that the direction is of (`rag.indexing.schema.Meta.embedding_digest`)."""
    direction: tuple[float, ...]
    """[dimension]; its length says how much it weighs beside the signals."""
    middle: float
    """Where the mean of the graded spans lies along it."""

    def substance(self, spans: Vectors, encoder: str) -> Vectors:
        """Of spans [n, dimension] by their vectors: [n]; all 0.0 when they are of another model."""
        if encoder != self.encoder:
            return np.zeros(len(spans), dtype=np.float32)
        return np.asarray(spans @ np.array(self.direction, dtype=np.float32) - self.middle, dtype=np.float32)


class Bearing(NamedTuple):
    """A span of a found answer with what is known of it."""

    exchange: str
    """Exchange id."""
    span: AnswerSpan
    signals: Signals

    @property
    def probability(self) -> float:
        """That the span bears on the question, 0 to 1."""
        return probability(log_odds(self.signals, fitted()))


@lru_cache(maxsize=1)
def fitted() -> Fitted:
    """The committed coefficients; the threshold is the least probability of a span that is told."""
    text = resources.files("rag.retrieval").joinpath("bearing.json").read_text(encoding="utf-8")
    return Fitted.model_validate(json.loads(text))


class _Asked(NamedTuple):
    """What the spans of every answer are compared with."""

    wanted: Sequence[Wanted]
    vector: Vectors
    """The question's, float32 [dimension]."""
    nearest: Vectors
    """That of the passage of the best exchange that comes nearest to it."""
    exchanges: int
    encoder: str


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
    best = index.vectors_of("passage", max(told, key=lambda item: item.relevance).exchange)
    asked = _Asked(wanted, vector, best[np.argmax(best @ vector)], len(told), index.meta.embedding_digest)
    return [
        Bearing(item.exchange, span, signals)
        for item in told
        for span, signals in zip(
            spans[item.exchange],
            _of_answer(item, spans[item.exchange], index.vectors_of("span", item.exchange), asked),
            strict=True,
        )
    ]


def _of_answer(item: RankedExchange, spans: Sequence[AnswerSpan], vectors: Vectors, asked: _Asked) -> list[Signals]:
    """The signals of the spans of one answer, by their vectors [n, dimension]."""
    stems = [stems_in(span.text) for span in spans]
    answer = held(asked.wanted, frozenset[str]().union(*stems))
    own = vectors @ asked.vector
    return [
        Signals(
            relevance=item.relevance,
            # An exchange that only its words brought is farther than all that the retriever returned.
            moved=max(0.0, item.scores.get("dense", 0.0)),
            best=float(best),
            aside=float(aside),
            opens=float(i == 0),
            spans=math.log(len(spans)),
            held=held(asked.wanted, stems[i]),
            part=part,
            answer=answer,
            words=math.log(max(1, len(span.text.split()))),
            wanted=math.log1p(len(asked.wanted)),
            found=math.log(asked.exchanges),
            substance=float(substance),
        )
        for i, (span, best, aside, part, substance) in enumerate(
            zip(
                spans,
                vectors @ asked.nearest,
                own - own.mean(),
                _parts(spans, stems, asked.wanted),
                fitted().substance(vectors, asked.encoder),
                strict=True,
            )
        )
    ]


def _parts(spans: Sequence[AnswerSpan], stems: Sequence[frozenset[str]], wanted: Sequence[Wanted]) -> list[float]:
    """For each span the share of the wanted words in the part of the answer that it belongs to."""
    parts: list[list[frozenset[str]]] = []
    for span, words in zip(spans, stems, strict=True):
        if not parts or _TURNS.match(span.text):
            parts.append([])
        parts[-1].append(words)
    shares = [held(wanted, frozenset[str]().union(*part)) for part in parts]
    return [share for part, share in zip(parts, shares, strict=True) for _ in part]
