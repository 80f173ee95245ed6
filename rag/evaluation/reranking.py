"""Measures, and fits, the weights by which the best exchanges are ranked anew, on exchanges graded by readers.

`data/exchange_grades.jsonl` holds questions of our own and the grades of the exchanges that bear on them: 3 answers
the question, 2 answers part of it, 1 is on the same topic; what is not named there counts as 0.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.config import Settings
from rag.evaluation.adapter import adapters_of_others
from rag.evaluation.confidence import newton
from rag.evaluation.ruler import GRADES, RELEVANT, GradedQuestion, read_records
from rag.indexing.embedding import load_encoder
from rag.indexing.store import open_index
from rag.retrieval import rerank
from rag.retrieval.adapter import Adapter, query_vectors
from rag.retrieval.rank import candidates
from rag.retrieval.rerank import SIGNALS, Weights
from rag.retrieval.understand import understand
from rag.types import Filters, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder
    from rag.indexing.store import Index

WEIGHTS = Path(rerank.__file__).with_name("rerank.json")
FOLDS = 5
RIDGE = 0.01
"""Penalty on the squared weights of standardised signals: from .001 to .03 held-out figures are the same to .002."""


class RerankingReport(Record):
    """How well weights fitted on other questions rank the candidates, beside the order they came in."""

    questions: int
    pairs_right: float
    """Mean over questions of the share of pairs with different grades that are ranked as graded, …"""
    pairs_right_before: float
    """… and in the order of the fused lists."""
    first: float
    """Share of the questions whose first exchange is relevant, …"""
    first_before: float
    """… and in the order of the fused lists."""


class _Question(NamedTuple):
    signals: NDArray[np.float64]
    """float64 [candidates, signals], in the order of the fused lists"""
    grades: NDArray[np.int64]
    """int64 [candidates]"""


def evaluate_reranking(settings: Settings, *, fit: bool = False, target: Path = WEIGHTS) -> RerankingReport:
    """Rank the candidates of the graded questions over the index that the settings name; with `fit` write the weights.

    Raises:
        LabelsError: the grades are malformed.
    """
    questions = _questions(settings)
    fold = np.arange(len(questions)) % FOLDS
    right: list[tuple[float, float]] = []
    first: list[tuple[bool, bool]] = []
    for number in range(FOLDS):
        weights = pairwise([item for item, at in zip(questions, fold, strict=True) if at != number])
        for item in (item for item, at in zip(questions, fold, strict=True) if at == number):
            scores, before = item.signals @ weights, -np.arange(len(item.grades), dtype=np.float64)
            right.append((_pairs_right(scores, item.grades), _pairs_right(before, item.grades)))
            first.append((bool(item.grades[scores.argmax()] >= RELEVANT), bool(item.grades[0] >= RELEVANT)))
    if fit:
        fitted = Weights(
            weights={name: round(float(weight), 4) for name, weight in zip(SIGNALS, pairwise(questions), strict=True)},
            provenance={
                "command": "onrecord evaluate reranking --fit",
                "questions": len(questions),
                "pairs_right_cross_validated": round(float(np.mean(right, axis=0)[0]), 4),
            },
        )
        target.write_text(fitted.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return RerankingReport(
        questions=len(questions),
        pairs_right=float(np.mean(right, axis=0)[0]),
        pairs_right_before=float(np.mean(right, axis=0)[1]),
        first=float(np.mean(first, axis=0)[0]),
        first_before=float(np.mean(first, axis=0)[1]),
    )


def reranking_table(report: RerankingReport) -> str:
    """The report as text."""
    return (
        f"{report.questions} questions with graded candidates, each ranked by weights fitted on others\n"
        f"pairs ranked as graded: {report.pairs_right:.3f} (fused lists {report.pairs_right_before:.3f})\n"
        f"first exchange relevant: {report.first:.3f} (fused lists {report.first_before:.3f})"
    )


def pairwise(questions: list[_Question]) -> NDArray[np.float64]:
    """Weights [signals] of a ridge logistic regression that tells the higher grade of every pair of a question.

    Every question counts the same. Fitted on signals of unit deviation, weights returned on the original scale.
    """
    scale = np.vstack([item.signals for item in questions]).std(axis=0) + 1e-9
    rows, counts = [], []
    for item in questions:
        better, worse = np.nonzero(item.grades[:, None] > item.grades[None, :])
        if len(better):
            rows.append((item.signals[better] - item.signals[worse]) / scale)
            counts.append(np.full(len(better), 1 / len(better)))
    pairs, share = np.vstack(rows), np.concatenate(counts) / len(counts)
    weights = newton(pairs, np.ones(len(pairs)), share, RIDGE * np.eye(pairs.shape[1]))
    return np.asarray(weights / scale)


def _pairs_right(scores: NDArray[np.float64], grades: NDArray[np.int64]) -> float:
    better, worse = np.nonzero(grades[:, None] > grades[None, :])
    return float((scores[better] > scores[worse]).mean())


def _questions(settings: Settings) -> list[_Question]:
    """The questions among whose candidates at least one is graded."""
    graded: list[GradedQuestion] = read_records(GRADES, GradedQuestion)
    encoder, adapters = load_encoder(settings), adapters_of_others(settings)
    with open_index(settings, encoder) as index:
        names = {source.transcript: source.name for source in index.sources()}
        found = [_question(item, index, encoder, names, adapters.get(item.query)) for item in graded]
    return [item for item in found if item.grades.any()]


def _question(
    item: GradedQuestion, index: Index, encoder: Encoder, names: dict[str, str], by: Adapter | None
) -> _Question:
    query = understand(item.query, item.history, Filters(), index)
    found = candidates(query, index, query_vectors(query, encoder, by))[1]
    places = [index.exchange(exchange) for exchange in found]
    return _Question(
        np.array([[getattr(each, name) for name in SIGNALS] for each in found.values()]).reshape(-1, len(SIGNALS)),
        np.array([item.exchanges.get(f"{names[place.transcript]}.{place.ordinal}", 0) for place in places], dtype=int),
    )
