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
from rag.evaluation.adapter import adapters_of_others
from rag.evaluation.confidence import area, newton
from rag.evaluation.ruler import read_records
from rag.generation.select import kind_of
from rag.indexing.embedding import load_encoder
from rag.indexing.store import open_index
from rag.retrieval import bearing
from rag.retrieval.adapter import Adapter, query_vectors
from rag.retrieval.bearing import SIGNALS, Fitted, Signals, bearings
from rag.retrieval.coverage import wanted_words
from rag.retrieval.rank import rank_exchanges
from rag.retrieval.search import EXCHANGES, near_the_best
from rag.retrieval.understand import understand
from rag.types import Filters, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder
    from rag.indexing.store import Index

GRADES = Path(__file__).parent / "data" / "span_grades.jsonl"
COEFFICIENTS = Path(bearing.__file__).with_name("bearing.json")
TOLD = 0.6
"""Threshold: beside .5 it leaves out one statement in sixteen and one point of a hundred that answers are to make."""
FOLDS = 8
_WEIGHED = tuple(name for name in SIGNALS if name != "substance")
RIDGE = 4.0
"""Penalty on the squared length of the direction of substance: from 2 to 8 the validated AUC stays within .003."""


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
    exchanges: NDArray[np.str_]
    """[n]: the exchange that each span is from."""
    signals: NDArray[np.float64]
    """float64 [n, signals]"""
    vectors: NDArray[np.float64]
    """float64 [n, dimension]: the spans'."""
    grades: NDArray[np.int64]
    """int64 [n]"""
    missing: int
    encoder: str
    """SHA-256 (hex) of the model that the vectors are of."""


class _Regression(NamedTuple):
    intercept: float
    weights: NDArray[np.float64]
    """[signals], without substance"""
    direction: NDArray[np.float64]
    """[dimension]"""
    middle: float

    def scores(self, table: _Table, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        substance = table.vectors[rows] @ self.direction - self.middle
        return np.asarray(self.intercept + table.signals[rows] @ self.weights + substance)


def evaluate_bearing(settings: Settings, *, fit: bool = False, target: Path = COEFFICIENTS) -> BearingReport:
    """Score the graded spans over the index that the settings name; with `fit` fit and write the coefficients first.

    Raises:
        LabelsError: the grades are malformed.
    """
    table = _table(settings)
    bears = (table.grades > 0).astype(np.float64)
    every = np.ones(len(bears), dtype=bool)
    held_out = _held_out(table, bears)
    validated = area(held_out[bears == 1], held_out[bears == 0])
    if fit:
        found = _regression(table, bears, every)
        model = Fitted(
            intercept=round(found.intercept, 4),
            weights={name: round(float(weight), 4) for name, weight in zip(_WEIGHED, found.weights, strict=True)}
            | {"substance": 1.0},
            threshold=TOLD,
            provenance={
                "command": "onrecord evaluate bearing --fit",
                "spans": len(bears),
                "questions": len(set(table.questions.tolist())),
                "auc_cross_validated": round(validated, 4),
            },
            encoder=table.encoder,
            direction=tuple(round(float(value), 3) for value in found.direction),
            middle=round(found.middle, 4),
        )
        target.write_text(model.model_dump_json() + "\n", encoding="utf-8")
    else:
        model = bearing.fitted()
    weights = np.array([model.weights[name] for name in _WEIGHED])
    scores = _Regression(model.intercept, weights, np.array(model.direction), model.middle).scores(table, every)
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


def _held_out(table: _Table, bears: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores [n] by regressions that saw neither the span's question nor, for another question, its exchange.

    Many questions ask about the same: what was learned of an exchange's spans would otherwise be told of them.
    """
    scores = np.zeros(len(bears))
    fold = table.questions % FOLDS
    for number in range(FOLDS):
        asked = fold == number
        others = ~asked & ~np.isin(table.exchanges, np.unique(table.exchanges[asked]))
        scores[asked] = _regression(table, bears, others).scores(table, asked)
    return scores


def _regression(table: _Table, bears: NDArray[np.float64], rows: NDArray[np.bool_]) -> _Regression:
    """A logistic regression of the signals and, held short by `RIDGE`, of the spans' vectors."""
    centre, scale = table.signals[rows].mean(axis=0), table.signals[rows].std(axis=0) + 1e-9
    mean = table.vectors[rows].mean(axis=0)
    signals = (table.signals[rows] - centre) / scale
    design = np.hstack([np.ones((len(signals), 1)), signals, table.vectors[rows] - mean])
    penalty = np.diag([0.0] + [1e-3] * signals.shape[1] + [RIDGE] * len(mean))
    intercept, *rest = newton(design, bears[rows], np.ones(len(signals)), penalty)
    weights, direction = np.array(rest[: signals.shape[1]]) / scale, np.array(rest[signals.shape[1] :])
    return _Regression(float(intercept - weights @ centre), weights, direction, float(mean @ direction))


def _table(settings: Settings) -> _Table:
    graded: list[Graded] = read_records(GRADES, Graded)
    encoder, adapters = load_encoder(settings), adapters_of_others(settings)
    questions: list[int] = []
    exchanges: list[str] = []
    signals: list[list[float]] = []
    vectors: list[NDArray[np.float32]] = []
    grades: list[int] = []
    missing = 0
    with open_index(settings, encoder) as index:
        for place, item in enumerate(graded):
            known = _known(item, index, encoder, adapters.get(item.query))
            for exchange, start, grade in item.spans:
                found = known.get((exchange, start))
                missing += found is None
                if found:
                    questions.append(place)
                    exchanges.append(exchange)
                    signals.append([getattr(found[0], name) for name in _WEIGHED])
                    vectors.append(found[1])
                    grades.append(grade)
        digest = index.meta.embedding_digest
    return _Table(
        questions=np.array(questions),
        exchanges=np.array(exchanges),
        signals=np.array(signals),
        vectors=np.array(vectors, dtype=np.float64),
        grades=np.array(grades),
        missing=missing,
        encoder=digest,
    )


def _known(
    item: Graded, index: Index, encoder: Encoder, by: Adapter | None
) -> dict[tuple[str, int], tuple[Signals, NDArray[np.float32]]]:
    """Signals and vectors by (exchange, start) of the spans that say something: the others are left out of answers."""
    query = understand(item.query, item.history, Filters(), index)
    vectors = query_vectors(query, encoder, by)
    wanted = wanted_words(query, index)
    looked_at = near_the_best(wanted, rank_exchanges(query, index, encoder, EXCHANGES, vectors=vectors), index)
    of_spans = {
        (each.exchange, span.start): vector
        for each in looked_at
        for span, vector in zip(index.spans_of(each.exchange), index.vectors_of("span", each.exchange), strict=True)
    }
    return {
        (each.exchange, each.span.start): (each.signals, of_spans[each.exchange, each.span.start])
        for each in bearings(looked_at, wanted, vectors[-1], index)
        if kind_of(each.span.text) == "substance"
    }
