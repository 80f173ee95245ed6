"""Measures, and learns, how question and statement are read together (`rag.indexing.joint`), on graded spans.

It learns from `data/joint_grades.jsonl`: questions written from single exchanges, one for nearly every exchange of the
archive (`rag.evaluation.adapter`) and as many of the kinds that users ask (a fact, a period, a spokesperson, something
supposed wrongly, a follow-up, what nothing answers), with the grades of some spans that were found for them. It is
measured on the spans of `data/span_grades.jsonl`, whose questions are others.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rag.config import Settings
from rag.evaluation.bearing import GRADES, LEARNED, Graded, area_of, figure
from rag.evaluation.ruler import LabelsError, read_records
from rag.indexing import joint
from rag.indexing.embedding import load_encoder
from rag.indexing.joint import Tuning, joined, write_tuning
from rag.indexing.store import open_index
from rag.models import model_path
from rag.retrieval.adapter import searched_texts
from rag.retrieval.understand import understand
from rag.types import Filters, Record

if TYPE_CHECKING:
    from rag.indexing.store import Index

TUNING = Path(joint.__file__).with_name(joint.FILE)
WANTED = {0: 0.0, 1: 0.8, 2: 1.0}
"""The probability that is learned for a grade: what one could do without belongs less surely."""


class JointReport(Record):
    """How well the joint reading tells spans that bear on a question from those that do not."""

    questions: int
    spans: int
    missing: int
    """Graded spans that the index does not hold."""
    auc: float | None
    """Of grades 1 and 2 against 0, of all spans; most were learned from under another question. None without both."""
    auc_unseen: float | None
    """The same of those spans that it did not learn from under another question either."""
    unseen: int
    """How many they are."""


class _Row(NamedTuple):
    question: str
    """As it is searched for."""
    text: str
    grade: int
    span: tuple[str, int]
    """Exchange id and where it starts."""


def evaluate_joint(
    settings: Settings, *, fit: bool = False, advance: Callable[[int, int], None] = lambda _done, _total: None
) -> JointReport:
    """Score the graded spans over the index that the settings name; with `fit` tune the model and write that first.

    Raises:
        LabelsError: the grades are malformed, the index holds none of the spans, or the embedding model has no tuning.
        ModelError: the embedding model does not load.
    """
    encoder = load_encoder(settings)
    with open_index(settings, encoder) as index:
        learned = [row for item in _graded(LEARNED) for row in _rows(item, index)]
        questions = [rows for item in _graded(GRADES) if (rows := _rows(item, index))]
        missing = sum(len(item.spans) for item in _graded(GRADES)) - sum(map(len, questions))
    if not (learned and questions):
        raise LabelsError(f"{settings.index} holds no span that {LEARNED.name} and {GRADES.name} grade")
    if fit:
        from rag.indexing.torch_model import Training, tune

        texts = [joined(row.question, row.text) for row in learned]
        wanted = [WANTED[row.grade] for row in learned]
        folder = model_path(settings.embedding, settings)
        write_tuning(
            Tuning(encoder.weights_digest, *tune(folder, texts, wanted, Training(), settings.threads, advance)), TUNING
        )
        joint.committed.cache_clear()
    scores = []
    for rows in questions:
        found = encoder.joint_scores(rows[0].question, [row.text for row in rows])
        if found is None:
            raise LabelsError(f"the embedding model {settings.embedding} is not tuned for joint reading")
        scores += found.tolist()
    rated = np.array(scores)
    belongs = np.array([float(row.grade > 0) for rows in questions for row in rows])
    seen = {row.span for row in learned}
    new = np.array([row.span not in seen for rows in questions for row in rows])
    return JointReport(
        questions=len(questions),
        spans=len(rated),
        missing=missing,
        auc=area_of(rated, belongs, np.ones_like(new)),
        unseen=int(new.sum()),
        auc_unseen=area_of(rated, belongs, new),
    )


def _graded(path: Path) -> list[Graded]:
    return read_records(path, Graded)


def joint_table(report: JointReport) -> str:
    """The report as text."""
    return (
        f"{report.spans} graded spans of {report.questions} questions that it did not learn from "
        f"({report.missing} more are not in the index)\n"
        f"AUC of joint reading alone {figure(report.auc)}; {figure(report.auc_unseen)} of the {report.unseen} spans "
        "that it did not learn from under another question either"
    )


def _rows(item: Graded, index: Index) -> list[_Row]:
    """The graded spans that the index holds."""
    question = searched_texts(understand(item.query, item.history, Filters(), index))[-1]
    texts = {
        (exchange, span.start): span.text
        for exchange in dict.fromkeys(exchange for exchange, *_ in item.spans)
        for span in index.spans_of(exchange)
    }
    return [
        _Row(question, texts[exchange, start], grade, (exchange, start))
        for exchange, start, grade in item.spans
        if (exchange, start) in texts
    ]
