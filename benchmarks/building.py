"""Memory and rate of `ingest` and `build` as the corpus grows.

    python benchmarks/building.py --pages FOLDER --work DIR --times 1,3,10

The corpus is the pages below `--pages` and copies of them, in each of which every year is four later, so that
no copy is taken for the same conference. Vectors cost nothing here: what the model takes is the same however much it
embeds (`benchmarks/embedding.py` says how fast it is). Each run is a process of its own, whose highest resident memory
is told, of a build also that before the FAISS files are made; `again` is a build that has nothing to do, and `one more`
an ingest of one page into what was built.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.config import Settings
from rag.indexing.build import build, ingest
from rag.indexing.embedding import Vectors

_YEAR = re.compile(rb"\b20[12]\d(?=\b|\xe5\xb9\xb4)")
DIMENSION = 384


class Costless:
    """An encoder whose vectors are random."""

    name = "costless"
    digest = "0" * 64
    dimension = DIMENSION
    window = 256
    reads_chinese = True

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """About as many as MiniLM counts in English."""
        return [len(text) // 5 + 2 for text in texts]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Float32 [len(texts), dimension], unit rows."""
        vectors = self._random.standard_normal((len(texts), DIMENSION), dtype=np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """The same."""
        return self.encode(texts)

    def joint_scores(self, question: str, statements: Sequence[str]) -> Vectors | None:
        """None: it is not tuned."""


def main() -> None:
    """Write the corpus of each size, build it, print a row."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--pages", type=Path, help="a folder of the ministry's pages")
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--times", default="1,3,10")
    options.add_argument("--measure", choices=("build", "ingest"), help=argparse.SUPPRESS)
    options.add_argument("--input", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    settings = Settings(index=chosen.work / "index", corpus=chosen.work / "corpus", embedding="costless")
    if chosen.measure:
        print(json.dumps(measured(settings, chosen.input)))
        return
    print("| pages | build | pages a second | memory until FAISS | memory | again | one more | memory |")
    print("|---|---|---|---|---|---|---|---|")
    for times in map(int, chosen.times.split(",")):
        work = chosen.work / f"{times}x"
        shutil.rmtree(work, ignore_errors=True)
        count, extra = write(chosen.pages, work, times)
        first, again, one = (run(work, *what) for what in (["build"], ["build"], ["ingest", "--input", str(extra)]))
        assert (first["indexed"], one["indexed"]) == (count, 1), (first, one, count)
        print(
            f"| {count:,} | {first['seconds']:.0f} s | {count / first['seconds']:.0f} "
            f"| {first['before_mb']:.0f} MB | {first['mb']:.0f} MB "
            f"| {again['seconds']:.1f} s | {one['seconds']:.1f} s | {one['mb']:.0f} MB |",
            flush=True,
        )
        shutil.rmtree(work)


def write(pages: Path, work: Path, times: int) -> tuple[int, Path]:
    """Write the pages and their copies into a corpus folder; how many, and one more page beside it."""
    files = sorted(file for file in pages.rglob("t*.shtml") if file.is_file())
    for copy in range(times):
        for file in files:
            _put(file, work / "corpus" / file.relative_to(pages), copy)
    extra = work / "more" / files[0].relative_to(pages)
    return times * len(files), _put(files[0], extra, times)


def _put(file: Path, path: Path, copy: int) -> Path:
    path = path.with_name(f"t{copy + 1}{file.name[1:]}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_YEAR.sub(lambda year: b"%d" % (int(year[0]) + 4 * copy), file.read_bytes()))
    return path


def run(work: Path, *what: str) -> dict[str, float]:
    """What a process of its own says of one run."""
    command = [sys.executable, __file__, "--work", str(work), "--measure", *what]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def measured(settings: Settings, added: Path | None) -> dict[str, float]:
    """Seconds, inputs indexed and highest resident memory (MB) of one `build`, or `ingest` of `added`."""
    before: list[float] = []

    def arranged(*_: int) -> None:
        before.append(_highest())

    begun = time.perf_counter()
    if added:
        report = ingest([added], settings, Costless(), arranged=arranged)
    else:
        report = build(settings, Costless(), arranged=arranged)
    seconds = time.perf_counter() - begun
    return {
        "seconds": seconds,
        "indexed": report.indexed,
        "mb": _highest(),
        "before_mb": before[0] if before else _highest(),
    }


def _highest() -> float:
    """Megabytes that this process has used at most (Linux)."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1e3 if found else float("nan")


if __name__ == "__main__":
    main()
