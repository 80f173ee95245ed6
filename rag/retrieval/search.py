"""From a `Query` to the answer spans that bear on it: the evidence an answer is made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.retrieval.lexical import other_names, terms
from rag.retrieval.rank import RankedExchange, query_vectors, rank_exchanges, searched_texts
from rag.types import AnswerSpan, Evidence, Query

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder, Vectors
    from rag.indexing.store import Index

EXCHANGES = 12
"""Exchanges whose spans are looked at."""
MOST_SPANS = 3
"""Spans taken of one answer."""
KEPT = 0.6
"""A further span of an answer is taken when it is at least this near to the question, compared with the best one."""
LATER_SPAN = 0.8
"""Each further span of an answer counts this share of the one before: other answers are heard first."""
SIMILAR = 0.7
"""Jaccard index of 3-word shingles from which two spans are the same statement."""
WORDS_WEIGHT = 0.4
"""Share of the question's words in a span, beside its cosine."""


class _Candidate(NamedTuple):
    span: AnswerSpan
    score: float
    ranked: RankedExchange


def search(query: Query, index: Index, encoder: Encoder, limit: int = 12) -> tuple[Evidence, ...]:
    """At most `limit` answer spans, best first.

    Of each of the best exchanges, the spans that bear on the question are taken. A span that says again what a
    better one said is kept with that one (`also_said`).
    """
    vectors = query_vectors(query, encoder)
    text = searched_texts(query)[-1]
    with index.snapshot():
        ranked = rank_exchanges(query, index, encoder, EXCHANGES, vectors=vectors)
        candidates = [candidate for item in ranked for candidate in _bearing(item, text, vectors[-1], index)]
        chosen = _grouped(sorted(candidates, key=lambda candidate: -candidate.score))[:limit]
        evidence = []
        for best, same in chosen:
            exchange = index.exchange(best.span.exchange)
            evidence.append(
                Evidence(
                    span=best.span,
                    exchange=exchange,
                    source=index.source(exchange.transcript),
                    score=best.score,
                    ranks=best.ranked.ranks,
                    also_said=tuple(candidate.span for candidate in same),
                )
            )
    return tuple(evidence)


def _bearing(ranked: RankedExchange, text: str, vector: Vectors, index: Index) -> list[_Candidate]:
    """The spans of an answer that bear on the question: the best one, and those that are nearly as near."""
    spans = index.spans_of(ranked.exchange)
    if not spans:
        return []
    scores = span_scores(spans, index.vectors_of("span", ranked.exchange) @ vector, text)
    order = np.argsort(-scores, kind="stable")[:MOST_SPANS]
    best = scores[order[0]]
    kept = [position for position in order if scores[position] >= KEPT * best]
    return [
        _Candidate(spans[position], ranked.score * LATER_SPAN**place, ranked) for place, position in enumerate(kept)
    ]


def span_scores(spans: Sequence[AnswerSpan], cosines: NDArray[np.float32], text: str) -> NDArray[np.float64]:
    """How far each span of an answer bears on a question: float64 [n], comparable within one answer.

    A span's cosine, plus the share of the question's content words in it, a third of it lent by its neighbours:
    the sentence after the one that names the thing often carries the point.
    """
    wanted = [
        re.compile(rf"(?<!\w){re.escape(word[:6])}", re.IGNORECASE) for word in [*terms(text), *other_names(text)]
    ]
    share = np.array([sum(bool(word.search(span.text)) for word in wanted) for span in spans], dtype=np.float64)
    own = np.maximum(np.asarray(cosines, dtype=np.float64), 0.0) + WORDS_WEIGHT * share / max(1, len(terms(text)))
    padded = np.pad(own, 1)
    neighbours = np.maximum(padded[:-2], padded[2:])
    return np.asarray(own + neighbours / 4, dtype=np.float64)


def _grouped(candidates: Sequence[_Candidate]) -> list[tuple[_Candidate, list[_Candidate]]]:
    """Candidates, best first, each with the worse ones that say the same in nearly the same words."""
    groups: list[tuple[_Candidate, list[_Candidate]]] = []
    seen: list[set[tuple[str, ...]]] = []
    for candidate in candidates:
        words = _shingles(candidate.span.text)
        for (_, same), known in zip(groups, seen, strict=True):
            if len(words & known) >= SIMILAR * len(words | known):
                same.append(candidate)
                break
        else:
            groups.append((candidate, []))
            seen.append(words)
    return groups


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))}
