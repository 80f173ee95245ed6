"""Time of one search by ranking method, as a table: `python benchmarks/search.py --index DIR [--topics FILE]`.

Understanding the question, embedding it and ranking are timed together, question after question, in a warm process.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from rag.config import load_settings
from rag.evaluation.understanding import OWN_QUESTIONS
from rag.indexing.embedding import load_encoder
from rag.indexing.store import open_index
from rag.retrieval.rank import METHODS, rank_exchanges
from rag.retrieval.reading import read
from rag.retrieval.search import search
from rag.retrieval.understand import understand
from rag.types import Filters


def main() -> None:
    """Print p50 and p95 in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--topics", type=Path, default=OWN_QUESTIONS)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    settings = load_settings({"index": options.index})
    lines = options.topics.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["query"] for line in lines if line.strip()]
    encoder = load_encoder(settings)
    with open_index(settings, encoder) as index:
        steps = {
            method: lambda query, method=method: rank_exchanges(query, index, encoder, 10, method) for method in METHODS
        }
        steps["search (spans)"] = lambda query: search(query, index, encoder)
        # What an answer waits for; no part of the search.
        steps["and reading"] = lambda query: read(search(query, index, encoder).evidence, query, encoder)
        counts = index.counts()
        print(f"{counts.exchanges} exchanges, {len(questions)} questions, {settings.threads} threads")
        print(f"{'method':<16}{'p50 ms':>10}{'p95 ms':>10}{'CPU ms':>10}")
        for name, step in steps.items():
            step(understand(questions[0], (), Filters(), index))
            seconds, worked = [], time.process_time()
            for question in questions * options.rounds:
                begun = time.perf_counter()
                step(understand(question, (), Filters(), index))
                seconds.append(time.perf_counter() - begun)
            worked = (time.process_time() - worked) / len(seconds)
            p50, p95 = np.percentile(seconds, [50, 95]) * 1000
            print(f"{name:<16}{p50:>10.1f}{p95:>10.1f}{worked * 1000:>10.1f}")


if __name__ == "__main__":
    main()
