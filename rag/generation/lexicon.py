"""Words that reported speech is made and checked with, read from `data/lexicon.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

FILE = Path(__file__).parent / "data" / "lexicon.toml"

_LISTS = {name: frozenset(words.split()) for name, words in tomllib.loads(FILE.read_text(encoding="utf-8")).items()}

MODALS = _LISTS["modals"]
OBLIGATIONS = _LISTS["obligations"]
PAST = _LISTS["past"]
VERBS = _LISTS["verbs"]
STANCES = _LISTS["stances"]
ADVERBS = _LISTS["adverbs"]
COMMON = _LISTS["common"]
FUNCTION = _LISTS["function"]
REPORTING = _LISTS["reporting"]
NEGATIONS = _LISTS["negations"]
NUMBER_WORDS = _LISTS["numbers"]
COUNTRIES = {name: entry.split("/")[0] for entry in _LISTS["countries"] for name in entry.split("/")}
"""Names of countries, regions and their people, and the one name that stands for all of a country."""

AUXILIARY = {
    "are": "is",
    "aren't": "is not",
    "am": "is",
    "were": "was",
    "weren't": "was not",
    "have": "has",
    "haven't": "has not",
    "do": "does",
    "don't": "does not",
}
"""Forms after "we" or "I" and what they become after "China" or a name."""

CONTRACTED = {"'ve": " have", "'re": " are", "'m": " am", "'ll": " will", "'d": " would"}

MODAL_FAMILIES = (
    frozenset(("will", "shall")),
    frozenset(("would",)),
    frozenset(("can", "could", "able")),
    frozenset(("should", "ought")),
    frozenset(("must",)),
    frozenset(("may", "might", "perhaps", "possibly")),
)
"""Modal words that a report may exchange for each other."""


def third(verb: str) -> str:
    """The third person singular, present tense, of a base form."""
    if verb == "have":
        return "has"
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"
