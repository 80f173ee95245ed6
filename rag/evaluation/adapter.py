"""Measures, and fits, the matrix that moves questions' vectors (`rag.retrieval.adapter`), on questions of our own.

It learns from two kinds. `data/exchange_grades.jsonl`: questions with the grades of all exchanges that bear on them.
`data/exchange_questions.jsonl`: for nearly every exchange of the archive one question that it answers, so that no
matter on record is left out; what else answers it is not labelled. The matrix is trained by contrast: the exchanges
that answer a question are to be nearer to it than all others of the record (the softmax over all of them, as in DPR,
Karpukhin et al. 2020, with nothing left out).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.config import Settings
from rag.evaluation.ruler import CUT, GRADES, RELEVANT, GradedQuestion, LabelsError, read_records
from rag.indexing.embedding import load_encoder
from rag.indexing.store import open_index
from rag.retrieval import adapter
from rag.retrieval.adapter import Adapter, plain_vectors
from rag.retrieval.understand import understand
from rag.types import Filters, Query, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder, Vectors

QUESTIONS = Path(__file__).parent / "data" / "exchange_questions.jsonl"
MATRIX = Path(adapter.__file__).with_name(adapter.FILE)
FOLDS = 5
EPOCHS = 20
"""Rounds through the graded questions, with as many others beside: ten lose .005 of nDCG, forty gain nothing."""
BATCH = 64
RATE = 2e-3
"""Learning rate at the first step; it falls evenly to a twentieth."""
MOMENTUM = 0.9
DECAY = 0.999
"""Of the means of the gradient and of its square: Adam, with the rates of Kingma and Ba (2015)."""
TEMPERATURE = 0.05
"""What cosines are divided by: .03 and .07 are worse by .01 of nDCG."""
RIDGE = 0.004
"""Penalty on the squared entries of the matrix: from .002 to .01 held-out figures are the same to .005."""
SHARE = 0.5
"""How much of what was learned is used. All of it serves questions about what it learned from best (nDCG@10 .894; half
.878) and harms others (.824; half .836, none .829)."""


class ExchangeQuestion(Record):
    """A question that an exchange answers, by `<page name>.<ordinal>`."""

    exchange: str
    query: str


class AdapterReport(Record):
    """How well the nearest passage alone ranks exchanges, by questions moved by matrices that were fitted on others."""

    questions: int
    written: int
    """Questions of single exchanges that it learned from beside."""
    ndcg: float
    """nDCG@10 of the vectors as they are, …"""
    ndcg_adapted: float
    """… moved, …"""
    ndcg_elsewhere: float
    """… and moved by matrices that saw no question about the same exchanges either: what they know of other matters."""
    recall: float
    """Share of the relevant exchanges among the first ten (of ten at most), as they are, …"""
    recall_adapted: float
    """… moved, …"""
    recall_elsewhere: float
    """… and by matrices that know other matters."""


class _Asked(NamedTuple):
    """What is learned from."""

    queries: tuple[str, ...]
    """Of the graded questions."""
    vectors: Vectors
    """float32 [graded, dimension]"""
    grades: NDArray[np.float32]
    """float32 [graded, exchanges]; 0 for what is not named"""
    allowed: NDArray[np.bool_]
    """bool [graded, exchanges]: what the question's period and spokesperson let through"""
    written: Vectors
    """float32 [written, dimension]: vectors of the questions of single exchanges"""
    answered: NDArray[np.int64]
    """int64 [written]: the place of the exchange"""
    passages: Vectors
    """float32 [passages, dimension], exchange by exchange"""
    firsts: NDArray[np.int64]
    """int64 [exchanges]: the place of each exchange's first passage; every exchange has one"""
    encoder: str

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many passages each exchange has: int64 [exchanges]."""
        return np.diff(self.firsts, append=len(self.passages))


def evaluate_adapter(settings: Settings, *, fit: bool = False, target: Path = MATRIX) -> AdapterReport:
    """Rank all exchanges of the index that the settings name for the graded questions; with `fit` write the matrix.

    Raises:
        LabelsError: the questions are malformed, or the index holds nothing that they ask for.
    """
    asked = _asked(settings)
    if not asked.queries:
        raise LabelsError(f"{settings.index} holds no exchange that the questions of {GRADES.name} ask for")
    if fit:
        matrix = _trained(asked, np.arange(len(asked.queries)), np.arange(len(asked.written)))
        np.savez_compressed(target, encoder=asked.encoder, matrix=matrix.astype(np.float16))
    plain, moved, elsewhere = [], [], []
    for fold, others in _folds(asked):
        plain += _figures(asked, asked.vectors[fold], fold)
        matrix = _trained(asked, others, np.arange(len(asked.written)))
        moved += _figures(asked, _moved(asked.vectors[fold], matrix), fold)
        about: NDArray[np.bool_] = np.any(asked.grades[fold] > 0, axis=0)
        unrelated = others[~((asked.grades[others] > 0) & about).any(axis=1)]
        matrix = _trained(asked, unrelated, np.nonzero(~about[asked.answered])[0])
        elsewhere += _figures(asked, _moved(asked.vectors[fold], matrix), fold)
    (ndcg, recall), (ndcg_adapted, recall_adapted), (ndcg_elsewhere, recall_elsewhere) = (
        np.mean(figures, axis=0) for figures in (plain, moved, elsewhere)
    )
    return AdapterReport(
        questions=len(asked.queries),
        written=len(asked.written),
        ndcg=ndcg,
        ndcg_adapted=ndcg_adapted,
        ndcg_elsewhere=ndcg_elsewhere,
        recall=recall,
        recall_adapted=recall_adapted,
        recall_elsewhere=recall_elsewhere,
    )


def adapter_table(report: AdapterReport) -> str:
    """The report as text."""
    return (
        f"{report.questions} graded questions, each moved by a matrix fitted on the others and on {report.written} "
        "questions of single exchanges; exchanges ranked by their nearest passage alone\n"
        f"nDCG@10 {report.ndcg_adapted:.3f} (as they are {report.ndcg:.3f}, "
        f"by what is known of other matters {report.ndcg_elsewhere:.3f})\n"
        f"recall@10 {report.recall_adapted:.3f} (as they are {report.recall:.3f}, "
        f"by what is known of other matters {report.recall_elsewhere:.3f})"
    )


def adapters_of_others(settings: Settings) -> Mapping[str, Adapter]:
    """For each graded question whose answers the index holds, by its text, a matrix that was not fitted on it.

    What is fitted on graded questions after this matrix would otherwise trust vectors that it knows by heart. None for
    a model that no matrix is committed for: its questions are not moved.

    Raises:
        LabelsError: the questions are malformed.
    """
    asked = _asked(settings)
    found: dict[str, Adapter] = {}
    if asked.encoder != adapter.fitted().encoder:
        return found
    for fold, others in _folds(asked):
        matrix = _trained(asked, others, np.arange(len(asked.written)))
        made = Adapter(asked.encoder, matrix)
        found |= {asked.queries[place]: made for place in fold}
    return found


def _folds(asked: _Asked) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Places of the graded questions left out, and of the others, fold by fold."""
    places = np.arange(len(asked.queries))
    return [(places[places % FOLDS == fold], places[places % FOLDS != fold]) for fold in range(FOLDS)]


def _trained(asked: _Asked, graded: NDArray[np.int64], written: NDArray[np.int64]) -> Vectors:
    """The matrix [dimension, dimension] fitted on the questions at these places, times `SHARE`.

    It is the same for the same questions.
    """
    draw = np.random.default_rng(0)
    matrix = np.zeros((asked.vectors.shape[1],) * 2, dtype=np.float32)
    mean, square = np.zeros_like(matrix), np.zeros_like(matrix)
    steps, step = EPOCHS * -(-len(graded) // BATCH), 0
    for _ in range(EPOCHS):
        shuffled = draw.permutation(graded)
        for start in range(0, len(shuffled), BATCH):
            batch = shuffled[start : start + BATCH]
            gains = 2 ** asked.grades[batch] - 1
            wanted = gains / gains.sum(axis=1, keepdims=True)
            gradient = 2 * RIDGE * matrix + _gradient(asked.vectors[batch], matrix, wanted, asked.allowed[batch], asked)
            if len(written):
                some = draw.choice(written, min(BATCH, len(written)), replace=False)
                wanted = np.zeros((len(some), len(asked.firsts)), dtype=np.float32)
                wanted[np.arange(len(some)), asked.answered[some]] = 1
                gradient += _gradient(asked.written[some], matrix, wanted, np.ones_like(wanted, dtype=bool), asked)
            rate = RATE * (1 - 0.95 * step / steps)
            step += 1
            mean = MOMENTUM * mean + (1 - MOMENTUM) * gradient
            square = DECAY * square + (1 - DECAY) * gradient**2
            ahead = (mean / (1 - MOMENTUM**step)) / (np.sqrt(square / (1 - DECAY**step)) + 1e-8)
            matrix -= np.float32(rate) * ahead
    return np.float32(SHARE) * matrix


def _gradient(
    vectors: Vectors, matrix: Vectors, wanted: NDArray[np.float32], allowed: NDArray[np.bool_], asked: _Asked
) -> NDArray[np.float32]:
    """Of the mean cross-entropy of the questions [n, dimension] against the shares `wanted` [n, exchanges].

    It is that of the softmax over the nearest passages of all exchanges; what is not allowed stands at the far end.
    """
    raw = vectors + vectors @ matrix
    length = np.linalg.norm(raw, axis=1, keepdims=True)
    unit = raw / length
    cosines = unit @ asked.passages.T
    nearest = np.maximum.reduceat(cosines, asked.firsts, axis=1)
    scores = np.where(allowed, nearest, -1.0) / TEMPERATURE
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    of_nearest = np.where(allowed, chances - wanted, 0.0) / (TEMPERATURE * len(vectors))
    is_nearest = cosines == np.repeat(nearest, asked.counts, axis=1)
    of_unit = (np.repeat(of_nearest, asked.counts, axis=1) * is_nearest).astype(np.float32) @ asked.passages
    of_raw = (of_unit - unit * (of_unit * unit).sum(axis=1, keepdims=True)) / length
    return np.asarray(vectors.T @ of_raw, dtype=np.float32)


def _moved(vectors: Vectors, matrix: Vectors) -> Vectors:
    return Adapter("", matrix).adapted(vectors, "")


def _figures(asked: _Asked, vectors: Vectors, places: NDArray[np.int64]) -> list[tuple[float, float]]:
    """(nDCG@10, recall@10) of the graded questions at these places."""
    near = np.maximum.reduceat(vectors @ asked.passages.T, asked.firsts, axis=1)
    found = []
    for scores, grades in zip(np.where(asked.allowed[places], near, -1.0), asked.grades[places], strict=True):
        ranked = grades[np.argsort(-scores, kind="stable")[:CUT]]
        ideal = np.sort(grades)[::-1][:CUT]
        discounts = np.log2(np.arange(len(ranked)) + 2)
        gain, best = ((2**ranked - 1) / discounts).sum(), ((2**ideal - 1) / discounts).sum()
        found.append((float(gain / best), float((ranked >= RELEVANT).sum() / (ideal >= RELEVANT).sum())))
    return found


def _asked(settings: Settings) -> _Asked:
    everything: list[GradedQuestion] = read_records(GRADES, GradedQuestion)
    written: list[ExchangeQuestion] = read_records(QUESTIONS, ExchangeQuestion)
    encoder = load_encoder(settings)
    with open_index(settings, encoder) as index:
        names = {source.transcript: source.name for source in index.sources()}
        everywhere = [item for transcript in names for item in index.exchanges_of(transcript)]
        passages = index.vectors_of_each("passage", [item.id for item in everywhere])
        exchanges = [item for item in everywhere if len(passages[item.id])]
        ids = [item.id for item in exchanges]
        of_id = {id: place for place, id in enumerate(ids)}
        places = {f"{names[item.transcript]}.{item.ordinal}": of_id[item.id] for item in exchanges}
        graded = [
            item
            for item in everything
            if any(grade >= RELEVANT and name in places for name, grade in item.exchanges.items())
        ]
        queries = [understand(item.query, item.history, Filters(), index) for item in graded]
        grades = np.zeros((len(graded), len(ids)), dtype=np.float32)
        allowed = np.zeros((len(graded), len(ids)), dtype=bool)
        for row, (item, query) in enumerate(zip(graded, queries, strict=True)):
            allowed[row, [of_id[id] for id in index.exchange_ids_matching(query.filters) if id in of_id]] = True
            for name, grade in item.exchanges.items():
                if name in places:
                    grades[row, places[name]] = grade
        # What a question asks for and its filters keep out was labelled by another reading of its words.
        allowed |= grades > 0
        known = [item for item in written if item.exchange in places]
        rows = [passages[id] for id in ids]
        return _Asked(
            queries=tuple(item.query for item in graded),
            vectors=_vectors(queries, encoder),
            grades=grades,
            allowed=allowed,
            written=_vectors([understand(item.query, (), Filters(), index) for item in known], encoder),
            answered=np.array([places[item.exchange] for item in known], dtype=np.int64),
            passages=np.vstack([np.empty((0, encoder.dimension), np.float32), *rows]),
            firsts=np.cumsum([0, *map(len, rows)], dtype=np.int64)[:-1],
            encoder=encoder.digest,
        )


def _vectors(queries: Sequence[Query], encoder: Encoder) -> Vectors:
    """float32 [n, dimension]: a follow-up's is that of its words with what they lean on."""
    rows = [vectors[-1] for vectors in plain_vectors(queries, encoder)]
    return np.array(rows, dtype=np.float32).reshape(-1, encoder.dimension)
