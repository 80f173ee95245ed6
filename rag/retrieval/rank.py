"""Ranks exchanges for a query: lexical and dense retrievers, fused by normalised score, the best ranked anew.

Every retriever answers with exchanges; a passage or span stands for its exchange with its best score. Scores are
brought to one scale by the best and the last of a retriever's list, so that fusion keeps how far apart two exchanges
are, which reciprocal ranks forget.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from rag.errors import OnRecordError
from rag.retrieval.adapter import plain_vectors, query_vectors, searched_texts
from rag.retrieval.chinese import is_chinese
from rag.retrieval.coverage import wanted_words
from rag.retrieval.lexical import phrases
from rag.retrieval.rerank import CANDIDATES, Signals, fitted, signals
from rag.types import Filters, Query, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder, Vectors
    from rag.indexing.store import Hit, Index

DEPTH = 100
"""Exchanges that each retriever answers with."""
PIECES = 200
"""Passages or spans from which they are folded."""
FEEDBACK = 8
"""Exchanges whose passages the question's vector is moved towards."""
FEEDBACK_WEIGHT = 0.3
"""How far (Rocchio 1971, with positive feedback alone): .5 loses .002 of nDCG."""
WEIGHTS = {"lexical": 0.1, "dense": 0.5, "span": 0.1}
"""BM25 over passages beside that over exchanges gains nothing."""
RRF = 60
"""Constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""
RECENCY = 0.4
"""What the newest of the exchanges that bear on a question gains over the oldest, when the newest are asked for."""
BEARING = 0.6
"""Share of the best score from which an exchange bears on the question."""

Scores = dict[str, float]
"""Exchange id to score, best first."""


class RankedExchange(Record):
    """An exchange and why it was found."""

    exchange: str
    """Exchange id."""
    score: float
    """Fused; comparable within one search only."""
    relevance: float
    """The same without what newness gains where the latest is asked for."""
    ranks: dict[str, int] = Field(default_factory=dict)
    """Rank in each retriever that returned it, counted from 1."""
    scores: dict[str, float] = Field(default_factory=dict)
    """Score in each retriever that returned it: BM25, or cosine."""


def rank_exchanges(
    query: Query,
    index: Index,
    encoder: Encoder | None,
    k: int = 10,
    method: str = "hybrid",
    vectors: Vectors | None = None,
) -> list[RankedExchange]:
    """The `k` best exchanges, best first.

    Args:
        query: as understood.
        index: what is searched.
        encoder: the model the index was built with; without one the words alone are searched.
        k: most exchanges.
        method: a name in `METHODS`.
        vectors: `query_vectors` of the query (`plain_vectors` for a method of `BASELINES`), when they are at hand.

    Raises:
        OnRecordError: there is no such method.
    """
    if method not in METHODS:
        raise OnRecordError(f"there is no ranking method {method!r}; there are {', '.join(METHODS)}")
    if vectors is None and encoder:
        vectors = plain_vectors([query], encoder)[0] if method in BASELINES else query_vectors(query, encoder)
    if vectors is None:
        vectors = np.empty((0, 0), dtype=np.float32)
    if encoder is None or not is_readable(query, encoder):
        method = "words"
    with index.snapshot():
        lists, fused = METHODS[method](query, index, vectors)
        ordered = _newest_first(fused, index) if query.latest else fused
    best = first_ranked(ordered, k)
    positions = {
        name: {exchange: rank for rank, exchange in enumerate(scores, start=1)} for name, scores in lists.items()
    }
    return [
        RankedExchange(
            exchange=exchange,
            score=ordered[exchange],
            relevance=fused[exchange],
            ranks={name: ranks[exchange] for name, ranks in positions.items() if exchange in ranks},
            scores={name: scores[exchange] for name, scores in lists.items() if exchange in scores},
        )
        for exchange in best
    ]


def is_readable(query: Query, encoder: Encoder) -> bool:
    """Whether the embedding model knows the language of the question and of the transcripts that are searched."""
    return encoder.reads_chinese or not (is_chinese(query.topic) or query.filters.language == "zh")


def lexical(text: str, index: Index, filters: Filters, unit: str = "exchange") -> Scores:
    """BM25 over question and answer of exchanges or passages; empty when the text has no content word."""
    asked = phrases(text)
    hits = index.search_text(unit, asked, DEPTH if unit == "exchange" else PIECES, filters, (0.0, 1.0, 1.0))  # type: ignore[arg-type]
    return _folded(hits)


def dense(vector: Vectors, index: Index, filters: Filters, space: str = "passage") -> Scores:
    """Cosine of a question's vector with passages or spans."""
    return _folded(index.search_vectors(space, vector, PIECES, filters))


def moved(vector: Vectors, best: Sequence[str], scores: Scores, index: Index) -> Vectors:
    """The question's vector moved towards the nearest passage of each of the best exchanges."""
    nearest = [
        scores[exchange] * passages[np.argmax(passages @ vector)]
        for exchange, passages in index.vectors_of_each("passage", best[:FEEDBACK]).items()
        if len(passages)
    ]
    if not nearest:
        return vector
    centre = np.sum(nearest, axis=0) / max(sum(scores[exchange] for exchange in best[:FEEDBACK]), 1e-9)
    mixed = (1 - FEEDBACK_WEIGHT) * vector + FEEDBACK_WEIGHT * centre
    return np.asarray(mixed / np.linalg.norm(mixed), dtype=np.float32)


def fuse(lists: dict[str, Scores], weights: dict[str, float]) -> Scores:
    """Weighted sum of the lists' scores, each brought to 1 for its best and 0 for its last and for what it lacks."""
    fused: Scores = {}
    for name, scores in lists.items():
        for exchange, share in scaled(scores).items():
            fused[exchange] = fused.get(exchange, 0.0) + weights[name] * share
    return fused


def scaled(scores: Scores) -> Scores:
    """The scores brought to 1 for the best and 0 for the last; 1 for all when they do not differ."""
    high, low = max(scores.values(), default=0.0), min(scores.values(), default=0.0)
    return {key: (score - low) / (high - low) if high > low else 1.0 for key, score in scores.items()}


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


def _newest_first(fused: Scores, index: Index) -> Scores:
    """Scores with a bonus for the newer of those exchanges that bear on the question."""
    least = BEARING * max(fused.values(), default=0.0)
    bearing = [exchange for exchange, score in fused.items() if score >= least]
    days = {exchange: date.toordinal() for exchange, date in index.days_of(bearing).items() if date is not None}
    if not days:
        return fused
    first, last = min(days.values()), max(days.values())
    return {
        exchange: score
        + (RECENCY * (days[exchange] - first) / (last - first) if exchange in days and last > first else 0)
        for exchange, score in fused.items()
    }


_Ranked = tuple[dict[str, Scores], Scores]


def _lexical(query: Query, index: Index, vectors: Vectors) -> _Ranked:  # noqa: ARG001
    scores = lexical(searched_texts(query)[-1], index, query.filters)
    return {"lexical": scores}, scores


def _words(query: Query, index: Index, vectors: Vectors) -> _Ranked:  # noqa: ARG001
    """Without vectors: what is searched in a language that the embedding model does not know."""
    fused: Scores = {}
    lists: dict[str, Scores] = {}
    for text in searched_texts(query):
        lists = {
            "lexical": lexical(text, index, query.filters),
            "lexical_passage": lexical(text, index, query.filters, "passage"),
        }
        for exchange, score in fuse(lists, dict.fromkeys(lists, 0.5)).items():
            fused[exchange] = fused.get(exchange, 0.0) + score
    return lists, fused


def _dense(query: Query, index: Index, vectors: Vectors) -> _Ranked:
    scores = dense(vectors[-1], index, query.filters)
    return {"dense": scores}, scores


def _fusion(query: Query, index: Index, vectors: Vectors) -> _Ranked:
    """The plain baseline: reciprocal ranks of BM25 and dense, each over exchanges and over passages.

    Passages carry their question, so that the first passage of an answer stands for its exchange in dense retrieval.
    """
    text = searched_texts(query)[-1]
    lists = {
        "lexical": lexical(text, index, query.filters),
        "lexical_passage": lexical(text, index, query.filters, "passage"),
        "dense": dense(vectors[-1], index, query.filters),
    }
    return lists, reciprocal_ranks({**lists, "dense_again": lists["dense"]})


def _weighted(query: Query, index: Index, vectors: Vectors) -> _Ranked:
    """A follow-up is ranked by its own words and by them together with what it leans on, in equal parts."""
    texts = searched_texts(query)
    lists: dict[str, Scores] = {}
    fused: Scores = {}
    for text, vector in zip(texts, vectors, strict=True):
        lists, part = _one(text, vector, index, query.filters)
        for exchange, score in part.items():
            fused[exchange] = fused.get(exchange, 0.0) + score / len(texts)
    return lists, fused


def _hybrid(query: Query, index: Index, vectors: Vectors) -> _Ranked:
    """The best of the weighted lists, ranked anew (`rag.retrieval.rerank`)."""
    lists, found = candidates(query, index, vectors)
    return lists, {exchange: fitted().score(item) for exchange, item in found.items()}


def candidates(query: Query, index: Index, vectors: Vectors) -> tuple[dict[str, Scores], dict[str, Signals]]:
    """The retrievers' lists, and the signals of the exchanges that their weighted sum puts first, in its order."""
    lists, fused = _weighted(query, index, vectors)
    best = {exchange: fused[exchange] for exchange in first_ranked(fused, CANDIDATES)}
    shares = {name: scaled(lists[name]) for name in ("lexical", "nearest", "span")}
    return lists, dict(zip(best, signals(best, shares, vectors[-1], wanted_words(query, index), index), strict=True))


def first_ranked(scores: Scores, k: int) -> list[str]:
    """The `k` best exchanges, best first."""
    return heapq.nsmallest(k, scores, key=lambda exchange: (-scores[exchange], exchange))


def _one(text: str, vector: Vectors, index: Index, filters: Filters) -> _Ranked:
    lists = {"lexical": lexical(text, index, filters), "dense": dense(vector, index, filters)}
    first = fuse(lists, WEIGHTS)
    nearest = lists["dense"]
    nearer = moved(vector, first_ranked(first, FEEDBACK), first, index)
    lists["dense"] = dense(nearer, index, filters)
    lists["span"] = dense(nearer, index, filters, "span")
    return {**lists, "nearest": nearest}, fuse(lists, WEIGHTS)


BASELINES = frozenset({"dense", "fusion"})
"""Methods that are there to be compared with: what makes the others better is no part of them."""
METHODS: dict[str, Callable[[Query, Index, Vectors], _Ranked]] = {
    "lexical": _lexical,
    "words": _words,
    "dense": _dense,
    "fusion": _fusion,
    "weighted": _weighted,
    "hybrid": _hybrid,
}
