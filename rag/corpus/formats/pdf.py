"""Reads the text layer of PDF documents: lines by where they stand on the page, paragraphs by their spacing.

Paragraphs that are parted too often do no harm, since an unlabelled paragraph belongs to the voice before it; a label
always begins a paragraph.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

from rag.corpus.paragraphs import Paragraph, paragraph
from rag.errors import ReadError

MOST_PAGES = 1000
MOST_CHARACTERS = 10_000_000
_PAGE_NUMBER = re.compile(r"[-–—\s]*(?:page\s*|第\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?[-–—\s页]*", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…。！？:：)）\]”\"’']\s*$")
_BOLD = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_UNREADABLE = re.compile("[\x00\ufffd\ue000-\uf8ff]")
_CJK = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
_WIDER = 1.25
"""A gap this many times the usual one between two lines parts paragraphs."""
_INDENT = 8.0
"""Points by which the first line of a paragraph is set in, at least."""
_SHORT = 0.75
"""A line of a smaller share of the usual length, ending a sentence, ends a paragraph."""


@dataclass(slots=True)
class _Line:
    x: float
    y: float
    """Points from the page's left and lower edge."""
    runs: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.runs).strip()

    @property
    def bold(self) -> bool:
        """Whether all its words are bold."""
        return all(bold for text, bold in self.runs if text.strip())


def read_pdf(data: bytes, begins_turn: Callable[[str], bool]) -> list[Paragraph]:
    """The paragraphs of a document in order, without page numbers and lines that stand on most pages.

    `begins_turn` tells whether a line begins with a voice's label.

    Raises:
        ReadError: it is damaged, encrypted, too long, has no text layer (a scan), or letters without meaning.
    """
    pages = list(_pages(data))
    text = "".join(line.text for page in pages for line in page)
    if not re.search(r"\w", text):
        raise ReadError("the PDF has no text layer: it is a scan or a drawing; run OCR on it first")
    if len(_UNREADABLE.findall(text)) > len(text) / 5:
        raise ReadError("the PDF's fonts do not tell which letters they show; export it again, or run OCR on it")
    repeated = _repeated(pages)
    kept = [[line for line in page if not _is_furniture(line, page, repeated)] for page in pages]
    usual = _usual_gap(kept)
    length = median(len(line.text) for page in kept for line in page) if any(kept) else 0
    blocks: list[list[_Line]] = []
    for page in kept:
        left = min((line.x for line in page), default=0.0)
        for above, line in zip([None, *page], page, strict=False):
            if above is None:
                starts = not blocks or bool(_SENTENCE_END.search(blocks[-1][-1].text))
            else:
                starts = above.y - line.y > _WIDER * usual or line.x - left > _INDENT >= above.x - left
                starts = starts or (len(above.text) < _SHORT * length and bool(_SENTENCE_END.search(above.text)))
            starts = starts or begins_turn(line.text) or blocks[-1][-1].bold != line.bold
            if starts:
                blocks.append([])
            blocks[-1].append(line)
    made = (paragraph(_joined(block)) for block in blocks)
    return [part for part in made if part]


def _pages(data: bytes) -> Iterator[list[_Line]]:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    characters = 0
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadError("the PDF is encrypted: save a copy without a password")
        if len(reader.pages) > MOST_PAGES:
            raise ReadError(f"the PDF has {len(reader.pages)} pages, at most {MOST_PAGES} are read")
        for page in reader.pages:
            lines = _lines(page)
            characters += sum(len(line.text) for line in lines)
            if characters > MOST_CHARACTERS:
                raise ReadError(f"the PDF holds more than {MOST_CHARACTERS} characters")
            yield lines
    except ReadError:
        raise
    except Exception as error:  # pypdf meets damage with whatever its parsers raise
        encrypted = type(error).__name__ == "DependencyError"
        what = "encrypted: save a copy without a password" if encrypted else f"damaged: {error or type(error).__name__}"
        raise ReadError(f"the PDF is {what}") from error


def _lines(page: Any) -> list[_Line]:
    """The lines of a page in the order in which they are drawn."""
    lines: list[_Line] = []
    ended = True

    def take(text: str, matrix: list[float], own: list[float], font: dict[str, Any] | None, size: float) -> None:
        nonlocal ended
        x = own[4] * matrix[0] + own[5] * matrix[2] + matrix[4]
        y = own[4] * matrix[1] + own[5] * matrix[3] + matrix[5]
        bold = bool(_BOLD.search(str((font or {}).get("/BaseFont", ""))))
        for number, piece in enumerate(text.split("\n")):
            ended = ended or number > 0
            if not piece.strip():
                if piece and lines and not ended:
                    lines[-1].runs.append((" ", bold))
                continue
            same = bool(lines) and abs(lines[-1].y - y) < 0.3 * abs(size or 10) and number == 0
            if ended and not same:
                lines.append(_Line(x, lines[-1].y - abs(size) if number > 0 and lines else y))
            lines[-1].runs.append((piece, bold))
            ended = False

    page.extract_text(visitor_text=take)
    return [line for line in lines if line.text]


def _repeated(pages: list[list[_Line]]) -> set[str]:
    """What stands first or last on most pages, but for its digits."""
    seen = Counter(text for page in pages for text in {_folded(line.text) for line in [*page[:2], *page[-2:]]})
    return {text for text, count in seen.items() if count > 1 and count > len(pages) / 2}


def _is_furniture(line: _Line, page: list[_Line], repeated: set[str]) -> bool:
    if not any(line is edge for edge in [*page[:2], *page[-2:]]):
        return False
    return _folded(line.text) in repeated or bool(_PAGE_NUMBER.fullmatch(line.text))


def _folded(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def _usual_gap(pages: list[list[_Line]]) -> float:
    gaps = [above.y - below.y for page in pages for above, below in pairwise(page) if above.y > below.y]
    return median(gaps) if gaps else 0.0


def _joined(block: list[_Line]) -> list[tuple[str, bool]]:
    """The runs of a paragraph's lines, parted by spaces where the language has them."""
    runs: list[tuple[str, bool]] = []
    for line in block:
        if runs:
            last, first = runs[-1][0].rstrip()[-1:], line.text[:1]
            tight = last in ("-", "\u00ad") or bool(_CJK.match(last) and _CJK.match(first))
            runs.append(("" if tight else " ", line.bold))
        runs += line.runs
    return runs
