"""How many exchanges of an index in two languages have a sure counterpart, and a sample of pairs to read.

python benchmarks/counterparts.py --index INDEX [--sample 110 --seed 20200703]
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from rag.indexing.schema import DATABASE
from rag.indexing.store import Index
from rag.retrieval.counterparts import conferences_of_day, counterparts
from rag.types import Span, Transcript

SHOWN = 120


def main() -> None:
    """Print the counts and the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=20200703)
    options = parser.parse_args()
    with Index(options.index / DATABASE) as index:
        linked = [source for source in index.sources() if source.language == "zh" and conferences_of_day(index, source)]
        exchanges, pairs = 0, []
        for source in sorted(linked, key=lambda source: source.transcript):
            transcript = index.transcript(source.transcript)
            exchanges += len(transcript.exchanges)
            pairs += [(transcript, ordinal, other) for ordinal, other in counterparts(index, transcript).items()]
        print(f"{len(linked)} Chinese transcripts have an English one of the same day and spokesperson;")
        print(f"{len(pairs)} of their {exchanges} exchanges have a sure counterpart ({len(pairs) / exchanges:.1%})")
        for transcript, exchange, other in random.Random(options.seed).sample(pairs, min(options.sample, len(pairs))):
            there = index.transcript(other.transcript)
            print(f"\n{other.likeness:.2f} {exchange} {other.exchange}")
            for text, name in ((transcript, exchange), (there, other.exchange)):
                found = next(item for item in text.exchanges if item.id == name)
                print(f"   {_words(text, found.question)}\n   {_words(text, found.answer)}")


def _words(transcript: Transcript, span: Span | None) -> str:
    return transcript.text[span.start : span.end][:SHOWN].replace("\n", " ") if span else "-"


if __name__ == "__main__":
    main()
