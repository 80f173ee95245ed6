"""Reads the plain-text format that a person can write by hand, described in `corpus/README.md`."""

from __future__ import annotations

import re

from rag.corpus.labels import label_rules
from rag.corpus.paragraphs import Document, Paragraph, paragraph
from rag.errors import ReadError

HEADER = ("title", "date", "speaker", "url", "institution", "language")
_FIELD = re.compile(r"^\s*([A-Za-z_ ]+?)\s*[:：]\s*(.*?)\s*$")
_CJK = re.compile(r"[\u3400-\u9fff，。？！：；、”’）》]")
_WRAPPED = 100
"""A text none of whose lines is longer was wrapped by an editor: its line breaks are not paragraphs."""


def read_plain(text: str) -> Document:
    """Read a plain text with or without a header.

    Raises:
        ReadError: the header has a key that is not known, or there is no text under it.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[0].strip("\ufeff \t\u3000"):
        lines.pop(0)
    fields, start = _header(lines)
    paragraphs = _paragraphs(lines[start:])
    if not paragraphs:
        raise ReadError("the file has a header but no text under it")
    return Document(
        title=fields.get("title", ""),
        paragraphs=paragraphs,
        speaker=fields.get("speaker") or None,
        date=fields.get("date") or None,
        url=fields.get("url") or None,
        institution=fields.get("institution") or None,
        language=fields.get("language") or None,
    )


def _header(lines: list[str]) -> tuple[dict[str, str], int]:
    first = _FIELD.match(lines[0]) if lines else None
    if not first or first[1].lower() not in HEADER:
        return {}, 0
    fields: dict[str, str] = {}
    for number, line in enumerate(lines):
        if not line.strip():
            return fields, number + 1
        match = _FIELD.match(line)
        key = match[1].lower() if match else ""
        if match is None or key not in HEADER:
            raise ReadError(
                f"line {number + 1} of the header is not understood: {line.strip()[:60]!r}. "
                f"Known keys: {', '.join(HEADER)}; an empty line ends the header."
            )
        if key in fields:
            raise ReadError(f"the header gives {key!r} twice")
        fields[key] = match[2]
    return fields, len(lines)


def _paragraphs(lines: list[str]) -> list[Paragraph]:
    # The first line may be a title, which editors do not wrap.
    wrapped = max((len(line) for line in lines[1:]), default=0) <= _WRAPPED and any(not line.strip() for line in lines)
    rules = label_rules()
    found: list[Paragraph] = []
    block = ""
    for line in [*lines, ""]:
        stripped = line.strip()
        label = rules.read(stripped) if stripped else None
        if block and (not stripped or not wrapped or label is not None):
            made = paragraph([(block, False)])
            if made:
                found.append(made)
            block = ""
        joint = "" if not block or (_CJK.match(block[-1]) and _CJK.match(stripped[:1] or " ")) else " "
        block = block + joint + stripped if stripped else ""
    return found
