"""The folders below the corpus folder that commands write, and how what is replaced there is kept.

`superseded/<path of the file>/` holds the bytes that stood in a file before, under the first digits of their SHA-256,
and beside them the transcript as it was on record (`….version.json`, see `rag.indexing.versions`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path, PurePosixPath

FETCHED = "fetched"
"""What `fetch` took from the site that publishes it."""
INGESTED = "ingested"
"""Copies of what was ingested from elsewhere."""
SUPERSEDED = "superseded"
"""What stood in a file before something else took its place. Nothing in it is read as a transcript."""


def folder_of(key: str) -> str:
    """Where below the corpus folder the earlier contents of the corpus file `key` are kept."""
    return f"{SUPERSEDED}/{key}"


def keep_bytes(corpus: Path, key: str) -> None:
    """Keep the present bytes of a corpus file that is about to be replaced; nothing happens when there is none.

    Raises:
        OSError: the folder cannot be written or the disk is full.
    """
    file = corpus / key
    if not file.is_file():
        return
    name = hashlib.sha256(file.read_bytes()).hexdigest()[:16] + PurePosixPath(key).suffix
    kept = corpus / folder_of(key) / name
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        # The file is replaced by renaming another over it, so that these bytes stay as they are.
        with suppress(FileExistsError):
            os.link(file, kept)
    except OSError:
        # Not every file system has links.
        shutil.copyfile(file, kept)
