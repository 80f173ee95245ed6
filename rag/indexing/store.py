"""The read side of the store. Opening never writes.

An `Index` may be used from many threads at once: each thread has a connection of its own, made when it first reads.
Every call sees the newest committed state; calls inside `snapshot` all see one state.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np

from rag.config import Settings
from rag.errors import IndexMismatchError, ModelError
from rag.indexing.dense import Numbers
from rag.indexing.embedding import Encoder, Vectors
from rag.indexing.matching import best_rows
from rag.indexing.nearest import Nearest
from rag.indexing.prompts import embedding_digest
from rag.indexing.records import Records
from rag.indexing.restore import recover_if_interrupted
from rag.indexing.rows import EXCHANGES, SOURCE, item, place, to_source, units, where
from rag.indexing.schema import DATABASE, TABLES, Meta, Unit, read_meta, read_state
from rag.indexing.spaces import SPACES, chunking
from rag.models import model_path
from rag.types import Filters, Period, Source

T = TypeVar("T")
MOST_KEPT = 64
"""Counts, lists of names and filtered exchanges that are kept at hand."""


class Hit(NamedTuple):
    """A piece of an answer that a search returned."""

    exchange: str
    """Exchange id."""
    start: int
    end: int
    """Half-open offsets into the transcript's text; of the whole answer for the unit "exchange"."""
    score: float
    """Higher is better; comparable within one search only (BM25, or cosine from -1 to 1)."""


class Counts(NamedTuple):
    """How much the index holds."""

    transcripts: int
    exchanges: int
    passages: int
    spans: int


class Index(Records):
    """What is on record. Made by `open_index`; closed by `close` or at the end of a `with`."""

    def __init__(self, path: Path) -> None:
        """Open the database at `path`. See `open_index` for what is raised."""
        self.folder = path.parent
        super().__init__(path)
        self._nearest = Nearest(self._reader)
        self._kept: dict[tuple[tuple[str, int], Hashable], Any] = {}
        self._keeping = threading.Lock()
        _ = self.meta

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def meta(self) -> Meta:
        """What the index says of itself: format, embedding model, chunking, revision."""
        with self._reader.snapshot() as connection:
            return read_meta(connection)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let every read of this thread inside the block see one state. A writer waits for its end."""
        with self._reader.snapshot():
            yield

    def counts(self) -> Counts:
        """How much the index holds."""
        tables = ("transcripts", *TABLES.values())
        sql = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
        return self._once("counts", lambda: Counts(*self._reader.one(sql)))

    def date_range(self) -> Period:
        """First and last day of the dated transcripts; both None when there is none."""
        sql = "SELECT min(date) AS first, max(date) AS last FROM transcripts"
        return self._once("days", lambda: Period(**dict(self._reader.one(sql))))

    def speakers(self) -> list[str]:
        """Who answers, the most frequent first."""
        return self._names("coalesce(e.speaker, t.speaker)")

    def outlets(self) -> list[str]:
        """Who asks, the most frequent first."""
        return self._names("e.asked_by")

    def institutions(self) -> list[str]:
        """Whose transcripts these are, the most frequent first."""
        return self._names("t.institution")

    def languages(self) -> list[str]:
        """ISO 639-1 codes, the most frequent first."""
        return self._names("t.language")

    def sources(self) -> list[Source]:
        """Every transcript without its text, the newest first, the undated last."""
        rows = self._reader.all(f"SELECT {SOURCE} FROM transcripts t ORDER BY t.date DESC, t.name DESC")
        return [to_source(row) for row in rows]

    def search_text(
        self,
        unit: Unit,
        phrases: Sequence[str],
        limit: int,
        filters: Filters | None = None,
        weights: Sequence[float] = (1.0, 1.0, 1.0),
    ) -> list[Hit]:
        """BM25 over exchanges or passages that hold any of the phrases, best first.

        Args:
            unit: "exchange" or "passage". Both have the columns `title`, `question` (whole) and `answer`.
            phrases: words or names, as plain text.
            limit: most hits.
            filters: what limits the search.
            weights: of title, question and answer.
        """
        if not phrases:
            return []
        with self.snapshot():
            allowed = self._allowed(filters)
            found = best_rows(self._reader, unit, phrases, weights, limit, filters, allowed)
            return self._hits(unit, found)

    def word_count(self, word: str) -> int:
        """How often a lower-case word stands in the transcripts."""
        return self._counted("SELECT occurrences FROM words WHERE word = ?", word)

    def stem_spread(self, stem: str) -> int:
        """How many transcripts hold a word of this stem (`rag.indexing.words.stem`)."""
        return self._counted("SELECT transcripts FROM stems WHERE stem = ?", stem)

    def words_like(self, beginning: str, lengths: tuple[int, int], fewest: int) -> dict[str, int]:
        """Words that begin so, of a length between two, that stand on record at least so often, with how often."""
        rows = self._reader.all(
            "SELECT word, occurrences FROM words WHERE word >= ? AND word < ? AND length(word) BETWEEN ? AND ? "
            "AND occurrences >= ?",
            beginning,
            beginning + "\U0010ffff",
            *lengths,
            fewest,
        )
        return {row[0]: row[1] for row in rows}

    def search_vectors(self, space: str, vector: Vectors, limit: int, filters: Filters | None = None) -> list[Hit]:
        """The nearest units of a vector space by cosine, best first.

        Args:
            space: a name in `rag.indexing.spaces.SPACES`.
            vector: float32 [dimension], of length one.
            limit: most hits.
            filters: what limits the search.
        """
        unit = SPACES[space].unit
        with self.snapshot():
            return self._hits(unit, self._nearest.current(space).search(vector, limit, self._allowed(filters)))

    def exchange_ids_matching(self, filters: Filters) -> set[str]:
        """Ids of the exchanges that the filters let through."""
        clause, values = where(filters)
        return {row[0] for row in self._reader.all(f"SELECT e.id FROM {EXCHANGES} WHERE {clause}", *values)}

    def count_matching(self, filters: Filters) -> tuple[int, int]:
        """How many (transcripts, exchanges) the filters let through."""
        clause, values = where(filters)
        sql = f"SELECT count(DISTINCT t.number), count(*) FROM {EXCHANGES} WHERE {clause}"
        return self._once(("count", filters), lambda: tuple(self._reader.one(sql, *values)))

    def _hits(self, unit: Unit, found: Sequence[tuple[int, float]]) -> list[Hit]:
        numbers = json.dumps([number for number, _ in found])
        sql = (
            f"SELECT {item(unit)}, e.id AS exchange, {place(unit)} FROM {units(unit)} "
            f"WHERE {item(unit)} IN (SELECT value FROM json_each(?))"
        )
        # One statement for all: two hundred of them took a third of the time of a search.
        places = {row[0]: row for row in self._reader.all(sql, numbers)}
        return [
            Hit(exchange, start, end, score) for number, score in found for _, exchange, start, end in [places[number]]
        ]

    def _counted(self, sql: str, key: str) -> int:
        rows = self._reader.all(sql, key)
        return int(rows[0][0]) if rows else 0

    def _names(self, column: str) -> list[str]:
        sql = (
            f"SELECT {column} AS value, count(*) AS count FROM {EXCHANGES} WHERE value IS NOT NULL "
            "GROUP BY value ORDER BY count DESC, value"
        )
        return list(self._once(("names", column), lambda: tuple(row["value"] for row in self._reader.all(sql))))

    def _allowed(self, filters: Filters | None) -> Numbers | None:
        """Numbers of the exchanges that the filters let through, int64 [n] ascending; None for all."""
        clause, values = where(filters)
        if not values:
            return None
        sql = f"SELECT e.number FROM {EXCHANGES} WHERE {clause}"
        rows = self._reader.each
        return self._once(
            ("allowed", filters), lambda: np.sort(np.fromiter((row[0] for row in rows(sql, *values)), dtype=np.int64))
        )

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives in the state that this thread reads: kept, since every question asks for it."""
        with self._reader.snapshot() as connection:
            state = read_state(connection)
            kept: T | None = self._kept.get((state, key))
            if kept is None:
                kept = make()
                with self._keeping:
                    while len(self._kept) >= MOST_KEPT:
                        self._kept.pop(next(iter(self._kept)))
                    self._kept[state, key] = kept
            return kept


def open_index(settings: Settings, encoder: Encoder | None = None) -> Index:
    """Open the index that the settings name, for reading.

    Args:
        settings: where the index lies and with which embedding model it is asked.
        encoder: the model itself, when it is at hand: then its digest is compared too.

    Raises:
        IndexMissingError: there is no index; the message names `onrecord build`.
        IndexMismatchError: it was built with another embedding model, format or chunking; the message names both.
        IndexDamagedError: the database cannot be read.
    """
    recover_if_interrupted(settings.index, settings.corpus)
    index = Index(settings.index / DATABASE)
    try:
        check(index.meta, settings, encoder)
    except BaseException:
        index.close()
        raise
    return index


def check(meta: Meta, settings: Settings, encoder: Encoder | None) -> None:
    """Raise `IndexMismatchError` when the index was not built as the settings would build it."""
    mend = "Run `onrecord build` to build it again"
    built = f"the index in {settings.index} was built with {meta.embedding} ({meta.dimension} dimensions, "
    if encoder is None:
        if meta.embedding != settings.embedding and meta.embedding_digest != _digest_of(settings):
            raise IndexMismatchError(
                f"{built}SHA-256 {meta.embedding_digest[:12]}…), but the settings name {settings.embedding}. "
                f"{mend}, or set embedding to {meta.embedding}."
            )
    elif meta.embedding_digest != encoder.digest and meta.embedding == encoder.name:
        raise IndexMismatchError(
            f"{built}SHA-256 {meta.embedding_digest[:12]}…), but {encoder.name} gives other vectors now: its weights, "
            f"its prompts or how this version centres them changed (SHA-256 {encoder.digest[:12]}…). {mend}."
        )
    elif meta.embedding_digest != encoder.digest:
        raise IndexMismatchError(
            f"{built}SHA-256 {meta.embedding_digest[:12]}…), but the settings name {encoder.name} "
            f"({encoder.dimension} dimensions, SHA-256 {encoder.digest[:12]}…). "
            f"{mend}, or set embedding to {meta.embedding}."
        )
    if meta.chunking != chunking():
        raise IndexMismatchError(
            f"the index in {settings.index} was cut by other rules ({meta.chunking.model_dump()}) "
            f"than this version's ({chunking().model_dump()}). {mend}."
        )


def _digest_of(settings: Settings) -> str | None:
    """SHA-256 (hex) of the embedding model that the settings name, which may be the index's under another name."""
    try:
        return embedding_digest(model_path(settings.embedding, settings))
    except ModelError:
        return None
