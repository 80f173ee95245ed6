"""The words on record: how rare each is, and which of them a misspelt one was meant to be."""

from __future__ import annotations

import math
import re
import threading
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

if TYPE_CHECKING:
    from rag.indexing.store import Index

STEM = 6
"""Characters of a word that stand for it whatever its ending."""
FEWEST_SEEN = 3
"""Times a word must be on record to be what another one was meant to be."""
SHORTEST_CORRECTED = 6
"""Letters. Shorter words have too many neighbours ("krill", "kill")."""
TWO_SLIPS = 10
"""Letters from which a word may differ in two places."""
FEWEST_TRANSCRIPTS = 100
COMMON_SHARE = 0.05
_ENDINGS = ("s", "es", "ed", "ing", "ly", "d", "er", "ers", "al", "n")


class Vocabulary(NamedTuple):
    """Words of every transcript, lower case."""

    counts: Counter[str]
    """Word to occurrences."""
    spread: Counter[str]
    """First `STEM` characters of words to the transcripts that have them."""
    transcripts: int
    known: tuple[str, ...]
    """Words that a misspelt one can be corrected to."""

    def rarity(self, word: str) -> float:
        """Inverse document frequency of a word over transcripts; highest for one that is nowhere.

        A record of few transcripts says little of how rare a word is: it is filled up to `FEWEST_TRANSCRIPTS` with
        ones of which a `COMMON_SHARE` has the word, so that a word it has and one it lacks weigh nearly the same.
        """
        lacking = max(0, FEWEST_TRANSCRIPTS - self.transcripts)
        having = self.spread[stem(word.lower())] + COMMON_SHARE * lacking
        return math.log((self.transcripts + lacking + 1) / (having + 0.5))

    def correction(self, word: str) -> str | None:
        """The word on record that a misspelt one was meant to be; None for one that is on record or like none."""
        word = word.lower()
        if len(word) < SHORTEST_CORRECTED or not word.isascii() or not word.isalpha() or self.counts[word]:
            return None
        if any(word.endswith(ending) and self.counts[word.removesuffix(ending)] for ending in _ENDINGS):
            return None
        slips = 1 if len(word) < TWO_SLIPS else 2
        near = process.extract(word, self.known, scorer=OSA.distance, score_cutoff=slips, limit=20)
        alike = [
            (distance, -self.counts[other], other)
            for other, distance, _ in near
            if other[0] == word[0] and other.removesuffix("s") != word.removesuffix("s")
        ]
        return min(alike)[2] if alike else None


def stem(word: str) -> str:
    """What stands for a lower-case word whatever its ending; "y" counts as "i" at the end (Porter 1980, step 1c)."""
    cut = word[:STEM]
    return f"{cut[:-1]}i" if cut.endswith("y") else cut


def vocabulary(index: Index) -> Vocabulary:
    """The vocabulary of an index; read once for each state of it (about a second for 450 transcripts)."""
    meta = index.meta
    state = (meta.identity, meta.revision)
    with _LOCK:
        if state not in _READ:
            _READ.clear()
            _READ[state] = _read(index.texts())
        return _READ[state]


def _read(texts: list[str]) -> Vocabulary:
    counts: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    for text in texts:
        words = Counter(re.findall(r"[^\W_]+", text.lower()))
        counts.update(words)
        spread.update({stem(word) for word in words})
    known = tuple(
        word
        for word, count in counts.items()
        if count >= FEWEST_SEEN and len(word) >= SHORTEST_CORRECTED - 1 and word.isascii() and word.isalpha()
    )
    return Vocabulary(counts, spread, len(texts), known)


_LOCK = threading.Lock()
_READ: dict[tuple[str, int], Vocabulary] = {}
