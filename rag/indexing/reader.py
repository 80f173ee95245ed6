"""Read-only connections to the database, one for each thread."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

from rag.errors import IndexBusyError, IndexDamagedError, IndexMissingError
from rag.indexing.schema import Connection, connect


class Reader:
    """Runs statements on the newest committed state, or on one state inside `snapshot`.

    Each thread has its own connection, made when the thread first reads and closed when it ends. When a rebuild has
    put another file in the place of the database, the connections follow.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._closed = False

    def close(self) -> None:
        """Close the connections of all threads."""
        self._closed = True
        for connection in list(self._connections):
            connection.close()

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Let every read of this thread inside the block see one state. Blocks may be nested."""
        connection = self._connection()
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.rollback()

    def all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """The rows of a statement; see `each` for what is raised. Two hundred take half as long as one by one."""
        with self._told():
            return self._connection().execute(sql, values).fetchall()

    def each(self, sql: str, *values: object) -> Iterator[sqlite3.Row]:
        """The rows of a statement as they come.

        Raises:
            IndexDamagedError: the database contradicts itself.
            IndexBusyError: a writer kept it locked for too long.
            sqlite3.OperationalError: the statement is wrong.
        """
        with self._told():
            yield from self._connection().execute(sql, values)

    def one(self, sql: str, *values: object) -> sqlite3.Row:
        """The only row of a statement that always has one."""
        (row,) = self.all(sql, *values)
        return row

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of SQLite as errors of the index."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise  # a fault of the caller, without an error code
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                raise IndexBusyError(f"{self.path} is locked by a writer; try again") from error
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise _damaged(self.path, error) from error

    def _connection(self) -> Connection:
        if self._closed:
            raise ValueError(f"the index {self.path} has been closed")
        held: tuple[Connection, int] | None = getattr(self._local, "held", None)
        if held and (held[0].in_transaction or held[1] == _inode(self.path)):
            return held[0]
        if held:
            held[0].close()
        inode = _inode(self.path)
        connection = _open(self.path)
        self._local.held = (connection, inode)
        self._connections.add(connection)
        return connection


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError as error:
        raise IndexMissingError(f"there is no index in {path.parent}. Run `onrecord build`.") from error
    except OSError as error:
        raise IndexMissingError(f"the index {path} cannot be read: {error.strerror}") from error


def _open(path: Path) -> Connection:
    try:
        return connect(path, read_only=True)
    except sqlite3.OperationalError as error:
        if not path.with_name(f"{path.name}-journal").exists():
            raise _damaged(path, error) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(path, error) from error
    # A killed writer left a transaction half done. Undoing it is no change of what is on record, but takes a
    # connection that may write.
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise IndexDamagedError(
            f"a writer of {path} was interrupted and the folder is read-only, so that what it left cannot be undone. "
            "Run `onrecord build` where the folder can be written."
        )
    try:
        connect(path).close()
        return connect(path, read_only=True)
    except sqlite3.DatabaseError as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: sqlite3.Error) -> IndexDamagedError:
    return IndexDamagedError(f"the index {path} is damaged ({error}). Run `onrecord build` to make it again.")
