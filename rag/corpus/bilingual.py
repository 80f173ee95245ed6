"""What people, places and things are called in Chinese and in English transcripts: `bilingual.txt`."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import NamedTuple


class Names(NamedTuple):
    """The names of one thing."""

    chinese: tuple[str, ...]
    english: tuple[str, ...]


@lru_cache(maxsize=1)
def bilingual() -> tuple[Names, ...]:
    """Every group of the file, in its order."""
    lines = resources.files("rag.corpus").joinpath("bilingual.txt").read_text(encoding="utf-8").splitlines()
    groups = (line.split("|") for line in lines if line.strip() and not line.startswith("#"))
    return tuple(
        Names(tuple(name.strip() for name in first.split("/")), tuple(name.strip() for name in rest))
        for first, *rest in groups
    )


@lru_cache(maxsize=1)
def _counterparts() -> dict[str, str]:
    pairs = [(group.chinese[0], group.english[0]) for group in bilingual()]
    return dict(pairs) | {english: chinese for chinese, english in pairs}


def counterpart(name: str) -> str | None:
    """The first name in the other language of what has this first name in its own; None for one that is not listed."""
    return _counterparts().get(name)


def named(text: str) -> list[Names]:
    """The groups of which a name stands in a text, in the order of the file."""
    lowered = text.lower()
    return [
        group for group in bilingual() if any(name in text for name in group.chinese) or _in(lowered, group.english)
    ]


def names_in(text: str, language: str) -> list[str]:
    """What the things that a text names are called in "zh" or "en": the first name of each."""
    return [group.chinese[0] if language == "zh" else group.english[0] for group in named(text)]


def _in(lowered: str, names: tuple[str, ...]) -> bool:
    """Whether one of the names stands in a text as whole words, whatever its case."""
    # Looking for the letters first is fast and mostly enough.
    return any(name.lower() in lowered and _whole(name).search(lowered) for name in names)


@lru_cache(maxsize=2048)
def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(name.lower())}(?:['’]s)?\b")
