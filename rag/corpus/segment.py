"""Cuts a page's paragraphs into exchanges and notes.

The cut is made in three steps: paragraphs that hold two voices are parted, each paragraph is told apart by its label
and its emphasis, and consecutive paragraphs of one voice are joined into turns, which pair up as exchanges.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from rag.corpus.labels import Label, LabelRules
from rag.corpus.paragraphs import Paragraph
from rag.types import Exchange, ExchangeKind, Note, Span

Role = Literal["question", "answer", "note"]

_ASKS = re.compile(r"[?？][\s\"'”’）)]*$")
_FOLLOWS_UP = re.compile(r"(?:(?:Just )?(?:a|one|my) )?follow[- ]?(?:up|ing up)\b|追问", re.IGNORECASE)
_HAS_WORDS = re.compile(r"\w")
_MOSTLY = 0.5


@dataclass(slots=True)
class _Line:
    """A paragraph with what was found out about it."""

    paragraph: Paragraph
    label: Label | None
    bold: bool

    @property
    def text(self) -> str:
        return self.paragraph.text

    @property
    def words(self) -> str:
        """The text without its label."""
        return self.text[self.label.end :] if self.label else self.text


@dataclass(slots=True)
class _Turn:
    """Consecutive lines of one voice."""

    role: Role
    lines: list[int]
    label: Label | None = None
    added: bool = False
    """Whether it stands after the conference."""
    stands_alone: bool = False
    """Whether an answer does not answer the turn before it."""


@dataclass(frozen=True, slots=True)
class Segmented:
    """The text of a page with its parts, offsets into `text`."""

    text: str
    exchanges: tuple[Exchange, ...]
    notes: tuple[Note, ...]
    answered_by: tuple[str, ...] = field(default=())
    """Names that labelled answers, in order of first appearance."""


def segment(paragraphs: list[Paragraph], rules: LabelRules, transcript: str, speaker: str | None) -> Segmented:
    """Segment the paragraphs of the transcript with that id, whose unnamed answers are `speaker`'s."""
    parted = [part for paragraph in paragraphs for part in _part(paragraph, rules)]
    lines = _confirm_outlets([_line(paragraph, rules) for paragraph in parted])
    turns = _close(_turns(lines, rules), lines, rules)
    return _assemble(turns, lines, transcript, speaker)


def _part(paragraph: Paragraph, rules: LabelRules) -> list[Paragraph]:
    """Part a paragraph where another voice begins inside it: at a sure label, or where a bold question ends."""
    cuts = set(rules.inline_labels(paragraph.text))
    if paragraph.bold and paragraph.bold[0][0] <= 4:
        end = paragraph.bold[0][1]
        asked, rest = paragraph.text[:end], paragraph.text[end:].strip()
        if _ASKS.search(asked) and len(asked) > 20 and len(rest) > 20 and len(paragraph.bold) == 1:
            cuts.add(end)
    edges = [0, *sorted(cuts), len(paragraph.text)]
    parts = (paragraph.cut(start, end) for start, end in zip(edges, edges[1:], strict=False))
    return [part for part in parts if part]


def _line(paragraph: Paragraph, rules: LabelRules) -> _Line:
    label = rules.read(paragraph.text)
    rest = label.end if label and label.end < len(paragraph.text) else 0
    return _Line(paragraph, label, paragraph.boldness(rest) >= _MOSTLY)


def _confirm_outlets(lines: list[_Line]) -> list[_Line]:
    """Drop labels that only look like an outlet's name.

    A name with a colon is a label when its words are bold as questions are, or when an answer's label is the next
    label on the page and a question is asked before it.
    """
    answered_next = False
    asks = False
    for line in reversed(lines):
        asks = asks or bool(_ASKS.search(line.text))
        if line.label is None:
            continue
        if line.label.kind == "outlet":
            if not line.bold and not (answered_next and asks):
                line.label = None
                continue
            answered_next = False
        else:
            answered_next = line.label.kind == "answer"
        asks = False
    return lines


def _turns(lines: list[_Line], rules: LabelRules) -> list[_Turn]:
    turns: list[_Turn] = []
    labelled_answers = [i for i, line in enumerate(lines) if line.label and line.label.kind == "answer"]
    answered = set(labelled_answers)
    plain = not any(line.bold for line in lines)
    added = parted = False

    def open_turn(role: Role, i: int, **more: bool) -> None:
        turns.append(_Turn(role, [i], lines[i].label, added=added, **more))

    for i, line in enumerate(lines):
        last = turns[-1] if turns else None
        kind = line.label.kind if line.label else None
        if not _HAS_WORDS.search(line.text):
            open_turn("note", i)
            parted = any(turn.role == "question" for turn in turns)
            continue
        if kind == "notice" or (kind == "addition" and not line.words.strip()):
            added = True
            speaks = kind == "notice" and line.label and line.label.speaker
            open_turn("answer" if speaks else "note", i, stands_alone=bool(speaks))
        elif kind in ("addition", "question", "follow_up", "outlet"):
            added = added or kind == "addition"
            open_turn("question", i)
        elif kind == "answer":
            _reclaim_question(turns, lines)
            last = turns[-1] if turns else None
            if last and last.role == "answer":
                if lines[last.lines[-1]].label is not None and not lines[last.lines[-1]].words.strip():
                    last.lines.append(i)
                elif line.label and line.label.speaker != (last.label.speaker if last.label else None):
                    open_turn("answer", i, stands_alone=True)
                else:
                    open_turn("answer", i, stands_alone=parted)
            else:
                open_turn("answer", i, stands_alone=last is not None and last.role == "note" and parted)
        elif line.bold and _is_question(i, lines, turns, answered):
            if last and last.role == "question" and not last.lines[-1] in answered:
                last.lines.append(i)
            else:
                open_turn("question", i)
        elif last is None or last.role == "note":
            if added and last and not parted:
                open_turn("question" if _ASKS.search(line.text) else "answer", i, stands_alone=True)
            else:
                role: Role = "note" if parted and rules.is_scheduling(line.text) else "answer"
                open_turn(role, i, stands_alone=True)
        elif last.role == "question" and not (_unfinished(lines[last.lines[-1]], plain) and _answered_later(i, lines)):
            open_turn("answer", i)
        elif parted and last.role == "answer" and rules.is_scheduling(line.text):
            open_turn("note", i)
        else:
            last.lines.append(i)
        if turns[-1].role == "question":
            parted = False
    return turns


def _is_question(i: int, lines: list[_Line], turns: list[_Turn], answered: set[int]) -> bool:
    """Whether a bold line without a label is asked by a reporter."""
    last = turns[-1] if turns else None
    follows = i + 1 in answered
    if last is None or not any(turn.role == "question" for turn in turns):
        return follows or bool(_ASKS.search(lines[i].text))
    if last.role == "answer" and lines[last.lines[-1]].bold:
        return follows and bool(_ASKS.search(lines[i].text))
    return True


def _unfinished(question: _Line, plain: bool) -> bool:
    """Whether a question may go on in the next paragraph, though that one is not bold."""
    return not question.bold and (plain or not _ASKS.search(question.text))


def _answered_later(i: int, lines: list[_Line]) -> bool:
    """Whether the next label is an answer's, so that what stands before it is still the question."""
    for line in lines[i:]:
        if line.label:
            return line.label.kind == "answer"
    return False


def _reclaim_question(turns: list[_Turn], lines: list[_Line]) -> None:
    """Give back the unlabelled question that ended up at the end of an answer, now that another answer begins."""
    last = turns[-1] if turns else None
    if last is None or last.role != "answer" or len(last.lines) < 2:
        return
    tail = last.lines[-1]
    if lines[tail].label is None and _ASKS.search(lines[tail].text):
        last.lines.pop()
        turns.append(_Turn("question", [tail], None, added=last.added))


def _close(turns: list[_Turn], lines: list[_Line], rules: LabelRules) -> list[_Turn]:
    """Part the announcements told after the last answer from it, and lines about scheduling from everything."""
    if not any(turn.role == "question" for turn in turns):
        return turns
    closed = turns[:-1]
    last = turns[-1]
    if last.role != "answer":
        return turns
    start = (
        0
        if last.stands_alone
        else next(
            (
                n
                for n, i in enumerate(last.lines)
                if n > 0 and (rules.is_closing(lines[i].text) or rules.is_scheduling(lines[i].text))
            ),
            len(last.lines),
        )
    )
    if start:
        closed.append(_Turn("answer", last.lines[:start], last.label, last.added, last.stands_alone))
    for i in last.lines[start:]:
        role: Role = "note" if rules.is_scheduling(lines[i].text) else "answer"
        if (
            role == "answer"
            and closed
            and closed[-1].role == "answer"
            and closed[-1].stands_alone
            and i != last.lines[start]
        ):
            closed[-1].lines.append(i)
        else:
            closed.append(_Turn(role, [i], lines[i].label, added=last.added, stands_alone=True))
    return closed


def _assemble(turns: list[_Turn], lines: list[_Line], transcript: str, speaker: str | None) -> Segmented:
    starts: list[int] = []
    length = 0
    for line in lines:
        starts.append(length)
        length += len(line.text) + 1
    text = "\n".join(line.text for line in lines)

    def span(turn: _Turn) -> Span | None:
        kept = [i for i in turn.lines if lines[i].words.strip()]
        if not kept:
            return None
        first = kept[0]
        label = lines[first].label if first == turn.lines[0] or not lines[turn.lines[0]].words.strip() else None
        begin = starts[first] + (label.end if label else 0)
        return Span(start=begin, end=starts[kept[-1]] + len(lines[kept[-1]].text))

    exchanges: list[Exchange] = []
    notes: list[Note] = []
    asked = any(turn.role == "question" for turn in turns)
    pending: _Turn | None = None

    def note(turn: _Turn, kind: Literal["note", "unanswered"]) -> None:
        begin = starts[turn.lines[0]]
        end = starts[turn.lines[-1]] + len(lines[turn.lines[-1]].text)
        notes.append(Note(start=begin, end=end, kind=kind))

    for turn in turns:
        where = span(turn)
        if turn.role == "note" or where is None:
            note(turn, "note")
            continue
        if turn.role == "question":
            if pending:
                note(pending, "unanswered")
            pending = turn
            continue
        question = None if turn.stands_alone else pending
        if pending and turn.stands_alone:
            note(pending, "unanswered")
        pending = None
        kind: ExchangeKind = (
            "remarks"
            if not asked
            else ("addition" if question.added else "exchange")
            if question
            else ("addition" if any(e.question for e in exchanges) else "opening")
        )
        named = [lines[i].label for i in turn.lines if lines[i].label]
        exchanges.append(
            Exchange(
                id=f"{transcript}.{len(exchanges)}",
                transcript=transcript,
                ordinal=len(exchanges),
                kind=kind,
                question=span(question) if question else None,
                answer=where,
                asked_by=_asked_by(question, turn),
                speaker=next((label.speaker for label in named if label and label.speaker), speaker),
                follow_up=_follows_up(question, lines, exchanges),
            )
        )
    if pending:
        note(pending, "unanswered")
    names = [line.label.speaker for line in lines if line.label and line.label.speaker]
    return Segmented(text, tuple(exchanges), tuple(notes), tuple(dict.fromkeys(names)))


def _asked_by(question: _Turn | None, answer: _Turn) -> str | None:
    label = question.label if question else answer.label
    return label.asked_by if label else None


def _follows_up(question: _Turn | None, lines: list[_Line], before: list[Exchange]) -> bool:
    if question is None or not before or before[-1].question is None:
        return False
    if question.label and question.label.kind == "follow_up":
        return True
    return bool(_FOLLOWS_UP.match(lines[question.lines[0]].words))
