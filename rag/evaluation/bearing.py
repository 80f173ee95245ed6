"""Measures, and fits, the probability that a span bears on a question, on spans graded by readers.

`data/span_grades.jsonl` holds the grades: the question, and for each span its exchange, where it starts in the
transcript's text, and 2 (belongs in a good answer), 1 (on the subject, tolerable) or 0 (off the question, or empty).
"""

from __future__ import annotations

from collections.abc import Callable
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
from rag.indexing.joint import committed
from rag.indexing.store import open_index
from rag.retrieval import bearing, reading
from rag.retrieval.adapter import Adapter, query_vectors, searched_texts
from rag.retrieval.bearing import SIGNALS, Bearing, Fitted, bearings
from rag.retrieval.coverage import wanted_words
from rag.retrieval.rank import rank_exchanges
from rag.retrieval.reading import Read, Reading, read_with
from rag.retrieval.search import EXCHANGES, SPANS, near_the_best
from rag.retrieval.understand import understand
from rag.types import Filters, Query, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder
    from rag.indexing.store import Index

GRADES = Path(__file__).parent / "data" / "span_grades.jsonl"
LEARNED = GRADES.with_name("joint_grades.jsonl")
"""What joint reading learned from (`rag.evaluation.joint`)."""
COEFFICIENTS = Path(bearing.__file__).with_name("bearing.json")
READING = COEFFICIENTS.with_name(reading.FILE)
TOLD = 0.6
"""Threshold without joint reading: beside .5 it leaves out one statement in sixteen and one point of a hundred that
answers are to make."""
TOLD_READ = 0.7
"""That with it: over four sets of questions .65 tells one statement in thirteen more and .6 to 1.7 points of a hundred
more that answers are to make, .75 one in eleven less and 1.7 to 3.6 less."""
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
    auc_read: float | None
    """The same with joint reading (`rag.retrieval.reading`); None with a model that is not tuned for it."""
    new: int
    """Spans that joint reading did not learn from under another question; of these alone: …"""
    auc_new_before: float | None
    """cross-validated AUC without …"""
    auc_new: float | None
    """and with joint reading."""
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
    read: Read | None
    """[n]: what joint reading, which learned from other questions, says; None without one."""
    new: NDArray[np.bool_]
    """bool [n]: whether joint reading did not learn from the span under another question either."""
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


def evaluate_bearing(
    settings: Settings, *, fit: bool = False, advance: Callable[[int, int], None] = lambda _done, _total: None
) -> BearingReport:
    """Score the graded spans over the index that the settings name; with `fit` fit and write the coefficients first.

    Which spans a graded one is read with is chosen by the coefficients that were there: a second fit may differ.

    Raises:
        LabelsError: the grades are malformed.
    """
    table = _table(settings, advance)
    bears = (table.grades > 0).astype(np.float64)
    every = np.ones(len(bears), dtype=bool)
    first = _held_out(table, bears)
    validated = area(first[bears == 1], first[bears == 0])
    weighed = _reading(first, table, bears, every) if fit else reading.fitted()
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
        COEFFICIENTS.write_text(model.model_dump_json() + "\n", encoding="utf-8")
        if weighed:
            READING.write_text(weighed.model_dump_json() + "\n", encoding="utf-8")
    else:
        model = bearing.fitted()
    weights = np.array([model.weights[name] for name in _WEIGHED])
    scores = _Regression(model.intercept, weights, np.array(model.direction), model.middle).scores(table, every)
    scores = _read(weighed, scores, table, every)
    least = weighed.threshold if weighed and table.read is not None else model.threshold
    told = 1 / (1 + np.exp(-scores)) >= least
    return BearingReport(
        questions=len(set(table.questions.tolist())),
        spans=len(bears),
        missing=table.missing,
        auc=area(scores[bears == 1], scores[bears == 0]),
        auc_cross_validated=validated,
        auc_read=_validated_reading(first, table, bears, every),
        auc_new=_validated_reading(first, table, bears, table.new),
        auc_new_before=area_of(first, bears, table.new),
        new=int(table.new.sum()),
        told=float(told.mean()),
        off=float((table.grades[told] == 0).mean()) if told.any() else 0.0,
        kept=float(told[table.grades == 2].mean()),
    )


def bearing_table(report: BearingReport) -> str:
    """The report as text."""
    return (
        f"{report.spans} graded spans of {report.questions} questions ({report.missing} more say nothing "
        f"or are not looked at): AUC {report.auc:.3f}; cross-validated {report.auc_cross_validated:.3f} before joint "
        f"reading, {figure(report.auc_read)} with it\n"
        f"of the {report.new} spans that it did not learn from under another question: "
        f"{figure(report.auc_new_before)} before, {figure(report.auc_new)} with it\n"
        f"told at the threshold: {report.told:.0%} of the spans, of them off the question or empty {report.off:.0%}; "
        f"{report.kept:.0%} of those that belong in the answer"
    )


def figure(area: float | None) -> str:
    """An AUC as text."""
    return "-" if area is None else f"{area:.3f}"


def _reading(
    before: NDArray[np.float64], table: _Table, bears: NDArray[np.float64], rows: NDArray[np.bool_]
) -> Reading | None:
    """What the log-odds [n] of a regression that saw none of these rows and the joint ones come to together."""
    if table.read is None:
        return None
    design = np.stack([np.ones(len(before)), before, *table.read], axis=1)[rows]
    found = newton(design, bears[rows], np.ones(len(design)), np.diag([0.0, *4 * [1e-3]]))
    intercept, own, joint, best, beside = (round(float(value), 4) for value in found)
    return Reading(
        tuning=committed().digest,
        intercept=intercept,
        before=own,
        joint=joint,
        best=best,
        beside=beside,
        threshold=TOLD_READ,
        provenance={"command": "onrecord evaluate bearing --fit", "spans": len(design)},
    )


def _read(
    weighed: Reading | None, before: NDArray[np.float64], table: _Table, rows: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Log-odds of the rows with joint reading; without it as they were."""
    if weighed is None or table.read is None:
        return before[rows]
    return weighed.log_odds(before[rows], Read(*(values[rows] for values in table.read)))


def _validated_reading(
    before: NDArray[np.float64], table: _Table, bears: NDArray[np.float64], rows: NDArray[np.bool_]
) -> float | None:
    """AUC of the rows, each read by coefficients that were fitted on those of other questions."""
    if table.read is None:
        return None
    scores, fold = before.copy(), table.questions % FOLDS
    for number in range(FOLDS):
        asked = rows & (fold == number)
        scores[asked] = _read(_reading(before, table, bears, rows & ~asked), before, table, asked)
    return area_of(scores, bears, rows)


def area_of(scores: NDArray[np.float64], bears: NDArray[np.float64], rows: NDArray[np.bool_]) -> float | None:
    """AUC of the rows; None when they are of one kind."""
    positive, negative = scores[rows & (bears == 1)], scores[rows & (bears == 0)]
    return area(positive, negative) if len(positive) and len(negative) else None


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


def _table(settings: Settings, advance: Callable[[int, int], None]) -> _Table:
    graded: list[Graded] = read_records(GRADES, Graded)
    encoder, adapters = load_encoder(settings), adapters_of_others(settings)
    questions: list[int] = []
    exchanges: list[str] = []
    signals: list[list[float]] = []
    vectors: list[NDArray[np.float32]] = []
    grades: list[int] = []
    read: list[Read] = []
    learned = {(exchange, start) for item in read_records(LEARNED, Graded) for exchange, start, _ in item.spans}
    new: list[bool] = []
    missing = 0
    with open_index(settings, encoder) as index:
        for place, item in enumerate(graded):
            query = understand(item.query, item.history, Filters(), index)
            known = _known(query, index, encoder, adapters.get(item.query))
            held = [
                (known[exchange, start], grade) for exchange, start, grade in item.spans if (exchange, start) in known
            ]
            missing += len(item.spans) - len(held)
            for (found, vector), grade in held:
                questions.append(place)
                exchanges.append(found.exchange)
                signals.append([getattr(found.signals, name) for name in _WEIGHED])
                vectors.append(vector)
                grades.append(grade)
                new.append((found.exchange, found.span.start) not in learned)
            likely = sorted(known, key=lambda key: -known[key][0].probability)[:SPANS]
            own = [(found.exchange, found.span.start) for (found, _), _ in held]
            keys = list(dict.fromkeys([*likely, *own]))
            spans = [known[key][0].span for key in keys]
            joint = encoder.joint_scores(searched_texts(query)[-1], [span.text for span in spans])
            if joint is not None:
                at = [keys.index(key) for key in own]
                read.append(Read(*(values[at] for values in read_with(spans, joint.astype(np.float64)))))
            advance(place + 1, len(graded))
        digest = index.meta.embedding_digest
    return _Table(
        questions=np.array(questions),
        exchanges=np.array(exchanges),
        signals=np.array(signals),
        vectors=np.array(vectors, dtype=np.float64),
        grades=np.array(grades),
        read=Read(*(np.concatenate(values) for values in zip(*read, strict=True))) if read else None,
        new=np.array(new, dtype=bool),
        missing=missing,
        encoder=digest,
    )


def _known(
    query: Query, index: Index, encoder: Encoder, by: Adapter | None
) -> dict[tuple[str, int], tuple[Bearing, NDArray[np.float32]]]:
    """The spans that say something, with their vectors, by (exchange, start): the others are left out of answers."""
    vectors = query_vectors(query, encoder, by)
    wanted = wanted_words(query, index)
    looked_at = near_the_best(wanted, rank_exchanges(query, index, encoder, EXCHANGES, vectors=vectors), index)
    of_spans = {
        (each.exchange, span.start): vector
        for each in looked_at
        for span, vector in zip(index.spans_of(each.exchange), index.vectors_of("span", each.exchange), strict=True)
    }
    return {
        (each.exchange, each.span.start): (each, of_spans[each.exchange, each.span.start])
        for each in bearings(looked_at, wanted, vectors[-1], index)
        if kind_of(each.span.text) == "substance"
    }
