"""What a document of paragraphs says of itself at its head: our header's keys, or a title in a paragraph of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from rag.corpus.dates import full_date, read_date
from rag.corpus.paragraphs import Document, Paragraph
from rag.corpus.plain import HEADER
from rag.errors import ReadError

_FIELD = re.compile(rf"({'|'.join(HEADER)})\s*[:：]\s*(\S.*)?", re.IGNORECASE)
_LONGEST_TITLE = 250
_SENTENCE_END = re.compile(r"[.。!！;；,，:：]$")
_TITLE = re.compile(
    r"(?:press|briefing|conference|remarks|statement|interview|spokes\w+|transcript|readout)\b|记者会|发言人|答记者问|讲话|声明",
    re.IGNORECASE,
)
_HEAD = 8
"""Paragraphs in which the title, and a line that is only a date, are looked for."""
_LONGEST_DATE = 60


def headed(paragraphs: list[Paragraph], path: str, begins_turn: Callable[[str], bool]) -> Document:
    """Part the head from the body. The head is kept in the document's fields.

    What stands before a title (a letterhead, the links of a printed page) is no part of the transcript.

    Args:
        paragraphs: of the whole document.
        path: its file's name may tell the day.
        begins_turn: whether a paragraph begins with a voice's label.

    Raises:
        ReadError: there is nothing under the head, or it gives a key twice.
    """
    fields: dict[str, str] = {}
    start = 0
    for part in paragraphs:
        found = _FIELD.fullmatch(part.text)
        if not found:
            break
        key = found[1].lower()
        if key in fields:
            raise ReadError(f"the header gives {key!r} twice")
        fields[key] = found[2] or ""
        start += 1
    body = paragraphs[start:]
    if "title" not in fields:
        place = _title(body, begins_turn)
        if place is not None:
            fields["title"] = body[place].text
            body = body[place + 1 :]
    if not body:
        raise ReadError("the document has a header but no text under it")
    dated = (part.text for part in body[:_HEAD] if len(part.text) <= _LONGEST_DATE and not begins_turn(part.text))
    days = [full_date(text) for text in (*dated, PurePosixPath(path).stem)]
    return Document(
        title=fields.get("title", ""),
        paragraphs=body,
        speaker=fields.get("speaker") or None,
        date=fields.get("date") or None,
        url=fields.get("url") or None,
        institution=fields.get("institution") or None,
        language=fields.get("language") or None,
        hints=[day.isoformat() for day in days if day],
    )


def _title(body: list[Paragraph], begins_turn: Callable[[str], bool]) -> int | None:
    """Which paragraph before the first label is a heading: short, no sentence, a heading's words, best a day."""
    places = []
    for place, part in enumerate(body[: min(_HEAD, len(body) - 1)]):
        if begins_turn(part.text):
            break
        if len(part.text) <= _LONGEST_TITLE and not _SENTENCE_END.search(part.text) and _TITLE.search(part.text):
            places.append(place)
    dated = (place for place in places if read_date(body[place].text))
    return next(dated, places[0] if places else None)
