"""Reads the label at the start of a paragraph by the rules in `labels.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

LabelKind = Literal["question", "follow_up", "answer", "addition", "notice", "outlet"]

RULES = Path(__file__).with_name("labels.toml")
_COLON = r"\s*[:：](?!(?<=\d[:：])\d)\s*"
"""A colon that does not stand in a time of day."""
_LONGEST = 160
"""Characters of a paragraph in which a label is looked for."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label read at the start of a paragraph."""

    kind: LabelKind
    end: int
    """Where the labelled words begin."""
    asked_by: str | None = None
    speaker: str | None = None


class LabelRules:
    """The rules of a label file, compiled for the names that answer on one page."""

    def __init__(self, rules: dict[str, list[str]], speakers: Iterable[str]) -> None:
        self._speakers = {_folded(name): name for name in speakers}
        names = "|".join(re.escape(name) for name in sorted(self._speakers.values(), key=len, reverse=True))
        self._patterns: list[tuple[LabelKind, re.Pattern[str]]] = []

        def add(kind: LabelKind, patterns: list[str], tail: str) -> None:
            for pattern in patterns:
                if names or "SPEAKER" not in pattern:
                    source = pattern.replace("SPEAKER", names)
                    flags = 0 if kind == "outlet" else re.IGNORECASE
                    self._patterns.append((kind, re.compile(rf"(?:{source}){tail}", flags)))

        add("addition", rules["addition"], rf"(?:{_COLON}|[.。]?$)")
        add("notice", rules["addition_notice"], "")
        add("question", rules["question"], _COLON)
        add("follow_up", rules["follow_up"], _COLON)
        add("answer", rules["answer"], _COLON)
        if names:
            add("answer", [r"(?:Spokesperson |MR\.? |MS\.? )?(?P<speaker>SPEAKER)"], _COLON)
        add("answer", rules["statement"], _COLON)
        add("outlet", rules["outlet"], _COLON)
        self._scheduling = re.compile("|".join(rules["scheduling"]), re.IGNORECASE)
        self._closing = re.compile("|".join(rules["closing"]), re.IGNORECASE)
        strong = rf"(?:Q|A|Question|Answer|Follow-up|Journalist|问|答|追问{'|' + names if names else ''})\s*[:：]\s*"
        self._inline = re.compile(rf"(?:(?<=[.?!”\"’)] )|(?<=[。？！”）])\s?)(?={strong})")

    def read(self, text: str) -> Label | None:
        """The label that `text` begins with, or None. An outlet's label is a guess for the segmenter to confirm."""
        head = text[:_LONGEST]
        for kind, pattern in self._patterns:
            match = pattern.match(head)
            if match:
                found = match.groupdict()
                speaker = found.get("speaker")
                return Label(
                    kind,
                    match.end(),
                    asked_by=_outlet(found.get("asked_by")),
                    speaker=self._speakers.get(_folded(speaker), speaker) if speaker else None,
                )
        return None

    def is_scheduling(self, text: str) -> bool:
        """Whether the paragraph is about when the next conference is."""
        return bool(self._scheduling.match(text))

    def is_closing(self, text: str) -> bool:
        """Whether the paragraph begins the announcements after the last answer."""
        return bool(self._closing.match(text))

    def inline_labels(self, text: str) -> list[int]:
        """Where a sure label begins inside a paragraph, after the end of a sentence."""
        return [match.start() for match in self._inline.finditer(text) if match.start() > 0]


def _folded(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip().casefold()


def _outlet(name: str | None) -> str | None:
    cleaned = (name or "").strip().strip("《》").strip()
    return cleaned or None


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    return tomllib.loads(RULES.read_text(encoding="utf-8"))


def known_speakers() -> list[str]:
    """Names that the label file lists as answering."""
    return list(_rules()["speakers"])


@lru_cache(maxsize=256)
def label_rules(speakers: frozenset[str] = frozenset()) -> LabelRules:
    """The rules of `labels.toml` with the names that answer on a page added to the known ones."""
    return LabelRules(_rules(), {*known_speakers(), *speakers})
