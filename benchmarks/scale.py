"""What an archive of 1, 10 and 100 times the size costs: disk, memory, search, update. Prints a table, draws a plot.

    python benchmarks/scale.py --index index --topics T.jsonl --work /tmp/scale --times 1,10,100 --plot docs/scale.png

`--index` holds the archive that is multiplied; it is copied, not changed. How copies differ from it is told in
`benchmarks/scaling/grow.py`: their vectors are mixed from stored ones and not embedded: what FAISS and SQLite do is
measured, how well a question's meaning is met is not. New conferences are read, cut and embedded for real. Each
size is searched in a process of its own, whose memory is told. Recall is that of the 200 nearest vectors against
comparing all. 100 times 450 conferences need about 12 GB in the work folder and half an hour.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from scaling.grow import conferences, grow
from scaling.kinds import compared

from rag.config import Settings, load_settings
from rag.evaluation.understanding import OWN_QUESTIONS
from rag.indexing.build import ingest
from rag.indexing.embedding import load_encoder
from rag.indexing.lock import exclusive
from rag.indexing.nearest import Nearest, file_of, to_vectors
from rag.indexing.reader import Reader
from rag.indexing.schema import DATABASE
from rag.indexing.spaces import SPACES
from rag.indexing.store import open_index
from rag.indexing.vectors import STORED
from rag.indexing.writer import Writer
from rag.retrieval.rank import PIECES
from rag.retrieval.search import search
from rag.retrieval.understand import understand
from rag.types import Filters

SIZES = [30_000, 100_000, 600_000]
"""Vectors of which kinds of index are compared."""
NEW = 20
"""Conferences that are added together for the rate of building."""


def main() -> None:
    """Grow, measure each size, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--index", type=Path)
    options.add_argument("--topics", type=Path, default=OWN_QUESTIONS)
    options.add_argument("--work", type=Path, default=Path("/tmp/onrecord-scale"))
    options.add_argument("--times", default="1,10")
    options.add_argument("--plot", type=Path)
    options.add_argument("--only-grow", action="store_true", help="measure in another run with the same --work")
    options.add_argument("--kinds", action="store_true", help="compare kinds of FAISS index on the largest archive")
    options.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.measure:
        print(json.dumps(measured(_settings(chosen.work), chosen.topics)))
        return
    rows, before = [], (1, load_settings({"index": chosen.index}).index)
    for times in map(int, chosen.times.split(",")):
        settings = _settings(chosen.work / f"{times}x")
        if not (settings.index / "grown").exists():
            shutil.rmtree(settings.index, ignore_errors=True)
            shutil.copytree(before[1], settings.index)
            grow(settings.index / DATABASE, before[0], times, _show)
            (settings.index / "grown").touch()
        before = (times, settings.index)
        if chosen.only_grow or chosen.kinds:
            continue
        row: dict[str, Any] = {"times": times, **derived(settings)}
        command = [sys.executable, __file__, "--measure", "--work", settings.index.parent, "--topics", chosen.topics]
        row |= json.loads(subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE).stdout)
        print(json.dumps(row), file=sys.stderr, flush=True)
        row |= updated(settings, times)
        rows.append(row)
        print(json.dumps(row), file=sys.stderr, flush=True)
    if chosen.kinds:
        print(kinds(settings, chosen.topics))
    if not rows:
        return
    print(table(rows))
    (chosen.work / "rows.json").write_text(json.dumps(rows))
    if chosen.plot:
        plot(rows, chosen.plot)


def _settings(work: Path) -> Settings:
    return load_settings({"index": work / "index", "corpus": work / "corpus"})


def kinds(settings: Settings, topics: Path) -> str:
    """Kinds of FAISS index over the passages of an archive, asked the questions."""
    index = open_index(settings)
    numbers = [row[0] for row in index._reader.each("SELECT item FROM vectors WHERE space = 'passage' ORDER BY item")]
    rows = index._reader.each(
        "SELECT b.vector FROM vectors v JOIN embeddings b ON b.number = v.embedding "
        "WHERE space = 'passage' ORDER BY item"
    )
    vectors = np.empty((len(numbers), index.meta.dimension), dtype=np.float32)
    for place, (blob,) in enumerate(rows):
        vectors[place] = np.frombuffer(blob, dtype=STORED)
    # Copies stand one after another: any part is to be like the whole.
    np.random.default_rng(0).shuffle(vectors)
    return compared(vectors, load_encoder(settings).encode_questions(_questions(topics)), SIZES, PIECES)


def _questions(topics: Path) -> list[str]:
    return [json.loads(line)["query"] for line in topics.read_text(encoding="utf-8").splitlines() if line.strip()]


def derived(settings: Settings) -> dict[str, Any]:
    """Seconds to make the FAISS files anew, bytes on disk; of an earlier run when they are there."""
    noted = settings.index / "derived.json"
    if noted.exists():
        return json.loads(noted.read_text())
    for space in SPACES:
        file_of(settings.index, space).unlink(missing_ok=True)
    reader, begun = Reader(settings.index / DATABASE), time.perf_counter()
    with exclusive(settings.index):
        Nearest(reader).save(verified=False)
    reader.close()
    result = {
        "derive_s": time.perf_counter() - begun,
        "sqlite_mb": (settings.index / DATABASE).stat().st_size / 1e6,
        "faiss_mb": sum(file_of(settings.index, space).stat().st_size for space in SPACES) / 1e6,
    }
    noted.write_text(json.dumps(result))
    return result


def measured(settings: Settings, topics: Path) -> dict[str, Any]:
    """Search times over the questions, in a process that does nothing else; memory; recall."""
    questions = _questions(topics)
    encoder = load_encoder(settings)
    vectors = encoder.encode_questions(questions)
    before = _memory()
    begun = time.perf_counter()
    with open_index(settings, encoder) as index:
        counts = index.counts()._asdict()
        search(understand(questions[0], (), Filters(), index), index, encoder)
        first = time.perf_counter() - begun
        understood, searched, worked = [], [], []
        for question in questions * 2:
            begun = time.perf_counter()
            query = understand(question, (), Filters(), index)
            middle, busy = time.perf_counter(), time.process_time()
            search(query, index, encoder)
            worked.append(time.process_time() - busy)
            understood.append(middle - begun)
            searched.append(time.perf_counter() - middle)
        memory = _memory()
        recall = {}
        with index.snapshot():
            for space in SPACES:
                nearest = index._nearest.current(space)  # the index offers units only
                exact = _exact(index._reader, space, vectors)
                found = [{number for number, _ in nearest.search(vector, PIECES)} for vector in vectors]
                recall[f"recall_{space}"] = float(
                    np.mean([len(set(one) & other) / len(one) for one, other in zip(exact, found, strict=True)])
                )
    p50, p95 = np.percentile(searched, [50, 95]) * 1000
    both50, both95 = np.percentile(np.add(understood, searched), [50, 95]) * 1000
    return {
        **counts,
        **recall,
        "first_s": first,
        "p50_ms": p50,
        "p95_ms": p95,
        "cpu_ms": float(np.median(worked)) * 1000,
        "both_p50_ms": both50,
        "both_p95_ms": both95,
        "rss_mb": memory,
        "rss_models_mb": before,
    }


def _memory() -> float:
    """Megabytes that this process has used at most; on Linux without those of the one that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return float(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1e3  # type: ignore[index]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _exact(reader: Reader, space: str, vectors: Any) -> list[list[int]]:
    """The items nearest to each vector by comparing all, in the precision in which they are stored."""
    best: list[list[tuple[float, int]]] = [[] for _ in vectors]
    rows = reader.each(
        "SELECT v.item, b.vector FROM vectors v JOIN embeddings b ON b.number = v.embedding WHERE v.space = ?", space
    )
    while batch := [row for _, row in zip(range(50_000), rows, strict=False)]:
        scores = vectors @ to_vectors([blob for _, blob in batch], vectors.shape[1]).T
        nearest = np.argpartition(-scores, min(PIECES, len(batch) - 1), axis=1)[:, :PIECES]
        for kept, line, places in zip(best, scores, nearest, strict=True):
            kept += [(-float(line[place]), batch[place][0]) for place in places]
            kept.sort()
            del kept[PIECES:]
    return [[item for _, item in kept] for kept in best]


def updated(settings: Settings, seed: int) -> dict[str, Any]:
    """Seconds to add one conference, to add many and to remove them, the embedding model loaded."""
    encoder = load_encoder(settings)
    encoder.encode(["the first call is the slow one"])
    result: dict[str, Any] = {}
    added = []
    for name, count in (("add_one_s", 1), ("add_many_s", NEW)):
        file = settings.corpus.parent / f"new-{seed}-{count}.jsonl"
        file.write_text(conferences(settings.index / DATABASE, count, seed * 100 + count), encoding="utf-8")
        begun = time.perf_counter()
        report = ingest([file], settings, encoder)
        result[name] = time.perf_counter() - begun
        assert report.indexed == count, report
        added += [outcome.transcript for outcome in report.outcomes]
    begun = time.perf_counter()
    with exclusive(settings.index), Writer(settings.index / DATABASE) as writer:
        for (path,) in writer.query(
            f"SELECT path FROM sources WHERE id IN ({', '.join('?' * len(added))})", tuple(map(str, added))
        ):
            writer.forget(path)
        writer.sweep()
        reader = Reader(settings.index / DATABASE)
        Nearest(reader).save(verified=False)
        reader.close()
    result["remove_s"] = time.perf_counter() - begun
    result["per_minute"] = 60 * NEW / result["add_many_s"]
    return result


LINES = {
    "conferences": lambda row: f"{row['transcripts']:,}",
    "exchanges": lambda row: f"{row['exchanges']:,}",
    "citable spans": lambda row: f"{row['spans']:,}",
    "disk: SQLite": lambda row: f"{row['sqlite_mb']:,.0f} MB",
    "disk: FAISS": lambda row: f"{row['faiss_mb']:,.0f} MB",
    "memory, with the embedding model": lambda row: f"{row['rss_mb']:,.0f} MB",
    "opening and the first search": lambda row: f"{row['first_s']:.1f} s",
    "a search, median": lambda row: f"{row['p50_ms']:.0f} ms",
    "a search, 95th percentile": lambda row: f"{row['p95_ms']:.0f} ms",
    "its processor time, median": lambda row: f"{row['cpu_ms']:.0f} ms",
    "with understanding the question, median": lambda row: f"{row['both_p50_ms']:.0f} ms",
    "adding one conference": lambda row: f"{row['add_one_s']:.1f} s",
    "conferences added per minute": lambda row: f"{row['per_minute']:.0f}",
    f"removing {NEW + 1} conferences": lambda row: f"{row['remove_s']:.1f} s",
    "making the FAISS files anew": lambda row: f"{row['derive_s']:.0f} s" if row["derive_s"] else "not timed",
    "recall of passages": lambda row: f"{row['recall_passage']:.3f}",
    "recall of spans": lambda row: f"{row['recall_span']:.3f}",
}


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown, one column for each size."""
    sizes = " | ".join(f"{row['times']}×" for row in rows)
    head = f"| | {sizes} |\n|---|{'---|' * len(rows)}"
    return "\n".join([head, *(f"| {name} | {' | '.join(map(tell, rows))} |" for name, tell in LINES.items())])


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Search and update times, disk and memory against the number of exchanges."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    size = [row["exchanges"] for row in rows]
    drawn = (
        ("a search, ms", {"median": "p50_ms", "95th percentile": "p95_ms"}, 150),
        ("adding one conference, s", {"": "add_one_s"}, 3),
        ("MB", {"SQLite": "sqlite_mb", "FAISS": "faiss_mb", "memory": "rss_mb"}, None),
    )
    for panel, (label, lines, bar) in zip(panels, drawn, strict=True):
        for name, key in lines.items():
            panel.plot(size, [row[key] for row in rows], marker="o", label=name)
        if bar:
            panel.axhline(bar, color="grey", linestyle=":", linewidth=1)
        panel.set(xscale="log", xlabel="exchanges", ylabel=label)
        if bar:
            panel.set_ylim(0, 1.1 * max(bar, *(row[key] for row in rows for key in lines.values())))
        else:
            panel.set_yscale("log")
        if len(lines) > 1:
            panel.legend(frameon=False)
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)


def _show(done: int, total: int) -> None:
    print(f"\rcopy {done} of {total}", end="" if done < total else "\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
