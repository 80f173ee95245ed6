"""One answer span put into reported speech: the model's prompts, and what is done without the model."""

from __future__ import annotations

from rag.generation.llm import Cancelled, LanguageModel, never
from rag.types import Proposition, Record

VERSION = "0"
"""Digest of the prompts, the checks and their thresholds: a stored proposition of another version is not used."""


class Context(Record):
    """What a span needs to be understood alone. Neither the reporter's question nor the reader's is part of it."""

    speaker: str | None
    """Who answered; None: "the spokesperson"."""
    country: str
    """Whom "we" stands for, for example "China"."""
    answer: str
    """The whole answer the span was cut from."""
    language: str = "en"


def context_of(exchange: "Exchange", source: "Source", answer: str) -> Context:
    """The context of every span of `exchange`; `answer` is `transcript.text[exchange.answer.start:exchange.answer.end]`."""
    raise NotImplementedError


def restate(text: str, context: Context, llm: LanguageModel, cancelled: Cancelled = never) -> Proposition | None:
    """Attempt, check, attempt again, else leave it a quote. None when cancelled."""
    raise NotImplementedError
