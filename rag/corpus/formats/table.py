"""Reads a table of question/answer rows, such as CMFA PressCon, as conferences.

Rows of one day and one address are a conference; without an address, rows of one day and spokesperson. Cells are
taken as they are: no label is added and nothing of a question or answer is left out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from rag.corpus.formats.cells import LONGEST_CELL, Sheet, iter_sheets
from rag.corpus.formats.columns import Columns
from rag.corpus.formats.conference import Conference, Entry
from rag.corpus.formats.days import Days
from rag.corpus.formats.members import Member, transcript_member, unusable_member
from rag.errors import ReadError

_ADDRESS = re.compile(r"https?://[^\s/]+/\S+", re.IGNORECASE)
_OFFICE = re.compile(r"^.*?(?:spokesperson|spokesman|spokeswoman)s?[:\s]+(?=\S)", re.IGNORECASE)


class _Line(NamedTuple):
    """A row with its cells by field; a field without a column is empty."""

    name: str
    """As it is reported: `row 17`, `Sheet2 row 17`."""
    cells: dict[str, str]

    def content(self) -> tuple[str, ...]:
        """What makes a row the same as another."""
        return tuple(" ".join(self.cells.get(field, "").split()) for field in _CONTENT)


_CONTENT = ("date", "speaker", "asked_by", "question", "answer", "link")


def iter_table(data: bytes, path: str, columns: Columns) -> Iterator[Member]:
    """The conferences of a table, in the order of their first rows, and every row that cannot be used with its reason.

    The whole table is held in memory.

    Raises:
        ReadError: no sheet has the columns that are needed, or the file is damaged.
    """
    lines: list[_Line] = []
    unread: list[Member] = []
    error: ReadError | None = None
    for sheet in iter_sheets(data, path):
        try:
            lines += _lines(sheet, columns)
        except ReadError as reason:
            error = error or reason
            unread.append(unusable_member(f"sheet {sheet.name}", str(reason)))
    if not lines:
        raise error or ReadError("the table has no rows")
    yield from unread
    yield from _conferences(lines, columns.institution_of(PurePosixPath(path).name))


def _lines(sheet: Sheet, columns: Columns) -> list[_Line]:
    header = next(sheet.rows, None)
    if header is None:
        return []
    places = columns.find(header.cells)
    prefix = f"{sheet.name} row" if sheet.name else "row"
    lines = []
    for number, cells in sheet.rows:
        known = {field: cells[place] if place < len(cells) else "" for field, place in places.items()}
        if len(cells) > len(header.cells) and any(cells[len(header.cells) :]):
            known["misplaced"] = f"it has {len(cells)} cells where the header has {len(header.cells)}"
        lines.append(_Line(f"{prefix} {number}", known))
    return lines


def _conferences(lines: list[_Line], institution: str | None) -> Iterator[Member]:
    days = Days(line.cells["date"] for line in lines)
    first_of: dict[tuple[str, ...], str] = {}
    groups: defaultdict[tuple[dt.date, str], list[_Line]] = defaultdict(list)
    days_of: defaultdict[str, set[dt.date]] = defaultdict(set)
    for line in lines:
        content = line.content()
        try:
            day = days.read(line.cells["date"])
            _check(line.cells)
            if content in first_of:
                raise ValueError(f"it repeats {first_of[content]}")
        except ValueError as reason:
            yield unusable_member(line.name, str(reason))
            continue
        first_of[content] = line.name
        link = _link(line.cells)
        groups[day, link or f"by {line.cells['speaker']}"].append(line)
        days_of[link].add(day)
    for (day, _), group in groups.items():
        link = _link(group[0].cells)
        conference = Conference(
            day=day,
            entries=[_entry(line.cells) for line in group],
            link=link or None,
            is_page=len(days_of[link]) == 1,
            title=_only(group, "title"),
            institution=_only(group, "institution") or institution,
            language=_only(group, "language"),
        )
        transcript = conference.transcript()
        if transcript:
            yield transcript_member(transcript)
        else:
            yield from (unusable_member(line.name, "it has a question, and its day no answer") for line in group)


def _check(cells: dict[str, str]) -> None:
    if "misplaced" in cells:
        raise ValueError(cells["misplaced"])
    if not cells["question"] and not cells["answer"]:
        raise ValueError("it has neither a question nor an answer")
    longest = max(map(len, cells.values()))
    if longest > LONGEST_CELL:
        raise ValueError(f"a cell has {longest} characters, at most {LONGEST_CELL} are read")


def _link(cells: dict[str, str]) -> str:
    """The page's address; what is none, such as a number or a script, is passed over."""
    link = cells.get("link", "")
    return link if _ADDRESS.fullmatch(link) else ""


def _entry(cells: dict[str, str]) -> Entry:
    return Entry(
        question=cells["question"],
        answer=cells["answer"],
        asked_by=cells.get("asked_by") or None,
        speaker=_OFFICE.sub("", cells["speaker"]) or None,
    )


def _only(group: list[_Line], field: str) -> str | None:
    """What the rows of a conference say of it, when they agree."""
    found = {line.cells.get(field, "") for line in group} - {""}
    return found.pop() if len(found) == 1 else None
