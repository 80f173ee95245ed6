"""Passages per second of the ways to run the embedding model, side by side on this machine.

    python benchmarks/embedding.py --index index --passages 256

Every round runs each way once over the same passages, so that other load on the machine falls on all of them; the best
round counts. The cosine is to plain float32, passage by passage. Nothing is written.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from rag.config import load_settings
from rag.indexing.embedding import EXPORTED, SentenceEncoder, Vectors, Way
from rag.indexing.prompts import read_prompts
from rag.indexing.spaces import SPACES
from rag.indexing.store import Index, open_index
from rag.models import model_path

PLAIN = "PyTorch float32, sentence-transformers as it comes"

SETTLED = 1.0
"""Seconds after which the threads of the way before have ceased to wait for more work, which takes a core each."""

Encode = Callable[[Sequence[str]], Vectors]


def main() -> None:
    """Print one line for each way."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--index", type=Path, help="an index whose passages are embedded again")
    options.add_argument("--passages", type=int, default=256)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    settings = load_settings({"index": chosen.index})
    folder = model_path(settings.embedding, settings)
    with open_index(settings) as index:
        texts = embedded_texts(index, chosen.passages)
    names: dict[Way, str] = {"float32": "PyTorch float32", "bfloat16": "PyTorch bfloat16", "openvino": "OpenVINO"}
    ways = {PLAIN: plain(folder)} | {
        f"{name}, batches of like length": SentenceEncoder(
            settings.embedding, folder, settings.threads, settings.models / EXPORTED, way
        ).encode
        for way, name in names.items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    vectors: dict[str, Vectors] = {}
    for encode in ways.values():
        encode(texts[:8])
    for _ in range(chosen.rounds):
        for name, encode in ways.items():
            time.sleep(SETTLED)
            start = time.perf_counter()
            vectors[name] = encode(texts)
            seconds[name].append(time.perf_counter() - start)
    print(f"{len(texts)} passages, {settings.threads} threads, best of {chosen.rounds} rounds")
    for name, times in seconds.items():
        cosines = (vectors[name] * vectors[PLAIN]).sum(axis=1)
        print(
            f"{name:45} {len(texts) / min(times):7.1f}/s  {min(seconds[PLAIN]) / min(times):5.2f} times plain float32  "
            f"cosine min {cosines.min():.5f} mean {cosines.mean():.5f}  one question {latency(ways[name]):5.1f} ms"
        )


def latency(encode: Encode) -> float:
    """Milliseconds for one question alone, the median of 40."""
    seconds = []
    for number in range(40):
        start = time.perf_counter()
        encode([f"what was said about the supplies of Huawei in {1980 + number}?"])
        seconds.append(time.perf_counter() - start)
    return 1000 * float(np.median(seconds))


def plain(folder: Path) -> Encode:
    """The model as a newcomer would run it."""
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    prompt = read_prompts(folder).passage

    def encode(texts: Sequence[str]) -> Vectors:
        return np.asarray(model.encode(list(texts), prompt=prompt, normalize_embeddings=True, show_progress_bar=False))

    return encode


def embedded_texts(index: Index, count: int) -> list[str]:
    """What is embedded of `count` passages drawn from all of the index (fewer when it holds fewer)."""
    chance = random.Random(0)
    texts: list[str] = []
    sources = index.sources()
    chance.shuffle(sources)
    for source in sources:
        transcript = index.transcript(source.transcript)
        for exchange in transcript.exchanges:
            passages = index.passages_of(exchange.id)
            texts += [SPACES["passage"].text(transcript, exchange, one.start, one.end) for one in passages]
        if len(texts) >= count:
            break
    return texts[:count]


if __name__ == "__main__":
    main()
