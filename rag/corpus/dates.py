"""The day of a conference: its title, then its page, then its neighbours."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from typing import Literal

from rag.types import Transcript

DateFrom = Literal["header", "title", "page", "neighbours", "unknown"]

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_PATTERNS = [
    re.compile(r"(?P<y>\d{4})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日"),
    re.compile(r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(
        rf"\b(?P<n>{_MONTH})\.?\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:\s*[,，]?\s*(?P<y>(?:19|20)\d\d))?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<n>{_MONTH})\.?(?:\s*[,，]?\s*(?P<y>(?:19|20)\d\d))?",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日"),
]
_NEAR = dt.timedelta(days=20)
"""A page is put up within days of its conference."""
_SAME_SEASON = dt.timedelta(days=60)
"""A title without a year is only trusted this near to a dated neighbour."""
_BESIDE_DATE = 20
"""Characters that may stand beside a date in a line of its own: the place, the day of the week."""
_WAS_HELD = re.compile(
    r"\b(?:held|holds|hosted|presided|chaired|gave)\b.{0,40}\b(?:press conference|briefing)|主持.{0,10}(?:例行)?记者会",
    re.IGNORECASE,
)
_SAME_DAY = 100
"""Page numbers this near were given out on one day: the archive's pages of 2016-2020 advance by 300 to 500 a day."""


def read_date(text: str) -> tuple[int | None, int, int] | None:
    """The last date in `text` as (year or None, month, day); None when there is none that exists."""
    for pattern in _PATTERNS:
        for match in reversed(list(pattern.finditer(text))):
            found = match.groupdict()
            month = _MONTHS[found["n"].lower()] if found.get("n") else int(found["m"])
            year = int(found["y"]) if found.get("y") else None
            if _day(year or 2000, month, int(found["d"])):
                return year, month, int(found["d"])
    return None


def full_date(text: str) -> dt.date | None:
    """The last date in `text` that names its year."""
    found = read_date(text)
    return _day(found[0], found[1], found[2]) if found and found[0] else None


def opening_date(first: str) -> dt.date | None:
    """The day in a page's first paragraph, when that is nothing but a date or tells that a conference was held."""
    day = full_date(first)
    return day if day and (is_date_line(first) or _WAS_HELD.search(first)) else None


def is_date_line(text: str) -> bool:
    """Whether a paragraph is nothing but a date that names its year, with the place or the day of the week."""
    dated = next(
        (match for pattern in _PATTERNS for match in pattern.finditer(text) if match.groupdict().get("y")), None
    )
    if dated is None:
        return False
    beside = (text[: dated.start()] + text[dated.end() :]).strip()
    return len(beside) <= _BESIDE_DATE and (not re.search(r"\w", beside) or not re.search(r"[.。!！?？]$", text))


def conference_date(
    title: str, hints: Iterable[dt.date], related: Iterable[tuple[str, str]], name: str
) -> tuple[dt.date | None, DateFrom]:
    """The day and where it was read: "title", "page" or "unknown".

    Args:
        title: the conference's title.
        hints: days found on its page (when it was put up, its images), best first.
        related: pages that it links as its predecessors: (page name, title).
        name: the page's own name, whose number tells how far a predecessor is.
    """
    known = list(hints)
    found = read_date(title)
    predecessors = [(page, full_date(linked)) for page, linked in related]
    if found is None:
        if known:
            return known[0], "page"
        for page, day in predecessors:
            if day and 0 <= _distance(name, page) <= _SAME_DAY:
                return day, "page"
        return None, "unknown"
    year, month, number = found
    known += [day for _, day in predecessors if day]
    near = next((day for hint in known if (day := _nearest(month, number, hint)) and abs(day - hint) <= _NEAR), None)
    if year is None:
        return (near, "page") if near else (None, "unknown")
    stated = _day(year, month, number)
    if near and stated and near.year != stated.year and not any(hint.year == stated.year for hint in known):
        return near, "page"
    return stated, "title"


def settle(transcripts: list[Transcript]) -> list[Transcript]:
    """Infer what a page alone did not tell from the pages of neighbouring number in the same series.

    A title without a year takes the year that brings it nearest to its neighbours; a page without any date takes the
    day of a neighbour of almost the same number. Others are returned as they are, in the given order.
    """
    dated: dict[str, list[tuple[int, dt.date]]] = {}
    for transcript in transcripts:
        number = _number(transcript.name)
        if transcript.date and number is not None:
            dated.setdefault(_series(transcript), []).append((number, transcript.date))
    return [_settled(transcript, dated.get(_series(transcript), [])) for transcript in transcripts]


def _settled(transcript: Transcript, dated: list[tuple[int, dt.date]]) -> Transcript:
    number = _number(transcript.name)
    if transcript.date or number is None or not dated:
        return transcript
    distance, day = min((abs(other - number), day) for other, day in dated)
    found = read_date(transcript.title)
    if found:
        candidate = _nearest(found[1], found[2], day)
        settled = candidate if candidate and abs(candidate - day) <= _SAME_SEASON else None
    else:
        settled = day if distance <= _SAME_DAY else None
    return transcript.model_copy(update={"date": settled, "date_from": "neighbours"}) if settled else transcript


def _series(transcript: Transcript) -> str:
    """Pages of one series share one run of numbers."""
    return f"{transcript.institution}/{transcript.language}"


def _number(name: str) -> int | None:
    match = re.search(r"(\d{5,})$", name)
    return int(match[1]) if match else None


def _distance(name: str, other: str) -> float:
    mine, theirs = _number(name), _number(other)
    return mine - theirs if mine is not None and theirs is not None else float("inf")


def _nearest(month: int, number: int, hint: dt.date) -> dt.date | None:
    days = [day for year in (hint.year - 1, hint.year, hint.year + 1) if (day := _day(year, month, number))]
    return min(days, key=lambda day: abs(day - hint), default=None)


def _day(year: int | None, month: int, number: int) -> dt.date | None:
    try:
        return dt.date(year or 0, month, number)
    except ValueError:
        return None
