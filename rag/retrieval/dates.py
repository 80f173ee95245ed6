"""Dates as questions write them, and the days that each means ("early March 2020", "the first two weeks of May").

Thirds of a month and of a year are read alike: early March is 1-10 March, early 2019 is January to April.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from typing import NamedTuple

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
FEW_DAYS = 7
"""What "the first days of" a month are: a day too many costs nothing, one too few hides answers."""
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "latter": 2}
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "nine": 9, "ten": 10} | {
    str(count): count for count in range(2, 29)
}
_THIRDS = {"early": 1, "beginning": 1, "start": 1, "mid": 2, "middle": 2, "late": 3, "latter": 3, "end": 3}

MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_NUMBERED_YEAR = r"(?:19|20)\d\d"
_YEAR = rf"{_NUMBERED_YEAR}(?![\d%])"
_DAY = r"[0-3]?\d(?:st|nd|rd|th)?(?![\d%])"
_TO = r"(?:\s*[-–]\s*|\s+(?:to|and|until|till|through)\s+(?:the\s+)?)"
_PART = (
    rf"(?:(?:the\s+)?(?:very\s+)?(?P<third>early|mid|late|(?:early|latter|late)\s+part\s+of|(?:beginning|start|middle|end)\s+of)"
    rf"[\s-]+(?:in\s+|the\s+)?"
    rf"|(?:the\s+)?(?P<nth>{'|'.join(_ORDINALS)}|last|final)\s+(?:(?P<count>{'|'.join(_COUNTS)}|few)\s+)?"
    rf"(?P<unit>half|quarter|third|week|day|month)s?\s+(?:of|in)\s+)"
)
_POINT = re.compile(
    r"(?<![\w$€£.,-])(?:"
    rf"(?P<iso_year>{_NUMBERED_YEAR})[-/.](?P<iso_month>[01]\d)(?:[-/.](?P<iso_day>[0-3]\d))?\b"
    rf"|(?P<dotted_day>[0-3]?\d)[./](?P<dotted_month>[01]?\d)[./](?P<dotted_year>{_YEAR})"
    rf"|(?P<day_first>{_DAY})(?:{_TO}(?P<day_last>{_DAY}))?\s+(?:of\s+)?(?P<month_after>{MONTH})(?:,?\s+(?P<year_after>{_YEAR}))?"
    rf"|q(?P<quarter>[1-4])\s+(?:of\s+)?(?P<quarter_year>{_YEAR})"
    rf"|(?:h(?P<half>[12])|(?P<half_before>[12])h)\s+(?:of\s+)?(?P<half_year>{_YEAR})"
    rf"|{_PART}?(?:the\s+)?(?:(?:month\s+of\s+)?(?P<month>{MONTH})(?:\s+(?P<day>{_DAY})(?:{_TO}(?P<day_to>{_DAY}))?)?"
    rf"(?:,?\s+(?:of\s+)?(?P<month_year>{_YEAR}))?"
    rf"|(?P<season>{'|'.join(_SEASONS)})(?:\s+(?:of\s+)?(?P<season_year>{_YEAR})(?:[-–/]\d\d(?:\d\d)?)?)"
    rf"|(?:year\s+)?(?P<year>{_YEAR})(?:[-–/](?P<year_to>(?:20)?\d\d))?)"
    r"|(?P<relative>yesterday|(?:this|last|past)\s+(?:week|month|year))"
    # "2019-nCoV" names a virus.
    r")(?!\w|-[^\W\d_])",
    re.IGNORECASE,
)


class Date(NamedTuple):
    """A date as written: a year may be missing, and then `month` is not."""

    match: re.Match[str]
    year: int | None
    month: int | None


def dates_in(text: str) -> Iterator[Date]:
    """Every date in a text, in order."""
    return map(_read, _POINT.finditer(text))


def _read(match: re.Match[str]) -> Date:
    part = match.groupdict()
    year = next(
        (
            part[key]
            for key in (
                "iso_year",
                "dotted_year",
                "year_after",
                "quarter_year",
                "half_year",
                "month_year",
                "season_year",
                "year",
            )
            if part[key]
        ),
        None,
    )
    name = part["month_after"] or part["month"]
    month = _MONTHS[name.lower().rstrip(".")] if name else None
    if part["season"]:
        month = _SEASONS[part["season"].lower()]
    if part["iso_month"] or part["dotted_month"]:
        month = int(part["iso_month"] or part["dotted_month"])
    return Date(match, int(year) if year else None, month)


def days_of(date: Date, year: int) -> tuple[dt.date, dt.date]:
    """First and last day of a date; raises ValueError when there is no such day."""
    part = date.match.groupdict()
    numbered = part["quarter"] or part["half"] or part["half_before"]
    if numbered:
        size = 3 if part["quarter"] else 6
        return _months(year, size * (int(numbered) - 1) + 1, size)
    if part["year_to"]:
        return dt.date(year, 1, 1), dt.date(2000 + int(part["year_to"][-2:]), 12, 31)
    if part["season"]:
        return _months(year, date.month or 1, 3)
    if date.month is None:
        return _part_of_year(year, part)
    day = part["day_first"] or part["day"] or part["iso_day"] or part["dotted_day"]
    if day:
        last = part["day_to"] or part["day_last"] or day
        numbers = [int(re.sub(r"\D", "", text)) for text in (day, last)]
        return dt.date(year, date.month, numbers[0]), dt.date(year, date.month, numbers[1])
    return _part_of_month(year, date.month, part)


def relative_days(words: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of "last month" and the like."""
    name, _, unit = words.partition(" ")
    back = 0 if name == "this" else 1
    if unit == "week":
        monday = today - dt.timedelta(days=today.weekday() + 7 * back)
        return monday, monday + dt.timedelta(days=6)
    if unit == "month":
        index = today.year * 12 + today.month - 1 - back
        return _months(index // 12, index % 12 + 1, 1)
    if unit == "year":
        return _months(today.year - back, 1, 12)
    yesterday = today - dt.timedelta(days=1)
    return yesterday, yesterday


def _part_of_month(year: int, month: int, part: dict[str, str | None]) -> tuple[dt.date, dt.date]:
    length = calendar.monthrange(year, month)[1]
    first, last = 1, length
    if part["third"]:
        number = _THIRDS[part["third"].lower().split()[0]]
        first, last = ((1, 10), (11, 20), (21, length))[number - 1]
    elif part["nth"]:
        count = _COUNTS.get((part["count"] or "").lower())
        size = {"half": 15, "third": 10, "week": 7 * (count or 1), "day": count or FEW_DAYS}.get(
            (part["unit"] or "").lower(), length
        )
        name = part["nth"].lower()
        if name in ("last", "final"):
            first = length - size + 1
        else:
            number = _ORDINALS[name]
            first = (number - 1) * size + 1
            closes = size >= 10 and number * size + size > length
            last = length if closes else min(length, number * size)
    return dt.date(year, month, first), dt.date(year, month, last)


def _part_of_year(year: int, part: dict[str, str | None]) -> tuple[dt.date, dt.date]:
    if part["third"]:
        number = _THIRDS[part["third"].lower().split()[0]]
        return _months(year, 4 * number - 3, 4)
    if part["nth"]:
        unit = (part["unit"] or "").lower()
        count = _COUNTS.get((part["count"] or "").lower())
        size = {"half": 6, "third": 4, "quarter": 3, "month": count or 1}.get(unit)
        if size is None:
            days = 7 * (count or 1) if unit == "week" else count or FEW_DAYS
            if part["nth"].lower() in ("last", "final"):
                return dt.date(year, 12, 32 - days), dt.date(year, 12, 31)
            return dt.date(year, 1, 1), dt.date(year, 1, days)
        name = part["nth"].lower()
        if name in ("last", "final"):
            return _months(year, 13 - size, size)
        return _months(year, min(size * (_ORDINALS[name] - 1) + 1, 13 - size), size)
    return _months(year, 1, 12)


def _months(year: int, month: int, count: int) -> tuple[dt.date, dt.date]:
    """First and last day of `count` months from `month`, over the end of the year when need be."""
    beyond = year * 12 + month - 1 + count
    return dt.date(year, month, 1), dt.date(beyond // 12, beyond % 12 + 1, 1) - dt.timedelta(days=1)
