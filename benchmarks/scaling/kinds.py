"""Kinds of FAISS index side by side: time of one search, recall of the 200 nearest, time to make, bytes a vector."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import faiss
import numpy as np

from rag.indexing.dense import PROBES, TRAINED_ON, lists_for

LONGEST_GRAPH = 100_000
"""Vectors up to which a graph is made: beyond it takes many minutes on two cores."""


def compared(vectors: np.ndarray, queries: np.ndarray, sizes: list[int], nearest: int) -> str:
    """A Markdown table over the first vectors, float32 [n, dimension], in each of the sizes."""
    lines = ["| vectors | kind | a search, median | recall | made in | bytes a vector |", "|---|---|---|---|---|---|"]
    for size in [size for size in sizes if size <= len(vectors)]:
        part = vectors[:size]
        exact = [set(np.argpartition(-(part @ query), nearest)[:nearest].tolist()) for query in queries]
        for name, make in _kinds(size).items():
            faiss.omp_set_num_threads(os.cpu_count() or 1)
            begun = time.perf_counter()
            index, options = make(part)
            made = time.perf_counter() - begun
            faiss.omp_set_num_threads(1)  # as rag.indexing.dense does, and why
            seconds, recall = [], []
            for query, wanted in zip(queries, exact, strict=True):
                begun = time.perf_counter()
                _, items = index.search(query[None], nearest, params=options)
                seconds.append(time.perf_counter() - begun)
                recall.append(len(wanted & set(items[0].tolist())) / nearest)
            size_each = len(faiss.serialize_index(index)) / size
            lines.append(
                f"| {size:,} | {name} | {1000 * np.median(seconds):.1f} ms | {np.mean(recall):.3f} | {made:.0f} s "
                f"| {size_each:,.0f} |"
            )
            print(lines[-1], flush=True)
    return "\n".join(lines)


def _kinds(size: int) -> dict[str, Callable[[np.ndarray], tuple[Any, Any]]]:
    kinds: dict[str, Callable[[np.ndarray], tuple[Any, Any]]] = {"all compared": _flat}
    for probes in (PROBES // 4, PROBES, PROBES * 2):
        name = f"{lists_for(size)} lists of 8-bit vectors, {probes} read"
        kinds[name] = lambda part, probes=probes: _lists(part, probes)
    if size <= LONGEST_GRAPH:
        kinds["graph (HNSW, 32 links, 256 looked at)"] = _graph
    return kinds


def _flat(part: np.ndarray) -> tuple[Any, Any]:
    index = faiss.IndexFlatIP(part.shape[1])
    index.add(part)
    return index, None


def _lists(part: np.ndarray, probes: int) -> tuple[Any, Any]:
    lists = lists_for(len(part))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(part.shape[1]),
        part.shape[1],
        lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
        False,
    )
    index.cp.spherical = True
    chance = np.random.default_rng(0)
    index.train(part[chance.choice(len(part), min(len(part), TRAINED_ON * lists), replace=False)])
    index.add(part)
    return index, faiss.SearchParametersIVF(nprobe=probes)


def _graph(part: np.ndarray) -> tuple[Any, Any]:
    index = faiss.IndexHNSWFlat(part.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    index.add(part)
    return index, faiss.SearchParametersHNSW(efSearch=256)
