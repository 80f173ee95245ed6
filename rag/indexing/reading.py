"""Which code and rules read pages."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

from rag.corpus import RULE_FILES


def reading_digest(corpus: Path) -> str:
    """SHA-256 (hex) over the files of `rag.corpus` that turn pages into transcripts, and the user's own rules."""
    digest = hashlib.sha256()
    for folder in (resources.files("rag.corpus"), resources.files("rag.corpus.formats")):
        for name in sorted(file.name for file in folder.iterdir() if file.name.endswith((".py", ".toml"))):
            digest.update(name.encode() + (folder / name).read_bytes())
    for file in (corpus / name for name in RULE_FILES):
        if file.is_file():
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()
