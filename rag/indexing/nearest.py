"""The FAISS index of each vector space, kept in step with SQLite."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from rag.indexing import dense
from rag.indexing.dense import DenseIndex, Numbers
from rag.indexing.embedding import Vectors
from rag.indexing.reader import Reader
from rag.indexing.schema import Meta, read_meta
from rag.indexing.spaces import SPACES
from rag.indexing.writer import STORED


class Nearest:
    """Holds one FAISS index for each space in memory.

    The file of a space may be missing, damaged or of an older state: what it lacks is read from SQLite, where every
    vector is. A reader never writes the files; `save` is for the writer.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._held: dict[str, DenseIndex] = {}
        self._lock = threading.Lock()

    def current(self, space: str) -> DenseIndex:
        """The index of a space at the state that this thread reads. Call inside `Reader.snapshot`."""
        with self._reader.snapshot() as connection:
            meta = read_meta(connection)
            held = self._held.get(space)
            if held and (held.identity, held.revision) == (meta.identity, meta.revision):
                return held
            with self._lock:
                held = self._held.get(space)
                if held is None or held.identity != meta.identity:
                    held = dense.load(file_of(self._reader.path.parent, space), meta.identity, meta.dimension)
                if held is None or held.revision != meta.revision:
                    held = self._in_step(space, meta, held)
                self._held[space] = held
                return held

    def save(self) -> None:
        """Write the file of every space whose file does not show the newest state.

        Raises:
            OSError: the folder cannot be written or the disk is full.
        """
        for space in SPACES:
            path = file_of(self._reader.path.parent, space)
            with self._reader.snapshot() as connection:
                meta = read_meta(connection)
                current = self.current(space)
            on_disk = dense.load(path, meta.identity, meta.dimension)
            if on_disk is None or on_disk.revision != current.revision:
                dense.save(current, path)

    def is_saved(self) -> bool:
        """Whether the file of every space is whole and shows the newest state."""
        with self._reader.snapshot() as connection:
            meta = read_meta(connection)
        files = [
            dense.load(file_of(self._reader.path.parent, space), meta.identity, meta.dimension) for space in SPACES
        ]
        return all(file is not None and file.revision == meta.revision for file in files)

    def _in_step(self, space: str, meta: Meta, held: DenseIndex | None) -> DenseIndex:
        rows = self._reader.all("SELECT item FROM vectors WHERE space = ? ORDER BY item", space)
        numbers = np.array([row[0] for row in rows], dtype=np.int64)
        if held is None:
            return dense.derive(meta.identity, meta.revision, numbers, self._vectors(space, meta, numbers))
        removed = np.setdiff1d(held.numbers, numbers)
        added = np.setdiff1d(numbers, held.numbers)
        return dense.update(held, meta.revision, removed, added, self._vectors(space, meta, added))

    def _vectors(self, space: str, meta: Meta, numbers: Numbers) -> Vectors:
        """Float32 [n, dimension] of the items `numbers`, int64 [n] ascending."""
        if not len(numbers):
            return np.empty((0, meta.dimension), dtype=np.float32)
        rows = self._reader.all(
            "SELECT v.item, b.vector FROM vectors v JOIN embeddings b ON b.number = v.embedding "
            "WHERE v.space = ? AND v.item BETWEEN ? AND ? ORDER BY v.item",
            space,
            int(numbers[0]),
            int(numbers[-1]),
        )
        wanted = set(numbers.tolist())
        return to_vectors([vector for item, vector in rows if item in wanted], meta.dimension)


def file_of(folder: Path, space: str) -> Path:
    """The FAISS file of a space."""
    return folder / f"{space}.faiss"


def to_vectors(blobs: list[bytes], dimension: int) -> Vectors:
    """Float32 [n, dimension] from stored vectors."""
    return np.frombuffer(b"".join(blobs), dtype=STORED).reshape(-1, dimension).astype(np.float32)
