"""Stored propositions: what the model made of a span, made once and kept apart from the index.

They live in `<index>/propositions.sqlite`, keyed by the digest of the span and its speaker, the digest of the model
and the version of the prompts and checks, so that a rebuild of the index keeps them.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from rag.generation.llm import Cancelled, LanguageModel, never
from rag.generation.restate import VERSION, Context, restate
from rag.types import AnswerSpan, Proposition, Record

FILE = "propositions.sqlite"
BUSY_SECONDS = 10


def span_digest(span: AnswerSpan, context: Context) -> str:
    """SHA-256 (hex) of everything a proposition depends on but the model: words, speaker, country, answer."""
    parts = (span.text, context.speaker or "", context.country, context.answer)
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


class PropositionStore:
    """Propositions on disk, safe for several threads and processes.

    Where the file cannot be written (a read-only folder) what is there is read, and new ones stay in memory.
    `PropositionStore(None)` keeps everything in memory.
    """

    def __init__(self, path: Path | None) -> None:
        raise NotImplementedError

    def get(self, digest: str, model: str) -> Proposition | None:
        """The stored proposition of a span digest by this model, under the current prompts and checks."""
        raise NotImplementedError

    def put(self, proposition: Proposition) -> None:
        """Store or replace."""
        raise NotImplementedError

    def count(self, model: str) -> int:
        """How many are stored for this model under the current prompts and checks."""
        raise NotImplementedError


def stored(span: AnswerSpan, context: Context, model: str, store: PropositionStore) -> Proposition | None:
    """The stored proposition of `span`; None when it was not made yet."""
    return store.get(span_digest(span, context), model)


def proposition(
    span: AnswerSpan, context: Context, llm: LanguageModel, store: PropositionStore, cancelled: Cancelled = never
) -> Proposition | None:
    """The proposition of `span`, from the store or made, checked and stored now. None when cancelled."""
    raise NotImplementedError
