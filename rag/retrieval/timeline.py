"""Which exchanges address a topic, and when: all of them, where a search brings only the best.

found = addressing(query, index, encoder)
line = timeline(found, index)
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rag.retrieval.adapter import query_vectors
from rag.retrieval.confidence import LOOKED_AT, refused
from rag.retrieval.coverage import held, stems_of, wanted_words
from rag.retrieval.rank import moved, rank_exchanges
from rag.retrieval.search import EXCHANGES, HELD_POWER
from rag.types import Query, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder, Vectors
    from rag.indexing.store import Index

NEAREST = 2000
"""Passages that are looked at; a topic with more is counted too low."""
BEARING = 0.6
"""An exchange addresses a topic when its nearness, weighed by the topic's words it holds as a search weighs them, is at
least this share of the best one's. Read off 17 topics of the English archive: above it stand answers about the topic,
below it passing mentions ("on South China Sea issues and others") and the like of it (another sea)."""


class Addressed(NamedTuple):
    """An exchange that addresses a topic."""

    exchange: str
    """Exchange id."""
    transcript: str
    date: dt.date | None
    bearing: float
    """0 to 1, for the exchange nearest to the topic."""


class Topic(NamedTuple):
    """A topic and all that addresses it."""

    vector: Vectors
    """Float32 [dimension]: the topic's vector, moved towards the passages nearest to it."""
    addressed: tuple[Addressed, ...]
    """Nearest first; empty when nothing on record bears on the topic well enough."""


class Month(Record):
    """How often a topic was addressed in one month."""

    first: dt.date
    """The month's first day."""
    exchanges: int


class Timeline(Record):
    """When a topic was addressed."""

    months: tuple[Month, ...]
    """Every month from the first to the last on record, those without any included."""
    exchanges: int
    conferences: int
    first: dt.date | None
    """Day on which the topic was first addressed; None when it never was on a dated conference."""
    last: dt.date | None


def addressing(query: Query, index: Index, encoder: Encoder) -> Topic:
    """All exchanges that address the topic of a query and pass its filters."""
    vector = query_vectors(query, encoder)[-1]
    with index.snapshot():
        ranked = rank_exchanges(query, index, encoder, EXCHANGES)
        if refused(query, ranked, index):
            return Topic(vector, ())
        vector = moved(vector, [item.exchange for item in ranked], {r.exchange: r.score for r in ranked}, index)
        nearness: dict[str, float] = {}
        for hit in index.search_vectors("passage", vector, NEAREST, query.filters):
            nearness.setdefault(hit.exchange, hit.score)
        # What is further off than this cannot reach the floor, whatever words it holds.
        floor = BEARING * max(nearness.values(), default=0.0)
        near = {exchange: score for exchange, score in nearness.items() if score >= floor}
        bearing = _weighed(query, near, index)
        best = max(bearing.values(), default=1.0)
        kept = {exchange: score / best for exchange, score in bearing.items() if score >= BEARING * best}
        places = {exchange: index.source(index.exchange(exchange).transcript) for exchange in kept}
    addressed = [Addressed(e, places[e].transcript, places[e].date, score) for e, score in kept.items()]
    return Topic(vector, tuple(sorted(addressed, key=lambda item: (-item.bearing, item.exchange))))


def timeline(addressed: Sequence[Addressed], index: Index) -> Timeline:
    """How often and when, over the whole of the record."""
    days = sorted(item.date for item in addressed if item.date)
    counts = Counter(day.replace(day=1) for day in days)
    whole = index.date_range()
    months = []
    if whole.first and whole.last:
        month = whole.first.replace(day=1)
        while month <= whole.last:
            months.append(Month(first=month, exchanges=counts[month]))
            month = (month + dt.timedelta(days=32)).replace(day=1)
    return Timeline(
        months=tuple(months),
        exchanges=len(addressed),
        conferences=len({item.transcript for item in addressed}),
        first=days[0] if days else None,
        last=days[-1] if days else None,
    )


def _weighed(query: Query, nearness: dict[str, float], index: Index) -> dict[str, float]:
    """Nearness times what each exchange holds of the topic's words, beside what the best ones hold."""
    wanted = wanted_words(query, index)
    texts = stems_of(list(nearness), index)
    shares = {exchange: held(wanted, stems) for exchange, stems in zip(nearness, texts, strict=True)}
    first = sorted(nearness, key=lambda exchange: -nearness[exchange])[:LOOKED_AT]
    most = max((shares[exchange] for exchange in first), default=0.0)
    if not most:
        return nearness
    return {e: score * min(1.0, shares[e] / most) ** HELD_POWER for e, score in nearness.items()}
