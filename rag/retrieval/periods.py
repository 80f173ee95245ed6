"""Finds the period of the statements that a question names ("in early 2019", "second half of March 2020").

A date can also belong to the topic: "the 2016 tribunal ruling", "after trawlers were caught in late 2018", "the
visit planned for April 2020". Such dates stay in the topic, because the statements may be from another time.
Thirds of a month and of a year are read alike: early March is 1-10 March, early 2019 is January to April.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import NamedTuple

from rag.types import Period

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "latter": 2}
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "nine": 9, "ten": 10} | {
    str(count): count for count in range(2, 29)
}
_THIRDS = {"early": 1, "beginning": 1, "start": 1, "mid": 2, "middle": 2, "late": 3, "latter": 3, "end": 3}

_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
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
    rf"|(?P<day_first>{_DAY})(?:{_TO}(?P<day_last>{_DAY}))?\s+(?:of\s+)?(?P<month_after>{_MONTH})(?:,?\s+(?P<year_after>{_YEAR}))?"
    rf"|q(?P<quarter>[1-4])\s+(?:of\s+)?(?P<quarter_year>{_YEAR})"
    rf"|(?:h(?P<half>[12])|(?P<half_before>[12])h)\s+(?:of\s+)?(?P<half_year>{_YEAR})"
    rf"|{_PART}?(?:the\s+)?(?:(?:month\s+of\s+)?(?P<month>{_MONTH})(?:\s+(?P<day>{_DAY})(?:{_TO}(?P<day_to>{_DAY}))?)?"
    rf"(?:,?\s+(?:of\s+)?(?P<month_year>{_YEAR}))?"
    rf"|(?P<season>{'|'.join(_SEASONS)})(?:\s+(?:of\s+)?(?P<season_year>{_YEAR})(?:[-–/]\d\d(?:\d\d)?)?)"
    rf"|(?:year\s+)?(?P<year>{_YEAR})(?:[-–/](?P<year_to>(?:20)?\d\d))?)"
    r"|(?P<relative>yesterday|(?:this|last|past)\s+(?:week|month|year))"
    # "2019-nCoV" names a virus.
    r")(?!\w|-[^\W\d_])",
    re.IGNORECASE,
)
_MONTHS_JOINED = re.compile(rf"\b({_MONTH})-(?={_MONTH})", re.IGNORECASE)
_LINK = re.compile(
    r"\s*(?:,?\s*and(?:\s+then)?|to|through|until|till|or|-|–|—|/)\s*(?:the\s+|in\s+|of\s+)*", re.IGNORECASE
)
_OPENING = re.compile(
    r"\b(between|from|since|(?:starting|beginning)\s+(?:in|on|from|with)|after|before|until|till|up\s+to|prior\s+to|"
    r"(?:no|not)\s+later\s+than|by|for|as\s+of|in|on|during|over|throughout|of|at|around|within|dated)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_WEEK_OF = re.compile(
    r"\b(?:(?:in|during)\s+)?the\s+week\s+(?:of|from|starting|beginning)\s+(?:monday,?\s+)?(?:the\s+)?$", re.I
)
_ONWARDS = re.compile(r"\s+(?:onwards?|forwards?|and\s+(?:later|after)|on(?=\s*(?:[,.:;?]|$)))", re.IGNORECASE)
_EVENT_BEFORE = re.compile(
    r"\b(?:after|following|since|once|because|before)\s+(?!that\b)(?:\S+\s+)+(?:in|on|of|from|at|during)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_EVENT_VERB = re.compile(
    r"\b(?:arrest|detain|kill|caught|captur|sign|launch|held|sentenc|elect|found|establish|adopt|enact|pass|born|seiz|"
    r"attack|publish|plann|schedul|slat|expect|postpon|due|set|impos|unveil|lift|withdr|began|begun|started|erupt|happen|occur|broke)\w*\s+(?:\S+\s+){0,3}?"
    r"(?:in|on|for|to|until|since|by|during)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_EVENT_NAME = re.compile(
    r"(?:olympics?|games|expo|cup|tokyo|beijing|vision|agenda|horizon|covid|class\s+of)\s+$", re.IGNORECASE
)
_STATEMENT_WORD = re.compile(
    r"[\s,:]*(?:\w+\s+)?(?:statements?|remarks?|comments?|repl(?:y|ies)|answers?|responses?|reactions?|positions?|"
    r"briefings?|press|conferences?|threats?|warnings?|criticisms?|denials?|objections?|condemnations?|views?|stances?)\b",
    re.IGNORECASE,
)
_DETERMINER = re.compile(
    r"(?:\b(?:the|this|that|its|their|his|her|a|an|of|for|to|on|with|about|over|by)|['’]s?)\s+$", re.IGNORECASE
)


class Found(NamedTuple):
    """A period and the characters of the question that name it."""

    period: Period
    start: int
    end: int


class _Point(NamedTuple):
    """A date as written: a year may be missing, and then `month` is not."""

    match: re.Match[str]
    year: int | None
    month: int | None


def find_period(question: str, coverage: Period, today: dt.date) -> Found | None:
    """The period of the statements that the question names; None when it names none.

    Args:
        question: As typed.
        coverage: First and last day on record. A date outside it can only belong to the topic.
        today: What "last month" is counted from.
    """
    # A month after a hyphen is read only where another stands before it: "Jan-March 2019".
    joined = _MONTHS_JOINED.sub(r"\1–", question)
    points = [_point(match) for match in _POINT.finditer(joined)]
    position = 0
    while position < len(points):
        group = [points[position]]
        while position + 1 < len(points) and _linked(question, group[-1], points[position + 1]):
            position += 1
            group.append(points[position])
        position += 1
        found = _read(question, group, coverage, today)
        if found is not None:
            return found
    return None


def _point(match: re.Match[str]) -> _Point:
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
    return _Point(match, int(year) if year else None, month)


def _linked(question: str, first: _Point, second: _Point) -> bool:
    between = question[first.match.end() : second.match.start()]
    return bool(_LINK.fullmatch(between)) and not (first.match["relative"] or second.match["relative"])


def _read(question: str, group: list[_Point], coverage: Period, today: dt.date) -> Found | None:
    start, end = group[0].match.start(), group[-1].match.end()
    before, after = question[:start], question[end:]
    opening = _OPENING.search(before)
    word = re.sub(r"\s+", " ", opening[1].lower()) if opening else ""
    years = [point.year for point in group if point.year is not None]
    if group[0].match["relative"]:
        first, last = _relative(group[0].match["relative"].lower(), today)
        return Found(Period(first=first, last=last), start, end)
    if not years or _is_topic(before, after, word, group):
        return None
    try:
        days = [_days(point, point.year or _inherited(point, group)) for point in group]
    except ValueError:  # no such day, for example 31 June
        return None
    first, last = min(min(day) for day in days), max(max(day) for day in days)
    if (coverage.first and last < coverage.first) or (coverage.last and first > coverage.last):
        return None
    week = _WEEK_OF.search(before)
    if week and first == last:
        return Found(Period(first=first, last=first + dt.timedelta(days=6)), week.start(), end)
    onwards = _ONWARDS.match(after) if word == "from" else None
    if onwards:
        word, end = "since", end + onwards.end()
    return Found(_bounded(word, first, last), opening.start() if opening else start, end)


def _is_topic(before: str, after: str, word: str, group: list[_Point]) -> bool:
    """Whether the date says when something else happened than the statements asked for."""
    bare_year = group[0].match["year"] and not (group[0].match["third"] or group[0].match["nth"])
    if word == "for" or (word == "by" and bare_year) or _EVENT_VERB.search(before) or _EVENT_NAME.search(before):
        return True
    if _EVENT_BEFORE.search(before) and word not in ("since", "after", "before", "as of"):
        return True
    followed = bool(re.match(r"\s+[A-Za-z]", after)) and not re.match(
        r"\s+(?:and|or|on|about|over|regarding|in|at|to|when|what|did|does|do|was|were|is|are|has|have|had|would|will|why|how|who|"
        r"by|from|after|before|during|that|he|she|they|china|beijing)\b",
        after,
        re.IGNORECASE,
    )
    adjective = followed and not _STATEMENT_WORD.match(after)
    if word in ("", "of", "over", "at", "on") and adjective:
        determined = group[0].match.group().lower().startswith("the ") or _DETERMINER.search(before)
        return bool(bare_year or determined or word)
    return bool(adjective and bare_year and word in ("after", "before", "since", "in") and re.match(r"\s+[A-Z]", after))


def _days(point: _Point, year: int) -> tuple[dt.date, dt.date]:
    """First and last day of one point; raises ValueError when there is no such day."""
    part = point.match.groupdict()
    numbered = part["quarter"] or part["half"] or part["half_before"]
    if numbered:
        size = 3 if part["quarter"] else 6
        return _months(year, size * (int(numbered) - 1) + 1, size)
    if part["year_to"]:
        return dt.date(year, 1, 1), dt.date(2000 + int(part["year_to"][-2:]), 12, 31)
    if part["season"]:
        return _months(year, point.month or 1, 3)
    if point.month is None:
        return _part_of_year(year, part)
    day = part["day_first"] or part["day"] or part["iso_day"] or part["dotted_day"]
    if day:
        last = part["day_to"] or part["day_last"] or day
        numbers = [int(re.sub(r"\D", "", text)) for text in (day, last)]
        return dt.date(year, point.month, numbers[0]), dt.date(year, point.month, numbers[1])
    return _part_of_month(year, point.month, part)


def _part_of_month(year: int, month: int, part: dict[str, str | None]) -> tuple[dt.date, dt.date]:
    length = calendar.monthrange(year, month)[1]
    first, last = 1, length
    if part["third"]:
        number = _THIRDS[part["third"].lower().split()[0]]
        first, last = ((1, 10), (11, 20), (21, length))[number - 1]
    elif part["nth"]:
        count = _COUNTS.get((part["count"] or "").lower())
        size = {"half": 15, "third": 10, "week": 7 * (count or 1), "day": count or 5}.get(
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
            days = 7 * (count or 1) if unit == "week" else count or 5
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


def _inherited(point: _Point, group: list[_Point]) -> int:
    """The year of a date written without one ("February and early March 2020", "from March 2020 to May")."""
    position = group.index(point)
    later = next((other for other in group[position + 1 :] if other.year), None)
    if later is not None and later.year:
        return later.year - int(bool(later.month and point.month and point.month > later.month))
    earlier = next(other for other in reversed(group[:position]) if other.year)
    return (earlier.year or 0) + int(bool(earlier.month and point.month and point.month < earlier.month))


def _bounded(word: str, first: dt.date, last: dt.date) -> Period:
    one_day = dt.timedelta(days=1)
    if word == "since" or word.startswith(("starting", "beginning")):
        return Period(first=first)
    if word == "after":
        return Period(first=last + one_day)
    if word in ("before", "prior to"):
        return Period(last=first - one_day)
    if word in ("until", "till", "up to", "by", "no later than", "not later than"):
        return Period(last=last)
    return Period(first=first, last=last)


def _relative(words: str, today: dt.date) -> tuple[dt.date, dt.date]:
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
