"""What a reader hands to the segmenter: a document's paragraphs with their emphasis, and what it said of itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

ASKS = re.compile(r"[?？][\s\"'”’）)]*$")
"""Ends in a question mark."""
_SPACE = re.compile(r"[\s\u00a0\u3000]+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: white space is normalised and it is never empty."""

    text: str
    bold: tuple[tuple[int, int], ...] = ()
    """Half-open character ranges set in bold, in order."""

    def boldness(self, start: int = 0) -> float:
        """Share of the characters from `start` on that are bold, 0 to 1."""
        length = len(self.text) - start
        covered = sum(max(0, end - max(begin, start)) for begin, end in self.bold)
        return covered / length if length > 0 else 0.0

    def join(self, other: Paragraph) -> Paragraph:
        """This paragraph and `other` as one."""
        joint = "" if self.text.endswith("：") or other.text.startswith((":", "：")) else " "
        offset = len(self.text) + len(joint)
        moved = tuple((start + offset, end + offset) for start, end in other.bold)
        return Paragraph(self.text + joint + other.text, self.bold + moved)

    def cut(self, start: int, end: int) -> Paragraph | None:
        """The part `[start, end)` without the white space around it; None when nothing is left."""
        part = self.text[start:end]
        start += len(part) - len(part.lstrip())
        part = part.strip()
        end = start + len(part)
        if not part:
            return None
        kept = ((max(a, start) - start, min(b, end) - start) for a, b in self.bold if a < end and b > start)
        return Paragraph(part, tuple(kept))


def paragraph(runs: list[tuple[str, bool]]) -> Paragraph | None:
    """Join runs of (text, bold) into one paragraph; None when there is nothing but white space."""
    text = ""
    bold: list[tuple[int, int]] = []
    for run, is_bold in runs:
        clean = _SPACE.sub(" ", _INVISIBLE.sub("", run))
        if text.endswith(" ") or not text:
            clean = clean.lstrip()
        if not clean:
            continue
        if is_bold:
            start = len(text)
            if bold and bold[-1][1] == start:
                start = bold.pop()[0]
            bold.append((start, len(text) + len(clean)))
        text += clean
    return Paragraph(text, tuple(bold)).cut(0, len(text))


@dataclass(frozen=True, slots=True)
class Document:
    """A source as read, before it is segmented."""

    title: str
    paragraphs: list[Paragraph]
    speaker: str | None = None
    """As a header names it; None leaves it to the title."""
    date: str | None = None
    """As a header gives it."""
    url: str | None = None
    institution: str | None = None
    language: str | None = None
    hints: list[str] = field(default_factory=list)
    """Dates found elsewhere on the page, best first, as YYYY-MM-DD."""
    related: list[tuple[str, str]] = field(default_factory=list)
    """Pages of the same listing that this one links: (page name, title)."""
