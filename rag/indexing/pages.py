"""Which pages of a site are on record, wherever in the corpus they lie."""

from __future__ import annotations

import contextlib
from pathlib import Path, PurePosixPath

from rag.config import Settings
from rag.errors import IndexDamagedError, IndexMissingError
from rag.indexing.originals import MEMBER
from rag.indexing.reader import Reader
from rag.indexing.schema import DATABASE

_WHOLE = (".shtml", ".html", ".htm", ".json")
"""The page itself, or an export of it. A text that names the page's address may hold a part of it only."""


def pages_on_record(settings: Settings) -> dict[str, Path | None]:
    """Name of a page, such as `t1666065`, to its file; None for a member of an archive.

    A page keeps its name when the site moves its folders or is reached under another host. Without a readable index no
    page is known: it is then taken again, and found to be the same when it is ingested.
    """
    database = settings.index / DATABASE
    reader = Reader(database)
    try:
        with contextlib.suppress(IndexMissingError, IndexDamagedError):
            rows = reader.all("SELECT path, url FROM sources WHERE transcript IS NOT NULL AND url IS NOT NULL")
            return {
                PurePosixPath(url).name.split(".")[0]: None if MEMBER in path else settings.corpus / path
                for path, url in rows
                if PurePosixPath(path).suffix in _WHOLE
            }
        return {}
    finally:
        reader.close()
