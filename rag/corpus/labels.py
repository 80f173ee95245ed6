"""Reads the label at the start of a paragraph by the rules in `labels.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from rag.corpus.paragraphs import ASKS

LabelKind = Literal["question", "follow_up", "answer", "addition", "notice", "outlet", "note"]

RULES = Path(__file__).with_name("labels.toml")
_COLON = r"\s*[:：;；](?!(?<=\d[:：])\d)\s*"
"""A colon that does not stand in a time of day, or the semicolon beside it on the keyboard."""
_DASH = r"\s+[—–]{1,2}\s+"
"""What some put in its place after a name."""
_ASIDE = r"(?:\s?[(（\[【][^()（）\[\]【】:：]{1,40}[)）\]】])?"
"""How something was said, between a name and its colon: "Reuters (via text message):"."""
_OFFICE = r"(?:The )?(?:(?:Foreign Ministry|MFA) )?Spokes(?:person|man|woman) |(?:外交部)?(?:新闻)?发言人\s?"
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_TITLE = re.compile(r"《[^《》]*》")
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
    """The rules of a label file, compiled for the names that answer on one page. A kind that they lack never occurs."""

    def __init__(
        self,
        rules: dict[str, list[str]],
        speakers: Iterable[str],
        own: Iterable[str] = (),
        misspelt: Iterable[tuple[str, str]] = (),
    ) -> None:
        """`own`: those of `speakers` who are known to answer on this page; their family name is enough ("Guo:").

        `misspelt`: (label, name) of those whose name is written wrongly.
        """
        self._speakers = {_folded(label): name for label, name in misspelt}
        self._speakers |= {_folded(name): name for name in speakers}
        self._speakers |= {_folded(name.partition(" ")[0]): name for name in own if " " in name}
        spellings = sorted({*self._speakers, *self._speakers.values()}, key=len, reverse=True)
        names = "|".join(_spelt(name) for name in spellings)
        self._patterns: list[tuple[LabelKind, re.Pattern[str]]] = []

        def add(kind: LabelKind, key: str, tail: str) -> None:
            for pattern in rules.get(key, []):
                if names or "SPEAKER" not in pattern:
                    source = pattern.replace("SPEAKER", names)
                    flags = 0 if kind == "outlet" else re.IGNORECASE
                    self._patterns.append((kind, re.compile(rf"(?:{source}){tail}", flags)))

        add("note", "note", r"\Z")
        add("addition", "addition", rf"(?:{_COLON}|[.。]?$)")
        add("addition", "addition_told", r"\s+(?=\S)")
        add("notice", "addition_notice", r"\s*")
        add("question", "question", _ASIDE + _COLON)
        add("question", "question_without_colon", r"\s+(?=\S)")
        add("follow_up", "follow_up", _ASIDE + _COLON)
        add("answer", "answer", _ASIDE + _COLON)
        add("answer", "answer_without_colon", r"\s+(?=\S)")
        if names:
            named = rf"(?:{_OFFICE}|MR\.? |MS\.? )?(?P<speaker>{names})"
            self._patterns.append(("answer", re.compile(rf"{named}{_ASIDE}(?:{_COLON}|{_DASH})", re.IGNORECASE)))
        self._bare = re.compile(rf"(?P<speaker>{names or '(?!)'})\s+(?=\S)", re.IGNORECASE)
        add("answer", "statement", _COLON)
        add("outlet", "outlet", rf"{_ASIDE}(?:{_COLON}|{_DASH})")
        self._scheduling = _any(rules.get("scheduling", []))
        self._closing = _any(rules.get("closing", []))
        self._remark = _any([rf"(?:{pattern}){_COLON}" for pattern in rules.get("remark", [])])
        self._narration = _any([rf"(?:{pattern})$" for pattern in rules.get("narration", [])])
        other = "|".join(["Question", "Follow-up", "Journalist", "问", "追问", *([names] if names else [])])
        strong = rf"(?:Q(?=\s*[:：]\s*[^\sa-z])|(?P<answer>A(?=\s*[:：]\s*[^\sa-z])|Answer|答)|{other})\s*[:：]\s*"
        self._inline = re.compile(rf"(?:(?<=[.?!”\"’)] )(?<!M[rs]\. )|(?<=[。？！”）])\s?)(?={strong})")

    def read(self, text: str) -> Label | None:
        """The label that `text` begins with, or None. An outlet's label is a guess for the segmenter to confirm."""
        head = text[:_LONGEST]
        for kind, pattern in self._patterns:
            match = pattern.match(text if kind == "note" else head)
            if match:
                found = match.groupdict()
                speaker = found.get("speaker")
                return Label(
                    kind,
                    match.end(),
                    asked_by=_outlet(found.get("asked_by")),
                    speaker=self._named(speaker) if speaker else None,
                )
        return None

    def read_bare(self, text: str) -> Label | None:
        """A spokesperson's name before words without a colon, which is a label where it is set apart by its type."""
        match = self._bare.match(text)
        return Label("answer", match.end(), speaker=self._named(match["speaker"])) if match else None

    def _named(self, label: str) -> str:
        """The known name that a label gives in full or by its end ("MR PRICE"), else the label in title case."""
        folded = _folded(label)
        if folded in self._speakers:
            return self._speakers[folded]
        joined = folded.replace(" ", "")
        for known, name in self._speakers.items():
            if known.replace(" ", "") == joined:
                return name
        words = folded.split(" ")
        for start in range(1, len(words)):
            ending = " " + " ".join(words[start:])
            found = [name for known, name in self._speakers.items() if known.endswith(ending)]
            if found:
                return found[0] if len(found) == 1 else _titled(label)
        return _titled(label)

    def is_scheduling(self, text: str) -> bool:
        """Whether the paragraph is about when the next conference is."""
        return bool(self._scheduling.match(text))

    def is_closing(self, text: str) -> bool:
        """Whether the paragraph begins the announcements after the last answer."""
        return bool(self._closing.match(text))

    def is_remark(self, text: str) -> bool:
        """Whether the paragraph is the editor's, by the word before its colon."""
        return bool(self._remark.match(text))

    def is_narration(self, text: str) -> bool:
        """Whether the paragraph tells that there was a conference, which nobody says at one."""
        return bool(self._narration.match(text))

    def inline_labels(self, text: str) -> list[int]:
        """Where a sure label begins inside a paragraph, after the end of a sentence and outside quotation marks.

        "A:" is one only after what is asked.
        """
        cuts = [0]
        for match in self._inline.finditer(text):
            before = text[cuts[-1] : match.start()]
            asked = ASKS.search(before) or ((label := self.read(before)) and label.kind != "answer")
            if match.start() > 0 and not _in_quotes(text[: match.start()]) and (asked or not match["answer"]):
                cuts.append(match.start())
        return cuts[1:]


def _any(patterns: list[str]) -> re.Pattern[str]:
    """One pattern for all; nothing matches when there is none."""
    return re.compile("|".join(patterns) or r"(?!)", re.IGNORECASE)


def _titled(label: str) -> str:
    """Words in capital letters as names are written: "MS. JEAN-PIERRE" is "Ms. Jean-Pierre"."""
    label = re.sub(r"\s+", " ", label).strip()
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), label) if label.isupper() else label


def _spelt(name: str) -> str:
    """A pattern for a name, its words joined or not, Chinese characters apart or not."""
    parts = name if _CHINESE.fullmatch(name) else name.split(" ")
    return r"\s?".join(re.escape(part) for part in parts)


def _in_quotes(before: str) -> bool:
    return before.count("“") > before.count("”") or before.count('"') % 2 == 1


def _folded(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip().casefold()


def _outlet(name: str | None) -> str | None:
    cleaned = (name or "").strip()
    if cleaned.count("《") != cleaned.count("》") or _TITLE.fullmatch(cleaned):
        cleaned = cleaned.strip("《》").strip()
    return cleaned or None


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    return tomllib.loads(RULES.read_text(encoding="utf-8"))


def known_speakers() -> list[str]:
    """Names that the label file lists as answering."""
    return list(_rules()["speakers"])


@lru_cache(maxsize=256)
def label_rules(
    speakers: frozenset[str] = frozenset(), misspelt: frozenset[tuple[str, str]] = frozenset()
) -> LabelRules:
    """The rules of `labels.toml` with the names that answer on a page added to the known ones, and slips in them."""
    return LabelRules(_rules(), {*known_speakers(), *speakers}, speakers, misspelt)
