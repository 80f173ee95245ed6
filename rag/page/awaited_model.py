"""The language model before it has loaded: what it wrote in earlier days can be shown, what is new waits for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from rag.errors import ModelError
from rag.generation.language_model import Cancelled, LanguageModel, Prompt, Written, never

_LOOK_SECONDS = 0.1


class AwaitedModel:
    """A `LanguageModel` whose name and digest are known and whose calls wait until it has `arrived`, or raise what
    kept it from loading."""

    def __init__(self, name: str, digest: str) -> None:
        self.name = name
        self.digest = digest
        self._over = threading.Event()
        self._model: LanguageModel | None = None
        self._trouble = "the language model did not load"

    def arrived(self, model: LanguageModel) -> None:
        """The model has loaded."""
        self._model = model
        self._over.set()

    def failed(self, trouble: str) -> None:
        """It will not load, for this reason."""
        self._trouble = trouble
        self._over.set()

    @property
    def parameters(self) -> int:
        """How many parameters the model has; none before it arrived."""
        return self._model.parameters if self._model else 0

    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""
        return self._model.waiting if self._model else 0

    def prepare(self, prompt: Prompt, cancelled: Cancelled = never) -> None:
        """See `LanguageModel`. Raises ModelError when the model did not load; so do the others."""
        model = self._wait(cancelled)
        if model:
            model.prepare(prompt, cancelled)

    def write(self, prompt: Prompt, text: str, *, limit: int, start: str = "", cancelled: Cancelled = never) -> Written:
        """See `LanguageModel`."""
        model = self._wait(cancelled)
        if model is None:
            return Written(text=start, finished=False)
        return model.write(prompt, text, limit=limit, start=start, cancelled=cancelled)

    def stream(self, prompt: Prompt, text: str, *, limit: int, cancelled: Cancelled = never) -> Iterator[str]:
        """See `LanguageModel`."""
        model = self._wait(cancelled)
        if model:
            yield from model.stream(prompt, text, limit=limit, cancelled=cancelled)

    def score(self, prompt: Prompt, text: str, cancelled: Cancelled = never) -> float:
        """See `LanguageModel`."""
        model = self._wait(cancelled)
        return model.score(prompt, text, cancelled) if model else 0.0

    def _wait(self, cancelled: Cancelled) -> LanguageModel | None:
        """The model; None when cancelled before it arrived."""
        while not self._over.wait(_LOOK_SECONDS):
            if cancelled():
                return None
        if self._model is None:
            raise ModelError(self._trouble)
        return self._model
