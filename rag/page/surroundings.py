"""What lies around an answer: when its topic was addressed, and related questions. Found once, when it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.retrieval.timeline import Timeline
from rag.types import Answer, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder
    from rag.indexing.store import Index


class Surroundings(Record):
    """Shown below an answer and kept with it."""

    timeline: Timeline
    """Over all dates, so that a reader who asked about one month sees the others."""
    related: tuple[str, ...]


def surroundings(answer: Answer, index: Index, encoder: Encoder) -> Surroundings | None:
    """The surroundings of a complete answer; None for a refusal."""
    from rag.retrieval.related import related
    from rag.retrieval.timeline import addressing, timeline

    if answer.refused or not answer.evidence:
        return None
    query = answer.understood
    everywhen = query.model_copy(update={"filters": query.filters.model_copy(update={"period": None})})
    shown = {citation.exchange for citation in answer.citations}
    with index.snapshot():
        topic = addressing(everywhen, index, encoder)
        return Surroundings(
            timeline=timeline(topic.addressed, index), related=related(everywhen, topic, shown, index, encoder)
        )
