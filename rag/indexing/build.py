"""Transcripts into the index: `ingest` adds what is named, `build` makes the index agree with the corpus folder.

What is reported done is on disk: the original in the corpus folder first, then the transcript in one transaction. A
process killed at any moment leaves whole transcripts, and the next command goes on from there.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.config import Settings
from rag.errors import IndexBusyError, IndexDamagedError, IndexMismatchError, IndexWriteError, SettingsError
from rag.indexing.embedding import Encoder, Progress
from rag.indexing.history import History
from rag.indexing.intake import Intake, Told
from rag.indexing.lock import exclusive
from rag.indexing.nearest import Nearest
from rag.indexing.originals import MEMBER, find, left_over, state, sweep
from rag.indexing.reader import Reader
from rag.indexing.reading import reading_digest
from rag.indexing.report import IngestReport, Outcome
from rag.indexing.restore import half_done, recover
from rag.indexing.schema import DATABASE, FORMAT, NEXT_DATABASE, Meta, create, new_identity, read_meta
from rag.indexing.spaces import chunking
from rag.indexing.store import check
from rag.indexing.versions import read_versions
from rag.indexing.writer import Writer

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def ingest(
    paths: Sequence[Path | str],
    settings: Settings,
    encoder: Encoder,
    progress: Progress | None = None,
    told: Told | None = None,
    arranged: Progress | None = None,
) -> IngestReport:
    """Add transcripts from files, folders and archives; their originals are copied into the corpus folder.

    Args:
        paths: what to read. What lies in the corpus folder already is not copied.
        settings: where index and corpus lie.
        encoder: embeds what is new.
        progress: called with (inputs done, inputs).
        told: called with each outcome, once what it says is on disk.
        arranged: called with (vectors done, vectors) of a FAISS file that is made anew.

    Raises:
        IndexBusyError: another process is writing the index.
        IndexMismatchError: the index was built otherwise than the settings say.
        IndexDamagedError: the index cannot be read.
        IndexWriteError: no permission, or the disk is full. What was reported done stays.
    """
    named = [Path(path) for path in paths]
    with _clear_errors(settings), exclusive(settings.index):
        recover(settings.index, settings.corpus)
        sweep(settings.index, settings.corpus)
        database = settings.index / DATABASE
        is_new = not database.exists()
        if is_new:
            create(database, _new_meta(settings, encoder))
        with Writer(database) as writer, History(writer, database, settings.corpus) as history:
            check(writer.meta, settings, encoder)
            total = sum(1 for _ in find(named, settings.corpus))
            intake = Intake(writer, history, encoder, settings.corpus, progress or _silent, total, told)
            if is_new:
                writer.set_earlier(read_versions(settings.corpus))
            # What else lies in the corpus folder may not be indexed: only `build` can say that all of it is.
            writer.note(corpus_state="")
            for found in find(named, settings.corpus):
                intake.take(found)
            intake.finish()
            writer.sweep()
            writer.note(corpus_digest=_corpus_digest(writer))
        # A damaged file is found by who reads it; looking through all of it takes longer than adding a day.
        _save_dense(database, arranged, verified=False)
    return IngestReport(outcomes=tuple(intake.outcomes))


def build(
    settings: Settings,
    encoder: Encoder,
    progress: Progress | None = None,
    arranged: Progress | None = None,
    *,
    anew: bool = False,
) -> IngestReport:
    """Make the index agree with the corpus folder. Nothing is read when it does already, nothing embedded twice.

    An index of another model, format, chunking or way of reading, or a damaged one, is built anew beside the old one,
    which answers until the new one is complete and takes its place.

    Args:
        settings: where index and corpus lie.
        encoder: embeds what is new; not asked for anything but its digest when nothing is.
        progress: called with (files done, files).
        arranged: called with (vectors done, vectors) of a FAISS file that is made anew.
        anew: build a new index whatever the present one says; of that one only sound vectors are used.

    Raises:
        SettingsError: there is no corpus folder.
        IndexBusyError: another process is writing the index.
        IndexWriteError: no permission, or the disk is full. What was done so far is found by the next build.
    """
    if not settings.corpus.is_dir():
        raise SettingsError(f"there is no corpus folder {settings.corpus}. Name another with --corpus, or make it.")
    with _clear_errors(settings):
        database = settings.index / DATABASE
        report = None if anew else _up_to_date(database, settings, encoder)
        if report:
            return report
        with exclusive(settings.index):
            recover(settings.index, settings.corpus)
            sweep(settings.index, settings.corpus)
            rebuilt = settings.index / NEXT_DATABASE
            usable = not anew and _is_usable(database, settings, encoder)
            if usable or not database.exists():
                _remove(rebuilt)
                report = _agree(database, settings, encoder, progress or _silent)
            else:
                if not _is_usable(rebuilt, settings, encoder):
                    _remove(rebuilt)
                report = _agree(rebuilt, settings, encoder, progress or _silent, database)
                # What could be undone has been, by looking at it; what is left of a journal must not meet the new one.
                _journal(database).unlink(missing_ok=True)
                rebuilt.replace(database)
            _save_dense(database, arranged, verified=True)
    return report


def _agree(
    database: Path, settings: Settings, encoder: Encoder, progress: Progress, old: Path | None = None
) -> IngestReport:
    """Bring a database, made when missing, to the state of the corpus folder."""
    if not database.exists():
        create(database, _new_meta(settings, encoder))
    with Writer(database) as writer, History(writer, old or database, settings.corpus) as history:
        if old:
            # Whatever else is wrong with it, its vectors may be read.
            with contextlib.suppress(sqlite3.DatabaseError):
                writer.adopt_embeddings(old, encoder.digest)
        keys = {found.key for found in find([settings.corpus], settings.corpus) if found.key}
        history.write_missing(keys)
        before = state(settings.corpus)
        removed = _gone(writer, keys)
        for path in removed:
            writer.forget(path)
        writer.note(corpus_state="")
        writer.set_earlier(read_versions(settings.corpus))
        intake = Intake(writer, history, encoder, settings.corpus, progress, len(keys))
        for found in find([settings.corpus], settings.corpus):
            intake.take(found)
        intake.finish()
        writer.sweep()
        known = {path for (path,) in writer.query("SELECT path FROM sources")}
        # A file that could not be opened, or that lost its transcript to another one, is looked at again next time.
        complete = keys <= known and state(settings.corpus) == before
        writer.note(corpus_state=before if complete else "", corpus_digest=_corpus_digest(writer))
    return IngestReport(outcomes=tuple(intake.outcomes), removed=tuple(removed))


def _up_to_date(database: Path, settings: Settings, encoder: Encoder) -> IngestReport | None:
    """The report of a build that has nothing to do; None when there is something, or when it cannot be told."""
    folders = settings.index, settings.corpus
    left = (settings.index / NEXT_DATABASE).exists() or left_over(*folders) or half_done(*folders)
    if left or not _is_usable(database, settings, encoder):
        return None
    reader = Reader(database)
    try:
        with reader.snapshot() as connection:
            if read_meta(connection).corpus_state != state(settings.corpus) or not Nearest(reader).is_saved():
                return None
            rows = reader.all(
                "SELECT s.path, s.reason, t.id FROM sources s LEFT JOIN transcripts t ON t.number = s.transcript "
                "ORDER BY s.path"
            )
    finally:
        reader.close()
    return IngestReport(
        outcomes=tuple(
            Outcome(
                path=str(settings.corpus / path),
                status="skipped" if reason else "unchanged",
                transcript=transcript,
                detail=reason,
            )
            for path, reason, transcript in rows
        )
    )


def _is_usable(database: Path, settings: Settings, encoder: Encoder) -> bool:
    """Whether a database is there, whole as far as can be seen, and built as the settings and this version say."""
    if not database.exists():
        return False
    reader = Reader(database)
    try:
        with reader.snapshot() as connection:
            meta = read_meta(connection)
            check(meta, settings, encoder)
            if meta.reading != reading_digest(settings.corpus):
                return False
            (sound,) = reader.one("PRAGMA quick_check(1)")
            return bool(sound == "ok")
    except (IndexMismatchError, IndexDamagedError):
        return False
    finally:
        reader.close()


def _gone(writer: Writer, keys: set[str]) -> list[str]:
    """Corpus files that were read once and are not there now."""
    # An archive stands among the keys itself only when it cannot be read: then its members are not gone.
    archives = tuple(f"{key}{MEMBER}" for key in keys)
    known = [path for (path,) in writer.query("SELECT path FROM sources ORDER BY path")]
    return [path for path in known if path not in keys and not path.startswith(archives)]


def _new_meta(settings: Settings, encoder: Encoder) -> Meta:
    return Meta(
        format=FORMAT,
        identity=new_identity(),
        embedding=encoder.name,
        dimension=encoder.dimension,
        embedding_digest=encoder.digest,
        chunking=chunking(),
        reading=reading_digest(settings.corpus),
    )


def _corpus_digest(writer: Writer) -> str:
    digest = hashlib.sha256()
    for path, file in writer.query("SELECT path, digest FROM sources ORDER BY path"):
        digest.update(f"{path}\0{file}\n".encode(errors="replace"))
    return digest.hexdigest()


def _save_dense(database: Path, progress: Progress | None, *, verified: bool) -> None:
    reader = Reader(database)
    try:
        Nearest(reader).save(verified=verified, progress=progress)
    finally:
        reader.close()


def _journal(database: Path) -> Path:
    return database.with_name(f"{database.name}-journal")


def _remove(database: Path) -> None:
    # The journal first: alone it would be taken for that of the next database of this name.
    for path in (_journal(database), database):
        path.unlink(missing_ok=True)


def _silent(done: int, total: int) -> None:
    """Report no progress."""


@contextlib.contextmanager
def _clear_errors(settings: Settings) -> Iterator[None]:
    """Say what keeps a folder from being written, and what to do."""
    folders = f"index {settings.index}, corpus {settings.corpus}"
    full = f"the disk is full ({folders}). What was reported done is kept: free some space and run the command again."
    forbidden = f"no permission to write ({folders}). Change it, or name another folder with --index or --corpus."
    try:
        yield
    except sqlite3.OperationalError as error:
        code = (error.sqlite_errorcode or 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise IndexWriteError(full) from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise IndexBusyError(f"readers keep the index {settings.index} locked. Run the command again.") from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise IndexWriteError(forbidden) from error
        raise IndexWriteError(f"the index {settings.index} cannot be written: {error}") from error
    except sqlite3.DatabaseError as error:
        raise IndexDamagedError(f"the index {settings.index} is damaged ({error}). Run `onrecord build`.") from error
    except OSError as error:
        if error.errno in _FULL:
            raise IndexWriteError(full) from error
        if error.errno in _FORBIDDEN:
            raise IndexWriteError(f"{error.filename or ''}: {forbidden}".removeprefix(": ")) from error
        raise IndexWriteError(f"{error.filename or folders}: {os.strerror(error.errno or 0)}") from error
