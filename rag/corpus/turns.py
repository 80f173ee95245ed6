"""Who speaks in each paragraph: labels and emphasis to turns, a turn being consecutive paragraphs of one voice."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from rag.corpus.dates import is_date_line
from rag.corpus.labels import Label, LabelRules
from rag.corpus.paragraphs import ASKS, Paragraph

Role = Literal["question", "answer", "note"]

COLON = re.compile(r"[:：;；]")
HAS_WORDS = re.compile(r"[^\W_]")
_INTERJECTED = re.compile(r"^.{1,60}[.!。！]$")
"""What a reporter throws in is a short sentence; a longer one in bold is the spokesperson's emphasis."""
_SENTENCE = re.compile(r"[.?!。？！][\"'”’）)]*$")
_REMARK = re.compile(r"(?:[(（](?:[^()（）]|[(（][^()（）]*[)）])*[)）][.。]?\s*|[\[【][^\[\]【】]*[\]】]\s*)+")
_MOSTLY = 0.5


@dataclass(slots=True)
class Line:
    """A paragraph with what was found out about it."""

    paragraph: Paragraph
    label: Label | None
    bold: bool

    @property
    def text(self) -> str:
        """The whole paragraph."""
        return self.paragraph.text

    @property
    def words(self) -> str:
        """The paragraph without its label."""
        return self.text[self.label.end :] if self.label else self.text

    @property
    def in_bold(self) -> bool:
        """Whether the words themselves, and not only their label, are set in bold."""
        return self.paragraph.boldness(self.label.end if self.label and self.words else 0) >= _MOSTLY

    @property
    def kind(self) -> str | None:
        """The kind of its label."""
        return self.label.kind if self.label else None

    @property
    def asks(self) -> bool:
        """Whether it ends in a question mark."""
        return bool(ASKS.search(self.text))


@dataclass(slots=True)
class Turn:
    """Consecutive lines of one voice, as indices."""

    role: Role
    lines: list[int]
    label: Label | None = None
    added: bool = False
    """Whether it stands after the conference."""
    stands_alone: bool = False
    """Whether an answer does not answer the turn before it."""


def read_line(paragraph: Paragraph, rules: LabelRules) -> Line:
    """Read a paragraph's label and whether it is set in bold, as questions are.

    A bold label marks a question as well as bold words do; an answer's label is often bold before plain words.
    """
    label = rules.read(paragraph.text)
    if label is None and paragraph.bold and (bare := rules.read_bare(paragraph.text)):
        first = paragraph.bold[0]
        label = bare if len(paragraph.bold) == 1 and first[0] == 0 and bare.end - 1 <= first[1] <= bare.end else None
    if label is None or label.end >= len(paragraph.text):
        return Line(paragraph, label, paragraph.boldness() >= _MOSTLY)
    marked = label.kind != "answer" and (paragraph.cut(0, label.end) or paragraph).boldness() >= _MOSTLY
    return Line(paragraph, label, marked or paragraph.boldness(label.end) >= _MOSTLY)


def confirm_outlets(lines: list[Line]) -> None:
    """Drop labels that only look like an outlet's name ("Taiwan: it is part of China.").

    A name with a colon is a label when an answer's label is the next label on the page and a question is asked before
    it, or the words are bold as questions are; where the answer has no label, bold words that ask are enough. On a page
    without any bold type, the answer's label is.
    """
    plain = not any(line.bold for line in lines)
    asking = False
    for line in lines:
        # Two reporters do not ask in a row: a name in the middle of a bold question is whom it quotes.
        if line.kind == "outlet" and line.bold and asking:
            line.label = None
        asking = line.bold and (line.kind == "outlet" or (asking and line.kind is None))
    answered_next = asks = False
    for line in reversed(lines):
        asks = asks or line.asks
        if line.label is None:
            continue
        answered = answered_next and (line.bold or asks or plain)
        if line.kind == "outlet" and not answered and not (line.bold and asks):
            line.label = None
            continue
        answered_next = line.kind == "answer"
        asks = False


def confirm_answers(lines: list[Line]) -> None:
    """Drop labels of an answer that are the words of another: those without a name that follow one with a name
    ("Answer: nobody."), and those without a colon that follow no question ("A. The first point is …").
    """
    named, asked = False, False
    for line in lines:
        if line.label is None and not line.bold:
            continue
        if line.label and line.kind == "answer" and line.label.speaker is None:
            bare = not COLON.search(line.text[: line.label.end])
            if named or (bare and not asked):
                line.label = None
                continue
        named = bool(line.label and line.kind == "answer" and line.label.speaker)
        asked = line.kind != "answer"


def _all_named(lines: list[Line]) -> bool:
    """Whether every question and answer of the page is labelled with a name: other bold lines are emphasis then."""
    labels = [line.label for line in lines if line.label]
    return any(label.kind == "outlet" for label in labels) and all(
        label.asked_by or label.speaker for label in labels if label.kind in ("question", "answer", "outlet")
    )


def take_turns(lines: list[Line], rules: LabelRules) -> list[Turn]:
    """Join the lines to turns; every line is in exactly one, in order."""
    taker = _TurnTaker(lines, rules)
    for i, line in enumerate(lines):
        taker.add(i, line)
    turns = [part for turn in taker.turns for part in _part_remark(turn, lines, rules)]
    if all(rules.is_scheduling(line.text) for line in lines if HAS_WORDS.search(line.text)):
        return [Turn("note", turn.lines) for turn in turns]
    return _part_closing(turns, lines, rules)


class _TurnTaker:
    def __init__(self, lines: list[Line], rules: LabelRules) -> None:
        self.turns: list[Turn] = []
        self._lines = lines
        self._rules = rules
        self._plain = not any(line.in_bold for line in lines if line.kind != "answer")
        self._named = _all_named(lines)
        self._added = False
        self._parted = False
        """Whether a separator stands between the last question's answer and here."""

    @property
    def _last(self) -> Turn | None:
        return self.turns[-1] if self.turns else None

    @property
    def _asked(self) -> bool:
        return any(turn.role == "question" for turn in self.turns)

    def add(self, i: int, line: Line) -> None:
        if not HAS_WORDS.search(line.text):
            self._open("note", i)
            self._parted = self._asked
        elif line.kind == "notice" or (line.label is not None and not line.words):
            self._added = self._added or line.kind in ("notice", "addition")
            speaks = line.kind == "notice" and line.label is not None and line.label.speaker is not None
            self._open("answer" if speaks and line.words else "note", i, stands_alone=True)
        elif line.kind == "answer":
            self._answer(i, line)
        elif line.label is not None:
            self._added = self._added or line.kind == "addition"
            self._open("question", i)
        elif (line.bold and self._is_heading(i, line)) or (not self._asked and self._is_about_conference(line.text)):
            self._open("note", i)
        elif line.bold and self._is_asked_in_bold(i, line):
            self._continue_or_open("question", i)
        else:
            self._unlabelled(i, line)

    def _open(self, role: Role, i: int, *, stands_alone: bool = False) -> None:
        self.turns.append(Turn(role, [i], self._lines[i].label, self._added, stands_alone))
        if role == "question":
            self._parted = False

    def _continue_or_open(self, role: Role, i: int) -> None:
        if self._last and self._last.role == role:
            self._last.lines.append(i)
        else:
            self._open(role, i)

    def _answer(self, i: int, line: Line) -> None:
        self._reclaim_question()
        last = self._last
        if last and last.role == "answer":
            other = bool(line.label and last.label and line.label.speaker != last.label.speaker)
            self._open("answer", i, stands_alone=other or self._parted)
        else:
            self._open("answer", i, stands_alone=self._parted and last is not None and last.role == "note")

    def _reclaim_question(self) -> None:
        """Give back the unlabelled question at the end of an answer, now that another answer begins."""
        last = self._last
        if last and last.role == "answer" and len(last.lines) > 1:
            tail = self._lines[last.lines[-1]]
            if tail.label is None and tail.asks:
                self._open("question", last.lines.pop())

    def _is_answered(self, i: int) -> bool:
        return i + 1 < len(self._lines) and self._lines[i + 1].kind == "answer"

    def _is_about_conference(self, text: str) -> bool:
        first = self._last is None
        return is_date_line(text) or self._rules.is_narration(text) or (first and self._rules.is_scheduling(text))

    def _is_heading(self, i: int, line: Line) -> bool:
        """Whether a bold line stands over what is announced before the first question, or over a labelled question."""
        if _SENTENCE.search(line.text) or i + 1 >= len(self._lines):
            return False
        if self._lines[i + 1].kind in ("question", "outlet"):
            return self._last is None or self._last.role != "question"
        return not self._asked and self._is_answered(i)

    def _is_asked_in_bold(self, i: int, line: Line) -> bool:
        """Whether a bold line without a label is a reporter's, not a heading or the spokesperson's emphasis."""
        answered = self._is_answered(i)
        last = self._last
        if last is None or not self._asked:
            return line.asks or answered
        if last.role == "question":
            return True
        if self._lines[last.lines[-1]].bold:
            return answered and line.asks
        if self._named:
            return answered
        return answered or line.asks or bool(_INTERJECTED.search(line.text))

    def _unlabelled(self, i: int, line: Line) -> None:
        last = self._last
        if last is None or last.role == "note":
            if self._added and last is not None and not self._parted and line.asks:
                self._open("question", i)
            elif self._parted and self._rules.is_scheduling(line.text):
                self._open("note", i)
            else:
                self._open("answer", i, stands_alone=True)
        elif last.role == "question" and not self._is_question_unfinished(i, last):
            self._open("answer", i)
        elif last.role == "answer" and self._parted and self._rules.is_scheduling(line.text):
            self._open("note", i)
        else:
            last.lines.append(i)

    def _is_question_unfinished(self, i: int, question: Turn) -> bool:
        """Whether a plain question goes on in line `i`: the next label is an answer's."""
        last = self._lines[question.lines[-1]]
        if last.in_bold or (last.asks and not self._plain):
            return False
        return next((line.kind == "answer" for line in self._lines[i:] if line.label), False)


def _part_remark(turn: Turn, lines: list[Line], rules: LabelRules) -> list[Turn]:
    """Part the editor's remarks, in brackets or labelled, from the end of an answer: they are nobody's words.

    Those inside an answer stay: without them it falls in two.
    """
    if turn.role != "answer":
        return [turn]
    end = len(turn.lines)
    while end and _is_remark(lines[turn.lines[end - 1]], rules):
        end -= 1
    said = [replace(turn, lines=turn.lines[:end])] if end else []
    return said + [Turn("note", [i]) for i in turn.lines[end:]]


def _is_remark(line: Line, rules: LabelRules) -> bool:
    return line.label is None and bool(_REMARK.fullmatch(line.text) or rules.is_remark(line.text))


def _part_closing(turns: list[Turn], lines: list[Line], rules: LabelRules) -> list[Turn]:
    """Part the announcements told after the last answer from it, and lines about scheduling from those."""
    if not turns or turns[-1].role != "answer" or not any(turn.role == "question" for turn in turns):
        return turns
    last = turns[-1]
    begins = [
        n for n, i in enumerate(last.lines) if rules.is_closing(lines[i].text) or rules.is_scheduling(lines[i].text)
    ]
    start = 0 if last.stands_alone else next((n for n in begins if n > 0), len(last.lines))
    parted = turns[:-1]
    if start:
        parted.append(Turn("answer", last.lines[:start], last.label, last.added, last.stands_alone))
    fresh = True
    for i in last.lines[start:]:
        role: Role = "note" if rules.is_scheduling(lines[i].text) else "answer"
        if role == "answer" and not fresh and parted[-1].role == "answer":
            parted[-1].lines.append(i)
        else:
            parted.append(Turn(role, [i], lines[i].label, last.added, stands_alone=True))
        fresh = False
    return parted
