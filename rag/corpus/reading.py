"""Bytes of one page to a `Transcript`."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace
from pathlib import PurePosixPath

from rag.corpus.dates import DateFrom, conference_date, full_date, opening_date
from rag.corpus.decode import decode
from rag.corpus.formats.containers import is_container
from rag.corpus.formats.headed import headed
from rag.corpus.formats.institutions import UNKNOWN_INSTITUTION, Institutions, load_institutions
from rag.corpus.formats.members import reason_unusable
from rag.corpus.formats.own import read_own
from rag.corpus.formats.pdf import read_pdf
from rag.corpus.formats.word import read_docx
from rag.corpus.html import MINISTRY, looks_like_html, read_html
from rag.corpus.labels import LabelRules, known_speakers, label_rules
from rag.corpus.language import language_of
from rag.corpus.paragraphs import Document
from rag.corpus.plain import read_plain
from rag.corpus.segment import segment
from rag.corpus.spokespersons import answering, introduced_in, misspelt, titled
from rag.corpus.urls import canonical, derived, is_listing
from rag.errors import ReadError
from rag.types import Transcript


def read_transcript(
    data: bytes, path: str, url: str | None = None, institutions: Institutions | None = None
) -> Transcript:
    """Read one page, text file, PDF or DOCX document, or one transcript in OnRecord's own schema (JSON).

    Args:
        data: the file's bytes.
        path: where it lies, possibly inside an archive; its stem names the transcript.
        url: the address it was fetched from, when known; else the path or a header may show it.
        institutions: how others than the ministry mark the voices; those that come with the program when None.

    Raises:
        ReadError: it is no transcript; the message is a reason for the reader.
    """
    name = PurePosixPath(path.replace("\\", "/")).name
    if is_listing(name):
        raise ReadError("it is a listing page: it links conferences and holds none")
    reason = reason_unusable(data)
    if reason:
        raise ReadError(reason)
    if name.lower().endswith(".json"):
        return read_own(data)
    known = institutions or load_institutions()
    document = _document(data, path, url, known)
    if document.url and not _address(document.url):
        document = replace(document, url=None)
    address = _address(document.url or url)
    stem = name.split(".")[0] or "transcript"
    if address:
        stem = PurePosixPath(address).name.split(".")[0] or stem
    key = address.encode() if address else data
    identity = f"{stem}-{hashlib.sha256(key).hexdigest()[:8]}"
    return _transcript(document, data, identity, stem, address, known)


def _address(url: str | None) -> str | None:
    """The canonical form of what a page says of its address; None when that is no address."""
    try:
        return canonical(url) if url and url.isprintable() else None
    except ValueError:
        return None


def _document(data: bytes, path: str, url: str | None, institutions: Institutions) -> Document:
    """The source's paragraphs, by its format."""
    if is_container(path):
        raise ReadError("it holds many transcripts: ingest the file itself")
    if data.startswith(b"%PDF"):
        return headed(read_pdf(data, institutions.begins_turn), path, institutions.begins_turn)
    if data.startswith(b"PK"):
        return headed(read_docx(data), path, institutions.begins_turn)
    text = decode(data)
    try:
        if looks_like_html(text):
            return read_html(text, url or derived(path), path)
        document = read_plain(text)
    except (RecursionError, AssertionError) as error:
        raise ReadError("the page's markup is too broken to be read") from error
    has_header = document != Document(title="", paragraphs=document.paragraphs)
    return document if has_header else headed(document.paragraphs, path, institutions.begins_turn)


def _transcript(
    document: Document, data: bytes, identity: str, name: str, url: str | None, institutions: Institutions
) -> Transcript:
    speaker = document.speaker or titled(document.title) or introduced_in(document.paragraphs[0].text)
    speakers = [speaker] if speaker else institutions.speakers_in(document.title)
    other = institutions.reading_of(document, speakers)
    named = answering(document.paragraphs, speaker)
    rules = other.rules if other else label_rules(frozenset(named), misspelt(document.paragraphs, named))
    institution = (other and other.institution) or institutions.name_of(document) or document.institution
    parts = segment(document.paragraphs, rules, identity, speaker)
    if not parts.exchanges:
        raise ReadError("it holds no exchange: no answer and no statement was found in it")
    if not document.title and not _labelled(document, rules):
        raise ReadError("it holds no exchange: no paragraph is labelled as a question or an answer")
    if speaker is None and len(parts.answered_by) == 1:
        speaker = parts.answered_by[0]
        exchanges = [e if e.speaker else e.model_copy(update={"speaker": speaker}) for e in parts.exchanges]
        parts = type(parts)(parts.text, tuple(exchanges), parts.notes, parts.answered_by)
    if institution is None and speaker in known_speakers():
        institution = MINISTRY
    date, date_from = _date(document, name)
    return Transcript(
        id=identity,
        name=name,
        title=document.title or name,
        date=date,
        date_from=date_from,
        speaker=speaker,
        institution=institution or UNKNOWN_INSTITUTION,
        language=document.language or language_of("\n".join(part.text for part in document.paragraphs)),
        url=url,
        digest=hashlib.sha256(data).hexdigest(),
        text=parts.text,
        exchanges=parts.exchanges,
        notes=parts.notes,
    )


def _labelled(document: Document, rules: LabelRules) -> bool:
    labels = [rules.read(part.text) for part in document.paragraphs]
    return any(label and label.kind in ("question", "answer", "follow_up", "addition") for label in labels)


def _date(document: Document, name: str) -> tuple[dt.date | None, DateFrom]:
    if document.date is not None:
        day = full_date(document.date)
        if day is None:
            raise ReadError(f"the header's date {document.date!r} is not a date; write it as 2019-05-23")
        return day, "header"
    hints = [dt.date.fromisoformat(hint) for hint in document.hints if full_date(hint)]
    opening = opening_date(document.paragraphs[0].text)
    hints += [opening] if opening else []
    return conference_date(document.title, hints, document.related, name)
