"""Finds the period of the statements that a question names ("in early 2019", "second half of March 2020").

A date can also belong to the topic: "the 2016 tribunal ruling", "after trawlers were caught in late 2018", "the
visit planned for April 2020". Such dates stay in the topic, because the statements may be from another time.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from rag.retrieval.dates import MONTH, Date, dates_in, days_of, relative_days
from rag.types import Period

_MONTHS_JOINED = re.compile(rf"\b({MONTH})-(?={MONTH})", re.IGNORECASE)
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


def find_period(question: str, coverage: Period, today: dt.date) -> Found | None:
    """The period of the statements that the question names; None when it names none.

    Args:
        question: As typed.
        coverage: First and last day on record. A date outside it can only belong to the topic.
        today: What "last month" is counted from.
    """
    # A month after a hyphen is read only where another stands before it: "Jan-March 2019".
    joined = _MONTHS_JOINED.sub(r"\1–", question)
    points = list(dates_in(joined))
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


def _linked(question: str, first: Date, second: Date) -> bool:
    between = question[first.match.end() : second.match.start()]
    return bool(_LINK.fullmatch(between)) and not (first.match["relative"] or second.match["relative"])


def _read(question: str, group: list[Date], coverage: Period, today: dt.date) -> Found | None:
    start, end = group[0].match.start(), group[-1].match.end()
    before, after = question[:start], question[end:]
    opening = _OPENING.search(before)
    word = re.sub(r"\s+", " ", opening[1].lower()) if opening else ""
    years = [point.year for point in group if point.year is not None]
    if group[0].match["relative"]:
        first, last = relative_days(group[0].match["relative"].lower(), today)
        return Found(Period(first=first, last=last), start, end)
    if not years or _is_topic(before, after, word, group):
        return None
    try:
        days = [days_of(point, point.year or _inherited(point, group)) for point in group]
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


def _is_topic(before: str, after: str, word: str, group: list[Date]) -> bool:
    """Whether the date says when something else happened than the statements asked for."""
    bare_year = group[0].match["year"] and not (group[0].match["third"] or group[0].match["nth"])
    if word == "for" or (word == "by" and bare_year) or _EVENT_VERB.search(before):
        return True
    if group[0].month is None and _EVENT_NAME.search(before):  # "Beijing 2022", but not "in Beijing, January 2019"
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


def _inherited(point: Date, group: list[Date]) -> int:
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
