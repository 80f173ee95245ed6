"""How sure retrieval is that the record answers a question: a probability used to refuse before anything is written.

Off-domain questions are far from every passage; near misses name something ("Falkland", "krill") that the best
statements never mention. A logistic regression weighs both; its coefficients are fitted by
`onrecord evaluate confidence --fit` on questions of our own and kept in `confidence.json` with where they are from.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from pydantic import Field

from rag.retrieval.lexical import names_by_term
from rag.retrieval.vocabulary import STEM, Vocabulary, vocabulary
from rag.types import Query, Record

if TYPE_CHECKING:
    from rag.indexing.store import Index
    from rag.retrieval.rank import RankedExchange

LOOKED_AT = 5
"""Best exchanges that are compared with the question."""
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
    """Whether nothing on record bears on the question well enough to be shown as its answer."""
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
    words = vocabulary(index)
    wanted = [
        (word, words.rarity(_meant(word, words)), _forms(word, names, words))
        for word, names in names_by_term(query.topic)
        if word.isalpha() or words.counts[word]  # "200bn" says how much, not what; "5g" is on record
    ]
    total = sum(rarity for _, rarity, _ in wanted) or 1.0
    first = ranked[:LOOKED_AT]
    texts = [_stems(_words_of(item.exchange, index)) for item in first]
    shares = [_share(wanted, text) / total for text in texts]
    return Signals(
        passage=_mean([item.scores.get("dense", 0.0) for item in first]),
        span=max((item.scores.get("span", 0.0) for item in ranked), default=0.0),
        first=shares[0] if shares else 0.0,
        best=max(shares, default=0.0),
        together=_share(wanted, set().union(*texts)) / total,
    )


def _meant(word: str, words: Vocabulary) -> str:
    return words.correction(word) or word


def _forms(word: str, names: Sequence[str], words: Vocabulary) -> list[set[str]]:
    """Sets of stems of which any one, when all in a text, says that the text speaks of the word."""
    return [_stems(form) for form in (word, _meant(word, words), *names)]


def _share(wanted: Sequence[tuple[str, float, list[set[str]]]], text: set[str]) -> float:
    return sum(rarity for _, rarity, forms in wanted if any(form and form <= text for form in forms))


def _words_of(exchange: str, index: Index) -> str:
    """The reporter's and the spokesperson's words: the question may name what the answer calls "the issue"."""
    return " ".join([index.question(exchange) or "", *(span.text for span in index.spans_of(exchange))])


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in re.findall(r"[^\W_]+", text.lower())}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
