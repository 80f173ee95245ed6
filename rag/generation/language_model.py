"""What the rest asks of a language model: a fixed prompt applied to one text, a reply, a score."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Protocol

from rag.types import Record

Cancelled = Callable[[], bool]
"""Asked between tokens; True stops the model."""


def never() -> bool:
    """The `Cancelled` that never stops."""
    return False


class Prompt(Record):
    """A fixed instruction with worked examples; the text it is applied to is never part of it."""

    system: str
    examples: tuple[tuple[str, str], ...] = ()
    """Pairs of (user's message, model's reply)."""
    form: str = "{text}"
    """The user's message, with `{text}` where the untrusted text goes."""

    @property
    def version(self) -> str:
        """First 12 hex digits of the SHA-256 of the prompt."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


class Written(Record):
    """What the model wrote, and whether it ended by itself (False: cut by the limit or cancelled)."""

    text: str
    finished: bool


class LanguageModel(Protocol):
    """A chat model that decodes greedily. Every method may be called from several threads."""

    @property
    def name(self) -> str:
        """Name for the reader."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the model file: the key of everything it wrote."""
        ...

    @property
    def parameters(self) -> int:
        """How many parameters the model has: what may be asked of it."""
        ...

    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""
        ...

    def prepare(self, prompt: Prompt, cancelled: Cancelled = never) -> None:
        """Evaluate the fixed part of `prompt` ahead, so that the first call does not pay for it."""
        ...

    def write(self, prompt: Prompt, text: str, *, limit: int, start: str = "", cancelled: Cancelled = never) -> Written:
        """The reply to `prompt` applied to `text`, at most `limit` tokens; `start` is put in the model's mouth."""
        ...

    def stream(self, prompt: Prompt, text: str, *, limit: int, cancelled: Cancelled = never) -> Iterator[str]:
        """The same reply in pieces as they are decoded."""
        ...

    def score(self, prompt: Prompt, text: str, cancelled: Cancelled = never) -> float:
        """P(Yes) / (P(Yes) + P(No)) of the reply's first token, 0 to 1."""
        ...
