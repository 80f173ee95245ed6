"""Where a link leads: to its words in the text on record, or to the earlier version that it was made for."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from rag.indexing.records import Records
from rag.types import Span, Transcript


class Located(NamedTuple):
    """What a link (id, start, end) shows."""

    transcript: Transcript
    start: int | None
    end: int | None
    """Half-open offsets into the transcript's text; None when no words are pointed at."""
    replaced: dt.datetime | None = None
    """When the text that the link was made for was replaced; None when it is the one on record."""
    is_earlier: bool = False
    """Whether this is that earlier text, because its words do not stand in the one on record."""
    since: dt.datetime | None = None
    """When the text on record took the place of an earlier version; None when there was none."""

    @property
    def note(self) -> str | None:
        """What the reader should know of it; None when that is nothing."""
        if self.replaced is None:
            return f"This text replaced an earlier version on {_day(self.since)}." if self.since else None
        day = _day(self.replaced)
        if self.is_earlier:
            gone = "" if self.start is None else " These words do not stand in the text on record now."
            return f"An earlier version, replaced on {day}.{gone}"
        found = "This is the text now." if self.start is None else "The words still stand; this is their place now."
        return f"The link was made to an earlier version, replaced on {day}. {found}"


def locate(records: Records, id: str, start: int | None = None, end: int | None = None) -> Located:
    """Follow a link, whatever became of the text that it was made for.

    Offsets of an earlier version lead to the same words in the text on record when these stand there, in an answer as
    they did, else to the earlier version itself. Those of another source of a conference say nothing about its text.

    Args:
        records: what is on record.
        id: of a transcript, of another source of it or of an earlier version.
        start, end: half-open offsets into the text of this id, or neither.

    Raises:
        KeyError: nothing of this id is or was on record.
    """
    transcript = records.transcript(id)
    version = records.earlier(id) if transcript.id != id else None
    if version is None:
        if transcript.id != id:
            return Located(transcript, None, None)
        since = next((earlier.replaced for earlier in records.earlier_versions(id)), None)
        return Located(transcript, start, end, since=since)
    old = version.transcript
    if start is None or end is None:
        return Located(transcript, None, None, version.replaced)
    if _holder(old, start, end) is None:
        return Located(old, None, None, version.replaced, is_earlier=True)
    found = _place(old.text[start:end], start, transcript)
    if found:
        return Located(transcript, *found, version.replaced)
    return Located(old, start, end, version.replaced, is_earlier=True)


def _place(quote: str, near: int, transcript: Transcript) -> tuple[int, int] | None:
    """Where the words of `quote` stand inside an answer, the place nearest to `near`; white space may differ."""
    words = re.compile(r"\s+".join(re.escape(word) for word in quote.split()))
    found = [match.span() for match in words.finditer(transcript.text) if _holder(transcript, *match.span())]
    return min(found, key=lambda place: abs(place[0] - near), default=None)


def _holder(transcript: Transcript, start: int, end: int) -> Span | None:
    """The answer that holds these offsets."""
    answers = (exchange.answer for exchange in transcript.exchanges)
    return next((answer for answer in answers if answer.start <= start < end <= answer.end), None)


def _day(moment: dt.datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
