"""Addresses of passages: what the page's links hold and how they are read back."""

from __future__ import annotations

import re
from typing import Self
from urllib.parse import urlencode

from pydantic import model_validator

from rag.types import Record

_PLACE = re.compile(r"(?P<transcript>.+):(?P<start>\d{1,9})-(?P<end>\d{1,9})", re.DOTALL)
_LONGEST = 300


class Place(Record):
    """A transcript, and within it the characters `[start, end)` when some are pointed at."""

    transcript: str
    start: int | None = None
    end: int | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError("a place has both offsets or neither")
        return self

    def __str__(self) -> str:
        return self.transcript if self.start is None else f"{self.transcript}:{self.start}-{self.end}"


def as_it_was(transcript_id: str) -> Place:
    """The whole text that this id was given to, even when another has replaced it: the id alone leads to that one."""
    return Place(transcript=transcript_id, start=0, end=0)


def read_place(text: str | None) -> Place | None:
    """Read what `str(place)` wrote; None for nothing or for text too long to be an address."""
    if not text or len(text) > _LONGEST:
        return None
    match = _PLACE.fullmatch(text)
    if match is None:
        return Place(transcript=text)
    return Place(transcript=match["transcript"], start=int(match["start"]), end=int(match["end"]))


def query_string(**parameters: str | None) -> str:
    """`?c=…&open=…` of the parameters that have a value."""
    return "?" + urlencode({key: value for key, value in parameters.items() if value})
