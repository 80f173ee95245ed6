"""The SQLite database: tables, format version, and how it is opened.

SQLite is the truth; the FAISS files are derived from it. The rollback journal is used and not the write-ahead log:
one file at rest can be read from a read-only folder, and a read-only connection to a write-ahead log would leave files
behind. Reads and commits are short, so that readers and the writer hardly wait for each other.
"""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from pathlib import Path
from typing import Literal

from rag.errors import IndexDamagedError, IndexMismatchError
from rag.indexing.fulltext import TOKENIZER
from rag.types import Record

FORMAT = 4
"""Raised when a table changes: then an older index is built again."""
DATABASE = "onrecord.sqlite"
NEXT_DATABASE = "onrecord.next.sqlite"
"""A rebuild under way; takes the database's place when it is complete."""
BUSY_SECONDS = 30.0

Unit = Literal["exchange", "passage", "span"]
TABLES: dict[Unit, str] = {"exchange": "exchanges", "passage": "passages", "span": "spans"}
"""Unit of text to the table whose `number` names it."""

_TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- AUTOINCREMENT throughout: a number is never given twice, so a number in an older FAISS file never means another text.
CREATE TABLE transcripts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    date TEXT,
    date_from TEXT NOT NULL,
    speaker TEXT,
    institution TEXT NOT NULL,
    language TEXT NOT NULL,
    url TEXT,
    digest TEXT NOT NULL,
    text TEXT NOT NULL,
    notes TEXT NOT NULL
);
-- Filters read the index alone: a row of `transcripts` holds the whole text.
CREATE INDEX transcripts_by_date ON transcripts (date, institution, language, speaker);
CREATE INDEX transcripts_by_name ON transcripts (name);

-- One row for each corpus file: the transcript that it gives, or why it gives none.
CREATE TABLE sources (
    path TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    original TEXT,
    transcript INTEGER REFERENCES transcripts (number) ON DELETE CASCADE,
    id TEXT,
    url TEXT,
    reason TEXT,
    CHECK ((transcript IS NULL) = (reason IS NOT NULL))
);
CREATE INDEX sources_by_transcript ON sources (transcript);
CREATE INDEX sources_by_id ON sources (id);
CREATE INDEX sources_by_digest ON sources (digest);

-- Texts that were on record until another took their place (rag.indexing.versions). They are never searched.
CREATE TABLE earlier (
    id TEXT PRIMARY KEY,
    source_path TEXT NOT NULL,
    source_id TEXT NOT NULL,
    replaced TEXT NOT NULL,
    transcript TEXT NOT NULL
);

CREATE TABLE exchanges (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    transcript INTEGER NOT NULL REFERENCES transcripts (number) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    kind TEXT NOT NULL,
    question_start INTEGER,
    question_end INTEGER,
    answer_start INTEGER NOT NULL,
    answer_end INTEGER NOT NULL,
    asked_by TEXT,
    speaker TEXT,
    follow_up INTEGER NOT NULL
);
CREATE INDEX exchanges_by_transcript ON exchanges (transcript, ordinal, speaker, asked_by);

CREATE TABLE passages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    exchange INTEGER NOT NULL REFERENCES exchanges (number) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL
);
CREATE INDEX passages_by_exchange ON passages (exchange);

CREATE TABLE spans (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    exchange INTEGER NOT NULL REFERENCES exchanges (number) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL
);
CREATE INDEX spans_by_exchange ON spans (exchange);

-- A text is embedded once, wherever it stands: its vector is found by the SHA-256 of what was embedded.
CREATE TABLE embeddings (
    number INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    vector BLOB NOT NULL
);
CREATE TABLE vectors (
    space TEXT NOT NULL,
    item INTEGER NOT NULL,
    embedding INTEGER NOT NULL REFERENCES embeddings (number),
    PRIMARY KEY (space, item)
) WITHOUT ROWID;
CREATE INDEX vectors_by_embedding ON vectors (embedding);
-- Embeddings that a removed unit used: those that no other uses go at the end of a run.
CREATE TABLE unused (embedding INTEGER PRIMARY KEY);
-- What a FAISS file of an older revision still holds. What it lacks has higher numbers than any in it.
CREATE TABLE removed (
    revision INTEGER NOT NULL,
    space TEXT NOT NULL,
    item INTEGER NOT NULL
);
CREATE INDEX removed_by_revision ON removed (space, revision, item);

-- How often each word stands in the transcripts, and in how many of them; `rag.indexing.words` keeps them.
CREATE TABLE words (
    word TEXT PRIMARY KEY, occurrences INTEGER NOT NULL, transcripts INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE stems (
    stem TEXT PRIMARY KEY, occurrences INTEGER NOT NULL, transcripts INTEGER NOT NULL
) WITHOUT ROWID;

CREATE VIRTUAL TABLE exchange_text USING fts5 (title, question, answer, tokenize = '{TOKENIZER}');
CREATE VIRTUAL TABLE passage_text USING fts5 (title, question, answer, tokenize = '{TOKENIZER}');
"""


class Chunking(Record):
    """What decides how text is cut and what of it is embedded."""

    spans: dict[str, int]
    passages: dict[str, int]
    spaces: dict[str, int]
    """Name of a vector space to the version of the text that is embedded in it."""


class Meta(Record):
    """What an index says of itself."""

    format: int
    identity: str
    """Random, given when the database is made: tells a FAISS file of this database from one of its predecessor."""
    embedding: str
    """Name of the embedding model."""
    dimension: int
    embedding_digest: str
    """SHA-256 (hex) of the embedding model's weights, and of its prompts and how vectors are centred where they are."""
    chunking: Chunking
    reading: str
    """SHA-256 (hex) of the code and rules that read pages: when they change, `build` reads them again."""
    revision: int = 0
    """Counts the changes of transcripts and their vectors."""
    corpus_digest: str = ""
    """SHA-256 (hex) over path and digest of every corpus file that was read."""
    corpus_state: str = ""
    """SHA-256 (hex) over path, size and modification time of the corpus files; empty unless all of them are indexed."""

    @property
    def version(self) -> str:
        """Names the state of the index; another one after every change."""
        return f"{self.identity}.{self.revision}"


class Connection(sqlite3.Connection):
    """A connection that can be referred to weakly, so that those of finished threads are closed."""


def create(path: Path, meta: Meta) -> None:
    """Make an empty database, which appears at once with its tables and `meta`: none is there that says nothing."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    connection = connect(temporary)
    try:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _TABLES.split(";\n"):
            if statement.strip():
                connection.execute(statement)
        write_meta(connection, meta)
        connection.execute("COMMIT")
    finally:
        connection.close()
    temporary.replace(path)


def new_identity() -> str:
    """A random name for a new database."""
    return uuid.uuid4().hex


def connect(path: Path, *, read_only: bool = False) -> Connection:
    """Open the database without starting transactions by itself.

    Raises:
        sqlite3.Error: it cannot be opened; a read-only connection does not mend what a killed writer left.
    """
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        factory=Connection,
    )
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        # Large enough that no transaction spills into the database before it is committed.
        connection.execute("PRAGMA cache_size = -65536")
        if not read_only:
            connection.execute("PRAGMA synchronous = FULL")
            # A deleted journal is a commit: the folder must be on disk too.
            connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def read_meta(connection: sqlite3.Connection) -> Meta:
    """What the index says of itself.

    Raises:
        IndexMismatchError: it was written by another version.
        IndexDamagedError: the database holds no readable description.
    """
    try:
        values = {key: json.loads(value) for key, value in connection.execute("SELECT key, value FROM meta")}
        if values.get("format", FORMAT) != FORMAT:
            raise IndexMismatchError(
                f"the index has format {values['format']}, this version writes format {FORMAT}. Run `onrecord build`."
            )
        return Meta.model_validate(values)
    except (sqlite3.DatabaseError, ValueError) as error:
        raise IndexDamagedError(f"the index does not say what it is ({error}). Run `onrecord build`.") from error


def read_state(connection: sqlite3.Connection) -> tuple[str, int]:
    """(identity, revision) of the index, without the rest of its description."""
    rows = dict(connection.execute("SELECT key, value FROM meta WHERE key IN ('identity', 'revision')").fetchall())
    return json.loads(rows["identity"]), int(rows["revision"])


def write_meta(connection: sqlite3.Connection, meta: Meta) -> None:
    """Replace the description."""
    connection.executemany(
        "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)",
        [(key, json.dumps(value)) for key, value in meta.model_dump(mode="json").items()],
    )
