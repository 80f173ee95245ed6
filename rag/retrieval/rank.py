"""Ranks exchanges for a query: lexical and dense retrievers, fused by normalised score.

Every retriever answers with exchanges; a passage or span stands for its exchange with its best score. Scores are
brought to one scale by the best and the last of a retriever's list, so that fusion keeps how far apart two exchanges
are, which reciprocal ranks forget.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from rag.errors import OnRecordError
from rag.retrieval.lexical import expression
from rag.types import Filters, Query, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder, Vectors
    from rag.indexing.store import Hit, Index

DEPTH = 100
"""Exchanges that each retriever answers with."""
PIECES = 300
"""Passages or spans from which they are folded."""
FEEDBACK = 8
"""Exchanges whose passages the question's vector is moved towards."""
FEEDBACK_WEIGHT = 0.5
"""How far (Rocchio 1971, with positive feedback alone)."""
WEIGHTS = {"lexical": 0.15, "lexical_passage": 0.15, "dense": 0.5, "span": 0.1}
RRF = 60
"""Constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""
CONTEXT_WEIGHT = 0.5
"""Share of the previous question's topic in a follow-up."""

Scores = dict[str, float]
"""Exchange id to score, best first."""


class RankedExchange(Record):
    """An exchange and why it was found."""

    exchange: str
    """Exchange id."""
    score: float
    """Fused; comparable within one search only."""
    ranks: dict[str, int] = Field(default_factory=dict)
    """Rank in each retriever that returned it, counted from 1."""
    scores: dict[str, float] = Field(default_factory=dict)
    """Score in each retriever that returned it: BM25, or cosine."""


def rank_exchanges(
    query: Query, index: Index, encoder: Encoder, k: int = 10, method: str = "hybrid"
) -> list[RankedExchange]:
    """The `k` best exchanges, best first.

    Args:
        query: as understood.
        index: what is searched.
        encoder: the model the index was built with.
        k: most exchanges.
        method: a name in `METHODS`.

    Raises:
        OnRecordError: there is no such method.
    """
    if method not in METHODS:
        raise OnRecordError(f"there is no ranking method {method!r}; there are {', '.join(METHODS)}")
    with index.snapshot():
        lists, fused = METHODS[method](query, index, encoder)
    best = sorted(fused, key=lambda exchange: (-fused[exchange], exchange))[:k]
    positions = {
        name: {exchange: rank for rank, exchange in enumerate(scores, start=1)} for name, scores in lists.items()
    }
    return [
        RankedExchange(
            exchange=exchange,
            score=fused[exchange],
            ranks={name: ranks[exchange] for name, ranks in positions.items() if exchange in ranks},
            scores={name: scores[exchange] for name, scores in lists.items() if exchange in scores},
        )
        for exchange in best
    ]


def searched_text(query: Query) -> str:
    """The words that are searched for: the topic, and for a follow-up what it leans on."""
    return f"{query.topic} {query.context}" if query.context else query.topic


def lexical(text: str, index: Index, filters: Filters, unit: str = "exchange") -> Scores:
    """BM25 over question and answer of exchanges or passages; empty when the text has no content word."""
    match = expression(text)
    if not match:
        return {}
    hits = index.search_text(unit, match, DEPTH if unit == "exchange" else PIECES, filters, (0.0, 1.0, 1.0))  # type: ignore[arg-type]
    return _folded(hits)


def dense(vector: Vectors, index: Index, filters: Filters, space: str = "passage") -> Scores:
    """Cosine of a question's vector with passages or spans."""
    return _folded(index.search_vectors(space, vector, PIECES, filters))


def moved(vector: Vectors, best: Sequence[str], scores: Scores, index: Index) -> Vectors:
    """The question's vector moved towards the nearest passage of each of the best exchanges."""
    nearest = []
    for exchange in best[:FEEDBACK]:
        passages = index.vectors_of("passage", exchange)
        if len(passages):
            nearest.append(scores[exchange] * passages[np.argmax(passages @ vector)])
    if not nearest:
        return vector
    centre = np.sum(nearest, axis=0) / max(sum(scores[exchange] for exchange in best[:FEEDBACK]), 1e-9)
    mixed = (1 - FEEDBACK_WEIGHT) * vector + FEEDBACK_WEIGHT * centre
    return np.asarray(mixed / np.linalg.norm(mixed), dtype=np.float32)


def fuse(lists: dict[str, Scores], weights: dict[str, float]) -> Scores:
    """Weighted sum of the lists' scores, each brought to 1 for its best and 0 for its last and for what it lacks."""
    fused: Scores = {}
    for name, scores in lists.items():
        if not scores:
            continue
        high, low = max(scores.values()), min(scores.values())
        for exchange, score in scores.items():
            share = (score - low) / (high - low) if high > low else 1.0
            fused[exchange] = fused.get(exchange, 0.0) + weights[name] * share
    return fused


def reciprocal_ranks(lists: dict[str, Scores]) -> Scores:
    """Reciprocal rank fusion with equal weights."""
    fused: Scores = {}
    for scores in lists.values():
        for rank, exchange in enumerate(scores, start=1):
            fused[exchange] = fused.get(exchange, 0.0) + 1 / (RRF + rank)
    return fused


def _folded(hits: Sequence[Hit]) -> Scores:
    """Best score of each exchange, at most `DEPTH`, best first."""
    best: Scores = {}
    for hit in hits:
        best.setdefault(hit.exchange, hit.score)
    return dict(list(best.items())[:DEPTH])


_Ranked = tuple[dict[str, Scores], Scores]


def _lexical(query: Query, index: Index, encoder: Encoder) -> _Ranked:  # noqa: ARG001
    scores = lexical(searched_text(query), index, query.filters)
    return {"lexical": scores}, scores


def _dense(query: Query, index: Index, encoder: Encoder) -> _Ranked:
    scores = dense(encoder.encode([searched_text(query)])[0], index, query.filters)
    return {"dense": scores}, scores


def _fusion(query: Query, index: Index, encoder: Encoder) -> _Ranked:
    """The plain baseline: reciprocal ranks of BM25 and dense, each over exchanges and over passages.

    Passages carry their question, so that the first passage of an answer stands for its exchange in dense retrieval.
    """
    vector = encoder.encode([searched_text(query)])[0]
    lists = {
        "lexical": lexical(searched_text(query), index, query.filters),
        "lexical_passage": lexical(searched_text(query), index, query.filters, "passage"),
        "dense": dense(vector, index, query.filters),
    }
    return lists, reciprocal_ranks({**lists, "dense_again": lists["dense"]})


def _hybrid(query: Query, index: Index, encoder: Encoder) -> _Ranked:
    texts = [query.topic, searched_text(query)] if query.context else [query.topic]
    vectors = encoder.encode(texts)
    lists: dict[str, Scores] = {}
    fused: Scores = {}
    for text, vector in zip(texts, vectors, strict=True):
        lists, part = _one(text, vector, index, query.filters)
        for exchange, score in part.items():
            fused[exchange] = fused.get(exchange, 0.0) + score / len(texts)
    return lists, fused


def _one(text: str, vector: Vectors, index: Index, filters: Filters) -> _Ranked:
    lists = {
        "lexical": lexical(text, index, filters),
        "lexical_passage": lexical(text, index, filters, "passage"),
        "dense": dense(vector, index, filters),
    }
    first = fuse(lists, WEIGHTS)
    best = sorted(first, key=lambda exchange: (-first[exchange], exchange))
    nearer = moved(vector, best, first, index)
    lists["dense"] = dense(nearer, index, filters)
    lists["span"] = dense(nearer, index, filters, "span")
    return lists, fuse(lists, WEIGHTS)


METHODS: dict[str, Callable[[Query, Index, Encoder], _Ranked]] = {
    "lexical": _lexical,
    "dense": _dense,
    "fusion": _fusion,
    "hybrid": _hybrid,
}
