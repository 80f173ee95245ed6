"""Where fetched pages are kept, `<corpus>/fetched/<host>/<path as on the site>`, and what the server said of each.

A page is written aside, flushed and renamed, so that a file under its own name is always a whole page, whenever
the process is killed. The notes (`.fetched.sqlite`) only save traffic: without them pages are still held.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import sqlite3
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from rag.corpus.fetch.client import Obtained
from rag.corpus.fetch.listings import is_transcript_path
from rag.corpus.folders import FETCHED, keep_bytes
from rag.errors import FetchError
from rag.types import Record
from rag.whole_files import write_whole

_NOTES = ".fetched.sqlite"
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS pages (
    path TEXT PRIMARY KEY, url TEXT NOT NULL, sha256 TEXT NOT NULL, etag TEXT, last_modified TEXT,
    obtained TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
)
"""


class Version(Record):
    """What a server said of the version that is held; both None when it said nothing."""

    etag: str | None = None
    last_modified: str | None = None


class Folder:
    """The folder of fetched pages, held by one process at a time. Use as a context manager.

    Raises:
        FetchError: on entering and on saving: it cannot be written, or another fetch holds it.
    """

    def __init__(self, corpus: Path) -> None:
        self._corpus = corpus
        self._root = corpus / FETCHED

    def __enter__(self) -> Folder:
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            self._lock = (self._root / ".lock").open("w")
        except OSError as error:
            raise _cannot_write(self._root, error) from error
        try:
            # Released by the system however the process ends.
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise FetchError(f"another fetch is writing {self._root}. Wait until it has ended.") from error
        try:
            self._notes = self._open_notes()
        except (OSError, sqlite3.Error) as error:
            self._lock.close()
            raise _cannot_write(self._root / _NOTES, error) from error
        for left in self._root.rglob(".*.part"):
            left.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._notes.close()
        self._lock.close()

    def file_of(self, url: str) -> Path:
        """Where a page is kept.

        Raises:
            ValueError: the address is not one a transcript can have.
        """
        parts = urlsplit(url)
        if not is_transcript_path(parts.path) or not _HOST.fullmatch(parts.netloc):
            raise ValueError(f"{url} is not the address of a transcript")
        # A colon cannot stand in a folder's name everywhere.
        return self._root / parts.netloc.replace(":", "_") / parts.path.lstrip("/")

    def held(self, url: str) -> Path | None:
        """The file of a page that is here, whole; None when it is not, or cannot be."""
        try:
            file = self.file_of(url)
        except ValueError:
            return None
        return file if file.is_file() and file.stat().st_size > 0 else None

    def version(self, url: str) -> Version:
        """What was noted of the bytes that are held; nothing when they are not the bytes that were obtained."""
        file = self.file_of(url)
        row = self._notes.execute(
            "SELECT etag, last_modified, sha256 FROM pages WHERE path = ?", (self._key(file),)
        ).fetchone()
        if row is None or not file.is_file() or _digest(file.read_bytes()) != row[2]:
            return Version()
        return Version(etag=row[0], last_modified=row[1])

    def save(self, url: str, obtained: Obtained) -> bool:
        """Keep a page under its address, as the bytes that came.

        Returns:
            Whether the bytes differ from those that were held.
        """
        body = obtained.body or b""
        file = self.file_of(url)
        try:
            changed = not file.is_file() or file.read_bytes() != body
            if changed:
                keep_bytes(self._corpus, f"{FETCHED}/{self._key(file)}")
                write_whole(file, body, "part")
            # After the page: a note that is lost costs one request, a note without its page would cost the page.
            self._notes.execute(
                "INSERT OR REPLACE INTO pages (path, url, sha256, etag, last_modified) VALUES (?, ?, ?, ?, ?)",
                (self._key(file), url, _digest(body), obtained.etag, obtained.last_modified),
            )
        except (OSError, sqlite3.Error) as error:
            raise _cannot_write(file, error) from error
        return changed

    def _key(self, file: Path) -> str:
        return file.relative_to(self._root).as_posix()

    def _open_notes(self) -> sqlite3.Connection:
        file = self._root / _NOTES
        for last in (False, True):
            notes = sqlite3.connect(file, isolation_level=None)
            try:
                # A note lost with the power costs one request, and its digest tells one that is out of date.
                notes.execute("PRAGMA synchronous = OFF")
                notes.execute(_SCHEMA)
                if notes.execute("PRAGMA quick_check").fetchone() == ("ok",):
                    break
            except sqlite3.DatabaseError:
                if last:
                    raise
            notes.close()
            with suppress(FileNotFoundError):
                file.unlink()
        return notes


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _cannot_write(path: Path, error: Exception) -> FetchError:
    return FetchError(f"{path} cannot be written: {error}. Free some room or mend its permissions, then fetch again.")
