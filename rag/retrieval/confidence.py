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
MOST_WORDS = 12
"""Words beyond which a question is no longer."""
WORDS_ENOUGH = 0.5
"""Share of a Chinese question's words, weighed by rarity, that the best exchange must speak of. On the questions of
`rag/evaluation/data/chinese.jsonl`, which it was chosen on, 22 of 24 off the record are refused and 2 of 60 on it."""


class Signals(Record):
    """What the confidence is computed from; each about 0 to 1."""

    relevance: float
    """How well the best exchange answers (`rag.retrieval.rerank`)."""
    nearest: float
    """Highest cosine of the question with a passage of the first exchanges."""
    near: float
    """Mean cosine with the nearest passage of each of the first exchanges."""
    moved: float
    """The same for the question moved towards them (`rank.moved`)."""
    first: float
    """Share of the question's words, weighed by rarity, in the first exchange's question and answer."""
    best: float
    """The same in the exchange that has most of them."""
    words: float
    """Logarithm of one and the number of the question's content words: of a long question some words are lacking."""


SIGNALS = tuple(Signals.model_fields)


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
    return probability(log_odds(signals(query, ranked, index), fitted()))


def refused(query: Query, ranked: Sequence[RankedExchange], index: Index) -> bool:
    """Whether nothing on record bears on the question well enough to be shown as its answer.

    The coefficients are those of English questions and the default model, whose questions are moved
    (`rag.retrieval.adapter`). They are used for Chinese ones and for another model too, whose cosines are on nearly the
    same scale (`rag.indexing.centring`); a Chinese question that was searched for by words alone is judged by the words
    it shares with the best exchange.
    """
    if is_chinese(query.topic) and not any("nearest" in item.scores for item in ranked):
        return not ranked or held(wanted_words(query, index), stems_of([ranked[0].exchange], index)[0]) < WORDS_ENOUGH
    return confidence(query, ranked, index) < fitted().threshold


def log_odds(found: Record, model: Model) -> float:
    """The model's for these signals, whichever record holds them."""
    score: float = sum(weight * getattr(found, name) for name, weight in model.weights.items())
    return model.intercept + score


def probability(score: float) -> float:
    """The probability with these log-odds."""
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
    texts = stems_of([item.exchange for item in first], index)
    shares = [held(wanted, text) for text in texts]
    cosines = [item.scores["nearest"] for item in first if "nearest" in item.scores]
    return Signals(
        relevance=max((item.relevance for item in first), default=0.0),
        nearest=max(cosines, default=0.0),
        near=_mean(cosines),
        moved=_mean([item.scores["dense"] for item in first if "dense" in item.scores]),
        first=shares[0] if shares else 0.0,
        best=max(shares, default=0.0),
        words=math.log1p(min(len(wanted), MOST_WORDS)),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
