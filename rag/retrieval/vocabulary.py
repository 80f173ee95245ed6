"""The words on record: how rare each is, and which of them a misspelt one was meant to be."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.indexing.words import stem, words_in

if TYPE_CHECKING:
    from spellchecker import SpellChecker

    from rag.indexing.store import Index

FEWEST_SEEN = 3
"""Times a word must be on record to be what another one was meant to be."""
SHORTEST_CORRECTED = 5
"""Letters."""
SHORT = 5
"""Letters up to which a word has too many neighbours ("krill", "kill"): only the slips of `misheard` are mended."""
SHORT_SEEN = 20
"""Times a word must be on record to be what a short one was meant to be."""
SHORTEST_ROOT = 4
"""Letters of a word on record of which another is a form: "thier" is none of "thi", which is a name."""
TWO_SLIPS = 10
"""Letters from which a word may differ in two places, …"""
TWO_HEARD = 6
"""… or from which, when it sounds the same: "tarrifs"."""
FEWEST_TRANSCRIPTS = 100
COMMON_SHARE = 0.05
_ENDINGS = ("s", "es", "ed", "ing", "ly", "d", "er", "ers", "al", "n")


@dataclass(frozen=True)
class Vocabulary:
    """The words of every transcript, looked up one by one in the state that the index is read in."""

    index: Index
    transcripts: int

    def count(self, word: str) -> int:
        """How often a lower-case word stands on record."""
        return self.index.word_count(word)

    def rarity(self, word: str) -> float:
        """Inverse document frequency of a word over transcripts; highest for one that is nowhere.

        A run of Chinese characters is as rare as its rarest pair. A record of few transcripts says little of how rare a
        word is: it is filled up to `FEWEST_TRANSCRIPTS` with ones of which a `COMMON_SHARE` has the word, so that a
        word it has and one it lacks weigh nearly the same.
        """
        lacking = max(0, FEWEST_TRANSCRIPTS - self.transcripts)
        having = min((self.index.stem_spread(stem(part)) for part in words_in(word)), default=0)
        return math.log((self.transcripts + lacking + 1) / (having + COMMON_SHARE * lacking + 0.5))

    def correction(self, word: str) -> str | None:
        """The word on record that a misspelt one was meant to be; None for one that is on record or like none."""
        word = word.lower()
        if len(word) < SHORTEST_CORRECTED or not word.isascii() or not word.isalpha() or self.count(word):
            return None
        roots = [word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)]
        if any(len(root) >= SHORTEST_ROOT and self.count(root) for root in roots):
            return None
        slips = 1 if len(word) < TWO_HEARD else 2
        fewest = SHORT_SEEN if len(word) <= SHORT else FEWEST_SEEN
        counts = self.index.words_like(word[0], (len(word) - slips, len(word) + slips), fewest)
        near = process.extract(word, counts.keys(), scorer=OSA.distance, score_cutoff=slips, limit=20)
        alike = [
            (distance, -counts[other], other)
            for other, distance, _ in near
            if other.isascii() and other.isalpha() and _is_slip(word, other, int(distance))
        ]
        return min(alike)[2] if alike else None


def _is_slip(word: str, other: str, distance: int) -> bool:
    """Whether one word, so far from another one, may have been meant as that one."""
    if other.removesuffix("s") == word.removesuffix("s") or word == f"{other}i":  # one of Baghdad is not Baghdad
        return False
    if word in _english():  # "evacuation" is no slip for "evaluation", though "labelled" is "labeled"
        return _undoubled(word) == _undoubled(other)
    if len(word) <= SHORT or (distance > 1 and len(word) < TWO_SLIPS):
        return misheard(word, other)
    return True


@lru_cache(maxsize=1)
def _english() -> SpellChecker:
    """A dictionary of English words; reading it takes a third of a second, so it waits for a word not on record."""
    from spellchecker import SpellChecker

    return SpellChecker(language="en")


def misheard(word: str, other: str) -> bool:
    """Whether two words differ in vowels, in doubled letters or in the order of letters alone ("tawian", "koria")."""
    return sorted(word) == sorted(other) or _consonants(word) == _consonants(other)


def _consonants(word: str) -> str:
    return _undoubled(re.sub(r"[aeiouy]", "", word[1:]))


def _undoubled(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", word)


def vocabulary(index: Index) -> Vocabulary:
    """The vocabulary of an index."""
    return Vocabulary(index, index.counts().transcripts)
