"""SHA-256 of model files, computed once per file and remembered beside it."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from rag.errors import ModelError
from rag.whole_files import write_whole

Progress = Callable[[int, int], None]
"""Called with (done, total)."""

REMEMBERED_FROM = 8 << 20
"""Bytes; smaller files are hashed faster than a memory of them is kept."""

WEIGHTS = (".safetensors", ".bin", ".onnx", ".gguf")


def model_digest(path: Path) -> str:
    """SHA-256 (hex) of a model: of the file, or of the weights in a folder.

    A folder with one weights file has that file's digest; with several, the digest of their digests in order of path.

    Raises:
        ModelError: nothing is there, it cannot be read, or the folder holds no weights.
    """
    try:
        if path.is_file():
            return file_digest(path)
        if not path.is_dir():
            raise ModelError(f"there is no model at {path}")
        weights = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix in WEIGHTS)
        if not weights:
            raise ModelError(f"{path} holds no model weights ({', '.join(WEIGHTS)})")
        digests = [file_digest(file) for file in weights]
    except OSError as error:
        raise ModelError(f"the model {path} cannot be read: {error.strerror}") from error
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 (hex) of a file; of a large one remembered beside it while its length and modification time stand."""
    status = path.stat()
    if status.st_size < REMEMBERED_FROM:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    state = {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
    memory = path.with_name(f".{path.name}.sha256.json")
    with contextlib.suppress(OSError, ValueError, AttributeError):
        known = json.loads(memory.read_text(encoding="utf-8"))
        if {key: known.get(key) for key in state} == state:
            return str(known["sha256"])
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    # A model on a read-only disk is hashed each time instead.
    with contextlib.suppress(OSError):
        write_whole(memory, json.dumps({**state, "sha256": digest}).encode())
    return digest
