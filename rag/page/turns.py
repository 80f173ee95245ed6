"""One question of a conversation and what became of it."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from rag.page.surroundings import Surroundings
from rag.types import Answer, Filters, Record

TurnState = Literal["waiting", "running", "done", "stopped", "failed", "interrupted"]
"""interrupted: the server ended while the answer was being written."""

Thumb = Literal["down", "up"]
THUMBS: tuple[Thumb, Thumb] = ("down", "up")

UNFINISHED: frozenset[TurnState] = frozenset({"waiting", "running"})


class Turn(Record):
    """A question, the filters it was asked under, and the newest state of its answer."""

    id: str
    conversation: str
    question: str
    filters: Filters = Filters()
    asked_at: dt.datetime
    state: TurnState = "waiting"
    answer: Answer | None = None
    surroundings: Surroundings | None = None
    message: str | None = None
    """What went wrong, in words for the reader."""
    thumb: Thumb | None = None
    reason: str | None = None
    """Why the reader found the answer good or bad, in their own words."""


class Conversation(Record):
    """What the list of conversations shows."""

    id: str
    reader: str
    title: str
    updated: dt.datetime
    turns: int
