"""Runs the ruler over the real index: understanding, ranking and their time, for one or several ranking methods."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from rag.config import Settings
from rag.evaluation.matching import Statement
from rag.evaluation.ruler import (
    METRICS,
    Difference,
    JudgedZero,
    Mean,
    Ranked,
    RunReport,
    Topic,
    difference,
    judged_zero_beside,
    read_records,
    report,
    score_run,
)
from rag.indexing.embedding import Encoder, load_encoder
from rag.indexing.store import Index, open_index
from rag.retrieval.rank import rank_exchanges
from rag.retrieval.search import widened
from rag.retrieval.understand import understand
from rag.types import Filters, Query, Record, Transcript

DEPTH = 20
"""Exchanges ranked for each question; the metrics look at ten."""


class RetrievalReport(Record):
    """Every run, and every later run's difference from the first."""

    transcripts: int
    exchanges: int
    runs: tuple[RunReport, ...]
    differences: tuple[Difference, ...] = ()


def evaluate_retrieval(
    settings: Settings, topics: Path, qrels: Path, zero: Path | None, methods: Sequence[str]
) -> RetrievalReport:
    """Score ranking methods on labelled questions over the index that the settings name.

    Raises:
        LabelsError: a file of labels is missing or malformed.
        OnRecordError: the index or a method is missing.
    """
    zero = zero or judged_zero_beside(qrels)
    labelled: tuple[list[Topic], list[Statement], list[JudgedZero]] = (
        read_records(topics, Topic),
        read_records(qrels, Statement),
        read_records(zero, JudgedZero) if zero else [],
    )
    encoder = load_encoder(settings)
    with open_index(settings, encoder) as index:
        runs = [_run(method, labelled, index, encoder) for method in methods]
        counts = index.counts()
    return RetrievalReport(
        transcripts=counts.transcripts,
        exchanges=counts.exchanges,
        runs=tuple(runs),
        differences=tuple(difference(run, runs[0]) for run in runs[1:]),
    )


def query_of(topic: Topic, index: Index, encoder: Encoder) -> Query:
    """What the product searches for when the question is typed."""
    return widened(understand(topic.query, topic.history or (), Filters(), index), Filters(), index, encoder)


def ranked_answers(topic: Topic, index: Index, encoder: Encoder, method: str, pages: dict[str, Transcript]) -> Ranked:
    """(page name, answer text) of the exchanges ranked for a question as typed; `pages` keeps transcripts by id."""
    texts = []
    for item in rank_exchanges(query_of(topic, index, encoder), index, encoder, DEPTH, method):
        exchange = index.exchange(item.exchange)
        if exchange.transcript not in pages:
            pages[exchange.transcript] = index.transcript(exchange.transcript)
        page = pages[exchange.transcript]
        texts.append((page.name, page.text[exchange.answer.start : exchange.answer.end]))
    return texts


def retrieval_table(result: RetrievalReport) -> str:
    """The report as text."""
    lines = [f"{result.transcripts} transcripts, {result.exchanges} exchanges, {result.runs[0].questions} questions"]
    head = f"{'run':<16}" + "".join(f"{name:>22}" for name in METRICS) + f"{'unjudged':>10}{'p50 ms':>8}{'p95 ms':>8}"
    lines.append(head)
    for run in result.runs:
        lines.append(
            f"{run.run:<16}"
            + "".join(f"{_shown(run.overall[name]):>22}" for name in METRICS)
            + f"{run.unjudged_per_question:>10.2f}{run.latency_ms['p50']:>8.1f}{run.latency_ms['p95']:>8.1f}"
        )
        lines += [
            f"  {kind:<14}" + "".join(f"{_shown(means[name]):>22}" for name in METRICS)
            for kind, means in run.by_type.items()
        ]
    for gap in result.differences:
        lines.append(f"{gap.run} - {gap.against}")
        lines.append(f"{'':<16}" + "".join(f"{_shown(gap.metrics[name], signed=True):>22}" for name in METRICS))
    return "\n".join(lines)


def _run(
    method: str, labelled: tuple[list[Topic], list[Statement], list[JudgedZero]], index: Index, encoder: Encoder
) -> RunReport:
    topics, statements, zeros = labelled
    pages: dict[str, Transcript] = {}
    answers = {topic.qid: ranked_answers(topic, index, encoder, method, pages) for topic in topics if topic.answerable}
    # Timed in a pass of its own, after one that warmed every cache, as in a session.
    seconds = []
    for topic in topics:
        if topic.answerable:
            begun = time.perf_counter()
            query = understand(topic.query, topic.history or (), Filters(), index)
            rank_exchanges(query, index, encoder, DEPTH, method)
            seconds.append(time.perf_counter() - begun)
    return report(method, score_run(topics, statements, zeros, lambda topic: answers[topic.qid]), seconds)


def _shown(value: Mean, signed: bool = False) -> str:
    sign = "+" if signed else ""
    return f"{value.mean:{sign}.3f} [{value.low:{sign}.3f}, {value.high:{sign}.3f}]"
