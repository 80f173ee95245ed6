"""How much of what a question names an exchange speaks of, rare words weighing more than common ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

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

_COMMON_END = re.compile(r"(?:s|ed|ing|er|or|ly|tion|ence|ance|ism|ist|ment|ness|ful|ous|ive|al)$")

KEPT_TEXTS = 512
"""Texts whose stems are kept in memory: one search looks at the same exchanges three times (about 10 MB)."""


class Wanted(NamedTuple):
    """A content word of a question."""

    word: str
    rarity: float
    forms: list[frozenset[str]]
    """Sets of stems of which any one, when all in a text, says that the text speaks of the word."""


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


def stems_of(exchange: str, index: Index) -> frozenset[str]:
    """Stems of the reporter's and the spokesperson's words: the question may name what the answer calls "the issue"."""
    return stems_in(index.words_of(exchange))


def held(wanted: Sequence[Wanted], stems: frozenset[str]) -> float:
    """Share (0 to 1) of the question's words in a text, weighed by rarity; 0.0 for a question without any."""
    total = sum(item.rarity for item in wanted) or 1.0
    return sum(item.rarity for item in wanted if _spoken_of(item, stems)) / total


def unmentioned(question: str, wanted: Sequence[Wanted], texts: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """The rare words of a question of which none of the texts speaks, but for those that look like common ones."""
    stems = frozenset[str]().union(*texts)
    return tuple(
        item.word
        for item in wanted
        if item.rarity >= RARE and not _spoken_of(item, stems) and not _is_common(item.word, question)
    )


def _is_common(word: str, question: str) -> bool:
    """Whether a word is typed in lower case and ends as verbs, adverbs and common nouns do: "blogger", "evictions"."""
    return bool(_COMMON_END.search(word)) and re.search(rf"\b{re.escape(word)}\b", question) is not None


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
    return frozenset({stem(word) for word in words_in(text)} | names)
