"""Measures, and fits, the confidence that the record answers a question: ROC over answerable and other questions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.config import Settings
from rag.evaluation.adapter import adapters_of_others
from rag.evaluation.retrieval import query_of
from rag.evaluation.ruler import Topic, read_records
from rag.indexing.embedding import Encoder, load_encoder
from rag.indexing.store import Index, open_index
from rag.retrieval import confidence
from rag.retrieval.adapter import Adapter, query_vectors
from rag.retrieval.confidence import SIGNALS, Model, Signals, log_odds, probability, signals
from rag.retrieval.rank import rank_exchanges
from rag.retrieval.search import EXCHANGES
from rag.types import Record

OWN_QUESTIONS = Path(__file__).parent / "data" / "answerable.jsonl"
COEFFICIENTS = Path(confidence.__file__).with_name("confidence.json")
KEPT = 0.96
"""Share of the answerable questions that the threshold answers. With .945, chosen before, 12 of the 260 answerable
questions of five sets that nothing was fitted on were refused, and none of the 40 others answered; with .96 it is 10
and 1. With .967 76% of what is off the record in the second half of our own questions are refused instead of 83%.
"""
RIDGE = 0.5
"""Penalty on the squared weights of standardised signals."""


class Judged(Record):
    """A question, whether the record answers it, and how sure retrieval is of that."""

    qid: str
    query: str
    answerable: bool
    confidence: float
    signals: Signals


class RocPoint(Record):
    """What a threshold does."""

    threshold: float
    answered: float
    """Share of the answerable questions that are answered."""
    refused: float
    """Share of the other questions that are refused."""


class ConfidenceReport(Record):
    """Area under the ROC curve, the curve, and the questions, least sure first."""

    answerable: int
    unanswerable: int
    auc: float
    at_threshold: RocPoint
    roc: tuple[RocPoint, ...]
    questions: tuple[Judged, ...]


def evaluate_confidence(settings: Settings, topics: Path | None) -> ConfidenceReport:
    """Confidence in every question of a file (our own when None) over the index that the settings name.

    Raises:
        LabelsError: the file is missing or malformed.
    """
    model = confidence.fitted()
    found = _signals(settings, topics or OWN_QUESTIONS)
    return _report(found, model)


def fit_confidence(settings: Settings, topics: Path | None, target: Path | None = None) -> ConfidenceReport:
    """Fit the coefficients on a file of questions (our own when None), write them, and report on the same questions.

    The threshold comes from scores that each half (every other line) got from coefficients fitted on the other one;
    what these do is written beside the coefficients.
    """
    source = topics or OWN_QUESTIONS
    found = _signals(settings, source)
    matrix = np.array([[getattr(item, name) for name in SIGNALS] for _, item in found])
    labels = np.array([topic.answerable for topic, _ in found], dtype=np.float64)
    half = np.arange(len(found)) % 2
    unseen = np.zeros(len(found))
    for number in (0, 1):
        intercept, weights = logistic(matrix[half != number], labels[half != number])
        unseen[half == number] = 1 / (1 + np.exp(-(intercept + matrix[half == number] @ weights)))
    threshold = round(float(np.quantile(unseen[labels == 1], 1 - KEPT)), 4)
    intercept, weights = logistic(matrix, labels)
    model = Model(
        intercept=round(float(intercept), 4),
        weights={name: round(float(weight), 4) for name, weight in zip(SIGNALS, weights, strict=True)},
        threshold=threshold,
        provenance={
            "command": "onrecord evaluate confidence --fit",
            "questions": source.name,
            "answerable": int(labels.sum()),
            "unanswerable": int((1 - labels).sum()),
            **_unseen("first_half", unseen[half == 0], labels[half == 0], threshold),
            **_unseen("second_half", unseen[half == 1], labels[half == 1], threshold),
        },
    )
    (target or COEFFICIENTS).write_text(model.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return _report(found, model)


def _unseen(name: str, scores: NDArray[np.float64], labels: NDArray[np.float64], threshold: float) -> dict[str, float]:
    """What a half of the questions got from coefficients that were fitted on the other half."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    return {
        f"auc_{name}": round(area(positive, negative), 4),
        f"answered_{name}": round(float((positive >= threshold).mean()), 4) if len(positive) else 0.0,
        f"refused_{name}": round(float((negative < threshold).mean()), 4) if len(negative) else 0.0,
    }


def logistic(matrix: NDArray[np.float64], labels: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Intercept and weights [d] of a ridge logistic regression of labels [n] (0 or 1) on signals [n, d].

    Both classes count the same in all. Newton's method on standardised signals, weights returned on the original scale.
    """
    centre, scale = matrix.mean(axis=0), matrix.std(axis=0) + 1e-9
    design = np.hstack([np.ones((len(matrix), 1)), (matrix - centre) / scale])
    balance = np.where(labels == 1, 0.5 / max(labels.mean(), 1e-9), 0.5 / max(1 - labels.mean(), 1e-9))
    beta = newton(design, labels, balance, np.diag([0.0] + [RIDGE] * matrix.shape[1]))
    weights = beta[1:] / scale
    return float(beta[0] - weights @ centre), weights


def newton(
    design: NDArray[np.float64],
    labels: NDArray[np.float64],
    counts: NDArray[np.float64],
    penalty: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Weights [d] of a ridge logistic regression of labels [n] (0 or 1) on a design [n, d].

    `counts` [n] is how much each row counts, `penalty` [d, d] that on the squared weights.
    """
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ beta))
        gradient = design.T @ (counts * (chance - labels)) + penalty @ beta
        hessian = (design * (counts * chance * (1 - chance))[:, None]).T @ design + penalty + 1e-6 * np.eye(len(beta))
        step = np.linalg.solve(hessian, gradient)
        beta -= step
        if np.abs(step).max() < 1e-8:
            break
    return beta


def area(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties counting half."""
    if not len(positive) or not len(negative):
        return float("nan")
    pairs = positive[:, None] - negative[None, :]
    return float(((pairs > 0) + 0.5 * (pairs == 0)).mean())


def confidence_table(result: ConfidenceReport) -> str:
    """The report as text."""
    point = result.at_threshold
    lines = [
        f"{result.answerable} answerable and {result.unanswerable} unanswerable questions: AUC {result.auc:.3f}",
        f"at the threshold {point.threshold:.2f}: {point.answered:.0%} of the first answered, "
        f"{point.refused:.0%} of the others refused",
        "least sure of the answerable and surest of the others:",
    ]
    low = [item for item in result.questions if item.answerable][:8]
    high = [item for item in reversed(result.questions) if not item.answerable][:8]
    return "\n".join([*lines, *(f"  {item.confidence:.2f} {item.qid} {item.query}" for item in [*low, *high])])


def _signals(settings: Settings, path: Path) -> list[tuple[Topic, Signals]]:
    topics: list[Topic] = read_records(path, Topic)
    encoder, adapters = load_encoder(settings), adapters_of_others(settings)
    with open_index(settings, encoder) as index:
        return [(topic, _of(topic, index, encoder, adapters.get(topic.query))) for topic in topics]


def _of(topic: Topic, index: Index, encoder: Encoder, by: Adapter | None) -> Signals:
    query = query_of(topic, index, encoder)  # whether its period is widened is judged with the committed matrix
    vectors = query_vectors(query, encoder, by)
    return signals(query, rank_exchanges(query, index, encoder, EXCHANGES, vectors=vectors), index)


def _report(found: Sequence[tuple[Topic, Signals]], model: Model) -> ConfidenceReport:
    judged = sorted(
        (
            Judged(
                qid=topic.qid,
                query=topic.query,
                answerable=topic.answerable,
                confidence=probability(log_odds(item, model)),
                signals=item,
            )
            for topic, item in found
        ),
        key=lambda item: item.confidence,
    )
    positive = np.array([item.confidence for item in judged if item.answerable])
    negative = np.array([item.confidence for item in judged if not item.answerable])

    def at(threshold: float) -> RocPoint:
        return RocPoint(
            threshold=threshold,
            answered=float((positive >= threshold).mean()) if len(positive) else 0.0,
            refused=float((negative < threshold).mean()) if len(negative) else 0.0,
        )

    return ConfidenceReport(
        answerable=len(positive),
        unanswerable=len(negative),
        auc=area(positive, negative),
        at_threshold=at(model.threshold),
        roc=tuple(at(threshold) for threshold in sorted({0.0, 1.0, *(item.confidence for item in judged)})),
        questions=tuple(judged),
    )
