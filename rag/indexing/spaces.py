"""What is embedded: named vector spaces over the units of text. Changed here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rag.indexing import passages, spans
from rag.indexing.passages import question_tail, with_question
from rag.indexing.schema import Chunking, Unit
from rag.types import Exchange, Transcript


class Space(NamedTuple):
    """One vector for each unit, of the text that `text` gives for `transcript.text[start:end]`."""

    unit: Unit
    version: int
    """Raised when `text` changes: then an older index is built again, without embedding anew what stayed the same."""
    text: Callable[[Transcript, Exchange, int, int], str]


def _passage(transcript: Transcript, exchange: Exchange, start: int, end: int) -> str:
    return with_question(question_tail(transcript, exchange), transcript.text[start:end])


def _plain(transcript: Transcript, exchange: Exchange, start: int, end: int) -> str:  # noqa: ARG001
    return transcript.text[start:end]


SPACES: dict[str, Space] = {
    "passage": Space("passage", 1, _passage),
    "span": Space("span", 1, _plain),
}


def chunking() -> Chunking:
    """What decides, in this version, how text is cut and what of it is embedded."""
    return Chunking(
        spans={
            "sentences": spans.MOST_SENTENCES,
            "words": spans.MOST_WORDS,
            "short": spans.SHORT_WORDS,
            "rules": spans.RULES,
        },
        passages={
            "question": passages.QUESTION_TAIL,
            "question_cjk": passages.QUESTION_TAIL_CJK,
            "rules": passages.RULES,
        },
        spaces={name: space.version for name, space in SPACES.items()},
    )
