"""Whether two pages are the same conference."""

from __future__ import annotations

from rag.indexing.fulltext import indexed_text
from rag.types import Transcript

SHINGLE = 5
"""Words in a row that are compared."""
SAME = 0.3
"""Share of common shingles from which two pages of one day and speaker are one conference. In 1,250 pages of 2016 to
2020 the one such pair, republished after editing, shares 0.47; any other, a statement read out again in the day's
conference, 0.22 or less."""


def are_same(one: Transcript, other: Transcript) -> bool:
    """Whether two transcripts are one conference published twice: day, language, speaker and much of the text agree."""
    if one.date is None or (one.date, one.language) != (other.date, other.language):
        return False
    if one.speaker and other.speaker and one.speaker != other.speaker:
        return False
    mine, theirs = _shingles(one.text), _shingles(other.text)
    return len(mine & theirs) >= SAME * max(1, len(mine | theirs))


def keeps(one: Transcript, other: Transcript) -> bool:
    """Whether `one` stays when both are the same conference: the longer text, then the smaller id, in any order."""
    return (-len(one.text), one.id) <= (-len(other.text), other.id)


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = indexed_text(text.casefold()).split()
    return {tuple(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))}
