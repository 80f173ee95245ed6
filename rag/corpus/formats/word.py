"""Reads DOCX documents: paragraphs with their bold type, straight from the document's XML.

A library for writing documents (python-docx) skips what lies in content controls, text boxes and accepted insertions;
reading needs three elements only.
"""

from __future__ import annotations

import zipfile
import zlib

from lxml import etree

from rag.corpus.formats.zips import open_zip
from rag.corpus.paragraphs import Paragraph, paragraph
from rag.errors import ReadError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BODY = "word/document.xml"
_STYLES = "word/styles.xml"
_OFF = ("0", "false", "off", "none")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""A second rendition of a text box for old programs."""


def read_docx(data: bytes) -> list[Paragraph]:
    """The paragraphs of a document in order, tables row by row; deleted text, headers and footnotes are left out.

    Raises:
        ReadError: it is no DOCX, damaged, encrypted, a zip bomb, or holds no text.
    """
    opened = open_zip(data, "document")
    body = _parse(opened, _BODY)
    if body is None:
        raise ReadError("the file is a zip archive but no DOCX document")
    bold_styles = _bold_styles(_parse(opened, _STYLES))
    found: list[Paragraph] = []
    for element in body.iter(f"{_W}p"):
        if next(element.iterancestors(_FALLBACK), None) is None:
            found += _paragraphs(element, bold_styles)
    if not found:
        raise ReadError("the document holds no text; if it is a scan, it must be read by OCR first")
    return found


def _parse(opened: zipfile.ZipFile, name: str) -> etree._Element | None:
    if name not in opened.namelist():
        return None
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        return etree.fromstring(opened.read(name), parser)
    except (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise ReadError(f"the document is damaged: {error}") from error


def _bold_styles(styles: etree._Element | None) -> frozenset[str]:
    """Ids of the styles that set text in bold."""
    if styles is None:
        return frozenset()
    return frozenset(
        str(style.get(f"{_W}styleId"))
        for style in styles.iter(f"{_W}style")
        if _switch(style.find(f"{_W}rPr/{_W}b")) is True
    )


def _paragraphs(element: etree._Element, bold_styles: frozenset[str]) -> list[Paragraph]:
    """A paragraph's parts between line breaks."""
    inherited = _style(element, "pPr", "pStyle") in bold_styles
    parts: list[list[tuple[str, bool]]] = [[]]
    for run in element.iter(f"{_W}r"):
        if next(run.iterancestors(f"{_W}p")) is not element:
            continue  # of a text box that is anchored here: a paragraph of its own
        own = _switch(run.find(f"{_W}rPr/{_W}b"))
        bold = own if own is not None else inherited or _style(run, "rPr", "rStyle") in bold_styles
        for child in run:
            if child.tag == f"{_W}t":
                parts[-1].append((child.text or "", bold))
            elif child.tag in (f"{_W}tab", f"{_W}noBreakHyphen"):
                parts[-1].append((" " if child.tag == f"{_W}tab" else "-", bold))
            elif child.tag in (f"{_W}br", f"{_W}cr"):
                parts.append([])
    made = (paragraph(runs) for runs in parts)
    return [part for part in made if part]


def _style(element: etree._Element, properties: str, kind: str) -> str:
    found = element.find(f"{_W}{properties}/{_W}{kind}")
    return str(found.get(f"{_W}val")) if found is not None else ""


def _switch(toggle: etree._Element | None) -> bool | None:
    """Whether a property is on; None when it is not given."""
    if toggle is None:
        return None
    return str(toggle.get(f"{_W}val") or "1").lower() not in _OFF
