"""A topic as what is asked of the full-text index: its content words and the other names of what it speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

from rag.indexing.fulltext import cjk_characters
from rag.retrieval import chinese

MOST_TERMS = 48
"""Distinct words of a question that are asked for; more would be slow and say no more."""

KEPT_TEXTS = 64
"""Questions whose words and names are kept in memory: one search asks for them four times."""

LONGEST_NAME = 2
"""Words. A longer text in capitals alone is shouted: then "WHO" may be a word."""

_FUNCTION_WORDS = (
    "a about according after again all also am an and any anything are as at be because been before being between "
    "both but by can comment commented comments could did do does doing down during each else few for from "
    "further get give given had has have having he her here hers him his how i if in into is it its itself just "
    "made make may me might more most much must my no nor not now of off on once only or other our out over own "
    "please rather really reply said same say saying says shall she should so some something still such tell than "
    "that the their them then there these they this those though through to told too under until up upon us very "
    "was we were what when where whether which while who whom whose why will with would yes yet you your "
)
_CONTRACTIONS = (
    "ain't aren't can't couldn't didn't doesn't don't hadn't hasn't haven't i'm i've isn't it's mustn't shouldn't "
    "that's there's they're they've wasn't we're we've weren't what's won't wouldn't you're you've"
)
"""Typed with an apostrophe or, as often, without."""
STOPWORDS = frozenset(_FUNCTION_WORDS.split()) | frozenset(
    form for word in _CONTRACTIONS.split() for form in (word, word.replace("'", "’"), word.replace("'", ""))
)
"""Function words, and the words by which any statement is asked for ("comment", "said"). They decide nothing."""

_YEAR = re.compile(r"(?:19|20)\d\d年")
"""A Chinese year that is left in a topic belongs to an event, which texts of that year call by its name alone."""
_TERM = re.compile(r"[A-Za-z0-9\u00c0-\u024f]+(?:[.'’&][A-Za-z0-9\u00c0-\u024f]+)*|[\u3400-\u9fff\uf900-\ufaff]+")


def terms(text: str) -> list[str]:
    """Content words of a text in order, lower case, each once.

    "US" and "WHO" stay in upper case: in lower case they are function words.
    """
    found: dict[str, None] = {}
    shouted = text.isupper() and len(text.split()) > LONGEST_NAME
    for match in _TERM.finditer(_YEAR.sub(" ", text)):
        if cjk_characters(match.group()):
            found.update(dict.fromkeys(chinese.words(match.group())))
            continue
        word = re.sub(r"['’]s?$|['’]s\b", "", match.group())
        if word in names_like_words() and not shouted:
            found[word] = None
        elif word and word.lower() not in STOPWORDS:
            found[word.lower()] = None
    return list(found)


def phrases(text: str) -> list[str]:
    """The content words of a text, then other names of what it speaks of, each once."""
    return list(dict.fromkeys([*terms(text)[:MOST_TERMS], *other_names(text)]))


@lru_cache(maxsize=KEPT_TEXTS)
def other_names(text: str) -> tuple[str, ...]:
    """What else the things and places in a text are called on record; see `aliases.txt`."""
    found: list[str] = []
    for pattern, names in _aliases():
        used = {match.group().lower() for match in pattern.finditer(text)}
        if used:
            found += [name for name in names if name.lower() not in used]
    return tuple(found)


@lru_cache(maxsize=KEPT_TEXTS)
def names_by_term(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The content words of a text, each with the other names of what it is part of ("korea": "DPRK", …)."""
    found: dict[str, list[str]] = {word: [] for word in terms(text)}
    for pattern, names in _aliases():
        for match in pattern.finditer(text):
            for word in terms(match.group()):
                if word in found:
                    found[word] += [name for name in names if name.lower() != match.group().lower()]
    return tuple((word, tuple(names)) for word, names in found.items())


def spelt_out(text: str) -> str:
    """A text with "WHO" and the like written in full.

    To an embedding model that knows no capitals they are function words.
    """
    for _, names in _aliases():
        for short in names_like_words().intersection(names):
            text = re.sub(rf"(?<!\w){short}(?!\w)", max(names, key=len), text)
    return text


@lru_cache(maxsize=1)
def names_like_words() -> frozenset[str]:
    """Names in upper case that in lower case are function words."""
    return frozenset(name for _, names in _aliases() for name in names if name.isupper() and name.lower() in STOPWORDS)


@lru_cache(maxsize=1)
def _aliases() -> list[tuple[re.Pattern[str], list[str]]]:
    lines = resources.files("rag.retrieval").joinpath("aliases.txt").read_text(encoding="utf-8").splitlines()
    groups = [[name.strip() for name in line.split("|")] for line in lines if line.strip() and not line.startswith("#")]
    return [(_any_of(names), names) for names in groups]


def _any_of(names: Sequence[str]) -> re.Pattern[str]:
    """Any of these names, whatever their case; but "US" and "WHO" in lower case are other words."""
    parts = [
        re.escape(name) if name.isupper() and name.lower() in STOPWORDS else f"(?i:{re.escape(name)})"
        for name in sorted(names, key=len, reverse=True)
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")
