"""One input after another into the index."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rag.corpus import load_institutions, read_transcript, settle_dates
from rag.errors import ReadError
from rag.indexing.embedding import Encoder, Progress, Vectors
from rag.indexing.originals import Found, beside, is_free, keep, target
from rag.indexing.prepare import Prepared, prepare, text_digest
from rag.indexing.report import Outcome, Status
from rag.indexing.same import are_same, keeps
from rag.indexing.writer import FileSource, Writer
from rag.types import Transcript

Told = Callable[[Outcome], None]

BATCH_TEXTS = 768
"""Texts that are embedded together: sorted by length, so that batches are even; held in memory."""


class _Item(NamedTuple):
    found: Found
    data: bytes
    digest: str
    prepared: Prepared

    @property
    def transcript(self) -> Transcript:
        return self.prepared.transcript


class Intake:
    """Reads, embeds and stores inputs in batches. `finish` must be called after the last one."""

    def __init__(
        self, writer: Writer, encoder: Encoder, corpus: Path, progress: Progress, total: int, told: Told | None = None
    ) -> None:
        """`total`: how many inputs will come, for `progress`; `told` is called with each outcome as it is certain."""
        self.outcomes: list[Outcome] = []
        self._writer = writer
        self._encoder = encoder
        self._corpus = corpus
        self._institutions = load_institutions(corpus)
        self._progress = progress
        self._told = told
        self._total = total
        self._queue: list[_Item] = []
        self._queued_texts = 0
        self._undated: list[tuple[Found, bytes, str, Transcript]] = []

    def take(self, found: Found) -> None:
        """Read one input; it is stored now or with a later one, or by `finish`."""
        if found.input.data is None:
            self._done(found, "skipped", detail=found.input.error or "it cannot be read")
            return
        data = found.input.data
        digest = hashlib.sha256(data).hexdigest()
        if self._is_known(found, digest):
            return
        try:
            # Inside the corpus only the path below it counts: wherever the folder lies, the ids are the same.
            transcript = read_transcript(data, found.key or found.input.path, institutions=self._institutions)
        except ReadError as error:
            if found.key:
                self._writer.skip(found.key, digest, str(error))
            self._done(found, "skipped", detail=str(error))
            return
        if transcript.date is None:
            self._undated.append((found, data, digest, transcript))
        else:
            self._enqueue(found, data, digest, transcript)

    def finish(self) -> None:
        """Store what is left. Undated pages come last: their neighbours tell the year."""
        self._flush()
        if self._undated:
            undated = [transcript for *_, transcript in self._undated]
            settled = settle_dates([*self._neighbours(), *undated])[-len(undated) :]
            for (found, data, digest, _), transcript in zip(self._undated, settled, strict=True):
                self._enqueue(found, data, digest, transcript)
            self._flush()

    def _is_known(self, found: Found, digest: str) -> bool:
        """Whether these bytes were read before; then the outcome is noted."""
        condition, value = ("s.path = ?", found.key) if found.key else ("t.id IS NOT NULL", None)
        rows = self._writer.query(
            "SELECT s.reason, t.id FROM sources s LEFT JOIN transcripts t ON t.number = s.transcript "
            f"WHERE s.digest = ? AND {condition} LIMIT 1",
            (digest, value) if found.key else (digest,),
        )
        if not rows:
            return False
        reason, transcript = rows[0]
        self._done(found, "skipped" if reason else "unchanged", transcript, reason)
        return True

    def _enqueue(self, found: Found, data: bytes, digest: str, transcript: Transcript) -> None:
        prepared = prepare(transcript, self._encoder)
        self._queue.append(_Item(found, data, digest, prepared))
        self._queued_texts += sum(1 for _ in prepared.texts())
        if self._queued_texts >= BATCH_TEXTS:
            self._flush()

    def _flush(self) -> None:
        missing = self._writer.missing(text for item in self._queue for text in item.prepared.texts())
        vectors = dict(zip(map(text_digest, missing), self._encoder.encode(missing), strict=True)) if missing else {}
        for item in self._queue:
            self._store(item, vectors)
        self._queue = []
        self._queued_texts = 0

    def _store(self, item: _Item, vectors: dict[bytes, Vectors]) -> None:
        transcript = item.transcript
        try:
            key = self._place(item)
        except ReadError as error:
            self._done(item.found, "skipped", detail=str(error))
            return
        source = FileSource(key, item.digest, transcript.digest, transcript.id, transcript.url)
        if item.found.key is None:
            keep(self._corpus, key, item.data)
        held = self._held(transcript.id)
        if held is None:
            twin = self._twin(transcript, key)
            if twin is None:
                self._writer.put(item.prepared, source, vectors)
                detail = None
            elif keeps(twin, transcript):
                self._writer.join(source, twin.id)
                self._done(item.found, "indexed", twin.id, f"the same conference as {twin.name}: one more source of it")
                return
            else:
                self._writer.put(item.prepared, source, vectors, absorbed=twin.id)
                detail = f"the same conference as {twin.name}, which is now one more source of it"
        elif held.digest == transcript.digest and not self._is_read_from(key, held):
            self._writer.join(source, transcript.id)
            self._done(item.found, "unchanged", transcript.id, "the same bytes lie elsewhere in the corpus")
            return
        elif self._is_read_from(key, held) or not keeps(held, transcript):
            self._writer.put(item.prepared, source, vectors)
            detail = "replaced what was there"
        else:
            self._writer.join(source, transcript.id)
            detail = "a longer text of the same page is kept: one more source of it"
        self._done(item.found, "indexed", transcript.id, detail)

    def _place(self, item: _Item) -> str:
        """Where the original lies, or will lie, below the corpus folder."""
        if item.found.key:
            return item.found.key
        key = target(item.transcript, item.found.relative)
        rows = self._writer.query("SELECT id FROM sources WHERE path = ?", (key,))
        if rows:
            # A file of that path and name that tells nearly the same is being corrected.
            there = self._held(rows[0][0]) if rows[0][0] else None
            if there and (
                there.id == item.transcript.id
                or (there.name == item.transcript.name and are_same(there, item.transcript))
            ):
                return key
            return beside(self._corpus, key, item.digest)
        return key if is_free(self._corpus, key, item.digest) else beside(self._corpus, key, item.digest)

    def _held(self, id: str) -> Transcript | None:
        rows = self._writer.query("SELECT * FROM transcripts WHERE id = ?", (id,))
        return _without_exchanges(dict(rows[0])) if rows else None

    def _is_read_from(self, key: str, held: Transcript) -> bool:
        """Whether the stored text of a transcript came from this corpus file."""
        return bool(self._writer.query("SELECT 1 FROM sources WHERE path = ? AND original = ?", (key, held.digest)))

    def _twin(self, transcript: Transcript, key: str) -> Transcript | None:
        """A stored transcript, from another file, of the same conference."""
        if transcript.date is None:
            return None
        rows = self._writer.query(
            "SELECT * FROM transcripts t WHERE date = ? AND language = ? AND NOT EXISTS (SELECT 1 FROM sources s "
            "WHERE s.transcript = t.number AND s.path = ? AND s.original = t.digest) ORDER BY id",
            (transcript.date.isoformat(), transcript.language, key),
        )
        candidates = (_without_exchanges(dict(row)) for row in rows)
        return next((candidate for candidate in candidates if are_same(candidate, transcript)), None)

    def _neighbours(self) -> list[Transcript]:
        # Without their texts: all of them together are the archive.
        rows = self._writer.query(
            "SELECT id, name, title, date, date_from, speaker, institution, language, url, digest, '' AS text "
            "FROM transcripts WHERE date IS NOT NULL AND date_from <> 'neighbours'"
        )
        return [_without_exchanges(dict(row)) for row in rows]

    def _done(self, found: Found, status: Status, transcript: str | None = None, detail: str | None = None) -> None:
        outcome = Outcome(path=found.input.path, status=status, transcript=transcript, detail=detail)
        self.outcomes.append(outcome)
        if self._told:
            self._told(outcome)
        self._progress(len(self.outcomes), self._total)


def _without_exchanges(row: dict[str, object]) -> Transcript:
    values = {key: value for key, value in row.items() if key not in ("number", "notes")}
    return Transcript.model_validate({**values, "exchanges": ()})
