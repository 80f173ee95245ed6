"""The whole record in one file: index, corpus, propositions, conversations, and what the settings were.

The file is a ZIP archive. Its `manifest.json`, written last, names every other member with size and SHA-256. Files
that are derived (those of the vectors) are left out.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import IO

from rag.config import Settings
from rag.errors import BackupError, IndexDamagedError
from rag.indexing.reader import Reader
from rag.indexing.schema import DATABASE
from rag.indexing.versions import now
from rag.types import Record
from rag.whole_files import written_whole

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE_MEMBER = f"index/{DATABASE}"
CORPUS = "corpus/"
CHUNK = 1 << 20
_OF_THE_MACHINE = {"index", "corpus", "models", "host", "port", "threads"}
"""Settings that say where things are on one machine, not what they are."""

Progress = Callable[[int, int], None]


class Member(Record):
    """One file of a backup."""

    member: str
    """Its name in the archive."""
    path: str
    """`index/onrecord.sqlite`, `corpus/…`, or `others/…` of a further SQLite file."""
    size: int
    sha256: str


class Manifest(Record):
    """What a backup holds."""

    format: int
    made: dt.datetime
    version: str
    """Of the program that made it."""
    transcripts: int
    settings: dict[str, str | int | float | None]
    members: tuple[Member, ...]


def back_up(
    settings: Settings, others: Mapping[str, Path], path: Path, progress: Progress = lambda *_: None
) -> Manifest:
    """Write a backup, which appears under its name when it is whole; readers and a writer may go on meanwhile.

    The index is that of one moment. Corpus files are read after it: what was added in between is found by the next
    build, as it would have been without a backup.

    Args:
        settings: where index and corpus lie.
        others: further SQLite files, by a name; those that are not there are left out.
        path: the file to write; what stands there is replaced.
        progress: called with (bytes done, bytes).

    Raises:
        IndexMissingError, IndexDamagedError: there is no index that could be backed up.
        BackupError: the file lies in the folders that it is to hold.
        OSError: it cannot be written or the disk is full; what stood at `path` stays.
    """
    target = path.absolute()
    for folder in (settings.index, settings.corpus):
        if target.resolve().is_relative_to(folder.resolve()):
            raise BackupError(f"{path} lies in {folder}, which it is to hold. Name a file elsewhere.")
    copy = target.with_name(f".{target.name}.{os.getpid()}.sqlite")
    files = list(corpus_files(settings.corpus, settings.index))
    databases = {DATABASE_MEMBER: settings.index / DATABASE}
    databases |= {f"others/{name}": file for name, file in others.items() if file.exists()}
    total = sum(file.stat().st_size for file in [*databases.values(), *(settings.corpus / name for name in files)])
    members: list[Member] = []
    try:
        # Conversations are nobody else's business.
        with (
            written_whole(target, "part", private=True) as out,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        ):
            done = 0

            def add(name: str, stream: IO[bytes]) -> None:
                nonlocal done
                member = _add(archive, name, stream)
                members.append(member)
                done += member.size
                progress(min(done, total), total)

            transcripts = 0
            for name, file in databases.items():
                _copy_database(file, copy)
                if name == DATABASE_MEMBER:
                    transcripts = _transcripts(copy)
                with copy.open("rb") as stream:
                    add(name, stream)
                copy.unlink()
            for name in files:
                with contextlib.suppress(FileNotFoundError), (settings.corpus / name).open("rb") as stream:
                    add(f"{CORPUS}{name}", stream)
            kept = settings.model_dump(mode="json", exclude=_OF_THE_MACHINE)
            manifest = Manifest(
                format=FORMAT,
                made=now(),
                version=version("onrecord"),
                transcripts=transcripts,
                settings=kept,
                members=tuple(members),
            )
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
    finally:
        for left in (copy, copy.with_name(f"{copy.name}-journal")):
            left.unlink(missing_ok=True)
    return manifest


def corpus_files(corpus: Path, index: Path) -> Iterator[str]:
    """Paths below the corpus folder of its files, sorted; hidden ones and an index inside it are no part of it."""
    inside = index.resolve()
    for folder, folders, names in os.walk(corpus):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and (here / name).resolve() != inside)
        for name in sorted(names):
            if not name.startswith(".") and (here / name).is_file():
                yield (here / name).relative_to(corpus).as_posix()


def copy_stream(source: IO[bytes], target: IO[bytes]) -> tuple[int, str]:
    """Copy to the end. Returns (bytes, SHA-256)."""
    digest, size = hashlib.sha256(), 0
    while data := source.read(CHUNK):
        digest.update(data)
        size += len(data)
        target.write(data)
    return size, digest.hexdigest()


def _add(archive: zipfile.ZipFile, path: str, stream: IO[bytes]) -> Member:
    # A file's name may hold bytes that are no text; the manifest keeps it as it is.
    name = path.encode("utf-8", "backslashreplace").decode()
    with archive.open(name, "w", force_zip64=True) as out:
        size, digest = copy_stream(stream, out)
    return Member(member=name, path=path, size=size, sha256=digest)


def _copy_database(source: Path, copy: Path) -> None:
    """Copy the newest committed state of a SQLite file, whoever has it open."""
    reader = Reader(source)
    try:
        with reader.snapshot() as connection, contextlib.closing(sqlite3.connect(copy)) as target:
            target.execute("PRAGMA synchronous = OFF")
            connection.backup(target)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
            raise OSError(28, "No space left on device", str(copy)) from error
        raise IndexDamagedError(f"{source} cannot be read ({error}). Run `onrecord doctor`.") from error
    finally:
        reader.close()


def _transcripts(database: Path) -> int:
    with contextlib.closing(sqlite3.connect(database)) as connection, contextlib.suppress(sqlite3.DatabaseError):
        return int(connection.execute("SELECT count(*) FROM transcripts").fetchone()[0])
    return 0
