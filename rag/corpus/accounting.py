"""The check that nothing of a page is lost or told twice."""

from __future__ import annotations

import re
from collections import Counter

from rag.types import Span, Transcript

_LABEL = re.compile(r"[^\n]{1,160}[:：.。]", re.DOTALL)


def count_paragraphs(transcript: Transcript) -> Counter[str]:
    """Number of paragraphs by part: opening, question, answer, addition, remarks, note, unanswered and label.

    Raises:
        ValueError: some text belongs to no part, to two, or a part does not consist of whole paragraphs.
    """
    text = transcript.text
    parts: list[tuple[Span, str]] = []
    for exchange in transcript.exchanges:
        parts.append((exchange.answer, "answer" if exchange.kind == "exchange" else exchange.kind))
        if exchange.question:
            parts.append((exchange.question, "question"))
    parts += [(note, note.kind) for note in transcript.notes]
    parts.sort(key=lambda part: part[0].start)
    counts: Counter[str] = Counter()
    position = 0
    for span, kind in [*parts, (None, "")]:
        start = span.start if span else len(text)
        if start < position:
            raise ValueError(f"{transcript.id}: characters {start}-{position} belong to two parts")
        for gap in filter(None, (line.strip() for line in text[position:start].split("\n"))):
            if not _LABEL.fullmatch(gap):
                raise ValueError(f"{transcript.id}: {gap[:80]!r} belongs to no part")
        alone = [line for line in text[position:start].split("\n")[:-1] if line.strip()]
        counts["label"] += len(alone)
        if span is None:
            break
        if span.end < len(text) and text[span.end] != "\n":
            raise ValueError(f"{transcript.id}: the {kind} at {span.start}-{span.end} ends inside a paragraph")
        counts[kind] += text[span.start : span.end].count("\n") + 1
        position = span.end
    if sum(counts.values()) != len(text.split("\n")):
        raise ValueError(f"{transcript.id}: {sum(counts.values())} paragraphs counted of {len(text.split(chr(10)))}")
    return counts
