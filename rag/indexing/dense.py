"""Nearest vectors by FAISS, the only file that imports it. Its files are derived from SQLite and can be deleted.

An index is a large part as it was last saved and a small exact one with what came since; what went since is left out of
the answers. So an update costs what it changes, however large the archive.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from rag.indexing.embedding import Vectors
from rag.types import Record

Numbers = NDArray[np.int64]
Fetch = Callable[[Numbers], Vectors]
"""Float32 [n, dimension] of the items int64 [n], in their order."""

EXACT = 100_000
"""Vectors up to which every one is compared. Measured by `benchmarks/scale.py --kinds`, see docs/scale.md: beyond it
lists of 8-bit vectors answer several times faster, of which `PROBES` are read."""
PROBES = 256
"""Lists that are read without a filter; with one as many more as keep the number of compared vectors."""
TRAINED_ON = 40
"""Vectors of each list that the lists' centres are computed from (FAISS asks for 39 or more)."""
OUTGROWN = 4
"""Times the size at which its centres were computed, from which an index is made anew."""
BATCH = 65536
"""Vectors that are read at once."""
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


@dataclass(frozen=True)
class Part:
    """Vectors found by inner product."""

    index: Any
    """Of FAISS, whose types do not know half of it."""
    numbers: Numbers
    """Items, int64 [n], ascending."""
    owners: Numbers
    """Exchange of each item, int64 [n]."""


@dataclass(frozen=True)
class DenseIndex:
    """The vectors of one space in memory. Not changed once made: many threads may search it."""

    identity: str
    """Of the database that it was derived from."""
    revision: int
    """State of the database that it shows."""
    dimension: int
    last: int
    """Highest item number seen: what is added later has a higher one."""
    trained: int
    """How many items the base held when it was made; 0 when it compares every vector."""
    base: Part
    late: Part
    """What was added since the base was saved; exact."""
    gone: Numbers
    """Items of either part that were removed since, int64 [m], ascending."""

    @property
    def numbers(self) -> Numbers:
        """Items it holds, int64 [n], ascending."""
        return np.setdiff1d(np.concatenate([self.base.numbers, self.late.numbers]), self.gone)

    @property
    def behind(self) -> int:
        """How many items came and went since the base was saved."""
        return len(self.late.numbers) + len(self.gone)

    def search(self, vector: Vectors, limit: int, exchanges: Numbers | None = None) -> list[tuple[int, float]]:
        """(item, inner product) of the nearest items, best first; the smaller number first where they are equal.

        Args:
            vector: float32 [dimension].
            limit: most items.
            exchanges: int64 numbers of the exchanges to choose from; None for all.
        """
        found = [hit for part in (self.base, self.late) for hit in self._nearest(part, vector, limit, exchanges)]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit]

    def _nearest(self, part: Part, vector: Vectors, limit: int, exchanges: Numbers | None) -> list[tuple[int, float]]:
        faiss = _faiss()

        options: dict[str, Any] = {}
        allowed = part.numbers
        if exchanges is not None:
            allowed = np.setdiff1d(part.numbers[_among(part.owners, exchanges)], self.gone, assume_unique=True)
            options["sel"] = faiss.IDSelectorBitmap(_bitmap(allowed))
        elif len(self.gone):
            left_out = faiss.IDSelectorBatch(self.gone)
            options["sel"] = faiss.IDSelectorNot(left_out)
        if not len(allowed):
            return []
        kind = faiss.SearchParameters
        if part is self.base and self.trained:
            kind = faiss.SearchParametersIVF
            options["nprobe"] = min(part.index.nlist, PROBES * len(part.numbers) // len(allowed))
        # One question is too little to be shared: threads that wait for each other cost 20 ms where one takes 2, and
        # ten times that on a busy machine. The number holds for this thread.
        faiss.omp_set_num_threads(1)
        scores, items = part.index.search(
            np.ascontiguousarray(vector.reshape(1, -1), dtype=np.float32),
            min(limit, len(allowed)),
            params=kind(**options),
        )
        return [(int(item), float(score)) for item, score in zip(items[0], scores[0], strict=True) if item >= 0]


def derive(identity: str, revision: int, dimension: int, numbers: Numbers, owners: Numbers, fetch: Fetch) -> DenseIndex:
    """An index of the items `numbers`, int64 [n] ascending, of the exchanges `owners`; exact up to `EXACT` of them.

    The vectors are read `BATCH` at a time.
    """
    index, trained = _made(dimension, numbers, fetch)
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        index.add_with_ids(fetch(batch), batch)
    last = int(numbers[-1]) if len(numbers) else 0
    none = _exact(dimension, np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, dimension), np.float32))
    base = Part(index, numbers, owners)
    return DenseIndex(identity, revision, dimension, last, trained, base, none, np.empty(0, np.int64))


def update(
    old: DenseIndex, revision: int, removed: Numbers, added: Numbers, owners: Numbers, vectors: Vectors
) -> DenseIndex:
    """`old` without the items `removed` and with `added`, int64 [m], of `vectors`, float32 [m, dimension]."""
    late = old.late
    if len(added):
        both = _vectors_of(late, old.dimension)
        late = _exact(
            old.dimension,
            np.concatenate([late.numbers, added]),
            np.concatenate([late.owners, owners]),
            np.concatenate([both, vectors]),
        )
    known = np.concatenate([old.base.numbers, late.numbers]) if len(removed) else removed
    gone = np.union1d(old.gone, np.intersect1d(removed, known))
    last = max(old.last, int(added.max(initial=0)))
    return replace(old, revision=revision, last=last, late=late, gone=gone)


def merged(old: DenseIndex) -> DenseIndex | None:
    """`old` in one part, to be saved; None when it has outgrown its kind or its lists and is to be derived anew."""
    faiss = _faiss()

    numbers = old.numbers
    if (len(numbers) > EXACT) != (old.trained > 0) or len(numbers) > OUTGROWN * max(old.trained, EXACT):
        return None
    index = faiss.clone_index(old.base.index)
    if len(old.late.numbers):
        index.add_with_ids(_vectors_of(old.late, old.dimension), old.late.numbers)
    if len(old.gone):
        index.remove_ids(faiss.IDSelectorBatch(old.gone))
    kept = ~np.isin(np.concatenate([old.base.numbers, old.late.numbers]), old.gone)
    base = Part(index, numbers, np.concatenate([old.base.owners, old.late.owners])[kept])
    none = _exact(old.dimension, numbers[:0], numbers[:0], np.empty((0, old.dimension), np.float32))
    return replace(old, base=base, late=none, gone=numbers[:0])


def save(dense: DenseIndex, path: Path) -> None:
    """Write an index in one part (`derive`, `merged`) in the place of `path` at once, never half.

    Raises:
        OSError: the folder cannot be written or the disk is full; what stood at `path` is still there.
    """
    faiss = _faiss()

    header = Header(
        identity=dense.identity,
        revision=dense.revision,
        count=len(dense.base.numbers),
        last=dense.last,
        trained=dense.trained,
        dimension=dense.dimension,
        sha256="",
    )
    digest, failed = _begun(header), list[OSError]()
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:

            def write(data: bytes) -> int:
                digest.update(data)
                try:
                    return file.write(data)
                except OSError as error:  # FAISS would tell it as an error of its own.
                    failed.append(error)
                    raise

            file.write(b" " * _HEADER_BYTES)
            write(dense.base.numbers.tobytes())
            write(dense.base.owners.tobytes())
            try:
                faiss.write_index(dense.base.index, faiss.PyCallbackIOWriter(write, _CHUNK))
            except RuntimeError as error:
                raise failed[0] if failed else OSError(str(error)) from error
            header = header.model_copy(update={"sha256": digest.hexdigest()})
            file.seek(0)
            file.write(header.model_dump_json().encode().ljust(_HEADER_BYTES - 1) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def read_header(path: Path, identity: str, dimension: int) -> Header | None:
    """What a file says of itself; None when it is missing, unreadable or of another database. The rest is not read."""
    try:
        with path.open("rb") as file:
            header = Header.model_validate(json.loads(file.read(_HEADER_BYTES)))
    except (OSError, ValueError):
        return None
    return header if (header.identity, header.dimension) == (identity, dimension) else None


def is_whole(path: Path, header: Header) -> bool:
    """Whether the file holds what was written."""
    digest = _begun(header)
    try:
        with path.open("rb") as file:
            file.seek(_HEADER_BYTES)
            while data := file.read(_CHUNK):
                digest.update(data)
    except OSError:
        return False
    return digest.hexdigest() == header.sha256


def _begun(header: Header) -> hashlib._Hash:
    return hashlib.sha256(header.model_copy(update={"sha256": ""}).model_dump_json().encode())


def load(path: Path, identity: str, dimension: int) -> DenseIndex | None:
    """The index in a file, of whatever revision; None when it is missing, damaged or of another database."""
    header = read_header(path, identity, dimension)
    if header is None or not is_whole(path, header):
        return None
    try:
        with path.open("rb") as file:
            file.seek(_HEADER_BYTES)
            numbers = np.frombuffer(file.read(8 * header.count), dtype=np.int64)
            owners = np.frombuffer(file.read(8 * header.count), dtype=np.int64)
            index = _read(file)
    except (OSError, ValueError, RuntimeError):
        return None
    if index.ntotal != header.count or index.d != dimension or len(owners) != header.count:
        return None
    none = _exact(dimension, numbers[:0], numbers[:0], np.empty((0, dimension), np.float32))
    base = Part(index, numbers, owners)
    return DenseIndex(
        identity, header.revision, dimension, header.last, header.trained, base, none, np.empty(0, np.int64)
    )


def _faiss() -> Any:
    import faiss

    return faiss


def _read(file: IO[bytes]) -> Any:
    faiss = _faiss()

    return faiss.read_index(faiss.PyCallbackIOReader(file.read, _CHUNK))


def _made(dimension: int, numbers: Numbers, fetch: Fetch) -> tuple[Any, int]:
    """An empty index of the kind that fits the number of items, and on how many it was trained (0: it is exact)."""
    faiss = _faiss()

    if len(numbers) <= EXACT:
        return faiss.IndexIDMap2(faiss.IndexFlatIP(dimension)), 0
    lists = lists_for(len(numbers))
    quantizer = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    index.cp.spherical = True
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    sample = np.sort(np.random.default_rng(0).choice(numbers, min(len(numbers), TRAINED_ON * lists), replace=False))
    index.train(np.concatenate([fetch(sample[i : i + BATCH]) for i in range(0, len(sample), BATCH)]))
    return index, len(numbers)


def lists_for(count: int) -> int:
    """How many lists so many vectors are put into: a power of two near 2·√count."""
    return 1 << round(math.log2(2 * math.sqrt(count)))


def _exact(dimension: int, numbers: Numbers, owners: Numbers, vectors: Vectors) -> Part:
    faiss = _faiss()

    index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    if len(numbers):
        index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), numbers)
    return Part(index, numbers, owners)


def _vectors_of(exact: Part, dimension: int) -> Vectors:
    """Float32 [n, dimension] of an exact part."""
    if not len(exact.numbers):
        return np.empty((0, dimension), np.float32)
    return np.asarray(exact.index.index.reconstruct_n(0, len(exact.numbers)), dtype=np.float32)


def _among(owners: Numbers, exchanges: Numbers) -> NDArray[np.bool_]:
    """Bool [n]: whether the exchange of each item is one of `exchanges`."""
    chosen = np.zeros(int(max(owners.max(initial=0), exchanges.max(initial=0))) + 1, dtype=np.bool_)
    chosen[exchanges] = True
    return np.asarray(chosen[owners])


def _bitmap(numbers: Numbers) -> NDArray[np.uint8]:
    """One bit for each number up to the highest, set for those in `numbers`."""
    bits = np.zeros(int(numbers.max(initial=0)) + 1, dtype=np.uint8)
    bits[numbers] = 1
    return np.packbits(bits, bitorder="little")
