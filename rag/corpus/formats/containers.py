"""Files that hold many transcripts (tables, JSON lines) to their members."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

from rag.corpus.formats.columns import Columns
from rag.corpus.formats.members import Member
from rag.corpus.formats.own import iter_lines
from rag.corpus.formats.table import iter_table
from rag.errors import ReadError

MOST_BYTES = 300_000_000
"""Of a table, which is held in memory; the CMFA table has some 60 MB. JSON lines may be of any length."""
_TABLES = (".csv", ".tsv", ".xlsx")
_LINES = (".jsonl", ".ndjson")


def is_container(path: str) -> bool:
    """Whether a file of that name holds many transcripts."""
    return PurePosixPath(path).suffix.lower() in (*_TABLES, *_LINES)


def iter_members(stream: IO[bytes], path: str, columns: Columns) -> Iterator[Member]:
    """The transcripts of a container, and what in it gives none, in order.

    Raises:
        ReadError: nothing of it can be read.
    """
    if PurePosixPath(path).suffix.lower() in _LINES:
        yield from iter_lines(stream)
        return
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ReadError(f"the table is larger than {MOST_BYTES / 1e6:.0f} MB: split it by year")
    yield from iter_table(data, path, columns)
