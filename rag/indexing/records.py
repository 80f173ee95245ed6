"""What is on record, one thing at a time by its id."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rag.indexing.embedding import Vectors
from rag.indexing.nearest import to_vectors
from rag.indexing.reader import Reader
from rag.indexing.rows import EXCHANGE, EXCHANGES, LEADS_ON, SOURCE, to_earlier, to_exchange, to_source, units
from rag.indexing.schema import TABLES, Unit, read_meta
from rag.indexing.spaces import SPACES
from rag.indexing.vectors import STORED
from rag.indexing.versions import EarlierVersion
from rag.types import AnswerSpan, Exchange, Note, Passage, Source, Transcript

_AMONG = "e.id IN (SELECT value FROM json_each(?))"


class OtherSource(NamedTuple):
    """One of the places that a transcript was obtained from."""

    path: str
    """Below the corpus folder; `!/` stands before a member of an archive."""
    id: str
    """Id of the transcript that this source would be by itself."""
    url: str | None
    digest: str
    """SHA-256 (hex) of its bytes."""


class Records:
    """Looks things up in the database of an index."""

    def __init__(self, path: Path) -> None:
        self._reader = Reader(path)

    def close(self) -> None:
        """Close the connections of all threads. Nothing can be read afterwards."""
        self._reader.close()

    def transcript(self, id: str) -> Transcript:
        """A transcript with its exchanges and notes, by its id, that of another source of the same conference, or that
        of an earlier version.

        Raises:
            KeyError: there is none.
        """
        with self._reader.snapshot():
            row = self._transcript_row(id, "t.*")
            exchanges = self._reader.all(
                f"SELECT {EXCHANGE} FROM {EXCHANGES} WHERE e.transcript = ? ORDER BY e.ordinal", row["number"]
            )
        values = {key: row[key] for key in tuple(row.keys()) if key not in ("number", "notes")}
        return Transcript(
            **values,
            exchanges=tuple(to_exchange(exchange) for exchange in exchanges),
            notes=tuple(Note(**note) for note in json.loads(row["notes"])),
        )

    def source(self, transcript: str) -> Source:
        """A transcript without its text, by any of the ids that `transcript` knows.

        Raises:
            KeyError: there is none.
        """
        return to_source(self._transcript_row(transcript, SOURCE))

    def of_day(self, date: dt.date) -> list[Source]:
        """Transcripts of a day, without their text."""
        rows = self._reader.all(
            f"SELECT {SOURCE} FROM transcripts t WHERE t.date = ? ORDER BY t.name", date.isoformat()
        )
        return [to_source(row) for row in rows]

    def named(self, name: str) -> list[Source]:
        """Transcripts of a page name, such as `t1666065`."""
        return [
            to_source(row) for row in self._reader.all(f"SELECT {SOURCE} FROM transcripts t WHERE t.name = ?", name)
        ]

    def obtained_from(self, transcript: str) -> list[OtherSource]:
        """Every corpus file that a transcript stands for; more than one when it was published twice."""
        rows = self._reader.all(
            "SELECT s.path, s.id, s.url, s.digest FROM sources s JOIN transcripts t ON t.number = s.transcript "
            "WHERE t.id = ? ORDER BY s.path",
            transcript,
        )
        return [OtherSource(*row) for row in rows]

    def earlier(self, id: str) -> EarlierVersion | None:
        """The earlier version of this id; None when the id is another's, or its page was removed."""
        rows = self._reader.all(f"SELECT v.* FROM earlier v WHERE v.id = ? AND ({LEADS_ON})", id)
        return to_earlier(rows[0]) if rows else None

    def earlier_versions(self, transcript: str) -> list[EarlierVersion]:
        """What stood in the place of a transcript before, the newest first."""
        rows = self._reader.all(
            "SELECT DISTINCT v.* FROM earlier v JOIN sources s ON s.path = v.source_path OR s.id = v.source_id "
            "JOIN transcripts t ON t.number = s.transcript WHERE t.id = ? ORDER BY v.replaced DESC, v.id",
            transcript,
        )
        return [to_earlier(row) for row in rows]

    def exchange(self, id: str) -> Exchange:
        """An exchange by its id.

        Raises:
            KeyError: there is none.
        """
        rows = self._reader.all(f"SELECT {EXCHANGE} FROM {EXCHANGES} WHERE e.id = ?", id)
        if not rows:
            raise KeyError(id)
        return to_exchange(rows[0])

    def days_of(self, exchanges: Iterable[str]) -> dict[str, dt.date | None]:
        """The day on which each exchange took place, where its transcript has one; unknown exchanges are left out."""
        rows = self._reader.all(f"SELECT e.id, t.date FROM {EXCHANGES} WHERE {_AMONG}", json.dumps(list(exchanges)))
        return {id: dt.date.fromisoformat(date) if date else None for id, date in rows}

    def exchanges_of(self, transcript: str) -> list[Exchange]:
        """The exchanges of a transcript, in order; none when it is unknown."""
        rows = self._reader.all(f"SELECT {EXCHANGE} FROM {EXCHANGES} WHERE t.id = ? ORDER BY e.ordinal", transcript)
        return [to_exchange(row) for row in rows]

    def question(self, exchange: str) -> str | None:
        """The reporter's words; None for an opening or a remark."""
        rows = self._reader.all(
            f"SELECT t.text, e.question_start, e.question_end FROM {EXCHANGES} WHERE e.id = ?", exchange
        )
        if not rows:
            raise KeyError(exchange)
        text, start, end = rows[0]
        return None if start is None else text[start:end]

    def words_of(self, exchanges: Sequence[str]) -> list[tuple[str, str]]:
        """The reporter's words and the spokesperson's in each exchange, for search: never to be shown as anybody's.

        Raises:
            KeyError: one is unknown.
        """
        rows = self._reader.all(
            "SELECT e.id, coalesce(substr(t.text, e.question_start + 1, e.question_end - e.question_start), ''), "
            f"substr(t.text, e.answer_start + 1, e.answer_end - e.answer_start) FROM {EXCHANGES} WHERE {_AMONG}",
            json.dumps(list(exchanges)),
        )
        found = {id: (asked, answered) for id, asked, answered in rows}
        return [found[exchange] for exchange in exchanges]

    def spans_of(self, exchange: str) -> list[AnswerSpan]:
        """The spans of an answer, in order: what can be cited."""
        return [
            AnswerSpan(start=start, end=end, transcript=transcript, exchange=exchange, text=text)
            for start, end, transcript, text in self._pieces("span", exchange)
        ]

    def passages_of(self, exchange: str) -> list[Passage]:
        """The passages of an answer, in order."""
        return [
            Passage(
                id=f"{exchange}.{start}-{end}",
                exchange=exchange,
                transcript=transcript,
                start=start,
                end=end,
                text=text,
            )
            for start, end, transcript, text in self._pieces("passage", exchange)
        ]

    def vectors_of(self, space: str, exchange: str) -> Vectors:
        """Float32 [n, dimension] of a space's units in an exchange, in the order of `spans_of` or `passages_of`."""
        return self.vectors_of_each(space, [exchange])[exchange]

    def vectors_of_each(self, space: str, exchanges: Sequence[str]) -> dict[str, Vectors]:
        """The same for each of some exchanges, in the order given: one statement for the forty that a search ranks."""
        unit = SPACES[space].unit
        with self._reader.snapshot() as connection:
            # CROSS JOIN keeps the order of the tables: left to itself SQLite begins with all vectors of the space.
            rows = self._reader.all(
                "SELECT e.id, u.number, b.vector FROM exchanges e "
                f"CROSS JOIN {TABLES[unit]} u ON u.exchange = e.number "
                "CROSS JOIN vectors v ON v.space = ? AND v.item = u.number "
                f"CROSS JOIN embeddings b ON b.number = v.embedding WHERE {_AMONG}",
                space,
                json.dumps(list(exchanges)),
            )
            # The meta would take longer to read than the vectors.
            size = len(rows[0][2]) // np.dtype(STORED).itemsize if rows else read_meta(connection).dimension
        found: dict[str, list[bytes]] = {exchange: [] for exchange in exchanges}
        for id, _, vector in sorted(rows, key=lambda row: int(row["number"])):
            found[id].append(vector)
        return {exchange: to_vectors(vectors, size) for exchange, vectors in found.items()}

    def _transcript_row(self, id: str, columns: str) -> sqlite3.Row:
        of_source = f"SELECT {columns} FROM sources s JOIN transcripts t ON t.number = s.transcript"
        for sql in (
            f"SELECT {columns} FROM transcripts t WHERE t.id = ?",
            f"{of_source} JOIN earlier v ON s.id = v.source_id WHERE v.id = ? LIMIT 1",
            f"{of_source} JOIN earlier v ON s.path = v.source_path WHERE v.id = ? LIMIT 1",
            f"{of_source} WHERE s.id = ? LIMIT 1",
        ):
            rows = self._reader.all(sql, id)
            if rows:
                return rows[0]
        raise KeyError(id)

    def _pieces(self, unit: Unit, exchange: str) -> list[tuple[int, int, str, str]]:
        """(start, end, transcript id, text) of the units of an exchange, in order."""
        rows = self._reader.all(
            f"SELECT u.start, u.end, t.id, t.text FROM {units(unit)} WHERE e.id = ? ORDER BY u.number", exchange
        )
        return [(start, end, transcript, text[start:end]) for start, end, transcript, text in rows]
