"""What was said on a topic in order of time: each line once, in its wordings, with the days on which each was said.

    found = position("the South China Sea", index=index, encoder=encoder)

A *wording* is the same words on any number of days; a *line* is a wording and what it became. Statements that say
nothing ("our position is consistent and clear") are counted and left out.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from math import log2
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from rag.generation.openers import opened, sentences
from rag.generation.select import Kind, kind_of
from rag.retrieval.adapter import searched_texts
from rag.retrieval.alike import Shingles, likeness, shingles
from rag.retrieval.search import searched_in, span_scores
from rag.retrieval.timeline import Timeline, Topic, addressing, timeline
from rag.retrieval.understand import understand
from rag.retrieval.wording import Change, word_diff
from rag.types import AnswerSpan, Citation, Exchange, Filters, Query, Record, Searched, Source

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder
    from rag.indexing.store import Index

LINES = 30
"""Lines that are told; the others are counted."""
ON_TOPIC = 0.5
"""A statement is on the topic when it bears on it at least this share of the best one's. Statements of the English
archive fall into two heaps (those that name the topic or continue such a one, and the rest of the answer); this lies
between them."""
SAME_WORDING = 0.9
"""Likeness from which two statements are the same wording: one word changed in 20 makes 0.71."""
SAME_LINE = 0.25
"""Likeness from which a statement goes on with a line: below it a word diff shows more change than words kept."""


class Wording(Record):
    """The same words, said once or again."""

    text: str
    """As first said."""
    occasions: tuple[Citation, ...]
    """Oldest first; each quotes its own day's words."""
    changes: tuple[Change, ...] = ()
    """What changed from the line's wording before; empty for the first."""


class Line(Record):
    """A statement and what became of its wording."""

    wordings: tuple[Wording, ...]
    """In order of their first day."""
    occasions: int
    """Conferences in which the line was said."""
    first: dt.date | None
    last: dt.date | None


class Position(Record):
    """All that was said on a topic, in order of time."""

    understood: Query
    searched: Searched
    timeline: Timeline
    first: AnswerSpan | None = None
    """The first statement on the topic, said on the timeline's first day or later."""
    last: AnswerSpan | None = None
    lines: tuple[Line, ...] = ()
    """In order of their first day. Citations are numbered through."""
    left_out: int = 0
    """Lines on the topic beyond the limit: less near to it and said less often."""
    empty: dict[Kind, int] = Field(default_factory=dict)
    """Statements that were left out because they say nothing, by kind."""


class _Said(NamedTuple):
    span: AnswerSpan
    exchange: Exchange
    source: Source
    bearing: float
    words: Shingles

    @property
    def when(self) -> tuple[dt.date, str, int]:
        return (self.source.date or dt.date.min, self.span.transcript, self.span.start)


def position(
    topic: str, *, index: Index, encoder: Encoder, filters: Filters | None = None, limit: int = LINES
) -> Position:
    """What was said on `topic` in order of time.

    Args:
        topic: a name, a phrase or a question.
        index: what is read.
        encoder: the model the index was built with.
        filters: set by the reader; each wins over what the topic names.
        limit: most lines.

    Raises:
        QueryError: the topic is empty or far too long.
    """
    with index.snapshot():
        query = understand(topic, (), filters or Filters(), index)
        found = addressing(query, index, encoder)
        said = _said(query, found, index)
        when = timeline(found.addressed, index)
        searched = searched_in(query, index)
    kinds = [kind_of(item.span.text) for item in said]
    telling = sorted((s for s, kind in zip(said, kinds, strict=True) if kind == "substance"), key=lambda s: s.when)
    lines = _lines(telling)
    kept = sorted(sorted(lines, key=_weight, reverse=True)[:limit], key=lambda line: line[0][0].when)
    numbers = count(1)
    return Position(
        understood=query,
        searched=searched,
        timeline=when,
        first=min(said, key=lambda item: item.when).span if said else None,
        last=max(said, key=lambda item: item.when).span if said else None,
        lines=tuple(_line(line, numbers) for line in kept),
        left_out=len(lines) - len(kept),
        empty={kind: number for kind, number in Counter(kinds).items() if kind != "substance"},
    )


def _said(query: Query, found: Topic, index: Index) -> list[_Said]:
    """The statements on the topic, in no order."""
    text = searched_texts(query)[-1]
    items = []
    for addressed in found.addressed:
        spans = index.spans_of(addressed.exchange)
        if not spans:
            continue
        exchange = index.exchange(addressed.exchange)
        source = index.source(exchange.transcript)
        scores = span_scores(spans, index.vectors_of("span", exchange.id) @ found.vector, text)
        items += [
            _Said(span, exchange, source, addressed.bearing * float(score), shingles(_without_opener(span.text)))
            for span, score in zip(spans, scores, strict=True)
        ]
    least = ON_TOPIC * max((item.bearing for item in items), default=0.0)
    return [item for item in items if item.bearing >= least]


def _without_opener(text: str) -> str:
    """The statement without "As I said just now," and the like: said again it is the same."""
    return " ".join(opened(sentence)[0] for sentence in sentences(text))


def _lines(said: Sequence[_Said]) -> list[list[list[_Said]]]:
    """Statements, oldest first, as lines of wordings: each goes on with the wording that it is most like."""
    lines: list[list[list[_Said]]] = []
    places: list[tuple[list[list[_Said]], list[_Said]]] = []
    holding: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, item in enumerate(said):
        # One answer may list several things in the same frame ("people in Xinjiang have the right to …").
        shared = {
            other
            for shingle in item.words
            for other in holding[shingle]
            if said[other].span.exchange != item.span.exchange or said[other].words == item.words
        }
        nearest = max(shared, key=lambda other: likeness(item.words, said[other].words), default=None)
        alike = likeness(item.words, said[nearest].words) if nearest is not None else 0.0
        if nearest is not None and alike >= SAME_WORDING:
            line, wording = places[nearest]
            wording.append(item)
        elif nearest is not None and alike >= SAME_LINE:
            line, wording = places[nearest][0], [item]
            line.append(wording)
        else:
            wording = [item]
            line = [wording]
            lines.append(line)
        places.append((line, wording))
        for shingle in item.words:
            holding[shingle].append(number)
    return lines


def _weight(line: list[list[_Said]]) -> float:
    """How much a line is worth telling: how near it is to the topic, and how often it was said."""
    items = [item for wording in line for item in wording]
    return max(item.bearing for item in items) * (1 + log2(len({item.span.transcript for item in items})))


def _line(line: list[list[_Said]], numbers: Iterator[int]) -> Line:
    wordings: list[Wording] = []
    for items in line:
        citations = tuple(Citation.of(next(numbers), item.span, item.exchange, item.source) for item in items)
        changes = word_diff(wordings[-1].text, citations[0].quote) if wordings else ()
        wordings.append(Wording(text=citations[0].quote, occasions=citations, changes=changes))
    occasions = [citation for wording in wordings for citation in wording.occasions]
    days = sorted(citation.date for citation in occasions if citation.date)
    return Line(
        wordings=tuple(wordings),
        occasions=len({citation.transcript for citation in occasions}),
        first=days[0] if days else None,
        last=days[-1] if days else None,
    )
