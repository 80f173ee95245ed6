"""Invariants of what lies beside the database: vector files, the corpus folder, other files of the index folder."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shlex
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rag.indexing import dense_file
from rag.indexing.invariants.examined import BUILD, BUILD_ANEW, Examined, Finding, summed
from rag.indexing.nearest import Nearest, file_of
from rag.indexing.originals import MEMBER, find, left_over
from rag.indexing.restore import half_done
from rag.indexing.schema import NEXT_DATABASE, connect
from rag.indexing.spaces import SPACES
from rag.indexing.versions import read_versions


def vector_files(examined: Examined) -> Iterator[Finding]:
    """The file of every space is whole and, with what came since, holds the items of the database."""
    nearest = Nearest(examined.reader)
    for space in SPACES:
        with examined.reader.snapshot():
            meta = examined.meta
            file = file_of(examined.settings.index, space)
            header = dense_file.read_header(file, meta.identity, meta.dimension)
            if header is None:
                missing = "is missing" if not file.exists() else "is damaged or of another index"
                yield Finding(wrong=f"{file} {missing}", mend=BUILD)
                continue
            if not dense_file.is_whole(file, header) or dense_file.load(file, meta.identity, meta.dimension) is None:
                yield Finding(wrong=f"{file} is damaged", mend=BUILD)
                continue
            rows = examined.reader.all("SELECT item FROM vectors WHERE space = ? ORDER BY item", space)
            held, expected = nearest.current(space).numbers, np.array([row[0] for row in rows], dtype=np.int64)
            if not np.array_equal(held, expected):
                wrong = f"{file} holds {len(held):,} items where the database has {len(expected):,}, or others"
                yield Finding(wrong=wrong, mend=BUILD_ANEW)


def transcripts_have_sources(examined: Examined) -> Iterator[Finding]:
    """Every transcript was read from a corpus file, of whose digest it is."""
    rows = examined.reader.all(
        "SELECT id FROM transcripts t WHERE NOT EXISTS "
        "(SELECT 1 FROM sources s WHERE s.transcript = t.number AND s.original = t.digest)"
    )
    yield from summed([row[0] for row in rows], "transcripts are of no source")
    digest = hashlib.sha256()
    for path, file in examined.reader.each("SELECT path, digest FROM sources ORDER BY path"):
        digest.update(f"{path}\0{file}\n".encode(errors="replace"))
    if examined.meta.corpus_digest not in ("", digest.hexdigest()):
        yield Finding(wrong="the digest over all sources is not the one noted", mend=BUILD_ANEW)


def corpus_files(examined: Examined) -> Iterator[Finding]:
    """Every corpus file was read and has the bytes that were read; every one that was read is there."""
    known = dict(tuple(row) for row in examined.reader.all("SELECT path, digest FROM sources"))
    changed, unread, there = [], [], set()
    for found in find([examined.settings.corpus], examined.settings.corpus):
        if found.key is None:
            continue
        there.add(found.key)
        if found.input.data is None:
            unread.append(f"{found.key}: {found.input.error}")
        elif found.key not in known:
            unread.append(found.key)
        elif hashlib.sha256(found.input.data).hexdigest() != known[found.key]:
            changed.append(found.key)
        examined.step()
    archives = tuple(f"{key}{MEMBER}" for key in there)
    gone = [path for path in known if path not in there and not path.startswith(archives)]
    yield from summed(unread, "corpus files are not on record yet", BUILD)
    yield from summed(changed, "corpus files have changed since they were read", BUILD)
    yield from summed(
        gone, "files of the record are gone from the corpus folder (put them back, or let them go with)", BUILD
    )


def superseded_files(examined: Examined) -> Iterator[Finding]:
    """What is kept of earlier versions in the corpus folder can be read."""
    corpus = examined.settings.corpus
    for path, version in read_versions(corpus):
        if version is None:
            yield Finding(
                wrong=f"{corpus / path} cannot be read", mend=f"rm {shlex.quote(str(corpus / path))} && {BUILD}"
            )


def leftovers(examined: Examined) -> Iterator[Finding]:
    """Nothing is left of a command that was interrupted."""
    rebuild = examined.settings.index / NEXT_DATABASE
    left = [rebuild] if rebuild.exists() else []
    for of in (left_over, half_done):
        left += of(examined.settings.index, examined.settings.corpus)
    yield from summed([str(path) for path in left], "an interrupted command left", BUILD)


def side_file(path: Path, mend: str) -> Iterator[Finding]:
    """A SQLite file of its own is whole, and what it holds as JSON is JSON. One that is not there is not needed."""
    if not path.exists():
        return
    try:
        with contextlib.closing(connect(path, read_only=True)) as connection:
            rows = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
            if rows != ["ok"]:
                yield Finding(wrong=f"{path} is damaged: {rows[0]}", mend=mend)
                return
            for table, column in (("propositions", "record"), ("turn", "answer")):
                if connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
                    for (record,) in connection.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"):
                        json.loads(record)
    except (sqlite3.DatabaseError, ValueError) as error:
        yield Finding(wrong=f"{path} cannot be read: {error}", mend=mend)
