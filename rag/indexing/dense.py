"""Nearest vectors by FAISS, the only file that imports it. Its files are derived from SQLite and can be deleted.

An index is a large part as it was last saved and a small exact one with what came since; what went since is left out of
the answers. So an update costs what it changes, however large the archive.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.indexing.embedding import Progress, Vectors

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
BATCH = 8192
"""Vectors that are read at once: 12 MB of 384 dimensions, and as much again on their way from SQLite."""
ROUNDS = 10
"""In which the lists' centres are computed, as many as FAISS takes by itself."""
_CHUNK = 1 << 20


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


def derive(
    identity: str,
    revision: int,
    dimension: int,
    numbers: Numbers,
    owners: Numbers,
    fetch: Fetch,
    progress: Progress | None = None,
) -> DenseIndex:
    """An index of the items `numbers`, int64 [n] ascending, of the exchanges `owners`; exact up to `EXACT` of them.

    The vectors are read `BATCH` at a time. `progress` is called with (vectors put in their place, all such steps): in
    each round of computing the lists' centres every vector that they are computed from counts once.
    """
    trained = len(numbers) if len(numbers) > EXACT else 0
    sample = min(len(numbers), TRAINED_ON * lists_for(len(numbers))) if trained else 0
    steps, done = ROUNDS * sample + len(numbers), 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(done, steps)

    advance(0)
    index = _lists(dimension, numbers, sample, fetch, advance) if trained else _empty(dimension)
    for start in range(0, len(numbers), BATCH):
        batch = numbers[start : start + BATCH]
        index.add_with_ids(fetch(batch), batch)
        advance(len(batch))
    last = int(numbers[-1]) if len(numbers) else 0
    return whole(identity, revision, dimension, last, trained, Part(index, numbers, owners))


def whole(identity: str, revision: int, dimension: int, last: int, trained: int, base: Part) -> DenseIndex:
    """An index to which nothing has come and from which nothing has gone."""
    none = np.empty(0, np.int64)
    late = _exact(dimension, none, none, np.empty((0, dimension), np.float32))
    return DenseIndex(identity, revision, dimension, last, trained, base, late, none)


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
    return whole(old.identity, old.revision, old.dimension, old.last, old.trained, base)


def _faiss() -> Any:
    import faiss

    return faiss


def write(index: Any, write: Callable[[bytes], int]) -> None:
    """Write a part's index piece by piece; RuntimeError when `write` fails."""
    faiss = _faiss()

    faiss.write_index(index, faiss.PyCallbackIOWriter(write, _CHUNK))


def read(read: Callable[[int], bytes]) -> Any:
    """Read what `write` wrote; RuntimeError when it is not that."""
    faiss = _faiss()

    return faiss.read_index(faiss.PyCallbackIOReader(read, _CHUNK))


def _empty(dimension: int) -> Any:
    faiss = _faiss()

    return faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))


def _lists(dimension: int, numbers: Numbers, sample: int, fetch: Fetch, advance: Callable[[int], None]) -> Any:
    """An index of lists, without vectors, whose centres are computed from `sample` of the items."""
    faiss = _faiss()

    faiss.omp_set_num_threads(os.cpu_count() or 1)
    chosen = np.sort(np.random.default_rng(0).choice(numbers, sample, replace=False))
    vectors = np.empty((sample, dimension), np.float32)
    for start in range(0, sample, BATCH):
        vectors[start : start + BATCH] = fetch(chosen[start : start + BATCH])
    quantizer = faiss.IndexFlatIP(dimension)
    parameters = faiss.ClusteringParameters()
    parameters.niter = 1
    parameters.spherical = True
    lists = lists_for(len(numbers))
    clustering = faiss.Clustering(dimension, lists, parameters)
    for _ in range(ROUNDS):  # one at a time, from the centres of the last: rounds of minutes are told
        clustering.train(vectors, quantizer)
        advance(sample)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    index.train(vectors)  # the range of the 8 bits: the centres are there
    return index


def lists_for(count: int) -> int:
    """How many lists so many vectors are put into: a power of two near 2·√count."""
    return 1 << round(math.log2(2 * math.sqrt(count)))


def _exact(dimension: int, numbers: Numbers, owners: Numbers, vectors: Vectors) -> Part:
    index = _empty(dimension)
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
