"""The SQL that the reads share, and rows to records."""

from __future__ import annotations

import sqlite3

from rag.indexing.schema import TABLES, Unit
from rag.indexing.versions import EarlierVersion
from rag.types import Exchange, Filters, Source, Span, Transcript

EXCHANGE = "e.*, t.id AS transcript_id"
SOURCE = "t.id, t.name, t.title, t.date, t.speaker, t.institution, t.language, t.url"
LEADS_ON = (
    "EXISTS (SELECT 1 FROM sources s WHERE s.transcript IS NOT NULL AND s.path = v.source_path) OR "
    "EXISTS (SELECT 1 FROM sources s WHERE s.transcript IS NOT NULL AND s.id = v.source_id)"
)
"""A condition on `earlier v`: something stands in its place; nothing does when the page was removed."""
EXCHANGES = "exchanges e JOIN transcripts t ON t.number = e.transcript"


def units(unit: Unit) -> str:
    """Tables to select a unit from: `u` (passages or spans), `e` its exchange and `t` its transcript."""
    return (
        EXCHANGES
        if unit == "exchange"
        else f"{TABLES[unit]} u JOIN exchanges e ON e.number = u.exchange JOIN transcripts t ON t.number = e.transcript"
    )


def item(unit: Unit) -> str:
    """Column of a unit's number."""
    return "e.number" if unit == "exchange" else "u.number"


def place(unit: Unit) -> str:
    """Columns of a unit's offsets."""
    return "e.answer_start AS start, e.answer_end AS end" if unit == "exchange" else "u.start, u.end"


def where(filters: Filters | None) -> tuple[str, list[str]]:
    """A condition on `e` and `t`, and its values. A period lets no undated transcript through."""
    if filters is None:
        return "1", []
    period = filters.period
    conditions = {
        "t.date >= ?": period.first.isoformat() if period and period.first else None,
        "t.date <= ?": period.last.isoformat() if period and period.last else None,
        "coalesce(e.speaker, t.speaker) = ? COLLATE NOCASE": filters.speaker,
        "e.asked_by = ? COLLATE NOCASE": filters.asked_by,
        "t.institution = ? COLLATE NOCASE": filters.institution,
        "t.language = ? COLLATE NOCASE": filters.language,
    }
    given = {condition: value for condition, value in conditions.items() if value is not None}
    return " AND ".join(given) or "1", list(given.values())


def to_exchange(row: sqlite3.Row) -> Exchange:
    """A row of `EXCHANGE`."""
    asked = row["question_start"] is not None
    return Exchange(
        id=row["id"],
        transcript=row["transcript_id"],
        ordinal=row["ordinal"],
        kind=row["kind"],
        question=Span(start=row["question_start"], end=row["question_end"]) if asked else None,
        answer=Span(start=row["answer_start"], end=row["answer_end"]),
        asked_by=row["asked_by"],
        speaker=row["speaker"],
        follow_up=bool(row["follow_up"]),
    )


def to_source(row: sqlite3.Row) -> Source:
    """A row of `SOURCE`."""
    return Source(
        transcript=row["id"],
        name=row["name"],
        title=row["title"],
        date=row["date"],
        speaker=row["speaker"],
        institution=row["institution"],
        language=row["language"],
        url=row["url"],
    )


def to_earlier(row: sqlite3.Row) -> EarlierVersion:
    """A row of the table `earlier`."""
    return EarlierVersion(
        transcript=Transcript.model_validate_json(row["transcript"]),
        source_path=row["source_path"],
        source_id=row["source_id"],
        replaced=row["replaced"],
    )
