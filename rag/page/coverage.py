"""What the first screen says of the index: its coverage, and questions that it can answer."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence

from rag.page.citing import counted, day
from rag.types import Record, Source, Transcript

_NAME = re.compile(
    r"(?<=[a-z,] )(?:the )?([A-Z][A-Za-z-]*[A-Za-z](?:-?\d+)?(?: (?:of the |of |and )?[A-Z][A-Za-z-]+){0,3})"
)
_WITH_ARTICLE = re.compile(r"(?:Sea|Peninsula|States|Union|Strait|Forum|Organization|Council|DPRK|US|UN|UK|EU)$")
_PERSON = re.compile(
    r"(?:Mr\.?|Ms\.?|Mrs\.?|Minister|President|Secretary(?: of State)?|Premier|Chancellor|Councilor|Ambassador|Director"
    r"|Spokesperson|Representative|Senator|Commissioner|King|Prince) ((?:[A-Z][a-z]+(?:-[A-Z]?[a-z]+)? ?){1,3})"
)
_COMMON_SHARE = 0.08
_FEWEST = 3
_SHORT_QUESTION = 160
_AGES = (("year", 365), ("month", 30), ("day", 1))
"""Days of each unit in which an age is told."""
_NOT_TOPICS = re.compile(
    r"(?i)\b(?:mr|ms|mrs|dr|spokes\w+|minister|president|secretary|ministry|department|embassy|news|agency|daily|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|chin\w+|foreign|press|government|premier|chancellor|"
    r"councilor|state|beijing|times|reuters|afp|bloomberg|cctv|cnn|bbc|nhk|american|german|french|"
    r"afghan|arab|\w+(?:ese|ish|ian|ean))\b"
)


class Coverage(Record):
    """How much is in the index and from when."""

    conferences: int
    exchanges: int
    first: dt.date | None
    last: dt.date | None
    months: tuple[tuple[dt.date, int], ...]
    """First day of each month of the range and how many conferences it has, months without any included."""
    speakers: tuple[tuple[str, int], ...]
    """Spokespersons and how many conferences each gave, most first."""

    def sentence(self) -> str:
        """One line on the whole."""
        parts = [counted(self.conferences, "conference"), counted(self.exchanges, "exchange")]
        if self.first and self.last:
            parts.append(day(self.first) if self.first == self.last else f"{day(self.first)} to {day(self.last)}")
        return " · ".join(parts)

    def newest(self, today: dt.date) -> str:
        """`Newest conference: 3 July 2020, 6 years ago`; empty when none is dated."""
        if self.last is None:
            return ""
        days = (today - self.last).days
        number, unit = next((days // length, unit) for unit, length in _AGES if days >= length or length == 1)
        ago = f", {counted(number, unit)} ago" if number > 0 else ", today" if days == 0 else ""
        return f"Newest conference: {day(self.last)}{ago}"


def coverage(sources: Sequence[Source], exchanges: int) -> Coverage:
    """Count the sources by month and spokesperson."""
    dates = sorted(source.date for source in sources if source.date)
    by_month = Counter(date.replace(day=1) for date in dates)
    months = []
    if dates:
        month, last = dates[0].replace(day=1), dates[-1]
        while month <= last:
            months.append((month, by_month[month]))
            month = (month + dt.timedelta(days=32)).replace(day=1)
    return Coverage(
        conferences=len(sources),
        exchanges=exchanges,
        first=dates[0] if dates else None,
        last=dates[-1] if dates else None,
        months=tuple(months),
        speakers=tuple(Counter(source.speaker for source in sources if source.speaker).most_common()),
    )


def topics(transcripts: Sequence[Transcript], limit: int) -> tuple[str, ...]:
    """Names that many exchanges bear on, most first; those in nearly all of them say nothing and are left out.

    A topic is a name that stands in the question and in the answer of the same exchange: then the record speaks to it.
    """
    counts: Counter[str] = Counter()
    people: set[str] = set()
    exchanges = 0
    for transcript in transcripts:
        people.update(word for name in _PERSON.findall(transcript.text) for word in name.split())
        for exchange in transcript.exchanges:
            exchanges += 1
            if exchange.question is None:
                continue
            asked = _names(transcript.text[exchange.question.start : exchange.question.end])
            answered = transcript.text[exchange.answer.start : exchange.answer.end]
            counts.update(name for name in asked if name in answered)
    most = max(3, exchanges * _COMMON_SHARE)
    chosen: list[str] = []
    for name, count in counts.most_common():
        known = any(name in other or other in name for other in chosen) or not people.isdisjoint(name.split())
        if _FEWEST <= count <= most and not known:
            chosen.append(name)
        if len(chosen) == limit:
            break
    return tuple(chosen)


def examples(transcripts: Sequence[Transcript], limit: int = 6) -> tuple[str, ...]:
    """Questions drawn from the index, for a reader who does not know what to ask.

    `transcripts` are the newest first. Where names do not recur (a small index, a language without capitals), they are
    short questions that reporters asked.
    """
    found = topics(transcripts, limit)
    if len(found) >= limit // 2:
        return tuple(f"What was said about {_with_article(topic)}?" for topic in found)
    questions = (
        transcript.text[exchange.question.start : exchange.question.end]
        for transcript in transcripts
        for exchange in transcript.exchanges
        if exchange.question
    )
    return tuple(dict.fromkeys(question for question in questions if len(question) <= _SHORT_QUESTION))[:limit]


def _names(text: str) -> set[str]:
    return {name for name in _NAME.findall(text) if len(name) > 3 and not _NOT_TOPICS.search(name)}


def _with_article(topic: str) -> str:
    return f"the {topic}" if _WITH_ARTICLE.search(topic) else topic
