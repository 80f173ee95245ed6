"""One opened index, with what the page asks of it often kept at hand."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from rag.config import Settings
from rag.page.coverage import Coverage, coverage, examples, topics
from rag.retrieval.counterparts import Counterpart, counterparts
from rag.types import Exchange, Source, Transcript

if TYPE_CHECKING:
    from rag.indexing.store import Index

_TOPICS = 9


_EXAMPLES_FROM = 600
"""Newest conferences from which the example questions are drawn: all of them would be read for the first screen."""


class Archive:
    """An index in the state in which it was opened."""

    def __init__(self, settings: Settings, before: Archive | None = None) -> None:
        """Open the index that the settings name; see `open_index` for what is raised.

        `before`: the same index in an earlier state. What of it is of use is taken over: its connections, and the
        vectors in memory, which follow each change in less time than they are read anew.
        """
        from rag.indexing.store import check, open_index

        self.index: Index = before.index if before else open_index(settings)
        check(self.index.meta, settings, None)
        self.version = self.index.meta.version
        """Names the state of the index; another one after every change."""
        self._transcript = lru_cache(maxsize=256)(self.index.transcript)
        self._counterparts = lru_cache(maxsize=256)(self._found_counterparts)

    def outdated(self) -> bool:
        """Whether the index has changed on disk since."""
        return self.version != self.index.meta.version

    def transcript(self, transcript_id: str) -> Transcript | None:
        """A transcript; None when the index does not hold it."""
        try:
            return self._transcript(transcript_id)
        except KeyError:
            return None

    def counterpart(self, transcript: Transcript, exchange: Exchange) -> Counterpart | None:
        """The same exchange in another language, where that is sure."""
        if len(self.languages) < 2:
            return None
        return self._counterparts(transcript.id).get(exchange.id)

    def _found_counterparts(self, transcript_id: str) -> dict[str, Counterpart]:
        return counterparts(self.index, self._transcript(transcript_id))

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Every transcript without its text: newest first, undated ones last."""
        return tuple(self.index.sources())

    @cached_property
    def outlets(self) -> tuple[str, ...]:
        """Who asked, in alphabetical order."""
        return tuple(sorted(self.index.outlets(), key=str.casefold))

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes, the most frequent first."""
        return tuple(self.index.languages())

    @cached_property
    def institutions(self) -> tuple[str, ...]:
        """Whose transcripts these are, the most frequent first."""
        return tuple(self.index.institutions())

    @cached_property
    def coverage(self) -> Coverage:
        """How much is in the index and from when."""
        return coverage(self.sources, self.index.counts().exchanges)

    @cached_property
    def examples(self) -> tuple[str, ...]:
        """Questions that the index can answer."""
        newest = self.sources[:_EXAMPLES_FROM]
        return examples([self.index.transcript(source.transcript) for source in newest])

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """Names that many exchanges bear on."""
        newest = self.sources[:_EXAMPLES_FROM]
        return topics([self.index.transcript(source.transcript) for source in newest], _TOPICS)
