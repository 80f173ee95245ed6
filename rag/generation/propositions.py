"""Stored propositions: what was made of a span, made once and kept apart from the index.

They live in `<index>/propositions.sqlite`, keyed by the digest of the span and its speaker, the digest of the model
and the version of the prompts and checks, so that a rebuild of the index keeps them.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from rag.generation.language_model import Cancelled, LanguageModel, never
from rag.generation.restate import VERSION, Context, by_name, restate
from rag.types import AnswerSpan, Proposition

FILE = "propositions.sqlite"
BUSY_SECONDS = 10.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS propositions (
    span TEXT NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (span, model, version)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS retrieved (span TEXT PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID;
"""


def span_digest(span: AnswerSpan, context: Context) -> str:
    """SHA-256 (hex) of what a proposition depends on besides the model: the words, who speaks, whom "we" and "he" mean.

    The rest of the answer only lets a name through a check, so it is left out: a span said twice is made once.
    """
    meant = by_name(span.text, context).text
    parts = [span.text, context.speaker or "", context.country, context.language]
    if meant != span.text:
        parts.append(meant)
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


class PropositionStore:
    """Propositions on disk, safe for several threads and processes.

    Opening does not write: the file is made by the first `put`. Where it cannot be written (a read-only folder, a
    full disk) what is there is read and new ones stay in memory. `PropositionStore(None)` keeps all in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._memory: dict[tuple[str, str], Proposition] = {}
        self._connection: sqlite3.Connection | None = None
        self._writable = path is not None

    def get(self, digest: str, model: str) -> Proposition | None:
        """The proposition of a span digest by this model under the current prompts and checks, or None."""
        with self._guard:
            found = self._memory.get((digest, model))
            if found is None:
                rows = self._read(
                    "SELECT record FROM propositions WHERE span = ? AND model = ? AND version = ?",
                    (digest, model, VERSION),
                )
                found = Proposition.model_validate_json(rows[0][0]) if rows else None
            return found

    def put(self, proposition: Proposition) -> None:
        """Store or replace; in memory only when the file cannot be written."""
        row = (proposition.span_digest, proposition.model, proposition.prompt_version, proposition.model_dump_json())
        with self._guard:
            if self._writable:
                try:
                    connection = self._open(create=True)
                    if connection is not None:
                        with connection:
                            connection.execute("INSERT OR REPLACE INTO propositions VALUES (?, ?, ?, ?)", row)
                        return
                except (sqlite3.Error, OSError):
                    self._writable = False
            self._memory[proposition.span_digest, proposition.model] = proposition

    def count(self, model: str) -> int:
        """How many are stored for this model under the current prompts and checks."""
        with self._guard:
            rows = self._read("SELECT COUNT(*) FROM propositions WHERE model = ? AND version = ?", (model, VERSION))
            kept = sum(1 for _, by in self._memory if by == model)
        return kept + (int(rows[0][0]) if rows else 0)

    def count_retrieved(self, digests: Sequence[str]) -> None:
        """Count that answers asked for these spans, so that `warm` can begin with them. Lost in a read-only folder."""
        row = "INSERT INTO retrieved VALUES (?, 1) ON CONFLICT (span) DO UPDATE SET times = times + 1"
        with self._guard, suppress(sqlite3.Error, OSError):
            connection = self._open(create=True) if self._writable else None
            if connection is not None:
                with connection:
                    connection.executemany(row, [(digest,) for digest in digests])

    def retrieved(self) -> dict[str, int]:
        """How often answers asked for each span digest."""
        with self._guard:
            return {span: int(times) for span, times in self._read("SELECT span, times FROM retrieved", ())}

    def close(self) -> None:
        """Let go of the file."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _read(self, statement: str, values: tuple[str, ...]) -> list[tuple[str, ...]]:
        try:
            connection = self._open(create=False)
            return connection.execute(statement, values).fetchall() if connection is not None else []
        except sqlite3.Error:
            # A damaged or foreign file costs time, not answers: propositions are made again.
            return []

    def _open(self, *, create: bool) -> sqlite3.Connection | None:
        if self._connection is None and self._path is not None and (create or self._path.is_file()):
            mode = "rwc" if create else "rw"
            for attempt in (mode, "ro"):
                with suppress(sqlite3.Error):
                    # check_same_thread is off because every use is under the guard.
                    connection = sqlite3.connect(
                        f"{self._path.resolve().as_uri()}?mode={attempt}",
                        uri=True,
                        timeout=BUSY_SECONDS,
                        check_same_thread=False,
                    )
                    connection.execute("SELECT 1 FROM sqlite_master").fetchall()
                    self._connection = connection
                    break
        if create and self._connection is not None:
            self._connection.executescript(_SCHEMA)
        return self._connection


def stored(span: AnswerSpan, context: Context, model: str, store: PropositionStore) -> Proposition | None:
    """The stored proposition of `span`; None when it was not made yet."""
    return store.get(span_digest(span, context), model)


def proposition(
    span: AnswerSpan, context: Context, llm: LanguageModel, store: PropositionStore, cancelled: Cancelled = never
) -> Proposition | None:
    """The proposition of `span`, from the store, or made, checked and stored now. None when cancelled.

    Raises:
        ModelError: the model cannot take the span (its context is too small).
    """
    digest = span_digest(span, context)
    found = store.get(digest, llm.digest)
    if found is None:
        found = restate(span.text, context, digest, llm, cancelled)
        if found is not None:
            store.put(found)
    return found


def most_retrieved_first(
    work: Iterable[tuple[AnswerSpan, Context]], store: PropositionStore
) -> list[tuple[AnswerSpan, Context]]:
    """`work` with the spans that answers asked for most often in front; the rest keeps its order."""
    times = store.retrieved()
    return sorted(work, key=lambda item: -times.get(span_digest(*item), 0))


def warm(
    work: Iterable[tuple[AnswerSpan, Context]],
    total: int,
    llm: LanguageModel,
    store: PropositionStore,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Cancelled = never,
) -> int:
    """Make the propositions of `work` that are not stored yet, in its order; how many were made.

    What was made stays when it is stopped, so the next run goes on where this one ended. `progress` is called
    with (spans gone through, `total`).
    """
    made = 0
    for done, (span, context) in enumerate(work, start=1):
        if cancelled():
            break
        if stored(span, context, llm.digest, store) is None:
            if proposition(span, context, llm, store, cancelled) is None:
                break
            made += 1
        progress(done, total)
    return made
