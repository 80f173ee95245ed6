"""A transcript cut into the units that are searched and cited, with what is to be embedded of each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from rag.indexing.embedding import Encoder
from rag.indexing.passages import answer_passages
from rag.indexing.schema import Unit
from rag.indexing.spaces import SPACES
from rag.indexing.spans import answer_spans
from rag.types import Exchange, Transcript

UNREAD = ""
"""What is embedded of text in a language that the model does not know: once for all of it, so that every unit has a
vector at no cost of time. It is never searched (`rag.retrieval.rank.is_readable`)."""


class Unembedded(NamedTuple):
    """One unit of an exchange with what is to be embedded of it, by vector space."""

    unit: Unit
    start: int
    end: int
    texts: dict[str, str]


class Prepared(NamedTuple):
    """A transcript cut into units."""

    transcript: Transcript
    units: list[list[Unembedded]]
    """For each exchange."""

    def texts(self) -> Iterator[str]:
        """Everything that is to be embedded."""
        return (text for units in self.units for unit in units for text in unit.texts.values())


def prepare(transcript: Transcript, encoder: Encoder) -> Prepared:
    """Cut a transcript into exchanges, passages and spans."""
    return Prepared(transcript, [_units(transcript, exchange, encoder) for exchange in transcript.exchanges])


def _units(transcript: Transcript, exchange: Exchange, encoder: Encoder) -> list[Unembedded]:
    places: list[tuple[Unit, int, int]] = [("exchange", exchange.answer.start, exchange.answer.end)]
    passages = answer_passages(transcript, exchange, encoder.count_tokens, encoder.window)
    places += [("passage", passage.start, passage.end) for passage in passages]
    places += [("span", span.start, span.end) for span in answer_spans(transcript, exchange)]
    readable = transcript.language != "zh" or encoder.reads_chinese
    return [
        Unembedded(
            unit,
            start,
            end,
            {
                name: space.text(transcript, exchange, start, end) if readable else UNREAD
                for name, space in SPACES.items()
                if space.unit == unit
            },
        )
        for unit, start, end in places
    ]


def text_digest(text: str) -> bytes:
    """SHA-256 of a text to embed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
