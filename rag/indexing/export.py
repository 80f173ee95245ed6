"""The record as JSON lines: one transcript a line, in OnRecord's own schema, as `ingest` reads it again."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import IO

from rag.indexing.embedding import Progress
from rag.indexing.store import Index
from rag.whole_files import written_whole


def export(index: Index, out: IO[bytes], progress: Progress | None = None) -> int:
    """Write every transcript, the newest first.

    Transcripts are read one at a time, so that a writer need not wait; one that is removed meanwhile is left out.

    Args:
        index: what is on record.
        out: opened for writing.
        progress: called with (transcripts done, transcripts).

    Returns:
        How many were written.
    """
    sources = index.sources()
    written = 0
    for done, source in enumerate(sources, 1):
        with contextlib.suppress(KeyError):
            out.write(index.transcript(source.transcript).model_dump_json().encode() + b"\n")
            written += 1
        if progress:
            progress(done, len(sources))
    return written


def export_to(index: Index, path: Path, progress: Progress | None = None) -> int:
    """Write every transcript to a file, which appears under its name when it is whole.

    Raises:
        OSError: it cannot be written or the disk is full; what stood at `path` stays.
    """
    with written_whole(path, "part") as out:
        return export(index, out, progress)
