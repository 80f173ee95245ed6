"""The FAISS index of each vector space, kept in step with SQLite."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np

from rag.indexing import dense, dense_file
from rag.indexing.dense import DenseIndex, Numbers
from rag.indexing.embedding import Progress, Vectors
from rag.indexing.reader import Reader
from rag.indexing.schema import TABLES, Meta, read_meta
from rag.indexing.spaces import SPACES
from rag.indexing.vectors import STORED

LAG = 0.02
"""Share of a file's items by which it may be behind the database: readers take those from SQLite. A file of a large
archive is not written again for each conference."""


class Nearest:
    """Holds one FAISS index for each space in memory.

    The file of a space may be missing, damaged or of an older state: what it lacks is read from SQLite, where every
    vector is. A reader never writes the files; `save` is for the writer.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._held: dict[str, list[DenseIndex]] = {}
        """Newest first: as read from the file or derived, and as last brought up to date."""
        self._lock = threading.Lock()

    def current(self, space: str) -> DenseIndex:
        """The index of a space at the state that this thread reads. Call inside `Reader.snapshot`."""
        with self._reader.snapshot() as connection:
            return self._current(space, read_meta(connection))

    def save(self, *, verified: bool, progress: Progress | None = None) -> None:
        """Write the file of every space whose file is missing, of another database or too far behind.

        Args:
            verified: read the files through, and write those that are damaged as well.
            progress: called with (vectors done, vectors) of each file that is made anew.

        Raises:
            OSError: the folder cannot be written or the disk is full.
        """
        for space in SPACES:
            with self._reader.snapshot() as connection:
                meta = read_meta(connection)
                if self._is_near(space, meta, verified=verified):
                    continue
                current = self._current(space, meta, progress)
                whole = dense.merged(current) if current.behind else current
                dense_file.save(whole or self._derived(space, meta, progress), self._file(space))
                # The writer searches none of them, and one at a time is enough to hold.
                self._held.pop(space, None)

    def is_saved(self) -> bool:
        """Whether the file of every space is whole and near enough to the newest state."""
        with self._reader.snapshot() as connection:
            meta = read_meta(connection)
            return all(self._is_near(space, meta, verified=True) for space in SPACES)

    def _current(self, space: str, meta: Meta, progress: Progress | None = None) -> DenseIndex:
        found = self._at(space, meta)
        if found:
            return found
        with self._lock:
            return self._at(space, meta) or self._stepped(space, meta, progress)

    def _at(self, space: str, meta: Meta) -> DenseIndex | None:
        state = (meta.identity, meta.revision)
        return next((one for one in self._held.get(space, ()) if (one.identity, one.revision) == state), None)

    def _stepped(self, space: str, meta: Meta, progress: Progress | None) -> DenseIndex:
        """The index at the state `meta`, from the nearest older one at hand."""
        held = [one for one in self._held.get(space, ()) if one.identity == meta.identity]
        older = next((one for one in held if one.revision < meta.revision), None)
        if older is None or older.behind > LAG * len(older.base.numbers):
            # The writer has put what came since into the file.
            older = dense_file.load(self._file(space), meta.identity, meta.dimension) or older
            held = [*held, older] if older else held
        if older is None or older.revision > meta.revision:
            stepped = self._derived(space, meta, progress)
        else:
            stepped = self._in_step(space, meta, older)
        # An older state is kept for a thread that still reads it; both share the large part.
        self._held[space] = sorted({id(one): one for one in (stepped, *held)}.values(), key=lambda o: -o.revision)[:3]
        return stepped

    def _in_step(self, space: str, meta: Meta, old: DenseIndex) -> DenseIndex:
        removed = self._numbers(
            "SELECT item FROM removed WHERE space = ? AND revision > ? ORDER BY item", space, old.revision
        )
        added, owners = self._items(space, old.last)
        return dense.update(old, meta.revision, removed, added, owners, self._vectors(space, meta, added))

    def _derived(self, space: str, meta: Meta, progress: Progress | None) -> DenseIndex:
        numbers, owners = self._items(space, 0)
        return dense.derive(
            meta.identity,
            meta.revision,
            meta.dimension,
            numbers,
            owners,
            lambda some: self._vectors(space, meta, some),
            progress,
        )

    def _is_near(self, space: str, meta: Meta, *, verified: bool) -> bool:
        """Whether the file of a space is near enough to the newest state: by its header, or by its bytes."""
        path = self._file(space)
        header = dense_file.read_header(path, meta.identity, meta.dimension)
        if header is None or header.revision > meta.revision or (verified and not dense_file.is_whole(path, header)):
            return False
        (behind,) = self._reader.one(
            "SELECT (SELECT count(*) FROM vectors WHERE space = ?1 AND item > ?2) "
            "+ (SELECT count(*) FROM removed WHERE space = ?1 AND revision > ?3 AND item <= ?2)",
            space,
            header.last,
            header.revision,
        )
        return bool(behind <= LAG * header.count)

    def _items(self, space: str, after: int) -> tuple[Numbers, Numbers]:
        """Items with a number above `after`, ascending, and the exchange of each; both int64 [n]."""
        unit = SPACES[space].unit
        owner = "v.item" if unit == "exchange" else "u.exchange"
        joined = "" if unit == "exchange" else f"JOIN {TABLES[unit]} u ON u.number = v.item"
        found = self._numbers(
            f"SELECT v.item, {owner} FROM vectors v {joined} WHERE v.space = ? AND v.item > ? ORDER BY v.item",
            space,
            after,
        ).reshape(-1, 2)
        return np.ascontiguousarray(found[:, 0]), np.ascontiguousarray(found[:, 1])

    def _numbers(self, sql: str, *values: object) -> Numbers:
        """The values of a statement's rows, one after another, int64."""
        return np.fromiter((value for row in self._reader.each(sql, *values) for value in row), dtype=np.int64)

    def _vectors(self, space: str, meta: Meta, numbers: Numbers) -> Vectors:
        """Float32 [n, dimension] of the items `numbers`, int64 [n] ascending."""
        rows = self._reader.each(
            "SELECT b.vector FROM json_each(?) n JOIN vectors v ON v.space = ? AND v.item = n.value "
            "JOIN embeddings b ON b.number = v.embedding ORDER BY n.key",
            json.dumps(numbers.tolist()),
            space,
        )
        return to_vectors([vector for (vector,) in rows], meta.dimension)

    def _file(self, space: str) -> Path:
        return file_of(self._reader.path.parent, space)


def file_of(folder: Path, space: str) -> Path:
    """The FAISS file of a space."""
    return folder / f"{space}.faiss"


def to_vectors(blobs: list[bytes], dimension: int) -> Vectors:
    """Float32 [n, dimension] from stored vectors."""
    return np.frombuffer(b"".join(blobs), dtype=STORED).reshape(-1, dimension).astype(np.float32)
