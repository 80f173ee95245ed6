"""What became of every input."""

from __future__ import annotations

from typing import Literal

from rag.types import Record

Status = Literal["indexed", "unchanged", "skipped"]


class Outcome(Record):
    """What became of one input."""

    path: str
    status: Status
    transcript: str | None = None
    """Id of the transcript that it is a source of; None when skipped."""
    detail: str | None = None
    """Why it was skipped, or in what way it was indexed when not simply added."""


class IngestReport(Record):
    """What became of every input of one run. `indexed + unchanged + skipped == inputs`."""

    outcomes: tuple[Outcome, ...]
    removed: tuple[str, ...] = ()
    """Corpus files that are gone; what came from them was removed."""

    @property
    def inputs(self) -> int:
        """How many inputs there were."""
        return len(self.outcomes)

    @property
    def indexed(self) -> int:
        """How many were added to the index, or replaced what was there."""
        return self._count("indexed")

    @property
    def unchanged(self) -> int:
        """How many were in the index already."""
        return self._count("unchanged")

    @property
    def skipped(self) -> int:
        """How many hold no transcript or cannot be read."""
        return self._count("skipped")

    def _count(self, status: Status) -> int:
        return sum(outcome.status == status for outcome in self.outcomes)
