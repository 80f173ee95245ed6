"""Which labelled statement a retrieved answer belongs to, whatever segmentation and chunking produced it.

The rule: both come from the same conference and, after normalising white space and quotation marks, the
retrieved answer text is contained in the labelled answer, or at least 60% of its 8-word shingles occur in it (all
its words, when it has fewer than eight).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.types import Record

SHINGLE = 8
SHARE = 0.6
PUBLISHED_TWICE = {"t1660057": "t1659619"}
"""One conference that the ministry published under two page names."""

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "`": "'"})
_SPACE = re.compile(r"\s+")


class Statement(Record):
    """One labelled statement. Grade 3 answers the question, 2 answers part of it, 1 is on the same topic."""

    qid: str
    grade: int
    transcript: str
    """Page name, for example `t1666065`."""
    answer: str


def conference(name: str) -> str:
    """The page name under which a conference is scored."""
    return PUBLISHED_TWICE.get(name, name)


def normalise(text: str) -> str:
    """Text with single spaces and straight quotation marks."""
    return _SPACE.sub(" ", text.translate(_QUOTES)).strip()


def overlap(passage: str, answer: str) -> float:
    """Share (0 to 1) of a passage found in a labelled answer; both normalised. 1.0 when it is contained whole."""
    if not passage:
        return 0.0
    if passage in answer:
        return 1.0
    words, known = passage.split(), answer.split()
    if len(words) < SHINGLE:
        vocabulary = set(known)
        return float(all(word in vocabulary for word in words))
    shingles = _shingles(words)
    labelled = set(_shingles(known))
    return sum(shingle in labelled for shingle in shingles) / len(shingles)


def match(ranked: Iterable[tuple[str, str]], statements: Sequence[Statement]) -> list[int | None]:
    """For each retrieved (page name, answer text), best first, the position of its statement in `statements`.

    None where it belongs to no statement, or only to statements that appeared at a better rank. Of several
    that fit, the one that overlaps most is taken, then the one of the highest grade.
    """
    by_conference: dict[str, list[int]] = {}
    for position, statement in enumerate(statements):
        by_conference.setdefault(conference(statement.transcript), []).append(position)
    answers = [normalise(statement.answer) for statement in statements]
    taken: set[int] = set()
    found: list[int | None] = []
    for name, text in ranked:
        passage = normalise(text)
        fits = [
            (share, statements[position].grade, -position)
            for position in by_conference.get(conference(name), ())
            if position not in taken and (share := overlap(passage, answers[position])) >= SHARE
        ]
        best = -max(fits)[2] if fits else None
        found.append(best)
        if best is not None:
            taken.add(best)
    return found


def belongs(name: str, text: str, statements: Iterable[Statement]) -> bool:
    """Whether a retrieved answer text belongs to any of these statements."""
    passage = normalise(text)
    return any(
        conference(statement.transcript) == conference(name) and overlap(passage, normalise(statement.answer)) >= SHARE
        for statement in statements
    )


def _shingles(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)]
