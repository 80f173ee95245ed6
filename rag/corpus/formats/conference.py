"""Question/answer pairs of one day to a `Transcript`."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from rag.corpus.formats.institutions import UNKNOWN_INSTITUTION
from rag.corpus.html import MINISTRY
from rag.corpus.labels import Label, LabelRules, label_rules
from rag.corpus.language import language_of
from rag.corpus.paragraphs import paragraph
from rag.corpus.urls import canonical
from rag.types import Exchange, ExchangeKind, Note, Span, Transcript

_CODE = re.compile(r"[a-z]{2}")
_MINISTRYS = re.compile(r"//[\w.]*\b(?:fmprc|mfa)\.gov\.cn(?:[:/]|$)")


class Entry(NamedTuple):
    """One row: a question, an answer or both."""

    question: str
    answer: str
    asked_by: str | None
    speaker: str | None


@dataclass(frozen=True, slots=True)
class Conference:
    """Rows of one day that belong together, in order."""

    day: dt.date
    entries: list[Entry]
    link: str | None
    is_page: bool
    """Whether the address is this conference's own, not that of a listing shared by several days."""
    title: str | None
    institution: str | None
    language: str | None

    def transcript(self) -> Transcript | None:
        """The conference as a transcript; None when nothing in it is an answer."""
        speakers = list(dict.fromkeys(entry.speaker for entry in self.entries if entry.speaker))
        speaker = speakers[0] if len(speakers) == 1 else None
        url = canonical(self.link) if self.link else None
        content = json.dumps([str(self.day), url, *self.entries], ensure_ascii=True)
        digest = hashlib.sha256(content.encode()).hexdigest()
        name = PurePosixPath(url or "").name.split(".")[0] if self.is_page else ""
        name = _plain(name or f"{self.day}-{speaker or 'conference'}")
        key = url if url and self.is_page else content
        identity = f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
        pages = _Pages(identity, label_rules(frozenset(speakers)), any(entry.question for entry in self.entries))
        for entry in self.entries:
            pages.add(entry, speaker)
        if not pages.exchanges:
            return None
        text = "\n".join(pages.lines)
        return Transcript(
            id=identity,
            name=name,
            title=self.title or f"Press conference on {self.day:%B} {self.day.day}, {self.day.year}",
            date=self.day,
            date_from="header",
            speaker=speaker,
            institution=self.institution or (MINISTRY if url and _MINISTRYS.search(url) else UNKNOWN_INSTITUTION),
            language=self.language if self.language and _CODE.fullmatch(self.language) else language_of(text),
            url=url,
            digest=digest,
            text=text,
            exchanges=tuple(pages.exchanges),
            notes=tuple(pages.notes),
        )


class _Pages:
    """The text of a conference as it grows, and its parts."""

    def __init__(self, transcript: str, rules: LabelRules, asked: bool) -> None:
        self.lines: list[str] = []
        self.exchanges: list[Exchange] = []
        self.notes: list[Note] = []
        self._transcript = transcript
        self._rules = rules
        self._asked = asked
        self._length = 0

    def add(self, entry: Entry, speaker: str | None) -> None:
        """Append a row: its question, then its answer."""
        question, asked = self._append(entry.question, "question")
        answer, answered = self._append(entry.answer, "answer")
        if answer is None:
            if question:
                self.notes.append(Note(start=question.start, end=question.end, kind="unanswered"))
            return
        ordinal = len(self.exchanges)
        self.exchanges.append(
            Exchange(
                id=f"{self._transcript}.{ordinal}",
                transcript=self._transcript,
                ordinal=ordinal,
                kind=self._kind(question),
                question=question,
                answer=answer,
                asked_by=entry.asked_by or (asked.asked_by if asked else None),
                speaker=entry.speaker or (answered.speaker if answered else None) or speaker,
                follow_up=bool(asked and asked.kind == "follow_up" and self.exchanges),
            )
        )

    def _kind(self, question: Span | None) -> ExchangeKind:
        if question:
            return "exchange"
        if not self._asked:
            return "remarks"
        return "addition" if any(exchange.question for exchange in self.exchanges) else "opening"

    def _append(self, cell: str, role: Literal["question", "answer"]) -> tuple[Span | None, Label | None]:
        """Append a cell's paragraphs; the span of its words without the label that it may begin with."""
        made = (paragraph([(line, False)]) for line in cell.splitlines())
        parts = [part.text for part in made if part]
        if not parts:
            return None, None
        label = self._rules.read(parts[0])
        kinds = ("answer",) if role == "answer" else ("question", "follow_up")
        if label and (label.kind not in kinds or label.end >= len(parts[0])):
            label = None
        start = self._length
        self.lines += parts
        self._length += sum(len(part) + 1 for part in parts)
        return Span(start=start + (label.end if label else 0), end=self._length - 1), label


def _plain(name: str) -> str:
    """A name that can stand in an id and in a file name."""
    return re.sub(r"[^\w.-]+", "-", name.lower()).strip("-.")[:80] or "conference"
