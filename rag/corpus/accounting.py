"""The check that nothing of a page is lost or told twice."""

from __future__ import annotations

import re
from collections import Counter

from rag.types import Span, Transcript

_LABEL = re.compile(
    r"(?:[^\n]{1,160}[:：;；—–]|After [^\n]{1,60} asked|(?:Asked|Answering|In response|Responding) [^\n]{1,300}[:：,]"
    r"|[QA问答]\d{0,2}\.?)\s*"
)


def count_paragraphs(transcript: Transcript) -> Counter[str]:
    """Number of paragraphs by part: opening, question, answer, addition, remarks, note and unanswered.

    A part is whole paragraphs but for the label before its first words.

    Raises:
        ValueError: some text belongs to no part, to two, or a part does not consist of whole paragraphs.
    """
    text = transcript.text
    parts: list[tuple[Span, str]] = []
    names: dict[int, str] = {}
    for exchange in transcript.exchanges:
        parts.append((exchange.answer, "answer" if exchange.kind == "exchange" else exchange.kind))
        names[exchange.answer.start] = (exchange.speaker or "").casefold()
        if exchange.question:
            parts.append((exchange.question, "question"))
    parts += [(note, note.kind) for note in transcript.notes]
    parts.sort(key=lambda part: part[0].start)
    counts: Counter[str] = Counter()
    position = 0
    for span, kind in parts:
        if span.start < position:
            raise ValueError(f"{transcript.id}: characters {span.start}-{position} belong to two parts")
        before = text[position : span.start]
        label = before.removeprefix("\n") if position else before
        labelled = not label or _LABEL.fullmatch(label) or label.strip().casefold() == names.get(span.start)
        if "\n" in label or not labelled or (position and not before.startswith("\n")):
            raise ValueError(f"{transcript.id}: {before[:80]!r} belongs to no part")
        if span.end < len(text) and text[span.end] != "\n":
            raise ValueError(f"{transcript.id}: the {kind} at {span.start}-{span.end} ends inside a paragraph")
        counts[kind] += text[span.start : span.end].count("\n") + 1
        position = span.end
    if position != len(text):
        raise ValueError(f"{transcript.id}: {text[position:][:80]!r} belongs to no part")
    return counts
