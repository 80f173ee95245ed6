"""BM25 over a large full-text index: common words are looked at only where rarer ones of the question stand.

Scoring a row takes FTS5 about 1.3 µs, and a question of ten words stands in most rows somewhere. As in MaxScore (Turtle
and Flood 1995) the words are parted by how rare they are: a row that holds none of the rare ones cannot be among the
best, so only rows with one are scored, by all words. An index in which every row may be scored is searched whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rag.indexing.dense import Numbers
from rag.indexing.fulltext import phrase
from rag.indexing.reader import Reader
from rag.indexing.rows import item, units, where
from rag.indexing.schema import TABLES, Unit
from rag.indexing.words import stem, words_in
from rag.types import Filters

SCORED = 10_000
"""Rows that are scored without regret: about 15 ms."""
SCORED_FILTERED = 60_000
"""Rows that are looked at, at most, so that with a filter as many remain."""
LOOKED_UP = 60_000
"""Occurrences of common words that are counted and met with the rare ones."""


class Parted(NamedTuple):
    """The phrases of a question by rarity."""

    rare: list[str]
    """Any of these must be there; all of them when `together`."""
    common: list[str]
    """They add to the score of a row with a rare one."""
    together: bool


def best_rows(
    reader: Reader,
    unit: Unit,
    phrases: Sequence[str],
    weights: Sequence[float],
    limit: int,
    filters: Filters | None,
    allowed: Numbers | None,
) -> list[tuple[int, float]]:
    """(number, BM25) of the exchanges or passages that hold any of the phrases, best first. Call inside a snapshot.

    Args:
        reader: of the index.
        unit: "exchange" or "passage".
        phrases: words or names, as plain text; at least one.
        weights: of title, question and answer.
        limit: most rows.
        filters: what limits the search.
        allowed: numbers of the exchanges that the filters let through, ascending; None for all.
    """
    if allowed is not None and not len(allowed):
        return []
    rows = _rows(reader, unit)
    first, last = (0, rows) if allowed is None else _between(reader, unit, int(allowed[0]), int(allowed[-1]))
    reach = min(1.0, (last - first + 1) / max(rows, 1))
    share = 1.0 if allowed is None else min(1.0, len(allowed) / max(reach * _rows(reader, "exchange"), 1))
    most = SCORED if allowed is None else min(SCORED_FILTERED, round(SCORED / share))
    parted = part(reader, phrases, rows, reach, most)
    clause, values = where(filters)
    text = f"{unit}_text"
    sources, limits = text, f"{text} MATCH ?"
    bounds: tuple[int, ...] = ()
    if allowed is not None:
        # CROSS JOIN keeps SQLite from walking the filtered exchanges and looking each up in the full-text index.
        sources = f"{text} CROSS JOIN {units(unit)}"
        limits += f" AND {item(unit)} = {text}.rowid AND {text}.rowid BETWEEN ? AND ? AND {clause}"
        bounds = (first, last)
    sql = (
        f"SELECT {text}.rowid, -bm25({text}, ?, ?, ?) AS score FROM {sources} WHERE {limits} "
        "ORDER BY score DESC, 1 LIMIT ?"
    )
    found: dict[int, float] = {}
    for match in _expressions(parted):
        if parted.together and len(found) >= limit:
            break
        for number, score in reader.all(sql, *weights, match, *bounds, *values, limit):
            found[number] = max(score, found.get(number, score))
    return sorted(found.items(), key=lambda hit: (-hit[1], hit[0]))[:limit]


def part(reader: Reader, phrases: Sequence[str], rows: int, reach: float, most: int) -> Parted:
    """The phrases by how many rows are likely to hold them.

    Args:
        reader: of the index.
        phrases: words or names.
        rows: how many rows there are.
        reach: share of the rows that is searched.
        most: rows that may be scored.
    """
    if rows * reach <= most:
        return Parted(list(phrases), [], together=False)
    likely = {text: min(_occurrences(reader, text), rows) * reach for text in phrases}
    ordered = sorted(phrases, key=lambda text: likely[text])
    rare = _within(ordered, likely, most)
    if rare:
        return Parted(rare, _within(ordered[len(rare) :], likely, LOOKED_UP), together=False)
    # Every word is common: rows that hold the rarest of them together.
    left = likely[ordered[0]]
    count = 1
    while left > most and count < len(ordered):
        left *= likely[ordered[count]] / (rows * reach)
        count += 1
    return Parted(ordered[:count], [], together=True)


def _within(ordered: Sequence[str], likely: dict[str, float], most: int) -> list[str]:
    """The first of the phrases, as long as they are likely to stand in no more than `most` rows."""
    taken: list[str] = []
    total = 0.0
    for text in ordered:
        total += likely[text]
        if total > most:
            break
        taken.append(text)
    return taken


def _expressions(parted: Parted) -> list[str]:
    """FTS5 expressions whose rows, each with its best score, are the answer; with `together` until one gives enough."""
    rare = [phrase(text) for text in parted.rare]
    if parted.together:
        return [" AND ".join(rare[:count]) for count in range(len(rare), 0, -1)]
    either = " OR ".join(rare)
    if not parted.common:
        return [either]
    return [f"({either}) AND ({' OR '.join(phrase(text) for text in parted.common)})", either]


def _occurrences(reader: Reader, text: str) -> int:
    """At most how many rows hold a phrase: as often as the stem of its rarest word stands in the transcripts."""
    sql = "SELECT coalesce(sum(occurrences), 0) FROM stems WHERE stem"
    if phrase(text).endswith("*"):
        return int(reader.one(f"{sql} >= ? AND stem < ?", text, text + "\U0010ffff")[0])
    return min((int(reader.one(f"{sql} = ?", stem(word))[0]) for word in words_in(text)), default=0)


def _rows(reader: Reader, unit: Unit) -> int:
    """How many rows there are, about: numbers are never given twice."""
    (highest,) = reader.one(f"SELECT max(number) FROM {TABLES[unit]}")
    return int(highest or 0)


def _between(reader: Reader, unit: Unit, first: int, last: int) -> tuple[int, int]:
    """Lowest and highest number of a unit of the exchanges `first` to `last`: units are numbered in their order."""
    if unit == "exchange":
        return first, last
    sql = f"SELECT number FROM {TABLES[unit]} WHERE exchange"
    low = reader.all(f"{sql} >= ? ORDER BY exchange, number LIMIT 1", first)
    high = reader.all(f"{sql} <= ? ORDER BY exchange DESC, number DESC LIMIT 1", last)
    return (low[0][0], high[0][0]) if low and high else (0, -1)
