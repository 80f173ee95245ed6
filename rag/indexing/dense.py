"""Nearest vectors by FAISS, the only file that imports it. Its files are derived from SQLite and can be deleted."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.indexing.embedding import Vectors
from rag.types import Record

if TYPE_CHECKING:
    import faiss

Numbers = NDArray[np.int64]


class _Header(Record):
    """First line of a file; the FAISS bytes follow."""

    identity: str
    revision: int
    count: int
    dimension: int
    sha256: str
    """Of the FAISS bytes."""


@dataclass(frozen=True)
class DenseIndex:
    """The vectors of one space in memory, found by inner product. Not changed once made: many threads may search it."""

    identity: str
    """Of the database that it was derived from."""
    revision: int
    """State of the database that it shows."""
    numbers: Numbers
    """Items it holds, int64 [n], ascending."""
    index: faiss.Index

    def search(self, vector: Vectors, limit: int, allowed: Numbers | None = None) -> list[tuple[int, float]]:
        """(item, inner product) of the nearest items, best first; the smaller number first where they are equal.

        Args:
            vector: float32 [dimension].
            limit: most items.
            allowed: int64 numbers to choose from; None for all.
        """
        import faiss

        count = min(limit, len(self.numbers) if allowed is None else len(allowed))
        if count < 1 or not len(self.numbers):
            return []
        parameters = None
        if allowed is not None:
            parameters = faiss.SearchParameters()
            parameters.sel = faiss.IDSelectorBatch(allowed)
        scores, items = self.index.search(vector.reshape(1, -1).astype(np.float32), count, params=parameters)
        found = [(int(item), float(score)) for item, score in zip(items[0], scores[0], strict=True) if item >= 0]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))


def derive(identity: str, revision: int, numbers: Numbers, vectors: Vectors) -> DenseIndex:
    """An exact index over `vectors`, float32 [n, dimension], of the items `numbers`, int64 [n] ascending."""
    import faiss

    index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
    index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), numbers)
    return DenseIndex(identity, revision, numbers, index)


def update(old: DenseIndex, revision: int, removed: Numbers, added: Numbers, vectors: Vectors) -> DenseIndex:
    """A copy of `old` without the items `removed` and with `added`, int64 [m], of `vectors`, float32 [m, dimension]."""
    import faiss

    index = faiss.clone_index(old.index)
    if len(removed):
        index.remove_ids(faiss.IDSelectorBatch(removed))
    if len(added):
        index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), added)
    numbers = np.union1d(np.setdiff1d(old.numbers, removed), added)
    return DenseIndex(old.identity, revision, numbers, index)


def save(dense: DenseIndex, path: Path) -> None:
    """Write a file in the place of `path` at once, never half.

    Raises:
        OSError: the folder cannot be written or the disk is full; what stood at `path` is still there.
    """
    import faiss

    data = faiss.serialize_index(dense.index).tobytes()
    header = _Header(
        identity=dense.identity,
        revision=dense.revision,
        count=len(dense.numbers),
        dimension=dense.index.d,
        sha256=hashlib.sha256(data).hexdigest(),
    )
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(header.model_dump_json().encode() + b"\n")
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def load(path: Path, identity: str, dimension: int) -> DenseIndex | None:
    """The index in a file, of whatever revision; None when it is missing, damaged or of another database."""
    import faiss

    try:
        with path.open("rb") as file:
            header = _Header.model_validate(json.loads(file.readline()))
            if (header.identity, header.dimension) != (identity, dimension):
                return None
            data = file.read()
        if hashlib.sha256(data).hexdigest() != header.sha256:
            return None
        index: Any = faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
        numbers = np.sort(faiss.vector_to_array(index.id_map).astype(np.int64))
    except (OSError, ValueError, RuntimeError, AttributeError):
        return None
    if index.ntotal != header.count or index.d != dimension or len(numbers) != header.count:
        return None
    return DenseIndex(header.identity, header.revision, numbers, index)
