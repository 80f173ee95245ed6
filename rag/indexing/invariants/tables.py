"""Invariants of the database by itself."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

import numpy as np

from rag.errors import IndexDamagedError, IndexMismatchError
from rag.indexing.invariants.examined import BUILD, BUILD_ANEW, Examined, Finding, summed
from rag.indexing.reading import reading_digest
from rag.indexing.schema import TABLES, connect
from rag.indexing.spaces import SPACES
from rag.indexing.store import check
from rag.indexing.vectors import BATCH, is_sound

_TEXTS = {"exchange_text": "exchanges", "passage_text": "passages"}
"""Full-text index to the table whose rows it holds."""


def is_whole(examined: Examined) -> Iterator[Finding]:
    """SQLite finds nothing wrong with its file."""
    try:
        rows = [str(row[0]) for row in examined.reader.all("PRAGMA integrity_check(20)")]
    except IndexDamagedError as error:
        yield Finding(wrong=str(error).partition(" Run ")[0], mend=BUILD_ANEW)
        return
    yield from summed([row for row in rows if row != "ok"], "the database is damaged")


def fits(examined: Examined) -> Iterator[Finding]:
    """It is of this version's format and of the model and rules that the settings and this version name."""
    try:
        meta = examined.meta
        check(meta, examined.settings, None)
    except (IndexMismatchError, IndexDamagedError) as error:
        yield Finding(wrong=str(error), mend=BUILD)
        return
    if meta.reading != reading_digest(examined.settings.corpus):
        yield Finding(wrong="this version, or your own rules, read pages otherwise than when it was built", mend=BUILD)


def references(examined: Examined) -> Iterator[Finding]:
    """No row refers to one that is not there."""
    rows = examined.reader.all("PRAGMA foreign_key_check")
    yield from summed(
        [f"row {row[1]} of {row[0]} refers to a row of {row[2]}" for row in rows], "rows without a parent"
    )


def counts_agree(examined: Examined) -> Iterator[Finding]:
    """Each unit stands once in its table, its full-text index and its vector spaces, and nothing else stands there."""
    pairs = [(table, "rowid", owner, "1") for table, owner in _TEXTS.items()]
    pairs += [("vectors", "item", TABLES[space.unit], f"space = '{name}'") for name, space in SPACES.items()]
    for table, key, owner, condition in pairs:
        here = f"SELECT {key} FROM {table} WHERE {condition}"
        numbers = f"SELECT number FROM {owner}"
        lacking = examined.count(f"SELECT count(*) FROM ({numbers} EXCEPT {here})")
        surplus = examined.count(f"SELECT count(*) FROM ({here} EXCEPT {numbers})")
        of = "" if condition == "1" else f" ({condition})"
        if lacking or surplus:
            yield Finding(
                wrong=f"{table}{of} lacks {lacking:,} of {owner} and holds {surplus:,} that are none", mend=BUILD_ANEW
            )
    names = ", ".join(f"'{name}'" for name in SPACES)
    stray = examined.count(f"SELECT count(*) FROM vectors WHERE space NOT IN ({names})")
    if stray:
        yield Finding(wrong=f"{stray:,} vectors are in a space that this version does not know", mend=BUILD_ANEW)
    empty = examined.count("SELECT count(*) FROM transcripts WHERE number NOT IN (SELECT transcript FROM exchanges)")
    if empty:
        yield Finding(wrong=f"{empty:,} transcripts have no exchange", mend=BUILD_ANEW)


def full_text_is_whole(examined: Examined) -> Iterator[Finding]:
    """SQLite finds that the full-text indexes hold the words of the rows in them."""
    for table in _TEXTS:
        try:
            # The check is asked for as if a row were written, and writes nothing.
            with contextlib.closing(connect(examined.path)) as connection:
                connection.execute("BEGIN")
                try:
                    connection.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
                finally:
                    connection.rollback()
        except sqlite3.OperationalError as error:
            # Where the folder cannot be written, and while another process writes, it cannot be asked for.
            if (error.sqlite_errorcode & 0xFF) not in (
                sqlite3.SQLITE_READONLY,
                sqlite3.SQLITE_CANTOPEN,
                sqlite3.SQLITE_BUSY,
            ):
                yield Finding(wrong=f"{table} is damaged: {error}", mend=BUILD_ANEW)
        except sqlite3.DatabaseError as error:
            yield Finding(wrong=f"{table} is damaged: {error}", mend=BUILD_ANEW)


def embeddings(examined: Examined) -> Iterator[Finding]:
    """Every stored vector has the model's dimension and length one, and belongs to some unit."""
    dimension = examined.meta.dimension
    wrong = []
    rows = examined.reader.each("SELECT number, vector FROM embeddings ORDER BY number")
    while batch := [row for _, row in zip(range(BATCH), rows, strict=False)]:
        sound = is_sound([vector for _, vector in batch], dimension)
        wrong += [f"vector {batch[i][0]}" for i in np.flatnonzero(~sound)]
    yield from summed(wrong, f"stored vectors are not of {dimension} dimensions and length one")
    unused = examined.count(
        "SELECT count(*) FROM embeddings b WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.embedding = b.number)"
    )
    if unused:
        yield Finding(wrong=f"{unused:,} stored vectors belong to no text on record", mend=BUILD_ANEW)


def removed_items_are_gone(examined: Examined) -> Iterator[Finding]:
    """What is marked as removed, for vector files of older states, is not there any more."""
    there = examined.count("SELECT count(*) FROM removed r JOIN vectors v ON v.space = r.space AND v.item = r.item")
    if there:
        yield Finding(wrong=f"{there:,} items are marked as removed and are there", mend=BUILD_ANEW)
    ahead = examined.count("SELECT count(*) FROM removed WHERE revision > ?", examined.meta.revision)
    if ahead:
        yield Finding(wrong=f"{ahead:,} items are marked as removed by changes that are still to come", mend=BUILD_ANEW)
