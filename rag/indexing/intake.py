"""One input after another into the index."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rag.corpus import load_institutions, read_transcript, settle_dates
from rag.corpus.folders import FETCHED
from rag.errors import ReadError
from rag.indexing.embedding import Encoder, Progress, Vectors
from rag.indexing.history import History
from rag.indexing.originals import MEMBER, Found, beside, is_free, keep, target
from rag.indexing.prepare import Prepared, prepare, text_digest
from rag.indexing.report import Outcome, Status
from rag.indexing.same import are_same, keeps
from rag.indexing.versions import renamed
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
        self,
        writer: Writer,
        history: History,
        encoder: Encoder,
        corpus: Path,
        progress: Progress,
        total: int,
        told: Told | None = None,
    ) -> None:
        """`total`: how many inputs will come, for `progress`; `told` is called with each outcome as it is certain."""
        self.outcomes: list[Outcome] = []
        self._writer = writer
        self._history = history
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
                self._history.displaced(found.key, digest, None)
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
        known = self._history.version_of(transcript)
        if known and item.found.key is None and self._history.leads_on(known):
            said = f"an earlier version, replaced on {known.replaced:%Y-%m-%d}"
            self._done(item.found, "unchanged", known.transcript.id, said)
            return
        try:
            key = self._place(item)
        except ReadError as error:
            self._done(item.found, "skipped", detail=str(error))
            return
        source = FileSource(key, item.digest, transcript.digest, transcript.id, transcript.url)
        held = self._held(transcript.id)
        twin = held is None
        if twin:
            held = self._twin(transcript, key)
        same_bytes = held is not None and held.digest == transcript.digest and not self._is_read_from(key, held)
        stays = held is not None and (same_bytes or self._stays(held, item, key, known is not None))
        earlier = self._history.displaced(key, item.digest, transcript, None if stays or not held else held.id)
        if item.found.key is None:
            keep(self._corpus, key, item.data)
        if held is not None and stays:
            self._writer.join(source, held.id, earlier)
            if same_bytes:
                self._done(item.found, "unchanged", held.id, "the same bytes lie elsewhere in the corpus")
            else:
                said = f"the same conference as {held.name}" if twin else "another text of the same page is kept"
                self._done(item.found, "indexed", held.id, f"{said}: one more source of it")
            return
        stored = renamed(transcript, self._history.id_of(transcript, held, earlier))
        self._writer.put(item.prepared._replace(transcript=stored), source, vectors, held.id if held else None, earlier)
        detail = None
        if held:
            detail = f"the same conference as {held.name}, which is now one more source of it"
            detail = detail if twin else "replaced what was there"
        self._done(item.found, "indexed", stored.id, detail)

    def _stays(self, held: Transcript, item: _Item, key: str, superseded: bool) -> bool:
        """Whether a stored text of the same page or conference stays when another comes.

        What a file gave gives way to what it gives now, and a page's text to what is brought in. Of files that lie in
        the corpus side by side, the order in which they are read decides nothing: what was superseded gives way, then
        what was not fetched from the page's own site, then the shorter text.
        """
        same_page = held.url is not None and held.url == item.transcript.url
        if self._is_read_from(key, held) or (same_page and item.found.key is None):
            return False
        if superseded:
            return True
        fetched = f"{FETCHED}/"
        if same_page and any(path.startswith(fetched) for path in self._paths(held)) != key.startswith(fetched):
            return not key.startswith(fetched)
        return keeps(held, item.transcript)

    def _place(self, item: _Item) -> str:
        """Where the original lies, or will lie, below the corpus folder."""
        if item.found.key:
            return item.found.key
        transcript = item.transcript
        held = self._held(transcript.id)
        if held and held.url and held.digest != transcript.digest:
            # A page is corrected where it lies. A member of an archive stays as it is.
            lies = next((path for path in self._paths(held) if MEMBER not in path), None)
            if lies:
                return lies
        key = target(transcript, item.found.relative)
        rows = self._writer.query(
            "SELECT t.id FROM sources s JOIN transcripts t ON t.number = s.transcript WHERE s.path = ?", (key,)
        )
        if rows:
            # A file of that path and name that tells nearly the same is being corrected.
            there = self._held(rows[0][0])
            if there and (
                (held and there.id == held.id) or (there.name == transcript.name and are_same(there, transcript))
            ):
                return key
            return beside(self._corpus, key, item.digest)
        return key if is_free(self._corpus, key, item.digest) else beside(self._corpus, key, item.digest)

    def _held(self, id: str) -> Transcript | None:
        """The stored transcript of this id, or whose text came from a source that has this id by itself."""
        rows = self._writer.query("SELECT * FROM transcripts WHERE id = ?", (id,)) or self._writer.query(
            "SELECT t.* FROM transcripts t JOIN sources s ON s.transcript = t.number AND s.original = t.digest "
            "WHERE s.id = ?",
            (id,),
        )
        return _without_exchanges(dict(rows[0])) if rows else None

    def _paths(self, held: Transcript) -> list[str]:
        """The corpus files that give the stored text of a transcript."""
        rows = self._writer.query(
            "SELECT s.path FROM sources s JOIN transcripts t ON t.number = s.transcript AND t.digest = s.original "
            "WHERE t.id = ? ORDER BY s.path",
            (held.id,),
        )
        return [path for (path,) in rows]

    def _is_read_from(self, key: str, held: Transcript) -> bool:
        """Whether the stored text of a transcript came from this corpus file."""
        return key in self._paths(held)

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
