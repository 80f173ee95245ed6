"""Cuts a page's paragraphs into exchanges and notes.

Three steps: paragraphs that hold two voices are parted, each is told apart by its label and emphasis and joined to
turns (`rag.corpus.turns`), and turns pair up as exchanges with offsets into the page's text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate, pairwise

from rag.corpus.labels import LabelRules
from rag.corpus.paragraphs import ASKS, Paragraph
from rag.corpus.turns import HAS_WORDS, Line, Turn, confirm_answers, confirm_outlets, read_line, take_turns
from rag.types import Exchange, ExchangeKind, Note, NoteKind, Span

_FOLLOWS_UP = re.compile(r"(?:(?:Just )?(?:a|one|my) )?follow[- ]?(?:up|ing up)\b|追问", re.IGNORECASE)
_LONGEST_NAME = 40
"""Characters of a name that a line break may part from its colon."""
_SHORTEST = 20
"""A voice parted at the end of bold type must hold more characters than this."""


@dataclass(frozen=True, slots=True)
class Segmented:
    """The text of a page with its parts, offsets into `text`."""

    text: str
    exchanges: tuple[Exchange, ...]
    notes: tuple[Note, ...]
    answered_by: tuple[str, ...]
    """Names that labelled answers, in order of first appearance."""


def segment(paragraphs: list[Paragraph], rules: LabelRules, transcript: str, speaker: str | None) -> Segmented:
    """Segment the paragraphs of the transcript with that id, whose unnamed answers are `speaker`'s."""
    parted = [part for paragraph in paragraphs for part in _part(paragraph, rules)]
    lines = [read_line(part, rules) for part in _with_their_labels(parted, rules)]
    confirm_outlets(lines)
    confirm_answers(lines)
    return _Assembly(lines, transcript, speaker).assemble(take_turns(lines, rules))


def _part(paragraph: Paragraph, rules: LabelRules) -> list[Paragraph]:
    """Part a paragraph where another voice begins inside it: at a sure label, or where a bold question ends."""
    cuts = set(rules.inline_labels(paragraph.text))
    if len(paragraph.bold) == 1 and paragraph.bold[0][0] <= 4:
        end = paragraph.bold[0][1]
        asked, rest = paragraph.text[:end], paragraph.text[end:].strip()
        if ASKS.search(asked) and min(len(asked), len(rest)) > _SHORTEST:
            cuts.add(end)
    edges = [0, *sorted(cuts), len(paragraph.text)]
    parts = (paragraph.cut(start, end) for start, end in pairwise(edges))
    return [part for part in parts if part]


def _with_their_labels(paragraphs: list[Paragraph], rules: LabelRules) -> list[Paragraph]:
    """Join a label that stands in a paragraph of its own to the unlabelled words it introduces."""
    joined: list[Paragraph] = []
    for part in paragraphs:
        if joined and (_introduces(joined[-1], part, rules) or _is_label_in_two(joined[-1], part, rules)):
            joined[-1] = joined[-1].join(part)
        else:
            joined.append(part)
    return joined


def _is_label_in_two(first: Paragraph, second: Paragraph, rules: LabelRules) -> bool:
    """Whether a line break stands inside a label or before its colon."""
    alone = rules.read(second.text)
    if len(first.text) > _LONGEST_NAME or rules.read(first.text) or (alone and alone.kind != "outlet"):
        return False
    label = rules.read(first.join(second).text)
    kinds = ("answer",) if alone else ("answer", "outlet")
    return label is not None and label.kind in kinds and label.end > len(first.text)


def _introduces(first: Paragraph, second: Paragraph, rules: LabelRules) -> bool:
    """Whether a paragraph is nothing but the label of the words in the next."""
    if not first.text.endswith((":", "：")) or rules.read(second.text) or not HAS_WORDS.search(second.text):
        return False
    label = rules.read(first.text)
    return label is not None and label.end == len(first.text)


class _Assembly:
    """Turns to exchanges and notes, in order."""

    def __init__(self, lines: list[Line], transcript: str, speaker: str | None) -> None:
        self._lines = lines
        self._starts = [0, *accumulate(len(line.text) + 1 for line in lines)]
        self._transcript = transcript
        self._speaker = speaker
        self._exchanges: list[Exchange] = []
        self._notes: list[Note] = []

    def assemble(self, turns: list[Turn]) -> Segmented:
        asked = any(turn.role == "question" for turn in turns)
        pending: Turn | None = None
        for turn in turns:
            words = self._words(turn)
            if turn.role == "note" or words is None:
                self._note(turn, "note")
            elif turn.role == "question":
                if pending:
                    self._note(pending, "unanswered")
                pending = turn
            else:
                if pending and turn.stands_alone:
                    self._note(pending, "unanswered")
                    pending = None
                self._exchange(pending, turn, words, asked)
                pending = None
        if pending:
            self._note(pending, "unanswered")
        names = [line.label.speaker for line in self._lines if line.label and line.label.speaker]
        return Segmented(
            text="\n".join(line.text for line in self._lines),
            exchanges=tuple(self._exchanges),
            notes=tuple(sorted(self._notes, key=lambda note: note.start)),
            answered_by=tuple(dict.fromkeys(names)),
        )

    def _words(self, turn: Turn) -> Span | None:
        """The turn's words without its label; None for a label without words."""
        label = self._lines[turn.lines[0]].label
        begin = self._starts[turn.lines[0]] + (label.end if label else 0)
        end = self._starts[turn.lines[-1] + 1] - 1
        return Span(start=begin, end=end) if begin < end else None

    def _note(self, turn: Turn, kind: NoteKind) -> None:
        start, end = self._starts[turn.lines[0]], self._starts[turn.lines[-1] + 1] - 1
        self._notes.append(Note(start=start, end=end, kind=kind))

    def _exchange(self, question: Turn | None, answer: Turn, words: Span, asked: bool) -> None:
        labels = [label for i in answer.lines if (label := self._lines[i].label)]
        naming = question.label if question else answer.label
        self._exchanges.append(
            Exchange(
                id=f"{self._transcript}.{len(self._exchanges)}",
                transcript=self._transcript,
                ordinal=len(self._exchanges),
                kind=self._kind(question, asked),
                question=self._words(question) if question else None,
                answer=words,
                asked_by=naming.asked_by if naming else None,
                speaker=next((label.speaker for label in labels if label.speaker), self._speaker),
                follow_up=self._follows_up(question),
            )
        )

    def _kind(self, question: Turn | None, asked: bool) -> ExchangeKind:
        if not asked:
            return "remarks"
        if question:
            return "addition" if question.added else "exchange"
        return "addition" if any(exchange.question for exchange in self._exchanges) else "opening"

    def _follows_up(self, question: Turn | None) -> bool:
        if question is None or not self._exchanges or self._exchanges[-1].question is None:
            return False
        first = self._lines[question.lines[0]]
        if first.kind == "follow_up":
            return any(line.kind in ("question", "outlet") for line in self._lines)
        return bool(_FOLLOWS_UP.match(first.words))
