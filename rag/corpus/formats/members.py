"""Files that hold many transcripts, taken apart as archives are: each transcript becomes an input of its own."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import ValidationError

from rag.types import Record, Transcript


class Member(NamedTuple):
    """One transcript inside a file, or a part of the file that gives none."""

    name: str
    """Below the file: `<transcript id>.json`, `row 17`, `line 3`."""
    data: bytes
    """JSON: a transcript in OnRecord's own schema, or `Unusable`."""


class Unusable(Record):
    """Why a part of a file gives no transcript. It is an input like any other, so that it is counted and reported."""

    unusable: str


def transcript_member(transcript: Transcript) -> Member:
    """A transcript as a member."""
    return Member(f"{transcript.id}.json", transcript.model_dump_json().encode())


def unusable_member(name: str, reason: str) -> Member:
    """A part of a file that cannot be used, and why."""
    return Member(name, Unusable(unusable=reason).model_dump_json().encode())


def reason_unusable(data: bytes) -> str | None:
    """The reason, when `data` is that of an unusable member."""
    if not data.startswith(b'{"unusable":'):
        return None
    try:
        return Unusable.model_validate_json(data).unusable
    except ValidationError:
        return None
