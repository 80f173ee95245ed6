"""The FAISS index of a space in a file, with what it was derived from and a digest. It can be deleted at any time."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import IO

import numpy as np

from rag.indexing import dense
from rag.indexing.dense import DenseIndex, Part
from rag.types import Record
from rag.whole_files import written_whole

_HEADER_BYTES = 1024
_CHUNK = 1 << 20


class Header(Record):
    """First line of a file, filled up to a fixed length; item numbers, their exchanges and the FAISS bytes follow."""

    identity: str
    revision: int
    count: int
    last: int
    """Highest item number ever given to the space when it was written."""
    trained: int
    """How many items it held when it was made; 0 when it compares every vector."""
    dimension: int
    sha256: str
    """Of the fields above and everything that follows."""


def save(index: DenseIndex, path: Path) -> None:
    """Write an index in one part (`derive`, `merged`) in the place of `path` at once, never half.

    Raises:
        OSError: the folder cannot be written or the disk is full; what stood at `path` is still there.
    """
    header = Header(
        identity=index.identity,
        revision=index.revision,
        count=len(index.base.numbers),
        last=index.last,
        trained=index.trained,
        dimension=index.dimension,
        sha256="",
    )
    digest, failed = _begun(header), list[OSError]()
    with written_whole(path) as file:

        def keep(data: bytes) -> int:
            digest.update(data)
            try:
                return file.write(data)
            except OSError as error:  # FAISS would tell it as an error of its own.
                failed.append(error)
                raise

        file.write(b" " * _HEADER_BYTES)
        keep(index.base.numbers.tobytes())
        keep(index.base.owners.tobytes())
        try:
            dense.write(index.base.index, keep)
        except RuntimeError as error:
            raise failed[0] if failed else OSError(str(error)) from error
        header = header.model_copy(update={"sha256": digest.hexdigest()})
        file.seek(0)
        file.write(header.model_dump_json().encode().ljust(_HEADER_BYTES - 1) + b"\n")


def read_header(path: Path, identity: str, dimension: int) -> Header | None:
    """What a file says of itself; None when it is missing, unreadable or of another database. The rest is not read."""
    try:
        with path.open("rb") as file:
            return _header(file, identity, dimension)
    except OSError:
        return None


def is_whole(path: Path, header: Header) -> bool:
    """Whether the file holds what was written."""
    try:
        with path.open("rb") as file:
            return _follows(file, header)
    except OSError:
        return False


def load(path: Path, identity: str, dimension: int) -> DenseIndex | None:
    """The index in a file, of whatever revision; None when it is missing, damaged or of another database.

    The file is opened once: a writer may put another in its place at any moment, and the header of one with the items
    of the next would hold the newest items twice.
    """
    try:
        with path.open("rb") as file:
            header = _header(file, identity, dimension)
            if header is None or not _follows(file, header):
                return None
            file.seek(_HEADER_BYTES)
            numbers = np.frombuffer(file.read(8 * header.count), dtype=np.int64)
            owners = np.frombuffer(file.read(8 * header.count), dtype=np.int64)
            index = dense.read(file.read)
    except (OSError, ValueError, RuntimeError):
        return None
    if index.ntotal != header.count or index.d != dimension or len(owners) != header.count:
        return None
    base = Part(index, numbers, owners)
    return dense.whole(identity, header.revision, dimension, header.last, header.trained, base)


def _header(file: IO[bytes], identity: str, dimension: int) -> Header | None:
    try:
        header = Header.model_validate(json.loads(file.read(_HEADER_BYTES)))
    except ValueError:
        return None
    return header if (header.identity, header.dimension) == (identity, dimension) else None


def _follows(file: IO[bytes], header: Header) -> bool:
    """Whether what stands behind the header is what was written with it."""
    digest = _begun(header)
    file.seek(_HEADER_BYTES)
    while data := file.read(_CHUNK):
        digest.update(data)
    return digest.hexdigest() == header.sha256


def _begun(header: Header) -> hashlib._Hash:
    return hashlib.sha256(header.model_copy(update={"sha256": ""}).model_dump_json().encode())
