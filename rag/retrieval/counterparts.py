"""Which exchange of a Chinese transcript is which of the English one of the same conference, where that is sure.

Nothing of it is stored: two transcripts of one day are compared when a reader looks at one. Exchanges are aligned in
order (dynamic programming, as sentences are in Gale and Church 1993) by what needs no dictionary or a small one: names
in `rag/corpus/bilingual.txt`, numbers, Latin words in Chinese text, and the lengths of question and answer.
Editors leave exchanges out of either version, so that each may stay without a counterpart.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rag.corpus.bilingual import counterpart, named
from rag.types import Exchange, Source, Transcript

if TYPE_CHECKING:
    from rag.indexing.store import Index

LETTERS = 3.8
"""Characters of English for one of Chinese, in answers of the archive."""
SPREAD = 0.25
"""Standard deviation of the logarithm of that ratio."""
LENGTH_WEIGHT = 0.25
LEAST = 0.3
"""Likeness from which two exchanges may be the same."""
SURE = 0.45
"""Likeness from which a counterpart is offered, and ..."""
LEAD = 0.15
"""... how far it must be more alike than any other exchange is to either of the two."""

MOST_LEFT_OUT = 2
"""Times the exchanges that one version of a conference may hold of those of the other."""

_NUMBER = re.compile(r"(?<![\d.,])\d{2,}(?:[.,]\d+)*")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9&-]+|\d+[A-Za-z]+")


class Counterpart(NamedTuple):
    """The same exchange in the other language."""

    transcript: str
    exchange: str
    start: int
    end: int
    """The answer's place in the text of that transcript."""
    language: str
    likeness: float


def conferences_of_day(index: Index, source: Source) -> list[Source]:
    """Transcripts of the same conference in another language: of the same day, institution, kind and spokesperson."""
    if source.date is None:
        return []
    return [
        other
        for other in index.of_day(source.date)
        if other.language != source.language
        and other.institution == source.institution
        and _same_person(source.speaker, other.speaker)
    ]


def counterparts(index: Index, transcript: Transcript) -> dict[str, Counterpart]:
    """The sure counterparts of a transcript's exchanges, by exchange id."""
    found: dict[str, Counterpart] = {}
    for other in conferences_of_day(index, transcript.source):
        there = index.transcript(other.transcript)
        if not _same_kind(transcript, there):
            continue
        for mine, theirs, likeness in aligned(transcript, there):
            if mine.id not in found or likeness > found[mine.id].likeness:
                found[mine.id] = Counterpart(
                    there.id, theirs.id, theirs.answer.start, theirs.answer.end, there.language, likeness
                )
    return found


def aligned(one: Transcript, other: Transcript) -> list[tuple[Exchange, Exchange, float]]:
    """Pairs of exchanges that are surely the same, in order, with how alike they are (0 to 1)."""
    if one.language != "zh":
        return [(mine, theirs, likeness) for theirs, mine, likeness in aligned(other, one)]
    rows, columns = [_Traits.of(one, e) for e in one.exchanges], [_Traits.of(other, e) for e in other.exchanges]
    rarity = _rarity([*rows, *columns])
    likeness = [[_likeness(row, column, rarity) for column in columns] for row in rows]
    return [
        (one.exchanges[i], other.exchanges[j], likeness[i][j])
        for i, j in _path(likeness)
        if likeness[i][j] >= SURE and likeness[i][j] - _rival(likeness, i, j) >= LEAD
    ]


class _Traits(NamedTuple):
    """What an exchange shows whatever its language."""

    words: Counter[str]
    """Names, numbers and Latin words of question and answer."""
    asked: float
    answered: float
    """Lengths in characters of English."""

    @classmethod
    def of(cls, transcript: Transcript, exchange: Exchange) -> _Traits:
        """The traits of an exchange."""
        text = transcript.text
        question = text[exchange.question.start : exchange.question.end] if exchange.question else ""
        answer = text[exchange.answer.start : exchange.answer.end]
        chinese = transcript.language == "zh"
        scale = LETTERS if chinese else 1.0
        whole = f"{question}\n{answer}"
        words = Counter(group.english[0].lower() for group in named(whole))
        words.update({number.replace(",", "") for number in _NUMBER.findall(whole)})
        latin = {word.lower() for word in _LATIN.findall(whole)}
        words.update({f"={word}" for word in latin})
        return cls(words, len(question) * scale, len(answer) * scale)


def _rarity(traits: Sequence[_Traits]) -> dict[str, float]:
    """Weight of each trait: rarer among the exchanges of the two conferences is heavier."""
    spread = Counter(word for trait in traits for word in trait.words)
    return {word: math.log(1 + len(traits) / count) for word, count in spread.items()}


def _likeness(chinese: _Traits, english: _Traits, rarity: dict[str, float]) -> float:
    if bool(chinese.asked) != bool(english.asked):
        return 0.0
    # Latin words count when a Chinese text has them: an English one is full of them.
    left = set(chinese.words)
    right = {word for word in english.words if not word.startswith("=") or word in left}
    shared = sum(rarity[word] for word in left & right)
    norm = math.sqrt(sum(rarity[w] for w in left) * sum(rarity[w] for w in right))
    names = shared / norm if norm else 0.0
    lengths = (_fits(chinese.answered, english.answered) + _fits(chinese.asked, english.asked)) / 2
    return (1 - LENGTH_WEIGHT) * names + LENGTH_WEIGHT * lengths


def _fits(one: float, other: float) -> float:
    """1 for lengths in the usual ratio, towards 0 for others; two without any fit."""
    if not one or not other:
        return float(one == other)
    return math.exp(-0.5 * (math.log(one / other) / SPREAD) ** 2)


def _path(likeness: list[list[float]]) -> list[tuple[int, int]]:
    """The pairs, in order in both, whose likeness above `LEAST` sums to the most."""
    rows, columns = len(likeness), len(likeness[0]) if likeness else 0
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + likeness[i][j] - LEAST)
    pairs, i, j = [], 0, 0
    while i < rows and j < columns:
        if best[i][j] == best[i + 1][j + 1] + likeness[i][j] - LEAST:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _rival(likeness: list[list[float]], i: int, j: int) -> float:
    """The highest likeness of either of a pair to another exchange."""
    row = [value for k, value in enumerate(likeness[i]) if k != j]
    column = [values[j] for k, values in enumerate(likeness) if k != i]
    return max([*row, *column], default=0.0)


def _same_kind(one: Transcript, other: Transcript) -> bool:
    """Whether both are conferences, or both statements on one matter, by how much they hold."""
    few, many = sorted((len(one.exchanges), len(other.exchanges)))
    return few * MOST_LEFT_OUT >= many


def _same_person(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other or counterpart(one) == other
