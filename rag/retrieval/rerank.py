"""Ranks the best exchanges anew, by signals that the lists of single retrievers do not have.

The fused lists say how well each exchange matches the question; they do not say that it is about what the best of them
are about (pseudo-relevance feedback), nor whether the reporter asked what is asked here. A linear model weighs both;
its weights are fitted by `onrecord evaluate reranking --fit` on exchanges graded by readers, pair by pair (Joachims
2002, with the logistic loss of Burges et al. 2005), and kept in `rerank.json` with where they are from.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from rag.retrieval.coverage import Wanted, held, stems_by_side
from rag.types import Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Vectors
    from rag.indexing.store import Index

CANDIDATES = 40
"""Best exchanges that are ranked anew. Sixty find no more; thirty lose a hundredth of recall@10 on questions that
the weights were not fitted on."""
HELD_WEIGHT = 0.2
"""What a candidate gains by the question's words, beside its fused score, before the best are taken for what the
question is about: BM25 forgives an exchange that lacks the one name asked for."""
BEST = 3
"""Candidates whose mean says what the question is about."""
LATELY = 10.0
"""Days over which being near in time falls to 1/e."""
LEADING = 8
"""Best candidates whose days say when the matter was spoken of, each with the reciprocal of its rank."""


class Signals(Record):
    """What an exchange's place is computed from; each about 0 to 1."""

    lexical: float
    """BM25 of the exchange, brought to 1 for the best of the list and 0 for its last and for what it lacks."""
    nearest: float
    """The same of the cosine of the question with the nearest passage, …"""
    span: float
    """… and of the cosine of the question, moved towards what was found, with the nearest span."""
    held: float
    """Share of the question's words in the exchange, weighed by rarity, as a share of the most of a candidate."""
    asked: float
    """Share of them in the reporter's question."""
    first: float
    """Cosine of the question with the first passage: the reporter's question and what is answered first."""
    best: float
    """Cosine of the nearest passage with the one of the best candidate, …"""
    three: float
    """… and with the mean of those of the best three."""
    season: float
    """How near in time the best other candidates are: reporters ask about what happened for some days (temporal
    feedback, Keikha, Gerani and Crestani, SIGIR 2011)."""


SIGNALS = tuple(Signals.model_fields)


class Weights(Record):
    """A linear model over `Signals`."""

    weights: dict[str, float]
    provenance: dict[str, str | int | float] = Field(default_factory=dict)

    def score(self, signals: Signals) -> float:
        """Mean of the signals, weighed: 1 at most. The higher, the better the exchange answers."""
        total = sum(weight * float(getattr(signals, name)) for name, weight in self.weights.items())
        return total / sum(self.weights.values())


@lru_cache(maxsize=1)
def fitted() -> Weights:
    """The committed weights."""
    text = resources.files("rag.retrieval").joinpath("rerank.json").read_text(encoding="utf-8")
    return Weights.model_validate(json.loads(text))


def signals(
    candidates: Mapping[str, float],
    lists: Mapping[str, Mapping[str, float]],
    vector: Vectors,
    wanted: Sequence[Wanted],
    index: Index,
) -> list[Signals]:
    """The signals of every candidate, in the order given.

    Args:
        candidates: exchange id to fused score.
        lists: `lexical`, `nearest` and `span`: exchange id to score, 1 for the best and 0 for the last.
        vector: the question's, float32 [dimension], of length one.
        wanted: the question's words.
        index: what was searched.
    """
    if not candidates:
        return []
    sides = stems_by_side(list(candidates), index)
    asked = [held(wanted, reporter) for reporter, _ in sides]
    shares = [held(wanted, reporter | spokesperson) for reporter, spokesperson in sides]
    most = max(shares) or 1.0
    passages = list(index.vectors_of_each("passage", list(candidates)).values())
    nearest = np.stack([rows[np.argmax(rows @ vector)] if len(rows) else 0 * vector for rows in passages])
    led = [fused + HELD_WEIGHT * share / most for fused, share in zip(candidates.values(), shares, strict=True)]
    leading = np.argsort(np.negative(led), kind="stable")
    to_best, to_three = nearest @ nearest[leading[0]], nearest @ nearest[leading[:BEST]].mean(axis=0)
    days = index.days_of(candidates)
    seasons = _seasons([days.get(exchange) for exchange in candidates], leading)
    return [
        Signals(
            lexical=lists["lexical"].get(exchange, 0.0),
            nearest=lists["nearest"].get(exchange, 0.0),
            span=lists["span"].get(exchange, 0.0),
            held=share / most,
            asked=question,
            first=float(rows[0] @ vector) if len(rows) else 0.0,
            best=float(best),
            three=float(three),
            season=float(season),
        )
        for exchange, rows, share, question, best, three, season in zip(
            candidates, passages, shares, asked, to_best, to_three, seasons, strict=True
        )
    ]


def _seasons(days: Sequence[dt.date | None], leading: NDArray[np.intp]) -> NDArray[np.float64]:
    """For each candidate the share of the leading ones' weight that lies near it in time, itself left out: [n]."""
    weights = np.zeros(len(days))
    weights[leading[:LEADING]] = 1 / np.arange(1, min(LEADING, len(days)) + 1)
    numbers = np.array([day.toordinal() if day else np.nan for day in days])
    near = np.exp(-np.abs(numbers[:, None] - numbers[None, :]) / LATELY)
    np.fill_diagonal(near, 0.0)
    return np.asarray(np.nan_to_num(near) @ weights / weights.sum())
