"""The write side of the store: one transaction for each transcript, so that a killed process leaves whole ones."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from rag.indexing.embedding import Vectors
from rag.indexing.fulltext import indexed_text
from rag.indexing.prepare import Prepared, Unembedded, text_digest
from rag.indexing.schema import TABLES, Meta, connect, read_meta, write_meta
from rag.indexing.spaces import SPACES
from rag.indexing.vectors import BATCH, STORED, is_sound
from rag.indexing.versions import EarlierVersion
from rag.indexing.words import count_in, count_out
from rag.types import Exchange, Transcript


class FileSource(NamedTuple):
    """A corpus file that a transcript was read from."""

    path: str
    """Below the corpus folder, with `!/` before a member of an archive."""
    digest: str
    """SHA-256 (hex) of its bytes."""
    original: str
    """Digest of the transcript that it gives: of an exported one, that of the page it was once read from."""
    id: str
    """Id of the transcript that it would be by itself."""
    url: str | None


class Writer:
    """Adds, replaces and removes transcripts. The caller holds the lock (`exclusive`)."""

    def __init__(self, path: Path) -> None:
        """Open the database at `path`, which exists; what a killed writer left is rolled back by SQLite."""
        self._connection = connect(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @property
    def meta(self) -> Meta:
        """What the index says of itself now."""
        return read_meta(self._connection)

    def query(self, sql: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Rows of one statement."""
        return self._connection.execute(sql, values).fetchall()

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Those of `texts`, once each, whose vector is not stored."""
        wanted = {text_digest(text): text for text in texts}
        find = "SELECT 1 FROM embeddings WHERE digest = ?"
        return [text for digest, text in wanted.items() if not self._connection.execute(find, (digest,)).fetchone()]

    def put(
        self,
        prepared: Prepared,
        source: FileSource,
        vectors: Mapping[bytes, Vectors],
        replaced: str | None = None,
        earlier: Sequence[EarlierVersion] = (),
    ) -> None:
        """Store a transcript in one transaction. The other sources of what it replaces become its own.

        Args:
            prepared: the transcript and its units.
            source: the corpus file it was read from.
            vectors: by digest of text, those that are not stored yet; each float32 [dimension].
            replaced: id of the transcript of the same page or conference that is removed.
            earlier: what is removed by this, as it is shown to those who ask for it by its id.
        """
        with self._transaction():
            others = self.query(
                "SELECT s.path, s.digest, s.original, s.id, s.url "
                "FROM sources s JOIN transcripts t ON t.number = s.transcript WHERE t.id IN (?, ?) AND s.path <> ?",
                (prepared.transcript.id, replaced, source.path),
            )
            for id in (prepared.transcript.id, replaced):
                if id is not None:
                    self._remove(id)
            self._forget(source.path)
            for version in earlier:
                self._insert_earlier(version)
            self._count_revision()
            number = self._insert_transcript(prepared.transcript)
            for exchange, units in zip(prepared.transcript.exchanges, prepared.units, strict=True):
                self._insert_exchange(number, prepared.transcript, exchange, units, vectors)
            for one in (source, *(FileSource(*row) for row in others)):
                self._insert_source(one, number)

    def join(self, source: FileSource, transcript: str, earlier: Sequence[EarlierVersion] = ()) -> None:
        """Record `source` as one more source of a transcript that is stored; `earlier`: what its file gave before."""
        with self._transaction():
            self._forget(source.path)
            for version in earlier:
                self._insert_earlier(version)
            (number,) = self._connection.execute(
                "SELECT number FROM transcripts WHERE id = ?", (transcript,)
            ).fetchone()
            self._insert_source(source, number)

    def skip(self, path: str, digest: str, reason: str) -> None:
        """Record why a corpus file gives no transcript."""
        with self._transaction():
            self._forget(path)
            self._connection.execute(
                "INSERT INTO sources (path, digest, reason) VALUES (?, ?, ?)", (path, digest, reason)
            )

    def forget(self, path: str) -> None:
        """Remove what came from a corpus file that is gone."""
        with self._transaction():
            self._forget(path)

    def note(self, **changes: str) -> None:
        """Change fields of the description."""
        with self._transaction():
            write_meta(self._connection, self.meta.model_copy(update=changes))

    def set_earlier(self, versions: Iterable[tuple[str, EarlierVersion | None]]) -> None:
        """Store what `read_versions` found in the corpus folder, in place of all earlier versions that were stored."""
        with self._transaction():
            self._connection.execute("DELETE FROM earlier")
            for _, version in versions:
                if version:
                    self._insert_earlier(version)

    def adopt_embeddings(self, path: Path, model: str) -> None:
        """Copy the sound vectors of another database, of any format, whose embedding model has the SHA-256 `model`.

        Raises:
            sqlite3.DatabaseError: it cannot be read.
        """
        # Two connections and not ATTACH: a transaction over two files leaves a file of its own when it is killed.
        with contextlib.closing(connect(path, read_only=True)) as other:
            (built_with,) = other.execute("SELECT value FROM meta WHERE key = 'embedding_digest'").fetchone() or ("",)
            if built_with != json.dumps(model):
                return
            dimension = self.meta.dimension
            with self._transaction():
                rows = other.execute("SELECT digest, vector FROM embeddings")
                while batch := rows.fetchmany(BATCH):
                    sound = is_sound([vector for _, vector in batch], dimension)
                    self._connection.executemany(
                        "INSERT OR IGNORE INTO embeddings (digest, vector) VALUES (?, ?)",
                        [row for row, right in zip(batch, sound, strict=True) if right],
                    )
                self._connection.execute("INSERT OR IGNORE INTO unused SELECT number FROM embeddings")

    def sweep(self) -> None:
        """Remove what belongs to nothing on record. Last in a run: a replaced text's vector may be used again."""
        with self._transaction():
            self._connection.execute(
                "DELETE FROM embeddings WHERE number IN (SELECT embedding FROM unused) "
                "AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.embedding = embeddings.number)"
            )
            self._connection.execute("DELETE FROM unused")
            # Those of a page that was removed stay, as they do in the corpus folder: it may come again.
            self._connection.execute("DELETE FROM earlier WHERE id IN (SELECT id FROM transcripts)")

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.rollback()
            raise

    def _count_revision(self) -> None:
        """Tell readers that their vectors are out of step."""
        self._connection.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision'")

    def _forget(self, path: str) -> None:
        """Drop a source. A transcript whose text no other source gives goes with all of its sources."""
        rows = self.query(
            "SELECT t.id FROM sources s JOIN transcripts t ON t.number = s.transcript AND t.digest = s.original "
            "WHERE s.path = ?1 AND NOT EXISTS (SELECT 1 FROM sources o "
            "WHERE o.transcript = t.number AND o.original = t.digest AND o.path <> ?1)",
            (path,),
        )
        for (id,) in rows:
            self._remove(id)
        self._connection.execute("DELETE FROM sources WHERE path = ?", (path,))

    def _remove(self, transcript: str) -> None:
        """Remove a transcript from every table but `embeddings`, of which it marks what may be unused."""
        rows = self.query("SELECT text FROM transcripts WHERE id = ?", (transcript,))
        if not rows:
            return
        self._count_revision()
        count_out(self._connection, rows[0][0])
        owned = "SELECT e.number FROM exchanges e JOIN transcripts t ON t.number = e.transcript WHERE t.id = ?"
        for name, space in SPACES.items():
            items = owned
            if space.unit != "exchange":
                items = f"SELECT number FROM {TABLES[space.unit]} WHERE exchange IN ({owned})"
            these = f"vectors WHERE space = ? AND item IN ({items})"
            self._connection.execute(f"INSERT OR IGNORE INTO unused SELECT embedding FROM {these}", (name, transcript))
            self._connection.execute(
                "INSERT INTO removed SELECT (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'revision'), "
                f"space, item FROM {these}",
                (name, transcript),
            )
            self._connection.execute(f"DELETE FROM {these}", (name, transcript))
        passages = f"SELECT number FROM passages WHERE exchange IN ({owned})"
        self._connection.execute(f"DELETE FROM passage_text WHERE rowid IN ({passages})", (transcript,))
        self._connection.execute(f"DELETE FROM exchange_text WHERE rowid IN ({owned})", (transcript,))
        self._connection.execute("DELETE FROM transcripts WHERE id = ?", (transcript,))

    def _insert_transcript(self, transcript: Transcript) -> int:
        row = transcript.model_dump(mode="json", exclude={"exchanges", "notes"})
        row["notes"] = json.dumps([note.model_dump() for note in transcript.notes])
        count_in(self._connection, transcript.text)
        return self._insert("transcripts", row)

    def _insert_earlier(self, version: EarlierVersion) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO earlier (id, source_path, source_id, replaced, transcript) VALUES (?, ?, ?, ?, ?)",
            (
                version.transcript.id,
                version.source_path,
                version.source_id,
                version.replaced.isoformat(),
                version.transcript.model_dump_json(),
            ),
        )

    def _insert_source(self, source: FileSource, transcript: int) -> None:
        self._insert("sources", {**source._asdict(), "transcript": transcript})

    def _insert_exchange(
        self,
        transcript_number: int,
        transcript: Transcript,
        exchange: Exchange,
        units: list[Unembedded],
        vectors: Mapping[bytes, Vectors],
    ) -> None:
        question, answer = exchange.question, exchange.answer
        number = self._insert(
            "exchanges",
            {
                "id": exchange.id,
                "transcript": transcript_number,
                "ordinal": exchange.ordinal,
                "kind": exchange.kind,
                "question_start": question.start if question else None,
                "question_end": question.end if question else None,
                "answer_start": answer.start,
                "answer_end": answer.end,
                "asked_by": exchange.asked_by,
                "speaker": exchange.speaker,
                "follow_up": exchange.follow_up,
            },
        )
        asked = indexed_text(transcript.text[question.start : question.end]) if question else ""
        title = indexed_text(transcript.title)
        for unit in units:
            item = number
            if unit.unit != "exchange":
                row = {"exchange": number, "start": unit.start, "end": unit.end}
                item = self._insert(TABLES[unit.unit], row)
            if unit.unit != "span":
                words = indexed_text(transcript.text[unit.start : unit.end])
                self._insert(f"{unit.unit}_text", {"rowid": item, "title": title, "question": asked, "answer": words})
            for space, text in unit.texts.items():
                embedding = self._embedding(text_digest(text), vectors)
                self._insert("vectors", {"space": space, "item": item, "embedding": embedding})

    def _embedding(self, digest: bytes, vectors: Mapping[bytes, Vectors]) -> int:
        found = self._connection.execute("SELECT number FROM embeddings WHERE digest = ?", (digest,)).fetchone()
        if found:
            return int(found[0])
        return self._insert("embeddings", {"digest": digest, "vector": vectors[digest].astype(STORED).tobytes()})

    def _insert(self, table: str, row: Mapping[str, object]) -> int:
        columns = ", ".join(row)
        marks = ", ".join("?" * len(row))
        cursor = self._connection.execute(
            f"INSERT INTO {table} ({columns}) VALUES ({marks})",
            list(row.values()),
        )
        return int(cursor.lastrowid or 0)
