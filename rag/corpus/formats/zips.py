"""Opens zip-based documents of unknown origin."""

from __future__ import annotations

import io
import zipfile

from rag.errors import ReadError

MOST_UNPACKED = 400_000_000
"""Bytes: the whole CMFA table unpacks to about a fifth of it."""
_SUSPICIOUS = 20_000_000
_MOST_RATIO = 100
"""Text in XML packs 5 to 20 times, a zip bomb a thousand times."""


def open_zip(data: bytes, what: str) -> zipfile.ZipFile:
    """Open a document, whose members' sizes add up to something that can be read.

    Sizes are those that the directory of the file states; `zipfile` never unpacks more of a member than stated.

    Raises:
        ReadError: it is damaged, encrypted or a zip bomb.
    """
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError, RecursionError) as error:
        raise ReadError(f"the {what} is damaged or cut short: {error}") from error
    unpacked = sum(member.file_size for member in opened.infolist())
    if unpacked > MOST_UNPACKED or (unpacked > _SUSPICIOUS and unpacked > _MOST_RATIO * len(data)):
        raise ReadError(f"the {what} of {len(data) / 1e6:.1f} MB unpacks to {unpacked / 1e6:.0f} MB: it is not opened")
    if any(member.flag_bits & 1 for member in opened.infolist()):
        raise ReadError(f"the {what} is encrypted")
    return opened
