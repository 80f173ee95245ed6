"""Files that hold many transcripts, taken apart as archives are: each transcript becomes an input of its own."""

from __future__ import annotations

from typing import NamedTuple


class Member(NamedTuple):
    """One transcript inside a file, in OnRecord's own schema as JSON, or a part of the file that gives none."""

    name: str
    """Below the file: `<transcript id>.json`, `row 17`, `line 3`."""
    data: bytes | None
    error: str | None
    """Why the part could not be used."""
