"""Answers that readers of the page rated, as evaluation cases.

A case is a line that `onrecord evaluate answers --topics` reads as a labelled question, with what a judge needs beside
it: the verdict, the reader's reason, and the answer as it was shown, sentence by sentence with its quotes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

from rag.evaluation.answers import Topic
from rag.page.turns import Thumb, Turn
from rag.types import Citation, Filters, Record

REFUSED_RIGHTLY = "unanswerable"
RATED = "rated"


class CitedSentence(Record):
    """One sentence as shown, with the words that it cites."""

    text: str
    label: str
    citations: tuple[Citation, ...]


class Case(Topic):
    """A rated answer. `type` is "unanswerable" where the reader approved of a refusal, else "rated"."""

    filters: Filters
    thumb: Thumb
    reason: str | None
    """Why, in the reader's words."""
    asked_at: dt.datetime
    refused: bool
    refusal: str | None
    """What the answer said beside its sentences: why it is a refusal, or why it is quotes only."""
    sentences: tuple[CitedSentence, ...]
    models: dict[str, str]
    index: str | None


def case(turn: Turn, history: Sequence[Turn]) -> Case | None:
    """The case of a turn and those before it in its conversation; None when it is not rated or has no answer."""
    answer = turn.answer
    if turn.thumb is None or answer is None:
        return None
    return Case(
        qid=turn.id,
        type=REFUSED_RIGHTLY if answer.refused and turn.thumb == "up" else RATED,
        query=turn.question,
        history=tuple(earlier.question for earlier in history),
        filters=turn.filters,
        thumb=turn.thumb,
        reason=turn.reason,
        asked_at=turn.asked_at,
        refused=answer.refused,
        refusal=answer.reason,
        sentences=tuple(
            CitedSentence(
                text=sentence.text,
                label=sentence.label,
                citations=tuple(answer.citations[n - 1] for n in sentence.citations),
            )
            for sentence in answer.sentences
        ),
        models=answer.models,
        index=answer.index,
    )


def cases(conversations: Iterable[Sequence[Turn]]) -> list[Case]:
    """The cases of whole conversations, in their order."""
    made = (case(turn, turns[:place]) for turns in conversations for place, turn in enumerate(turns))
    return [one for one in made if one]


def write_cases(found: Iterable[Case], out: Path) -> None:
    """Write cases as JSON lines."""
    lines = (one.model_dump_json(by_alias=True) + "\n" for one in found)
    out.write_text("".join(lines), encoding="utf-8")
