"""Measures, and fits, the probability that a span bears on a question, on spans graded by readers.

`data/span_grades.jsonl` holds the grades: the question, and for each span its exchange, where it starts in the
transcript's text, and 2 (belongs in a good answer), 1 (on the subject, tolerable) or 0 (off the question, or empty).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.config import Settings
from rag.evaluation.confidence import area, logistic
from rag.evaluation.ruler import read_records
from rag.generation.select import kind_of
from rag.indexing.embedding import load_encoder
from rag.indexing.store import open_index
from rag.retrieval import bearing
from rag.retrieval.bearing import SIGNALS, bearings
from rag.retrieval.confidence import Model
from rag.retrieval.coverage import wanted_words
from rag.retrieval.rank import query_vectors, rank_exchanges
from rag.retrieval.search import EXCHANGES, near_the_best
from rag.retrieval.understand import understand
from rag.types import Filters, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder
    from rag.indexing.store import Index

GRADES = Path(__file__).parent / "data" / "span_grades.jsonl"
COEFFICIENTS = Path(bearing.__file__).with_name("bearing.json")
MOST_OFF = 0.14
"""Share of the told spans that may be graded 0 at the fitted threshold, each scored by coefficients fitted on others. A
tenth (threshold .58) costs a quarter of those that belong in the answer, .14 a tenth of them.
"""
FOLDS = 8


class Graded(Record):
    """A question and its graded spans."""

    qid: str
    query: str
    history: tuple[str, ...] = ()
    spans: tuple[tuple[str, int, int], ...]
    """(exchange id, start, grade)"""


class BearingReport(Record):
    """How well the probability tells spans that bear on the question from those that do not."""

    questions: int
    spans: int
    missing: int
    """Graded spans that say nothing (`rag.generation.select.kind_of`), or of exchanges that are not looked at."""
    auc: float
    """Of grades 1 and 2 against 0."""
    auc_cross_validated: float
    """The same with every question scored by coefficients fitted on others."""
    told: float
    """Share of the spans that reach the threshold."""
    off: float
    """Share of those graded 0."""
    kept: float
    """Share of the spans graded 2 that reach it."""


class _Table(NamedTuple):
    questions: NDArray[np.int64]
    """int64 [n]: the place of each span's question."""
    signals: NDArray[np.float64]
    """float64 [n, signals]"""
    grades: NDArray[np.int64]
    """int64 [n]"""
    missing: int


def evaluate_bearing(settings: Settings, *, fit: bool = False, target: Path = COEFFICIENTS) -> BearingReport:
    """Score the graded spans over the index that the settings name; with `fit` fit and write the coefficients first.

    Raises:
        LabelsError: the grades are malformed.
    """
    table = _table(settings)
    bears = (table.grades > 0).astype(np.float64)
    fold = table.questions % FOLDS
    held_out = np.zeros(len(bears))
    for number in range(FOLDS):
        intercept, weights = logistic(table.signals[fold != number], bears[fold != number])
        held_out[fold == number] = intercept + table.signals[fold == number] @ weights
    validated = area(held_out[bears == 1], held_out[bears == 0])
    if fit:
        intercept, weights = logistic(table.signals, bears)
        chances = 1 / (1 + np.exp(-held_out))
        model = Model(
            intercept=round(intercept, 4),
            weights={name: round(float(weight), 4) for name, weight in zip(SIGNALS, weights, strict=True)},
            threshold=round(_threshold(chances, table.grades), 4),
            provenance={
                "command": "onrecord evaluate bearing --fit",
                "spans": len(bears),
                "questions": int(table.questions.max()) + 1,
                "auc_cross_validated": round(validated, 4),
            },
        )
        target.write_text(model.model_dump_json(indent=1) + "\n", encoding="utf-8")
    else:
        model = bearing.fitted()
    scores = model.intercept + table.signals @ np.array([model.weights[name] for name in SIGNALS])
    told = 1 / (1 + np.exp(-scores)) >= model.threshold
    return BearingReport(
        questions=len(set(table.questions.tolist())),
        spans=len(bears),
        missing=table.missing,
        auc=area(scores[bears == 1], scores[bears == 0]),
        auc_cross_validated=validated,
        told=float(told.mean()),
        off=float((table.grades[told] == 0).mean()) if told.any() else 0.0,
        kept=float(told[table.grades == 2].mean()),
    )


def bearing_table(report: BearingReport) -> str:
    """The report as text."""
    return (
        f"{report.spans} graded spans of {report.questions} questions ({report.missing} more say nothing "
        f"or are not looked at): AUC {report.auc:.3f}, cross-validated {report.auc_cross_validated:.3f}\n"
        f"told at the threshold: {report.told:.0%} of the spans, of them off the question or empty {report.off:.0%}; "
        f"{report.kept:.0%} of those that belong in the answer"
    )


def _threshold(chances: NDArray[np.float64], grades: NDArray[np.int64]) -> float:
    """The least probability from which on at most `MOST_OFF` of the spans are graded 0."""
    for threshold in np.arange(0.3, 0.96, 0.01):
        told = chances >= threshold
        if told.any() and (grades[told] == 0).mean() <= MOST_OFF:
            return float(threshold)
    return 0.95


def _table(settings: Settings) -> _Table:
    graded: list[Graded] = read_records(GRADES, Graded)
    encoder = load_encoder(settings)
    questions: list[int] = []
    rows: list[list[float]] = []
    grades: list[int] = []
    missing = 0
    with open_index(settings, encoder) as index:
        for place, item in enumerate(graded):
            known = _signals(item, index, encoder)
            for exchange, start, grade in item.spans:
                signals = known.get((exchange, start))
                missing += signals is None
                if signals:
                    questions.append(place)
                    rows.append(signals)
                    grades.append(grade)
    return _Table(np.array(questions), np.array(rows), np.array(grades), missing)


def _signals(item: Graded, index: Index, encoder: Encoder) -> dict[tuple[str, int], list[float]]:
    """Signals by (exchange, start) of the spans that say something: the others are left out of answers anyway."""
    query = understand(item.query, item.history, Filters(), index)
    vectors = query_vectors(query, encoder)
    wanted = wanted_words(query, index)
    looked_at = near_the_best(wanted, rank_exchanges(query, index, encoder, EXCHANGES, vectors=vectors), index)
    found = bearings(looked_at, wanted, vectors[-1], index)
    return {
        (each.exchange, each.span.start): [getattr(each.signals, name) for name in SIGNALS]
        for each in found
        if kind_of(each.span.text) == "substance"
    }
