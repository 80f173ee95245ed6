"""A language model that replies from a queue, and evidence made by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from rag.generation.language_model import Cancelled, Prompt, Written, never
from rag.types import AnswerSpan, Evidence, Exchange, Source, Span


class QueuedModel:
    """Replies what it was given, in order, and records what it was asked. `support` is its score for everything."""

    name = "queued"
    digest = "d" * 64
    parameters = 1_500_000_000
    waiting = 0

    def __init__(self, *replies: str, support: float = 1.0) -> None:
        self.replies = list(replies)
        self.support = support
        self.asked: list[tuple[Prompt, str]] = []

    def prepare(self, prompt: Prompt, cancelled: Cancelled = never) -> None:
        pass

    def write(self, prompt: Prompt, text: str, *, limit: int, start: str = "", cancelled: Cancelled = never) -> Written:
        self.asked.append((prompt, text))
        return Written(text=self.replies.pop(0) if self.replies else "", finished=not cancelled())

    def stream(self, prompt: Prompt, text: str, *, limit: int, cancelled: Cancelled = never) -> Iterator[str]:
        yield self.write(prompt, text, limit=limit, cancelled=cancelled).text

    def score(self, prompt: Prompt, text: str, cancelled: Cancelled = never) -> float:
        self.asked.append((prompt, text))
        return self.support


def span_of(text: str, exchange: str = "t1-abc.0", start: int = 100) -> AnswerSpan:
    return AnswerSpan(
        start=start, end=start + len(text), transcript=exchange.rpartition(".")[0], exchange=exchange, text=text
    )


def evidence_of(text: str, day: dt.date | None, number: int = 0, start: int = 100, score: float = 1.0) -> Evidence:
    """Evidence from a transcript of its own, `t<number>`."""
    transcript = f"t{number}-abc"
    return Evidence(
        span=span_of(text, f"{transcript}.0", start),
        exchange=Exchange(
            id=f"{transcript}.0",
            transcript=transcript,
            ordinal=0,
            kind="exchange",
            question=Span(start=1, end=90),
            answer=Span(start=100, end=5000),
            asked_by="Gazette",
            speaker="Li Ming",
        ),
        source=Source(
            transcript=transcript,
            name=f"t{number}",
            title="Regular press conference",
            date=day,
            speaker="Li Ming",
            institution="Ministry of Foreign Affairs of the People's Republic of China",
            language="en",
            url=None,
        ),
        score=score,
    )
