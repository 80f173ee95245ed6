"""Scores ranked answers against labelled questions: nDCG, hits, reciprocal rank, recall, with 95% intervals.

ir-measures computes the metrics. Only recall@10 is scaled afterwards, because the labels divide by at most ten
statements. Unanswerable questions are not averaged: they are for refusal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from rag.errors import OnRecordError
from rag.evaluation.matching import Statement, belongs, conference, match, normalise
from rag.types import Record

CUT = 10
RESAMPLES = 10_000
SEED = 7
GAINS = {1: 1, 2: 3, 3: 7}
"""2^grade - 1."""
GRADES = Path(__file__).parent / "data" / "exchange_grades.jsonl"
"""Questions of our own, each with the exchanges that bear on it."""
RELEVANT = 2
"""Least grade of an exchange that answers at least a part."""
METRICS = ("nDCG@10", "hit@1", "hit@5", "MRR@10", "recall@10")

Ranked = Sequence[tuple[str, str]]
"""(page name, answer text) of retrieved exchanges, best first, one entry an exchange."""


class LabelsError(OnRecordError):
    """A file of labelled questions is missing or malformed."""


class Topic(Record):
    """One labelled question as people type it."""

    qid: str
    type: str
    query: str
    history: tuple[str, ...] | None = None
    standalone: str | None = None
    filter: dict[str, str] | None = None
    answer_points: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether the record answers it."""
        return self.type != "unanswerable"


class GradedQuestion(Record):
    """A question and the exchanges that bear on it, as `<page name>.<ordinal>` to grade, which holds for any parser."""

    qid: str
    query: str
    history: tuple[str, ...] = ()
    exchanges: dict[str, int]


class JudgedZero(Record):
    """A statement that was read and found not relevant."""

    qid: str
    transcript: str
    answer_start: str


class Score(Record):
    """Metrics of one question in one run."""

    qid: str
    type: str
    metrics: dict[str, float]
    unjudged: int
    """Retrieved in the first ten, labelled neither relevant nor irrelevant; counted as irrelevant."""


class Mean(Record):
    """A mean over questions, or over paired differences, with its bootstrap 95% interval."""

    mean: float
    low: float
    high: float


class RunReport(Record):
    """One run: means in all and per question type, unjudged results, and latency in milliseconds."""

    run: str
    questions: int
    overall: dict[str, Mean]
    by_type: dict[str, dict[str, Mean]]
    unjudged_per_question: float
    latency_ms: dict[str, float] = Field(default_factory=dict)
    scores: tuple[Score, ...] = Field(default=(), repr=False)


class Difference(Record):
    """`run` minus `against`, question by question."""

    run: str
    against: str
    metrics: dict[str, Mean]


def read_records(path: Path, kind: type[Any]) -> list[Any]:
    """Records of type `kind` from a JSON-lines file.

    Raises:
        LabelsError: the file is missing, or a line is not such a record.
    """
    records = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabelsError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            records.append(kind(**json.loads(line)))
        except (json.JSONDecodeError, TypeError, ValidationError) as error:
            raise LabelsError(f"{path}, line {number}: not a {kind.__name__}: {error}") from error
    return records


def judged_zero_beside(qrels: Path) -> Path | None:
    """The file of statements judged irrelevant that belongs to a qrels file, when it lies beside it."""
    path = qrels.with_name(qrels.name.replace("qrels", "judged_zero"))
    return path if path != qrels and path.is_file() else None


def score_run(
    topics: Sequence[Topic],
    statements: Sequence[Statement],
    zeros: Sequence[JudgedZero],
    rank: Callable[[Topic], Ranked],
) -> list[Score]:
    """Scores of every answerable topic; `rank` is called once a topic."""
    scores = []
    for topic in topics:
        if not topic.answerable:
            continue
        labelled = [statement for statement in statements if statement.qid == topic.qid]
        known_zero = {
            (conference(zero.transcript), normalise(zero.answer_start)) for zero in zeros if zero.qid == topic.qid
        }
        scores.append(score_topic(topic, labelled, known_zero, rank(topic)))
    return scores


def score_topic(topic: Topic, labelled: Sequence[Statement], known_zero: set[tuple[str, str]], ranked: Ranked) -> Score:
    """Metrics of one ranking. Each retrieved exchange keeps its rank whether or not it counts."""
    import ir_measures
    from ir_measures import RR, R, Success, nDCG

    found = match(ranked, labelled)
    documents = [f"unlabelled-{i}" if position is None else str(position) for i, position in enumerate(found)]
    run = [ir_measures.ScoredDoc(topic.qid, name, -float(rank)) for rank, name in enumerate(documents)]
    qrels = [ir_measures.Qrel(topic.qid, str(i), statement.grade) for i, statement in enumerate(labelled)]
    measures = {
        "nDCG@10": nDCG(gains=GAINS) @ CUT,
        "hit@1": Success(rel=2) @ 1,
        "hit@5": Success(rel=2) @ 5,
        "MRR@10": RR(rel=2) @ CUT,
        "recall@10": R(rel=2) @ CUT,
    }
    values = ir_measures.pytrec_eval.calc_aggregate(list(measures.values()), qrels, run) if run and qrels else {}
    metrics = {name: float(values.get(measure, 0.0)) for name, measure in measures.items()}
    relevant = sum(statement.grade >= 2 for statement in labelled)
    metrics["recall@10"] *= relevant / min(relevant, CUT) if relevant else 0.0
    unjudged = 0
    for (name, text), position in list(zip(ranked, found, strict=True))[:CUT]:
        if position is None and not belongs(name, text, labelled):
            passage = normalise(text)
            unjudged += not any(
                page == conference(name) and (passage.startswith(start) or start.startswith(passage))
                for page, start in known_zero
            )
    return Score(qid=topic.qid, type=topic.type, metrics=metrics, unjudged=unjudged)


def report(run: str, scores: Sequence[Score], seconds: Sequence[float] = ()) -> RunReport:
    """Means and intervals of one run; `seconds` are the search times of its questions."""
    types = sorted({score.type for score in scores})
    latency = (
        {"p50": 1000 * float(np.percentile(seconds, 50)), "p95": 1000 * float(np.percentile(seconds, 95))}
        if len(seconds)
        else {}
    )
    return RunReport(
        run=run,
        questions=len(scores),
        overall=_means(scores),
        by_type={kind: _means([score for score in scores if score.type == kind]) for kind in types},
        unjudged_per_question=float(np.mean([score.unjudged for score in scores])) if scores else 0.0,
        latency_ms=latency,
        scores=tuple(scores),
    )


def difference(run: RunReport, against: RunReport) -> Difference:
    """Paired differences of two runs over the same questions."""
    other: Mapping[str, Score] = {score.qid: score for score in against.scores}
    pairs = [(score, other[score.qid]) for score in run.scores if score.qid in other]
    metrics = {
        name: interval(np.array([mine.metrics[name] - theirs.metrics[name] for mine, theirs in pairs]))
        for name in METRICS
    }
    return Difference(run=run.run, against=against.run, metrics=metrics)


def interval(values: NDArray[np.float64]) -> Mean:
    """Mean of `values` [n] with its percentile bootstrap 95% interval (Efron 1979), same resamples every time."""
    if not len(values):
        return Mean(mean=0.0, low=0.0, high=0.0)
    draws = np.random.default_rng(SEED).integers(0, len(values), size=(RESAMPLES, len(values)))
    means = values[draws].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Mean(mean=float(values.mean()), low=float(low), high=float(high))


def _means(scores: Sequence[Score]) -> dict[str, Mean]:
    return {name: interval(np.array([score.metrics[name] for score in scores])) for name in METRICS}
