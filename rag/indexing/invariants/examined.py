"""What is examined, and what is said of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Self

from rag.config import Settings
from rag.errors import IndexDamagedError, IndexMismatchError
from rag.indexing.embedding import Progress
from rag.indexing.reader import Reader
from rag.indexing.records import Records
from rag.indexing.schema import DATABASE, Meta, read_meta
from rag.types import Record, Transcript

BUILD = "onrecord build"
BUILD_ANEW = "onrecord build --anew"
PASSES = 4
"""Invariants that go through every transcript."""


class Finding(Record):
    """Something that is wrong."""

    wrong: str
    mend: str
    """The command that mends it."""


class Check(Record):
    """One invariant and what was found."""

    name: str
    """What must hold, in words."""
    findings: tuple[Finding, ...] = ()


class Examined:
    """An index under examination. Used as a context manager."""

    def __init__(self, settings: Settings, progress: Progress | None) -> None:
        self.settings = settings
        self.path = settings.index / DATABASE
        self.reader = Reader(self.path)
        self.records = Records(self.path)
        self._progress = progress
        self._done = 0
        self._ids: list[str] | None = None
        self._files = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.reader.close()
        self.records.close()

    @property
    def meta(self) -> Meta:
        """What the index says of itself."""
        with self.reader.snapshot() as connection:
            return read_meta(connection)

    def is_described(self) -> bool:
        """Whether the index says what it is, in this version's format."""
        with suppress(IndexDamagedError, IndexMismatchError, sqlite3.DatabaseError):
            return bool(self.meta)
        return False

    def state(self) -> str | None:
        """Another one after every change; None when it cannot be read."""
        with suppress(IndexDamagedError, IndexMismatchError, sqlite3.DatabaseError):
            meta = self.meta
            return f"{meta.version}.{meta.corpus_digest}.{meta.corpus_state}"
        return None

    def count(self, sql: str, *values: object) -> int:
        """The number that a statement gives."""
        return int(self.reader.one(sql, *values)[0])

    def transcripts(self) -> Iterator[Transcript]:
        """Every transcript, one at a time, so that a writer need not wait for long."""
        if self._ids is None:
            self._ids = [row[0] for row in self.reader.all("SELECT id FROM transcripts ORDER BY number")]
            self._files = self.count("SELECT count(*) FROM sources")
        for id in self._ids:
            yield self.records.transcript(id)
            self.step()

    def step(self) -> None:
        """Tell that one more transcript or file was gone through."""
        self._done += 1
        if self._progress and self._ids is not None:
            self._progress(self._done, max(self._done, PASSES * len(self._ids) + self._files))

    def finished(self) -> None:
        """Tell that all was gone through."""
        if self._progress:
            self._progress(self._done, self._done)


def summed(wrong: Sequence[str], what: str, mend: str = BUILD_ANEW) -> Iterator[Finding]:
    """One finding for all that is wrong in one way, with the first example; none when nothing is."""
    if wrong:
        more = f" and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
        yield Finding(wrong=f"{what}: {wrong[0]}{more}", mend=mend)
