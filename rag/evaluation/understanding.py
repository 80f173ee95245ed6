"""Scores what is derived from a question: period, spokesperson, outlet, and whether a follow-up was recognised."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rag.config import Settings
from rag.evaluation.ruler import Topic, read_records
from rag.indexing.store import Index, open_index
from rag.retrieval.understand import understand
from rag.types import Filters, Query, Record

OWN_QUESTIONS = Path(__file__).parent / "data" / "understanding.jsonl"
FIELDS = ("period", "speaker", "asked_by")


class FieldReport(Record):
    """One derived thing over all questions."""

    named: int
    """Questions that name it."""
    right: int
    """Of these, derived exactly."""
    silent: int
    """Questions that do not name it."""
    invented: int
    """Of these, with something derived all the same."""


class Miss(Record):
    """A question of which something else was derived than its label says."""

    qid: str
    query: str
    expected: dict[str, str]
    derived: dict[str, str]


class UnderstandingReport(Record):
    """Counts by field, follow-ups, and every miss."""

    questions: int
    fields: dict[str, FieldReport]
    followups: int
    """Questions with history whose full form is labelled."""
    followups_recognised: int
    stand_alone: int
    """Questions without history."""
    misses: tuple[Miss, ...] = ()


def evaluate_understanding(settings: Settings, topics: Path | None) -> UnderstandingReport:
    """Compare derived limits with labels, over the speakers, outlets and days of an index.

    Raises:
        LabelsError: the file is missing or malformed.
    """
    questions: list[Topic] = read_records(topics or OWN_QUESTIONS, Topic)
    with open_index(settings) as index:
        return score_understanding(questions, index)


def score_understanding(questions: list[Topic], index: Index) -> UnderstandingReport:
    """The same over an open index."""
    counts = {name: [0, 0, 0, 0] for name in FIELDS}
    misses = []
    followups = recognised = 0
    for topic in questions:
        query = understand(topic.query, topic.history or (), Filters(), index)
        expected, derived = _expected(topic.filter or {}), _derived(query)
        for name in FIELDS:
            want, have = expected.get(name), derived.get(name)
            tally = counts[name]
            tally[0] += want is not None
            tally[1] += want is not None and want == have
            tally[2] += want is None
            tally[3] += want is None and have is not None
        if expected != derived:
            misses.append(Miss(qid=topic.qid, query=topic.query, expected=expected, derived=derived))
        if topic.standalone and topic.history:
            followups += 1
            recognised += query.context is not None
    return UnderstandingReport(
        questions=len(questions),
        fields={name: FieldReport(named=n, right=r, silent=s, invented=i) for name, (n, r, s, i) in counts.items()},
        followups=followups,
        followups_recognised=recognised,
        stand_alone=sum(not topic.history for topic in questions),
        misses=tuple(misses),
    )


def understanding_table(result: UnderstandingReport) -> str:
    """The report as text."""
    lines = [f"{result.questions} questions"]
    for name, field in result.fields.items():
        lines.append(
            f"{name:<10} right in {field.right} of {field.named} that name one; "
            f"invented in {field.invented} of {field.silent} that do not"
        )
    lines.append(f"follow-ups recognised: {result.followups_recognised} of {result.followups}")
    lines += [f"  {miss.qid} {miss.query}: expected {miss.expected}, derived {miss.derived}" for miss in result.misses]
    return "\n".join(lines)


def _expected(label: Mapping[str, str]) -> dict[str, str]:
    found = {name: label[name] for name in ("speaker", "asked_by") if name in label}
    if "from" in label or "to" in label:
        found["period"] = f"{label.get('from', '')}..{label.get('to', '')}"
    return found


def _derived(query: Query) -> dict[str, str]:
    """What the question itself was taken to name; a widened limit counts as what it was widened to."""
    filters = query.filters
    found = {name: value for name in ("speaker", "asked_by") if (value := getattr(filters, name)) is not None}
    if filters.period:
        found["period"] = f"{filters.period.first or ''}..{filters.period.last or ''}"
    return found
