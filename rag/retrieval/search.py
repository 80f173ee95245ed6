"""From a `Query` to the answer spans that bear on it: the evidence an answer is made of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from textwrap import shorten
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.indexing.fulltext import cjk_characters
from rag.retrieval.adapter import query_vectors, searched_texts
from rag.retrieval.alike import SIMILAR, Shingles, likeness, shingles
from rag.retrieval.bearing import bearings
from rag.retrieval.confidence import LOOKED_AT, refused
from rag.retrieval.coverage import Wanted, held, stems_of, unmentioned, wanted_words
from rag.retrieval.lexical import other_names, terms
from rag.retrieval.rank import RankedExchange, is_readable, rank_exchanges
from rag.retrieval.understand import beyond_period, by_itself
from rag.types import AnswerSpan, Evidence, Filters, Query, Searched

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder, Vectors
    from rag.indexing.store import Index

EXCHANGES = 12
"""Exchanges whose spans are looked at."""
SPANS = 30
"""Spans of them that are found at most."""
NEAR_THE_BEST = 0.6
"""An exchange is looked at when it scores at least this share of the best one: five of twelve on average. Which of its
spans are told is chosen span by span (`rag.retrieval.bearing`).
"""
HELD_POWER = 0.35
"""How much the question's words in an exchange weigh there (`rag.retrieval.coverage`): the share of shown spans from
exchanges not labelled relevant falls further, from 0.09 to 0.06, with the same answer points held."""
WORDS_WEIGHT = 0.4
"""Share of the question's words in a span, beside its cosine."""
MOSTLY = 0.5
"""From this share of the question's rare names on that nothing found speaks of, what is found is beside the question or
near it: an answer that goes on about it misleads, …"""
FEW = 4
"""… so this many statements are told, and the note says what they do not mention."""

NEAREST = 3
"""Questions on record that are named when nothing answers."""
NEAREST_LENGTH = 160
"""Characters of each."""


class Found(NamedTuple):
    """What a search found, and whether it answers the question."""

    evidence: tuple[Evidence, ...]
    """Best first; empty when refused."""
    refused: bool
    """Whether nothing on record bears on the question well enough (`rag.retrieval.confidence`)."""
    nearest: tuple[str, ...]
    """For a refusal: what reporters asked that comes nearest."""
    unmentioned: tuple[str, ...]
    """Rare names of the question that stand in none of the exchanges the evidence is from."""


class _Candidate(NamedTuple):
    span: AnswerSpan
    score: float
    ranked: RankedExchange


def search(query: Query, index: Index, encoder: Encoder, limit: int = SPANS) -> Found:
    """At most `limit` answer spans, best first, of the exchanges that come near the best one.

    A span that says again what a better one said is kept with that one (`also_said`).
    """
    vectors = query_vectors(query, encoder)
    with index.snapshot():
        ranked = rank_exchanges(query, index, encoder, EXCHANGES, vectors=vectors)
        if refused(query, ranked, index):
            return Found((), True, _asked(ranked[:NEAREST], index), ())
        wanted = wanted_words(query, index)
        near = near_the_best(wanted, ranked, index)
        lacking = unmentioned(query, wanted, stems_of([item.exchange for item in near], index), index)
        if lacking.share >= MOSTLY:
            limit = min(limit, FEW)
        readable = is_readable(query, encoder)
        candidates = _candidates(near, wanted, vectors[-1], index) if readable else _by_words(near, query, index)
        chosen = _grouped(sorted(candidates, key=lambda candidate: -candidate.score))[:limit]
        return Found(tuple(_evidence(best, same, index) for best, same in chosen), False, (), lacking.names)


def widened(query: Query, filters: Filters, index: Index, encoder: Encoder) -> Query:
    """The query as understood or, where nothing answers it so, the first of its wider readings that something answers:
    over all days, by its own words without the question before, and both.

    Args:
        query: as understood.
        filters: set by the reader: a period among them stays.
        index: what is searched.
        encoder: the model the index was built with.
    """
    alone = by_itself(query)
    readings = (beyond_period(query, filters), alone, alone and beyond_period(alone, filters))
    wider = [reading for reading in readings if reading]
    if not wider:
        return query

    vectors: dict[str | None, Vectors] = {}  # of the topic, which is the same, and of what it leans on

    def answered(one: Query) -> bool:
        if one.context not in vectors:
            vectors[one.context] = query_vectors(one, encoder)
        ranked = rank_exchanges(one, index, encoder, EXCHANGES, vectors=vectors[one.context])
        return not refused(one, ranked, index)

    with index.snapshot():
        return next((one for one in (query, *wider) if answered(one)), query)


def search_by_words(query: Query, index: Index, limit: int = SPANS) -> tuple[Evidence, ...]:
    """At most `limit` answer spans that hold the question's words, best first, or begin the answer to a question that
    does: what can be found before the embedding model has loaded. Whether they answer the question is not judged.
    """
    with index.snapshot():
        ranked = rank_exchanges(query, index, None, EXCHANGES)
        found = _by_words(near_the_best(wanted_words(query, index), ranked, index), query, index)
        best_of: dict[str, _Candidate] = {}
        for candidate in sorted(found, key=lambda candidate: -candidate.score):
            best_of.setdefault(candidate.ranked.exchange, candidate)
        holding = [c for c in found if c.score > 0 or c is best_of[c.ranked.exchange]]
        chosen = _grouped(sorted(holding, key=lambda candidate: -candidate.score))[:limit]
        return tuple(_evidence(best, same, index) for best, same in chosen)


def searched_in(query: Query, index: Index) -> Searched:
    """What the query's filters left to search."""
    whole, period = index.date_range(), query.filters.period
    first = max((day for day in (whole.first, period and period.first) if day), default=None)
    last = min((day for day in (whole.last, period and period.last) if day), default=None)
    return Searched(transcripts=index.count_matching(query.filters)[0], first=first, last=last)


def near_the_best(wanted: Sequence[Wanted], ranked: Sequence[RankedExchange], index: Index) -> list[RankedExchange]:
    """The exchanges that come near the best one, where what they hold of the question's words counts as well.

    Meaning alone brings what is like the thing asked about (another country's election, another treaty's end).
    """
    shares = [held(wanted, stems) for stems in stems_of([item.exchange for item in ranked], index)]
    most = max(shares[:LOOKED_AT], default=0.0)
    scores = [
        item.score * min(1.0, share / most) ** HELD_POWER if most else item.score
        for item, share in zip(ranked, shares, strict=True)
    ]
    least = NEAR_THE_BEST * max(scores, default=0.0)
    return [item for item, score in zip(ranked, scores, strict=True) if score >= least]


def _evidence(best: _Candidate, same: Sequence[_Candidate], index: Index) -> Evidence:
    exchange = index.exchange(best.span.exchange)
    return Evidence(
        span=best.span,
        exchange=exchange,
        source=index.source(exchange.transcript),
        score=best.score,
        ranks=best.ranked.ranks,
        also_said=tuple(candidate.span for candidate in same),
    )


def _asked(ranked: Sequence[RankedExchange], index: Index) -> tuple[str, ...]:
    questions = [index.question(item.exchange) for item in ranked]
    return tuple(_shortened(question) for question in questions if question)


def _shortened(question: str) -> str:
    if cjk_characters(question):
        return question if len(question) <= NEAREST_LENGTH else f"{question[:NEAREST_LENGTH]} …"
    return shorten(question, NEAREST_LENGTH, placeholder=" …")


def _candidates(
    near: Sequence[RankedExchange], wanted: Sequence[Wanted], vector: Vectors, index: Index
) -> list[_Candidate]:
    """Every span of the answers, scored by how likely it is to bear on the question."""
    ranked = {item.exchange: item for item in near}
    found = bearings(near, wanted, vector, index)
    return [_Candidate(item.span, item.probability, ranked[item.exchange]) for item in found]


def _by_words(near: Sequence[RankedExchange], query: Query, index: Index) -> list[_Candidate]:
    """The same where vectors say nothing: what a span holds of the question's words, as a share of the most."""
    text = searched_texts(query)[-1]
    found = [
        (item, span, float(score))
        for item in near
        for spans in [index.spans_of(item.exchange)]
        for span, score in zip(spans, span_scores(spans, np.zeros(len(spans), dtype=np.float32), text), strict=True)
    ]
    most = max((score for _, _, score in found), default=0.0) or 1.0
    return [_Candidate(span, score / most, item) for item, span, score in found]


def span_scores(spans: Sequence[AnswerSpan], cosines: NDArray[np.float32], text: str) -> NDArray[np.float64]:
    """How far each span of an answer bears on a question: float64 [n], comparable within one answer.

    A span's cosine, plus the share of the question's content words in it, a third of it lent by its neighbours:
    the sentence after the one that names the thing often carries the point.
    """
    wanted = [_beginning(word) for word in [*terms(text), *other_names(text)]]
    share = np.array([sum(bool(word.search(span.text)) for word in wanted) for span in spans], dtype=np.float64)
    own = np.maximum(np.asarray(cosines, dtype=np.float64), 0.0) + WORDS_WEIGHT * share / max(1, len(terms(text)))
    padded = np.pad(own, 1)
    neighbours = np.maximum(padded[:-2], padded[2:])
    return np.asarray(own + neighbours / 4, dtype=np.float64)


def _beginning(word: str) -> re.Pattern[str]:
    """What a word begins with; Chinese words stand anywhere in a run."""
    if cjk_characters(word):
        return re.compile(re.escape(word))
    return re.compile(rf"(?<!\w){re.escape(word[:6])}", re.IGNORECASE)


def _grouped(candidates: Sequence[_Candidate]) -> list[tuple[_Candidate, list[_Candidate]]]:
    """Candidates, best first, each with the worse ones that say the same in nearly the same words."""
    groups: list[tuple[_Candidate, list[_Candidate]]] = []
    seen: list[Shingles] = []
    holding: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for candidate in candidates:
        words = shingles(candidate.span.text)
        sharing = sorted({place for shingle in words for place in holding.get(shingle, ())})
        like = next((place for place in sharing if likeness(words, seen[place]) >= SIMILAR), None)
        if like is not None:
            groups[like][1].append(candidate)
            continue
        for shingle in words:
            holding[shingle].append(len(groups))
        groups.append((candidate, []))
        seen.append(words)
    return groups
