"""Whether two statements are the same words: the one measure by which near-identical spans are folded together."""

from __future__ import annotations

import re

from rag.indexing.fulltext import indexed_text

SHINGLE = 3
"""Words in a row that are compared."""
SIMILAR = 0.7
"""Jaccard index of shingles from which two spans are the same statement."""

Shingles = frozenset[tuple[str, ...]]


def shingles(text: str) -> Shingles:
    """The runs of `SHINGLE` words of a text, whatever their case; Chinese counts by pairs of characters."""
    words = re.findall(r"\w+", indexed_text(text.lower()))
    return frozenset(tuple(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1)))


def likeness(one: Shingles, other: Shingles) -> float:
    """Jaccard index, 0 to 1."""
    common = len(one & other)
    return common / max(1, len(one) + len(other) - common)
