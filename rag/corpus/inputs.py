"""Walks files, folders and archives, and hands out the bytes of every page in them."""

from __future__ import annotations

import stat
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from rag.corpus.formats.columns import USER_FILE as COLUMNS_FILE
from rag.corpus.formats.columns import Columns, load_columns
from rag.corpus.formats.containers import is_container, iter_members
from rag.corpus.formats.institutions import USER_FILE as INSTITUTIONS_FILE
from rag.corpus.formats.members import unusable_member
from rag.errors import ReadError
from rag.types import Record

MOST_BYTES = 20_000_000
"""A transcript is a few hundred kilobytes; a larger file is something else."""
_ARCHIVES = (".tar", ".tar.xz", ".txz", ".tar.gz", ".tgz", ".tar.bz2", ".zip")
RULE_FILES = (COLUMNS_FILE, INSTITUTIONS_FILE)
"""A user's own rules, in the corpus folder itself."""
_SKIPPED_STEMS = ("readme", "license", "licence", "sources")


class Input(Record):
    """One file to be read as a transcript: its bytes, or why they could not be had."""

    path: str
    """As given, below a folder or archive: `archive.tar.xz!/folder/page.shtml`."""
    data: bytes | None
    error: str | None


def iter_inputs(paths: Iterable[Path | str], columns: Columns | None = None) -> Iterator[Input]:
    """Every file that `paths` name: the files themselves, those below folders (sorted) and the members of archives.

    Tables and JSON lines are archives of transcripts: each of their transcripts is an input of its own, and so is each
    row or line that gives none. Nothing is written to disk. Hidden files, a folder's README and a user's own rules are
    no transcripts and are passed over, unless they are named themselves. What cannot be read comes out with `error`
    set, and the walk goes on.

    Args:
        paths: files and folders.
        columns: which columns of a table hold what; those that come with the program when None.

    Raises:
        SettingsError: the rules that come with the program cannot be read.
    """
    known = columns or load_columns()
    for given in paths:
        path = Path(given)
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file() and not _is_ours(file.relative_to(path).as_posix()):
                    yield from _file(file, known)
        elif path.exists():
            yield from _file(path, known)
        else:
            yield Input(path=str(path), data=None, error="there is no such file or folder")


def _is_ours(inside: str) -> bool:
    path = PurePosixPath(inside)
    return (
        any(part.startswith((".", "__MACOSX")) for part in path.parts)
        or inside in RULE_FILES
        or (path.stem.lower() in _SKIPPED_STEMS and path.suffix.lower() in ("", ".md", ".txt", ".rst"))
    )


def _file(path: Path, columns: Columns) -> Iterator[Input]:
    name = str(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            yield Input(path=name, data=None, error="it is not a regular file")
        elif path.name.lower().endswith(_ARCHIVES):
            yield from _archive(path, columns)
        elif is_container(name):
            with path.open("rb") as stream:
                yield from _members(stream, name, columns)
        elif path.stat().st_size > MOST_BYTES:
            yield Input(path=name, data=None, error=_too_large(path.stat().st_size))
        else:
            yield Input(path=name, data=path.read_bytes(), error=None)
    except OSError as error:
        yield Input(path=name, data=None, error=f"it cannot be opened: {error.strerror or error}")


def _archive(path: Path, columns: Columns) -> Iterator[Input]:
    """Members in the archive's own order; a damaged archive gives what came before the damage, then an error."""
    try:
        if path.name.lower().endswith(".zip"):
            yield from _zip(path, columns)
        else:
            yield from _tar(path, columns)
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        yield Input(path=str(path), data=None, error=f"the archive is damaged or cut short: {error}")
    except Exception as error:  # lzma.LZMAError and zlib.error share no base with the others
        if type(error).__module__ not in ("_lzma", "lzma", "zlib", "_bz2"):
            raise
        yield Input(path=str(path), data=None, error=f"the archive is damaged or cut short: {error}")


def _tar(path: Path, columns: Columns) -> Iterator[Input]:
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            if member.isdir():
                continue
            name = f"{path}!/{member.name}"
            if not _is_safe(member.name):
                yield Input(path=name, data=None, error="the archive names a file outside itself")
            elif _is_ours(member.name):
                continue
            elif not member.isfile():
                yield Input(path=name, data=None, error="it is a link or device, not a file")
            elif is_container(name) and (stream := archive.extractfile(member)):
                yield from _members(stream, name, columns)
            elif member.size > MOST_BYTES:
                yield Input(path=name, data=None, error=_too_large(member.size))
            else:
                content = archive.extractfile(member)
                yield Input(path=name, data=content.read() if content else b"", error=None)


def _zip(path: Path, columns: Columns) -> Iterator[Input]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            name = f"{path}!/{member.filename}"
            if not _is_safe(member.filename):
                yield Input(path=name, data=None, error="the archive names a file outside itself")
            elif _is_ours(member.filename):
                continue
            elif member.flag_bits & 1:
                yield Input(path=name, data=None, error="it is encrypted")
            elif is_container(name):
                with archive.open(member) as stream:
                    yield from _members(stream, name, columns)
            elif member.file_size > MOST_BYTES:
                yield Input(path=name, data=None, error=_too_large(member.file_size))
            else:
                yield Input(path=name, data=archive.read(member), error=None)


def _members(stream: IO[bytes], path: str, columns: Columns) -> Iterator[Input]:
    """The transcripts of a table or of JSON lines; the file itself, with the reason, when nothing of it can be read."""
    inside = "/" if "!/" in path else "!/"
    try:
        for member in iter_members(stream, path, columns):
            yield Input(path=f"{path}{inside}{member.name}", data=member.data, error=None)
    except ReadError as error:
        yield Input(path=path, data=unusable_member(path, str(error)).data, error=None)


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return not path.is_absolute() and ".." not in path.parts


def _too_large(size: int) -> str:
    return f"it is too large for a transcript ({size / 1e6:.0f} MB, at most {MOST_BYTES / 1e6:.0f} MB)"
