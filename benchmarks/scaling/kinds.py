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
        for name, make, ways in _kinds(size):
            faiss.omp_set_num_threads(os.cpu_count() or 1)
            begun = time.perf_counter()
            index = make(part)
            made = time.perf_counter() - begun
            faiss.omp_set_num_threads(1)  # as rag.indexing.dense does, and why
            size_each = len(faiss.serialize_index(index)) / size
            for way, options in ways.items():
                seconds, recall = [], []
                for query, wanted in zip(queries, exact, strict=True):
                    begun = time.perf_counter()
                    _, items = index.search(query[None], nearest, params=options)
                    seconds.append(time.perf_counter() - begun)
                    recall.append(len(wanted & set(items[0].tolist())) / nearest)
                lines.append(
                    f"| {size:,} | {name}{way} | {1000 * np.median(seconds):.1f} ms | {np.mean(recall):.3f} "
                    f"| {made:.0f} s | {size_each:,.0f} |"
                )
                print(lines[-1], flush=True)
    return "\n".join(lines)


def _kinds(size: int) -> list[tuple[str, Callable[[np.ndarray], Any], dict[str, Any]]]:
    """(name, what makes it, ways to search it) of each kind that is worth trying."""
    probed = (PROBES // 4, PROBES // 2, PROBES)
    read = {f", {probes} read": faiss.SearchParametersIVF(nprobe=probes) for probes in probed}
    kinds: list[tuple[str, Callable[[np.ndarray], Any], dict[str, Any]]] = [
        ("all compared", _flat, {"": None}),
        (f"{lists_for(size)} lists of 8-bit vectors", _lists, read),
    ]
    if size <= LONGEST_GRAPH:
        looked = {f", {count} looked at": faiss.SearchParametersHNSW(efSearch=count) for count in (256, 512)}
        kinds.append(("graph (HNSW, 32 links)", _graph, looked))
    return kinds


def _flat(part: np.ndarray) -> Any:
    index = faiss.IndexFlatIP(part.shape[1])
    index.add(part)
    return index


def _lists(part: np.ndarray) -> Any:
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
    return index


def _graph(part: np.ndarray) -> Any:
    index = faiss.IndexHNSWFlat(part.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    index.add(part)
    return index
