"""Conversations, kept in one SQLite file of their own beside the index, so that a rebuild does not touch them."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
import sqlite3
import string
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rag.errors import OnRecordError
from rag.page.surroundings import Surroundings
from rag.page.turns import Conversation, Thumb, Turn
from rag.types import Answer, Filters

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversation (
    id TEXT PRIMARY KEY, reader TEXT NOT NULL, title TEXT NOT NULL, updated TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS turn (
    id TEXT PRIMARY KEY,
    conversation TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    asked_at TEXT NOT NULL,
    question TEXT NOT NULL,
    filters TEXT NOT NULL,
    state TEXT NOT NULL,
    answer TEXT,
    message TEXT,
    thumb TEXT,
    reason TEXT,
    surroundings TEXT
);
CREATE INDEX IF NOT EXISTS turn_conversation ON turn(conversation, ordinal);
CREATE INDEX IF NOT EXISTS conversation_reader ON conversation(reader, updated);
"""
_COLUMNS = "id, conversation, asked_at, question, filters, state, answer, message, thumb, reason, surroundings"
_TITLE_LENGTH = 80
_LETTERS = string.ascii_letters + string.digits


def new_id() -> str:
    """An identifier that cannot be guessed (95 bits): who knows a conversation's identifier may read it.

    Letters and digits only: Streamlit refuses to draw a component whose key holds `__`.
    """
    return "".join(secrets.choice(_LETTERS) for _ in range(16))


def file_beside(index: Path) -> Path:
    """Where the conversations about an index are kept."""
    folder = index.absolute()
    return folder.with_name(f"{folder.name}.conversations.sqlite")


def every_conversation(path: Path) -> tuple[tuple[Turn, ...], ...]:
    """The turns of every conversation, the oldest first. Only reads: a server may be writing the file.

    Raises:
        OnRecordError: there is no such file, or it cannot be read.
    """
    if not path.is_file():
        raise OnRecordError(f"there are no conversations in {path}: nothing was asked on the page of this index yet")
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as file:
            rows = file.execute(f"SELECT {_COLUMNS} FROM turn ORDER BY conversation, ordinal").fetchall()  # noqa: S608
    except sqlite3.Error as error:
        raise OnRecordError(f"the conversations in {path} cannot be read: {error}") from error
    conversations: dict[str, list[Turn]] = {}
    for turn in map(_turn, rows):
        conversations.setdefault(turn.conversation, []).append(turn)
    return tuple(sorted((tuple(turns) for turns in conversations.values()), key=lambda turns: turns[0].asked_at))


class Conversations:
    """The store. One connection, one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; keep to memory where it cannot be written (`kept` is then False)."""
        self._lock = threading.Lock()
        self.kept = True
        try:
            self._connection = self._open(str(path))
        except (sqlite3.Error, OSError):
            self._connection = self._readable(path)
            self.kept = False
        self._write(("UPDATE turn SET state = 'interrupted' WHERE state IN ('waiting', 'running')",))

    @staticmethod
    def _open(path: str) -> sqlite3.Connection:
        connection = sqlite3.connect(path, check_same_thread=False)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.executescript(_SCHEMA)
        return _of_today(connection)

    def _readable(self, path: Path) -> sqlite3.Connection:
        """A copy in memory of what the file holds, as far as it can be read."""
        memory = self._open(":memory:")
        with (
            contextlib.suppress(sqlite3.Error, OSError),
            contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as file,
        ):
            file.execute("SELECT id FROM turn LIMIT 1").fetchone()
            file.backup(memory)
        return _of_today(memory)

    def _write(self, *statements: tuple[str, *tuple[object, ...]]) -> None:
        """Run statements, each with its values, in one transaction.

        When the file takes no more (the disk is full, the folder has become read-only) what it holds is copied into
        memory, and that is where conversations are kept from then on.
        """
        with self._lock:
            try:
                self._run(statements)
            except sqlite3.OperationalError:
                if not self.kept:
                    raise
                self.kept = False
                memory = self._open(":memory:")
                with contextlib.closing(self._connection) as file, contextlib.suppress(sqlite3.Error):
                    file.backup(memory)
                self._connection = memory
                self._run(statements)

    def _run(self, statements: Iterable[tuple[str, *tuple[object, ...]]]) -> None:
        with self._connection as write:
            for statement, *values in statements:
                write.execute(statement, values)

    def begin(self, turn: Turn, reader: str) -> None:
        """Add a turn; the conversation is made with its first one and belongs to `reader`."""
        now = dt.datetime.now(dt.UTC).isoformat()
        self._write(
            (
                "INSERT INTO conversation VALUES (?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET updated = excluded.updated",
                turn.conversation,
                reader,
                _title(turn.question),
                now,
            ),
            (
                """INSERT INTO turn (id, conversation, ordinal, asked_at, question, filters, state)
                VALUES (?1, ?2, (SELECT count(*) FROM turn WHERE conversation = ?2), ?3, ?4, ?5, ?6)""",
                turn.id,
                turn.conversation,
                turn.asked_at.isoformat(),
                turn.question,
                turn.filters.model_dump_json(),
                turn.state,
            ),
        )
        self.save(turn)

    def save(self, turn: Turn) -> None:
        """Write the newest state of a turn; nothing happens when its conversation was deleted meanwhile."""
        answer = turn.answer.model_dump_json(by_alias=True) if turn.answer else None
        self._write(
            (
                "UPDATE turn SET state = ?, answer = ?, message = ?, surroundings = ? WHERE id = ?",
                turn.state,
                answer,
                turn.message,
                turn.surroundings.model_dump_json() if turn.surroundings else None,
                turn.id,
            )
        )

    def rate(self, turn_id: str, thumb: Thumb | None, reason: str | None) -> None:
        """Keep what a reader thought of an answer."""
        self._write(("UPDATE turn SET thumb = ?, reason = ? WHERE id = ?", thumb, reason, turn_id))

    def turns(self, conversation: str) -> tuple[Turn, ...]:
        """The turns in order; none for an unknown conversation."""
        rows = self._read(f"SELECT {_COLUMNS} FROM turn WHERE conversation = ? ORDER BY ordinal", conversation)  # noqa: S608
        return tuple(_turn(row) for row in rows)

    def turn(self, turn_id: str) -> Turn | None:
        """One turn; None when there is none of that identifier."""
        rows = self._read(f"SELECT {_COLUMNS} FROM turn WHERE id = ?", turn_id)  # noqa: S608
        return _turn(rows[0]) if rows else None

    def owner(self, conversation: str) -> str | None:
        """Who began the conversation; None when there is none of that identifier."""
        rows = self._read("SELECT reader FROM conversation WHERE id = ?", conversation)
        return str(rows[0][0]) if rows else None

    def of_reader(self, reader: str, containing: str = "", limit: int = 200) -> tuple[Conversation, ...]:
        """A reader's conversations, newest first; with `containing`, those whose title or questions hold it."""
        rows = self._read(
            """SELECT id, reader, title, updated, (SELECT count(*) FROM turn WHERE conversation = c.id)
            FROM conversation c WHERE reader = ?1 AND (?2 = '' OR instr(lower(title), lower(?2)) OR EXISTS
            (SELECT 1 FROM turn WHERE conversation = c.id AND instr(lower(question), lower(?2))))
            ORDER BY updated DESC LIMIT ?3""",
            reader,
            containing.strip(),
            limit,
        )
        return tuple(Conversation(id=r[0], reader=r[1], title=r[2], updated=r[3], turns=r[4]) for r in rows)

    def rename(self, conversation: str, title: str) -> None:
        """Give a conversation another title; an empty one is ignored."""
        if title.strip():
            self._write(("UPDATE conversation SET title = ? WHERE id = ?", _title(title), conversation))

    def delete(self, conversation: str) -> None:
        """Delete a conversation and its turns for good."""
        self._write(("DELETE FROM conversation WHERE id = ?", conversation))

    def copy(self, conversation: str, reader: str) -> str:
        """Copy somebody's conversation, so that `reader` can go on with it. Returns the copy's identifier."""
        turns = self.turns(conversation)
        copy_id = new_id()
        for turn in turns:
            self.begin(turn.model_copy(update={"id": new_id(), "conversation": copy_id}), reader)
        return copy_id

    def _read(self, statement: str, *values: str | int) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()


def _title(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _TITLE_LENGTH else flat[: _TITLE_LENGTH - 1].rstrip() + "…"


def _turn(row: tuple[Any, ...]) -> Turn:
    record = dict(zip(_COLUMNS.split(", "), row, strict=True))
    record["filters"] = Filters.model_validate_json(record["filters"])
    record["answer"] = Answer.model_validate_json(record["answer"]) if record["answer"] else None
    if record["surroundings"]:
        record["surroundings"] = Surroundings.model_validate_json(record["surroundings"])
    return Turn(**record)


def _of_today(connection: sqlite3.Connection) -> sqlite3.Connection:
    """The connection, with what a file of an earlier version lacks added to it."""
    columns = {row[1] for row in connection.execute("PRAGMA table_info(turn)")}
    if columns and "surroundings" not in columns:
        connection.execute("ALTER TABLE turn ADD COLUMN surroundings TEXT")
    return connection
