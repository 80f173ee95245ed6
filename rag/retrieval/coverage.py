"""How much of what a question names an exchange speaks of, rare words weighing more than common ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rag.indexing.fulltext import cjk_characters
from rag.indexing.words import stem, words_in
from rag.retrieval.lexical import names_by_term, names_like_words
from rag.retrieval.vocabulary import Vocabulary, vocabulary
from rag.types import Query

if TYPE_CHECKING:
    from rag.indexing.store import Index

LAST_YEAR = 2100
"""A larger number is no year."""
RARE = 2.9
"""Rarity (natural logarithm: in about one transcript of twenty) from which on a word says what a question is about."""

LOOKED_UP = 8
"""Exchanges with a word in which its capitals are counted."""
CAPITALISED = 0.7
"""Share of its occurrences from which on a word is a name: "Golan", but not "bid" in a headline."""

STEM = 4
"""Letters from which on a word that begins like one on record is of its family, …"""
LONGER = 6
"""… if that has at most so many letters more."""
SHORTEST = 3
"""Letters of a name that is typed in lower case: "ok" is none."""

_COMMON_END = re.compile(r"(?:s|ed|ing|er|or|ly|tion|ence|ance|ism|ist|ment|ness|ful|ous|ive|al)$")

KEPT_TEXTS = 512
"""Texts whose stems are kept in memory: one search looks at the same exchanges three times (about 10 MB)."""


class Wanted(NamedTuple):
    """A content word of a question."""

    word: str
    rarity: float
    forms: list[frozenset[str]]
    """Sets of stems of which any one, when all in a text, says that the text speaks of the word."""


class Unmentioned(NamedTuple):
    """What a question names that texts do not speak of."""

    names: tuple[str, ...]
    share: float
    """Of all the rare names in the question, weighed by rarity: 1.0 when the texts speak of none of them."""


def wanted_words(query: Query, index: Index) -> list[Wanted]:
    """The content words of a question's topic, with their other names."""
    words = vocabulary(index)
    last = index.date_range().last
    return [
        Wanted(word, _rarity(word, names, words), _forms(word, names))
        for word, names in names_by_term(query.topic)
        # "200bn" says how much, not what; "5g" is on record, "MH17" is a name, and in 2031 all was yet to happen.
        if not word[0].isdigit() or words.count(word) or (last and word.isdigit() and last.year < int(word) < LAST_YEAR)
    ]


def stems_of(exchanges: Sequence[str], index: Index) -> list[frozenset[str]]:
    """For each exchange the stems of the reporter's and the spokesperson's words: the question may name what the answer
    calls "the issue".
    """
    return [reporter | spokesperson for reporter, spokesperson in stems_by_side(exchanges, index)]


def stems_by_side(exchanges: Sequence[str], index: Index) -> list[tuple[frozenset[str], frozenset[str]]]:
    """The same apart: the reporter's, and the spokesperson's."""
    return [(stems_in(asked), stems_in(answered)) for asked, answered in index.words_of(exchanges)]


def held(wanted: Sequence[Wanted], stems: frozenset[str]) -> float:
    """Share (0 to 1) of the question's words in a text, weighed by rarity; 0.0 for a question without any."""
    total = sum(item.rarity for item in wanted) or 1.0
    return sum(item.rarity for item in wanted if _spoken_of(item, stems)) / total


def unmentioned(query: Query, wanted: Sequence[Wanted], texts: Iterable[frozenset[str]], index: Index) -> Unmentioned:
    """The rare names of a question of which none of the texts speaks."""
    stems = frozenset[str]().union(*texts)
    rare = [item for item in wanted if item.rarity >= RARE]
    lacking = [item for item in rare if not _spoken_of(item, stems)]
    if not lacking:
        return Unmentioned((), 0.0)
    names = [item for item in rare if is_name(item.word, query.question, index)]
    missing = [item for item in lacking if item in names]
    total = sum(item.rarity for item in names) or 1.0
    return Unmentioned(tuple(item.word for item in missing), sum(item.rarity for item in missing) / total)


def is_name(word: str, question: str, index: Index) -> bool:
    """Whether a word names something: the record writes it with a capital, or lacks it where it is no common word.

    A word that is not on record is taken for a common one when a common word on record begins with it ("grad"), or
    when it is typed in lower case and is very short or ends as verbs, adverbs and common nouns do: "evictions".
    """
    forms = [word, *index.words_like(word, (len(word) + 1, len(word) + LONGER), 1)] if len(word) >= STEM else [word]
    for form in [] if cjk_characters(word) else forms:
        written = re.compile(rf"(?<!\w){re.escape(form)}", re.IGNORECASE)
        hits = index.search_text("exchange", [form], LOOKED_UP)
        seen = Counter(
            match.group()[0].isupper()
            for sides in index.words_of([hit.exchange for hit in hits])
            for match in written.finditer(" ".join(sides))
        )
        if seen:
            return seen[True] >= CAPITALISED * seen.total()
    typed_small = re.search(rf"\b{re.escape(word)}\b", question) is not None
    return not (typed_small and (len(word) < SHORTEST or _COMMON_END.search(word)))


def _spoken_of(item: Wanted, stems: frozenset[str]) -> bool:
    return any(form and form <= stems for form in item.forms)


def _rarity(word: str, names: Sequence[str], words: Vocabulary) -> float:
    if word in names_like_words():  # the words on record are counted in lower case: "who" says nothing of "WHO"
        return min(max(words.rarity(part) for part in name.split()) for name in names)
    return words.rarity(word)


def _forms(word: str, names: Sequence[str]) -> list[frozenset[str]]:
    own = frozenset({word}) if word in names_like_words() else stems_in(word)
    return [own, *map(stems_in, names)]


@lru_cache(maxsize=KEPT_TEXTS)
def stems_in(text: str) -> frozenset[str]:
    """Stems of the words of a text, and the names in it that are spelt like function words."""
    names = {word for word in re.findall(r"[A-Z]{2,}", text) if word in names_like_words()}
    return frozenset({stem(word) for word in set(words_in(text))} | names)
