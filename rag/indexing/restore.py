"""A backup put in the place of index and corpus: all of it or nothing, whenever the process is killed.

Everything is unpacked beside what it will replace, in a hidden folder of the index and one of the corpus, and checked.
Then a file in the index folder says what is to be done; from then on the new state counts. The steps can be repeated:
when a process was killed among them, the next command takes them again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, cast

from pydantic import ValidationError

from rag.config import Settings
from rag.errors import BackupError, IndexBusyError, IndexDamagedError
from rag.indexing.backup import CORPUS, DATABASE_MEMBER, FORMAT, MANIFEST, Manifest, Member, Progress, copy_stream
from rag.indexing.backup import corpus_files as files_of
from rag.indexing.lock import exclusive
from rag.indexing.originals import is_plain
from rag.indexing.reader import Reader
from rag.indexing.schema import DATABASE, NEXT_DATABASE, connect, new_identity
from rag.types import Record
from rag.whole_files import write_whole

PLAN = "restoring.json"
"""In the index folder, while a restore is being carried out."""
STAGED = ".restore"
"""Folder of what is unpacked, in the index folder and in the corpus folder."""
_LARGEST_MANIFEST = 200_000_000
OTHERS = "others/"


class Plan(Record):
    """What is to be done with what is staged."""

    corpus: str
    files: tuple[str, ...]
    """Paths below the corpus folder of all files that it will hold."""
    others: dict[str, str]
    """Name of a further SQLite file to where it belongs."""


def restore(
    path: Path,
    settings: Settings,
    others: Mapping[str, Path],
    *,
    force: bool = False,
    progress: Progress = lambda *_: None,
) -> Manifest:
    """Put a backup in the place of index and corpus.

    Nothing is replaced before every digest was found right. Other processes that have the index open see the new state
    with their next question.

    Args:
        path: a file that `back_up` wrote.
        settings: where index and corpus lie.
        others: where the further SQLite files belong, by name; those that the backup lacks are left alone.
        force: replace an index or corpus folder that is not empty.
        progress: called with (bytes unpacked, bytes).

    Raises:
        BackupError: the file is no backup or damaged, or something is in the way and not to be replaced.
        IndexBusyError: another process is writing the index.
        OSError: the folders cannot be written or the disk is full; what was there is still there.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive, path, others)
            if not force:
                _require_room(settings)
            with exclusive(settings.index):
                recover(settings.index, settings.corpus)
                try:
                    _stage(archive, manifest, settings, progress)
                    plan = Plan(
                        corpus=str(settings.corpus.absolute()),
                        files=tuple(m.path.removeprefix(CORPUS) for m in manifest.members if m.path.startswith(CORPUS)),
                        others={name: str(file.absolute()) for name, file in others.items()},
                    )
                    # Everything staged is on the disk before the plan is.
                    os.sync()
                    write_whole(settings.index / PLAN, plan.model_dump_json().encode())
                except BaseException:
                    if not (settings.index / PLAN).exists():
                        _remove_staged(settings.index, settings.corpus)
                    raise
                _carry_out(settings.index)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BackupError(f"{path} is no backup of OnRecord, or is cut short or damaged ({error}).") from error
    return manifest


def half_done(index: Path, corpus: Path) -> list[Path]:
    """What an interrupted restore left."""
    return [path for path in (index / PLAN, index / STAGED, corpus / STAGED) if path.exists()]


def recover(index: Path, corpus: Path) -> None:
    """End what an interrupted restore began, or remove what it had not yet put in place. The caller holds the lock."""
    if (index / PLAN).exists():
        _carry_out(index)
    _remove_staged(index, corpus)


def recover_if_interrupted(index: Path, corpus: Path) -> None:
    """For readers: end a restore that was killed while it put things in place. One that is at work is left alone.

    Raises:
        IndexDamagedError: it cannot be ended, since the folder cannot be written.
    """
    if not (index / PLAN).exists():
        return
    try:
        with exclusive(index):
            recover(index, corpus)
    except IndexBusyError:
        return
    except OSError as error:
        raise IndexDamagedError(
            f"a restore of {index} was interrupted and cannot be ended ({error.strerror}). "
            "Run `onrecord build` where the folder can be written."
        ) from error


def _manifest(archive: zipfile.ZipFile, path: Path, others: Mapping[str, Path]) -> Manifest:
    """The manifest, once every name in it was found to lead into the folders."""
    foreign = f"{path} is no backup of OnRecord"
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > _LARGEST_MANIFEST:
            raise BackupError(f"{foreign}: its manifest is too large.")
        manifest = Manifest.model_validate_json(archive.read(info))
    except KeyError as error:
        raise BackupError(f"{foreign}: it has no manifest.") from error
    except ValidationError as error:
        raise BackupError(f"{foreign} that this version can read: {error.errors()[0]['msg']}.") from error
    if manifest.format != FORMAT:
        raise BackupError(f"{path} has format {manifest.format}, this version reads format {FORMAT}. Update OnRecord.")
    paths = [member.path for member in manifest.members]
    if DATABASE_MEMBER not in paths or len(set(paths)) != len(paths):
        raise BackupError(f"{foreign}: its manifest contradicts itself.")
    known = {DATABASE_MEMBER, *(f"{OTHERS}{name}" for name in others)}
    held = {info.filename for info in archive.infolist()}
    for member in manifest.members:
        inside = member.path.removeprefix(CORPUS)
        in_corpus = inside != member.path and is_plain(inside) and not any(p.startswith(".") for p in inside.split("/"))
        if member.path not in known and not in_corpus:
            raise BackupError(f"{path} names a file outside the folders: {member.path[:200]!r}. Nothing was restored.")
        if member.member not in held or archive.getinfo(member.member).file_size != member.size:
            raise BackupError(f"{path} is damaged: {member.path[:200]!r} is not in it as its manifest says.")
    return manifest


def _require_room(settings: Settings) -> None:
    """Raise unless there is nothing to lose."""
    files = sum(1 for _ in files_of(settings.corpus, settings.index))
    database = settings.index / DATABASE
    transcripts: int | None = 0
    if database.exists():
        reader = Reader(database)
        try:
            transcripts = int(reader.one("SELECT count(*) FROM transcripts")[0])
        except (IndexDamagedError, sqlite3.DatabaseError):
            transcripts = None
        finally:
            reader.close()
    if transcripts != 0 or files:
        there = "an index that cannot be read" if transcripts is None else f"{transcripts:,} transcripts"
        raise BackupError(
            f"the index {settings.index} holds {there} and the corpus folder {settings.corpus} {files:,} files. "
            "To replace them, add --force; to keep them, name other folders with --index and --corpus."
        )


def _stage(archive: zipfile.ZipFile, manifest: Manifest, settings: Settings, progress: Progress) -> None:
    """Unpack and check everything."""
    total, done = sum(member.size for member in manifest.members), 0
    for member in manifest.members:
        if member.path.startswith(CORPUS):
            target = settings.corpus / STAGED / member.path.removeprefix(CORPUS)
        else:
            target = settings.index / STAGED / member.path
        target.parent.mkdir(parents=True, exist_ok=True)
        _unpack(archive, member, target)
        done += member.size
        progress(done, total)
    staged = settings.index / STAGED / DATABASE_MEMBER
    try:
        with contextlib.closing(connect(staged)) as connection:
            (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if sound != "ok":
                raise BackupError(f"the index in the backup is damaged: {sound}")
            # Vector files and readers of what was there before must not take it for a state of the same database.
            connection.execute("UPDATE meta SET value = ? WHERE key = 'identity'", (f'"{new_identity()}"',))
    except sqlite3.DatabaseError as error:
        raise BackupError(f"the index in the backup cannot be read: {error}") from error


def _unpack(archive: zipfile.ZipFile, member: Member, target: Path) -> None:
    with archive.open(member.member) as source, target.open("xb") as out:
        size, digest = copy_stream(cast(BinaryIO, source), out)
    if (size, digest) != (member.size, member.sha256):
        raise BackupError(f"the backup is damaged: {member.path!r} has not the digest in its manifest.")


def _carry_out(index: Path) -> None:
    """Put in place what is staged; every step may have been taken before."""
    plan = Plan.model_validate_json((index / PLAN).read_bytes())
    corpus, staged = Path(plan.corpus), index / STAGED
    _clear(corpus, index, set(plan.files))
    for file in sorted((corpus / STAGED).rglob("*")):
        if file.is_file():
            target = corpus / file.relative_to(corpus / STAGED)
            if target.is_dir():
                shutil.rmtree(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)
    for name, place in plan.others.items():
        if (staged / OTHERS / name).exists():
            _copy_into(staged / OTHERS / name, Path(place))
    for name in (NEXT_DATABASE, DATABASE):
        # The journal of what is replaced must not meet what comes.
        (index / f"{name}-journal").unlink(missing_ok=True)
    (index / NEXT_DATABASE).unlink(missing_ok=True)
    if (staged / DATABASE_MEMBER).exists():
        (staged / DATABASE_MEMBER).replace(index / DATABASE)
    for derived in index.glob("*.faiss"):
        derived.unlink()
    os.sync()
    (index / PLAN).unlink()
    _remove_staged(index, corpus)


def _clear(corpus: Path, index: Path, kept: set[str]) -> None:
    """Remove every visible file of the corpus folder but those of the backup, links to folders too."""
    inside = index.resolve()
    for folder, folders, names in os.walk(corpus):
        here = Path(folder)
        folders[:] = [name for name in folders if not name.startswith(".") and (here / name).resolve() != inside]
        links = [name for name in folders if (here / name).is_symlink()]
        for name in [*links, *(name for name in names if not name.startswith("."))]:
            if (here / name).relative_to(corpus).as_posix() not in kept or (here / name).is_symlink():
                (here / name).unlink()
    for folder, _, _ in os.walk(corpus, topdown=False):
        if Path(folder) != corpus and STAGED not in Path(folder).relative_to(corpus).parts:
            with contextlib.suppress(OSError):
                Path(folder).rmdir()


def _copy_into(source: Path, target: Path) -> None:
    """Give a SQLite file the contents of another in one transaction: a process that has it open goes on with them."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(source)) as new:
        try:
            with contextlib.closing(sqlite3.connect(target, timeout=30)) as old:
                new.backup(old)
            return
        except sqlite3.DatabaseError as error:
            if (error.sqlite_errorcode or 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY):
                raise OSError(28, "it is in use, or the disk is full", str(target)) from error
    # What stands there is no database.
    for left in (target.with_name(f"{target.name}-journal"), target):
        left.unlink(missing_ok=True)
    shutil.copyfile(source, target)


def _remove_staged(index: Path, corpus: Path) -> None:
    for folder in (index, corpus):
        shutil.rmtree(folder / STAGED, ignore_errors=True)
