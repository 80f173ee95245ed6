"""The corpus folder: where the originals of ingested transcripts are kept, and whether it has changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

from rag.corpus import Input, iter_inputs, load_columns
from rag.corpus.folders import FETCHED, INGESTED, SUPERSEDED, keep_bytes
from rag.errors import ReadError
from rag.types import Transcript
from rag.whole_files import write_whole

_LONGEST_NAME = 200
"""Bytes: file systems hold 255, and a copy that is being written has a longer name."""
_LONGEST_PATH = 1000
"""Bytes below the corpus folder: systems take 4,096, or 1,024, in all."""
MEMBER = "!/"
"""Stands between an archive's path and that of a file in it."""


class Found(NamedTuple):
    """An input and where it lies, or belongs, in the corpus."""

    input: Input
    key: str | None
    """Path below the corpus folder, when the input lies in it."""
    relative: str
    """Path below the folder or archive that was named."""


def find(paths: list[Path], corpus: Path) -> Iterator[Found]:
    """Every input that `paths` name. A path inside the corpus folder is known by its place there.

    What was superseded is no input.
    """
    root = corpus.resolve()
    columns = load_columns(corpus)
    for given in paths:
        base = given.resolve()
        for found in iter_inputs([given], columns):
            file, _, member = found.path.partition(MEMBER)
            place = Path(file).resolve()
            below = place.relative_to(base).as_posix() if place != base else ""
            inside = place.relative_to(root).as_posix() if place.is_relative_to(root) else None
            if inside and inside.startswith(f"{SUPERSEDED}/"):
                continue
            relative = member or (f"{base.name}/{below}" if below else base.name)
            yield Found(found, inside and (f"{inside}{MEMBER}{member}" if member else inside), relative)


def target(transcript: Transcript, relative: str) -> str:
    """Where in the corpus an original from elsewhere is kept: by its address, else by its path where it was found.

    A page whose address was read off its path keeps that address this way. Addresses and paths come from the files
    themselves: those that are no plain path below the folder are not followed.

    Raises:
        ReadError: neither is a path that a folder can hold.
    """
    address = _path_of(transcript.url) if transcript.url else None
    if address and PurePosixPath(address).suffix == PurePosixPath(relative).suffix and is_plain(address):
        relative = address
    if not is_plain(relative):
        raise ReadError("its name is too long or not one that a folder can hold: give it another")
    return f"{INGESTED}/{relative}"


def _path_of(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return f"{parts.netloc.replace(':', '_')}{parts.path}" if parts.netloc else None


def is_plain(path: str) -> bool:
    """Whether a path from outside names a file below a folder, and one that a folder can hold."""
    parts = path.split("/")
    return len(os.fsencode(path)) <= _LONGEST_PATH and all(
        part not in ("", ".", "..") and "\0" not in part and len(os.fsencode(part)) <= _LONGEST_NAME for part in parts
    )


def is_free(corpus: Path, key: str, digest: str) -> bool:
    """Whether an original of this digest can be kept at `key`: nothing is there, or the same bytes."""
    path = corpus / key
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest() == digest
    folders = path.relative_to(corpus).parents
    return not path.exists() and not any((corpus / folder).is_file() for folder in folders)


def beside(corpus: Path, key: str, digest: str) -> str:
    """Another place for an original whose own holds something else. The file's name stays: it is the page's."""
    path = PurePosixPath(key)
    near = str(path.parent / digest[:8] / path.name)
    return near if is_free(corpus, near, digest) else f"{INGESTED}/{digest[:8]}/{path.name}"


def keep(corpus: Path, key: str, data: bytes) -> None:
    """Write an original at its place at once, never half. What stood there before is kept among the superseded.

    Raises:
        OSError: the folder cannot be written or the disk is full.
    """
    path = corpus / key
    if path.is_file() and path.read_bytes() != data:
        keep_bytes(corpus, key)
    write_whole(path, data)


def left_over(index: Path, corpus: Path) -> list[Path]:
    """What an interrupted command left in the index folder and in the folders of the corpus that are written."""
    folders = [corpus / name for name in (INGESTED, FETCHED, SUPERSEDED)]
    return [*index.glob("*.tmp*"), *(left for folder in folders for left in folder.rglob(".*.tmp"))]


def sweep(index: Path, corpus: Path) -> None:
    """Remove what a killed process had not finished. The caller holds the lock (`rag.indexing.lock.exclusive`)."""
    for left in left_over(index, corpus):
        left.unlink(missing_ok=True)


def state(corpus: Path) -> str:
    """SHA-256 (hex) over path, size and modification time of every file in the corpus folder: nothing is read."""
    digest = hashlib.sha256()
    for path in sorted(corpus.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(corpus).parts):
            status = path.stat()
            digest.update(
                f"{path.relative_to(corpus)}\0{status.st_size}\0{status.st_mtime_ns}\n".encode(errors="replace")
            )
    return digest.hexdigest()
