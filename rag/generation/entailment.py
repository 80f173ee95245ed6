"""A second opinion by a cross-encoder for natural language inference, where the user's settings name one (`nli`).

What the rule or the language model made of a span, and the checks passed, is shown as the quote after all when the
cross-encoder does not find it entailed by the words of the span. It is asked when an answer is made: what is stored
stays as it is, so that the setting can be changed at any time. No such model is among those that OnRecord downloads.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from rag.config import Settings
from rag.generation.restate import Context
from rag.indexing.torch_model import TorchCrossEncoder
from rag.models import model_path
from rag.types import AnswerSpan, Proposition

ENTAILED = 0.5
"""Least probability of entailment of a sentence that is shown."""
FAILURE = "not entailed"


class Entailment:
    """Says how surely a text entails a sentence. May be called from several threads."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Load the cross-encoder in `folder`.

        Raises:
            ModelError: it does not load, or none of its labels is entailment.
        """
        self._model = TorchCrossEncoder(folder, threads)
        self.probability = lru_cache(maxsize=4096)(self._probability)

    def _probability(self, premise: str, hypothesis: str) -> float:
        """Probability, 0 to 1, that `premise` entails `hypothesis`."""
        return self._model.entailment(premise, hypothesis)


def load_entailment(settings: Settings) -> Entailment | None:
    """The cross-encoder that the settings name, read once in a process; None when they name none.

    Raises:
        ModelError: it is not there or does not load.
    """
    return _load(model_path(settings.nli, settings), settings.threads) if settings.nli else None


@lru_cache(maxsize=1)
def _load(folder: Path, threads: int) -> Entailment:
    return Entailment(folder, threads)


def agreed(made: Proposition, span: AnswerSpan, context: Context, model: Entailment) -> Proposition:
    """`made`, without its sentences when one of them is not entailed by the words that it stands on."""
    who = context.speaker or "The spokesperson"
    for sentence, (start, end) in zip(made.sentences, made.parts, strict=True):
        premise = f"{who}, speaking for {context.country}: {' '.join(span.text[start:end].split())}"
        if model.probability(premise, sentence) < ENTAILED:
            failures = (*made.failures, FAILURE)
            return made.model_copy(
                update={"sentences": (), "parts": (), "label": "quote", "support": None, "failures": failures}
            )
    return made
