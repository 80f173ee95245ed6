"""Reads OnRecord's own schema: one JSON transcript, as `onrecord export` writes one on each line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import IO

from pydantic import ValidationError

from rag.corpus.accounting import count_paragraphs
from rag.corpus.formats.members import Member, unusable_member
from rag.errors import ReadError
from rag.types import Transcript

LONGEST_LINE = 20_000_000
"""Bytes of one transcript: one is a few hundred kilobytes."""
_ID = re.compile(r"\w[\w.-]{0,199}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)


def read_own(data: bytes) -> Transcript:
    """Read one transcript exactly as it was exported.

    Raises:
        ReadError: it is not JSON of this schema, or it contradicts itself: an offset quotes nothing, two parts overlap,
            some text belongs to no part, an id does not follow from the transcript's.
    """
    try:
        transcript = Transcript.model_validate_json(data)
    except (ValidationError, RecursionError) as error:
        raise ReadError(f"it is no transcript in OnRecord's schema: {_first(error)}") from error
    wrong = next(_contradictions(transcript), None)
    if wrong:
        raise ReadError(f"the transcript contradicts itself: {wrong}")
    return transcript


def iter_lines(stream: IO[bytes]) -> Iterator[Member]:
    """The transcripts of a JSON-lines file, one at a time; a line without an id comes out with its number."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = stream.readline(LONGEST_LINE)
            yield unusable_member(f"line {number}", f"the line is longer than {LONGEST_LINE / 1e6:.0f} MB")
            continue
        text = line.strip().removeprefix(b"\xef\xbb\xbf")
        if text:
            identity = _identity(text)
            yield Member(f"{identity}.json" if identity else f"line {number}.json", text)


def _identity(line: bytes) -> str | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    identity = found.get("id") if isinstance(found, dict) else None
    return identity if isinstance(identity, str) and _ID.fullmatch(identity) else None


def _contradictions(transcript: Transcript) -> Iterator[str]:
    if not _ID.fullmatch(transcript.id):
        yield f"the id {transcript.id[:80]!r} is none"
    if not _DIGEST.fullmatch(transcript.digest):
        yield f"the digest {transcript.digest[:80]!r} is no SHA-256"
    if transcript.url is not None and not _ADDRESS.match(transcript.url):
        yield f"{transcript.url[:80]!r} is no web address"
    if not transcript.exchanges:
        yield "it holds no exchange"
    for ordinal, exchange in enumerate(transcript.exchanges):
        belongs = (exchange.transcript, exchange.ordinal) == (transcript.id, ordinal)
        if not belongs or exchange.id != f"{transcript.id}.{ordinal}":
            yield f"the exchange {exchange.id[:80]!r} is not number {ordinal} of {transcript.id}"
        for span in filter(None, (exchange.question, exchange.answer)):
            if not transcript.text[span.start : span.end].strip():
                yield f"nothing stands at {span.start}-{span.end}"
    if any(above.answer.start > below.answer.start for above, below in pairwise(transcript.exchanges)):
        yield "its exchanges are out of order"
    try:
        count_paragraphs(transcript)
    except ValueError as error:
        yield str(error).removeprefix(f"{transcript.id}: ")


def _first(error: ValidationError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])
