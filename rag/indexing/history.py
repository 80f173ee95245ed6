"""What a run of `ingest` or `build` takes from the record, kept as earlier versions before it goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Set
from contextlib import suppress
from pathlib import Path
from typing import Self

from rag.errors import IndexDamagedError
from rag.indexing.reader import Reader
from rag.indexing.records import Records
from rag.indexing.rows import LEADS_ON, to_earlier
from rag.indexing.versions import EarlierVersion, fingerprint, now, version_id, write_version
from rag.indexing.writer import Writer
from rag.types import Transcript

_FROM = (
    "SELECT t.id, s.path, s.id AS source_id FROM transcripts t "
    "JOIN sources s ON s.transcript = t.number AND s.original = t.digest WHERE t.number <= ? AND "
)
_BY_FILE = (
    f"{_FROM} s.path = ? AND s.digest <> ? AND NOT EXISTS "
    "(SELECT 1 FROM sources o WHERE o.transcript = t.number AND o.original = t.digest AND o.path <> s.path)"
)
_BY_ID = f"{_FROM} t.id = ? ORDER BY s.path LIMIT 1"

UNREADABLE = (sqlite3.DatabaseError, IndexDamagedError, ValueError, KeyError)
"""What reading a damaged database, or one of another format, may raise: it then tells nothing."""


class History:
    """Knows what readers see, and what they saw before."""

    def __init__(self, writer: Writer, visible: Path, corpus: Path) -> None:
        """`visible`: the database that readers have open: the writer's own, or the one that a rebuild will replace."""
        self._writer = writer
        self._corpus = corpus
        self._reader = Reader(visible)
        self._records = Records(visible)
        self._before = 0
        with suppress(*UNREADABLE):
            # What is stored and replaced within one run was on record for nobody.
            self._before = self._reader.one("SELECT coalesce(max(number), 0) FROM transcripts")[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()
        self._records.close()

    def write_missing(self, keys: Set[str]) -> None:
        """Write the earlier versions that readers can come to and the corpus folder lacks.

        Args:
            keys: the corpus files that there are; who deletes one with its history means to.

        Raises:
            OSError: the corpus folder cannot be written or the disk is full.
        """
        with suppress(*UNREADABLE):
            for row in self._reader.all(f"SELECT v.* FROM earlier v WHERE {LEADS_ON}"):
                version = to_earlier(row)
                if version.source_path in keys and not (self._corpus / version.path).exists():
                    write_version(self._corpus, version)

    def version_of(self, transcript: Transcript) -> EarlierVersion | None:
        """The earlier version that says what `transcript`, as it was read, says."""
        rows = self._writer.query("SELECT * FROM earlier WHERE id IN (?, ?)", (transcript.id, version_id(transcript)))
        mine = fingerprint(transcript)
        versions = (to_earlier(row) for row in rows)
        return next((version for version in versions if fingerprint(version.transcript) == mine), None)

    def leads_on(self, version: EarlierVersion) -> bool:
        """Whether something stands in the place of an earlier version: nothing does when its page was removed."""
        sql = f"SELECT 1 FROM earlier v WHERE v.id = ? AND ({LEADS_ON})"
        return bool(self._writer.query(sql, (version.transcript.id,)))

    def id_of(self, transcript: Transcript, held: Transcript | None, gone: tuple[EarlierVersion, ...]) -> str:
        """The id under which `transcript`, as it was read, is stored: an id names one text for ever.

        Args:
            transcript: what is to be stored.
            held: what it replaces.
            gone: what `displaced` said of it.
        """
        own = version_id(transcript)
        if held and held.id in (transcript.id, own) and fingerprint(held) == fingerprint(transcript):
            return held.id
        known = self.version_of(transcript)
        if known:
            return known.transcript.id
        taken = any(version.transcript.id == transcript.id for version in gone) or self._writer.query(
            "SELECT 1 FROM earlier WHERE id = ?", (transcript.id,)
        )
        return own if taken else transcript.id

    def displaced(
        self, key: str, digest: str, transcript: Transcript | None, replaced: str | None = None
    ) -> tuple[EarlierVersion, ...]:
        """What readers see and will not see once a corpus file is stored; kept in the corpus folder from now on.

        Args:
            key: path of the file below the corpus folder.
            digest: SHA-256 (hex) of what it holds now.
            transcript: what it gives now; None when nothing.
            replaced: id of a transcript that goes besides the one that the file gave before.

        Raises:
            OSError: the corpus folder cannot be written or the disk is full.
        """
        found: dict[str, EarlierVersion] = {}
        with suppress(*UNREADABLE):
            rows = self._reader.all(_BY_FILE, self._before, key, digest)
            rows += self._reader.all(_BY_ID, self._before, replaced) if replaced else []
            for id, path, source_id in rows:
                gone = self._records.transcript(id)
                if transcript is None or fingerprint(gone) != fingerprint(transcript):
                    found[id] = EarlierVersion(transcript=gone, source_path=path, source_id=source_id, replaced=now())
        for version in found.values():
            write_version(self._corpus, version)
        return tuple(found.values())
