"""How sure retrieval is that the record answers a question: a probability used to refuse before anything is written.

Off-domain questions are far from every passage; near misses name something ("Falkland", "krill") that the best
statements never mention. A logistic regression weighs both; its coefficients are fitted by
`onrecord evaluate confidence --fit` on questions of our own and kept in `confidence.json` with where they are from.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from pydantic import Field

from rag.retrieval.chinese import is_chinese
from rag.retrieval.coverage import held, stems_of, wanted_words
from rag.types import Query, Record

if TYPE_CHECKING:
    from rag.indexing.store import Index
    from rag.retrieval.rank import RankedExchange

LOOKED_AT = 5
"""Best exchanges that are compared with the question."""
WORDS_ENOUGH = 0.5
"""Share of a Chinese question's words, weighed by rarity, that the best exchange must speak of. On the questions of
`rag/evaluation/data/chinese.jsonl`, which it was chosen on, 22 of 24 off the record are refused and 2 of 60 on it."""
SIGNALS = ("passage", "span", "first", "best", "together")


class Signals(Record):
    """What the confidence is computed from; each about 0 to 1."""

    passage: float
    """Mean cosine of the nearest passages of the first exchanges, moved towards them (`rank.moved`)."""
    span: float
    """Highest cosine of a span."""
    first: float
    """Share of the question's words, weighed by rarity, in the first exchange's question and answer."""
    best: float
    """The same in the exchange that has most of them."""
    together: float
    """The same in the first exchanges together."""


class Model(Record):
    """A logistic regression over `Signals`."""

    intercept: float
    weights: dict[str, float]
    threshold: float
    """Probability under which a question is refused."""
    provenance: dict[str, str | int | float] = Field(default_factory=dict)


def confidence(query: Query, ranked: Sequence[RankedExchange], index: Index) -> float:
    """Probability (0 to 1) that the record answers the question, from its ranking by the method "hybrid"."""
    if not ranked:
        return 0.0
    return probability(signals(query, ranked, index), fitted())


def refused(query: Query, ranked: Sequence[RankedExchange], index: Index) -> bool:
    """Whether nothing on record bears on the question well enough to be shown as its answer.

    The coefficients are those of English questions and cosines of the default model: a Chinese question is judged by
    the words it shares with the best exchange alone.
    """
    if is_chinese(query.topic):
        return not ranked or held(wanted_words(query, index), stems_of(ranked[0].exchange, index)) < WORDS_ENOUGH
    return confidence(query, ranked, index) < fitted().threshold


def probability(found: Signals, model: Model) -> float:
    """The model's probability for these signals."""
    score = model.intercept + sum(model.weights[name] * getattr(found, name) for name in SIGNALS)
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))


@lru_cache(maxsize=1)
def fitted() -> Model:
    """The committed coefficients."""
    text = resources.files("rag.retrieval").joinpath("confidence.json").read_text(encoding="utf-8")
    return Model.model_validate(json.loads(text))


def signals(query: Query, ranked: Sequence[RankedExchange], index: Index) -> Signals:
    """The signals of a question and its ranking, best first, by the method "hybrid"."""
    wanted = wanted_words(query, index)
    first = ranked[:LOOKED_AT]
    texts = [stems_of(item.exchange, index) for item in first]
    shares = [held(wanted, text) for text in texts]
    return Signals(
        passage=_mean([item.scores.get("dense", 0.0) for item in first]),
        span=max((item.scores.get("span", 0.0) for item in ranked), default=0.0),
        first=shares[0] if shares else 0.0,
        best=max(shares, default=0.0),
        together=held(wanted, frozenset().union(*texts)),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
