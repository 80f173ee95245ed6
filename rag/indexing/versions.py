"""Earlier versions: what was on record and gave way to a corrected text. They are shown by old links, never searched.

An id names one text for ever, so that a link (id, start, end) never comes to mean other words. The first text of a page
has the id that the reader gives it; a text that replaces it has that id with the first digits of its own digest.

Each earlier version lies in the corpus folder as it was on record, so that a rebuild from the corpus alone knows it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from rag.corpus.folders import SUPERSEDED, folder_of
from rag.types import Record, Transcript
from rag.whole_files import write_whole

SUFFIX = ".version.json"
DIGITS = 8
"""Of the digest in an id and in a file's name."""


class EarlierVersion(Record):
    """A transcript as it was on record until another text took its place."""

    transcript: Transcript
    source_path: str
    """The corpus file that it was read from, which gives the text in its place now."""
    source_id: str
    """Id that the source gives every text of this page: by it the page is found when its file was moved."""
    replaced: dt.datetime
    """When another text took its place, UTC."""

    @property
    def path(self) -> str:
        """Where it is kept below the corpus folder."""
        return f"{folder_of(self.source_path)}/{fingerprint(self.transcript)[:DIGITS]}{SUFFIX}"


def now() -> dt.datetime:
    """The time, UTC, to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def fingerprint(transcript: Transcript) -> str:
    """SHA-256 (hex) of what a reader sees of a transcript: two texts of one page are versions when these differ."""
    date = transcript.date.isoformat() if transcript.date else None
    seen = [transcript.title, date, transcript.speaker, transcript.text]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def version_id(transcript: Transcript) -> str:
    """The id of a text that replaces another one of the id `transcript.id`."""
    return f"{transcript.id}-{fingerprint(transcript)[:DIGITS]}"


def renamed(transcript: Transcript, id: str) -> Transcript:
    """The same transcript under another id."""
    if transcript.id == id:
        return transcript
    exchanges = tuple(
        exchange.model_copy(update={"id": f"{id}.{exchange.ordinal}", "transcript": id})
        for exchange in transcript.exchanges
    )
    return transcript.model_copy(update={"id": id, "exchanges": exchanges})


def write_version(corpus: Path, version: EarlierVersion) -> None:
    """Keep an earlier version in the corpus folder.

    Raises:
        OSError: the folder cannot be written or the disk is full.
    """
    write_whole(corpus / version.path, version.model_dump_json().encode())


def read_versions(corpus: Path) -> Iterator[tuple[str, EarlierVersion | None]]:
    """(path below the corpus folder, version) of every file of an earlier version; None when it cannot be read."""
    for file in sorted((corpus / SUPERSEDED).rglob(f"*{SUFFIX}")):
        path = file.relative_to(corpus).as_posix()
        try:
            version = EarlierVersion.model_validate_json(file.read_bytes())
        except (OSError, ValidationError):
            yield path, None
        else:
            yield path, version if version.path == path else None
