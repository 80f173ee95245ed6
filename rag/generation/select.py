"""From evidence to the sentences of an answer. The order is settled before the first sentence is written.

The lead's loop (nothing shown is ever retracted or renumbered):

    statements = arrange(evidence, limit=settings.sentences)
    sentences, citations = (), ()
    for statement in statements:
        made = proposition(statement.evidence.span, context, llm, store, cancelled)   # or None: no model
        more = compose(statement, made, first=len(citations) + 1)
        sentences += more.sentences; citations += more.citations
        yield Answer(..., pending=len(statements) - done)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rag.types import Citation, Evidence, Proposition, Record, Sentence

Kind = Literal["substance", "declined", "boilerplate"]


class Statement(Record):
    """One thing to be said: the evidence it is restated from, and what says the same."""

    evidence: Evidence
    same: tuple[Evidence, ...] = ()
    """Near-identical statements of other exchanges, cited beside it, oldest first."""
    kind: Kind = "substance"
    latest: bool = False
    """Whether it is the newest of several dates: its sentence begins with "Most recently"."""


class Composed(Record):
    """The sentences of one statement and the citations they introduce."""

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]


def arrange(evidence: Sequence[Evidence], limit: int) -> tuple[Statement, ...]:
    """Choose and order what will be said: evidence best first in, statements in order of time out.

    Near-identical statements become one; boilerplate and refusals to comment yield to substance; at most `limit`.
    """
    raise NotImplementedError


def compose(statement: Statement, made: Proposition | None, first: int) -> Composed:
    """The sentences of `statement`, citing from number `first` on. Without a proposition it is a quote."""
    raise NotImplementedError
