"""What lies around an answer: when its topic was addressed, and related questions. Found once, when it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.retrieval.timeline import Addressed, Timeline
from rag.types import Answer, Period, Record

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
        within = topic._replace(
            addressed=tuple(item for item in topic.addressed if _inside(item, query.filters.period))
        )
        return Surroundings(
            timeline=timeline(topic.addressed, index), related=related(query, within, shown, index, encoder)
        )


def _inside(item: Addressed, period: Period | None) -> bool:
    if period is None or (period.first is None and period.last is None):
        return True
    return (
        item.date is not None
        and (period.first is None or period.first <= item.date)
        and (period.last is None or item.date <= period.last)
    )
