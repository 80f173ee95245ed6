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
import torch
from numpy.typing import NDArray

from rag.config import Settings
from rag.evaluation.ruler import CUT, GRADES, RELEVANT, GradedQuestion, LabelsError, read_records
from rag.indexing.embedding import load_encoder
from rag.indexing.store import open_index
from rag.retrieval import adapter
from rag.retrieval.adapter import Adapter
from rag.retrieval.rank import plain_vectors
from rag.retrieval.understand import understand
from rag.types import Filters, Query, Record

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder

QUESTIONS = Path(__file__).parent / "data" / "exchange_questions.jsonl"
MATRIX = Path(adapter.__file__).with_name(adapter.FILE)
FOLDS = 5
EPOCHS = 20
"""Rounds through the graded questions, with as many others beside: ten lose .005 of nDCG, forty gain nothing."""
BATCH = 64
RATE = 2e-3
"""Learning rate of Adam at the first step; it falls evenly to a twentieth."""
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
    vectors: torch.Tensor
    """float32 [graded, dimension]"""
    grades: torch.Tensor
    """float32 [graded, exchanges]; 0 for what is not named"""
    allowed: torch.Tensor
    """bool [graded, exchanges]: what the question's period and spokesperson let through"""
    written: torch.Tensor
    """float32 [written, dimension]: vectors of the questions of single exchanges"""
    answered: torch.Tensor
    """int64 [written]: the place of the exchange"""
    passages: torch.Tensor
    """float32 [passages, dimension]"""
    owner: torch.Tensor
    """int64 [passages]: the place of the exchange"""
    encoder: str


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
        np.savez_compressed(target, encoder=asked.encoder, matrix=matrix.numpy().astype(np.float16))
    plain, moved, elsewhere = [], [], []
    for fold, others in _folds(asked):
        plain += _figures(asked, asked.vectors[fold], fold)
        matrix = _trained(asked, others, np.arange(len(asked.written)))
        moved += _figures(asked, _moved(asked.vectors[fold], matrix), fold)
        about = (asked.grades[fold] > 0).any(dim=0)
        unrelated = others[~((asked.grades[others] > 0) & about).any(dim=1).numpy()]
        matrix = _trained(asked, unrelated, np.nonzero(~about[asked.answered].numpy())[0])
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
        made = Adapter(asked.encoder, np.asarray(matrix.numpy()))
        found |= {asked.queries[place]: made for place in fold}
    return found


def _folds(asked: _Asked) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Places of the graded questions left out, and of the others, fold by fold."""
    places = np.arange(len(asked.queries))
    return [(places[places % FOLDS == fold], places[places % FOLDS != fold]) for fold in range(FOLDS)]


def _trained(asked: _Asked, graded: NDArray[np.int64], written: NDArray[np.int64]) -> torch.Tensor:
    """The matrix [dimension, dimension] fitted on the questions at these places, times `SHARE`.

    It is the same for the same questions.
    """
    draw = np.random.default_rng(0)
    matrix = torch.zeros(asked.vectors.shape[1], asked.vectors.shape[1], requires_grad=True)
    optimizer = torch.optim.Adam([matrix], lr=RATE)
    steps = EPOCHS * -(-len(graded) // BATCH)
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, steps)
    for _ in range(EPOCHS):
        shuffled = draw.permutation(graded)
        for start in range(0, len(shuffled), BATCH):
            batch = torch.from_numpy(shuffled[start : start + BATCH])
            loss = RIDGE * (matrix**2).sum()
            near = _nearness(_moved(asked.vectors[batch], matrix), asked).masked_fill(~asked.allowed[batch], -1.0)
            gains = 2 ** asked.grades[batch] - 1
            wanted = gains / gains.sum(dim=1, keepdim=True)
            loss = loss + torch.nn.functional.cross_entropy(near / TEMPERATURE, wanted)
            if len(written):
                some = torch.from_numpy(draw.choice(written, min(BATCH, len(written)), replace=False))
                near = _nearness(_moved(asked.written[some], matrix), asked)
                loss = loss + torch.nn.functional.cross_entropy(near / TEMPERATURE, asked.answered[some])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            scheduler.step()
    return SHARE * matrix.detach()


def _moved(vectors: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(vectors + vectors @ matrix, dim=1)


def _nearness(vectors: torch.Tensor, asked: _Asked) -> torch.Tensor:
    """Cosine [n, exchanges] of questions [n, dimension] with the nearest passage of every exchange."""
    cosines = vectors @ asked.passages.T
    owner = asked.owner.expand(len(vectors), -1)
    return torch.full((len(vectors), asked.grades.shape[1]), -1.0).scatter_reduce(1, owner, cosines, "amax")


def _figures(asked: _Asked, vectors: torch.Tensor, places: NDArray[np.int64]) -> list[tuple[float, float]]:
    """(nDCG@10, recall@10) of the graded questions at these places."""
    near = _nearness(vectors, asked).masked_fill(~asked.allowed[places], -1.0)
    found = []
    for scores, grades in zip(near, asked.grades[places].numpy(), strict=True):
        ranked = grades[scores.topk(CUT).indices.numpy()]
        ideal = np.sort(grades)[::-1][:CUT]
        discounts = np.log2(np.arange(CUT) + 2)
        gain, best = ((2**ranked - 1) / discounts).sum(), ((2**ideal - 1) / discounts).sum()
        found.append((float(gain / best), float((ranked >= RELEVANT).sum() / (ideal >= RELEVANT).sum())))
    return found


def _asked(settings: Settings) -> _Asked:
    everything: list[GradedQuestion] = read_records(GRADES, GradedQuestion)
    written: list[ExchangeQuestion] = read_records(QUESTIONS, ExchangeQuestion)
    encoder = load_encoder(settings)
    with open_index(settings, encoder) as index:
        names = {source.transcript: source.name for source in index.sources()}
        exchanges = [item for transcript in names for item in index.exchanges_of(transcript)]
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
            allowed[row, [of_id[id] for id in index.exchange_ids_matching(query.filters)]] = True
            for name, grade in item.exchanges.items():
                if name in places:
                    grades[row, places[name]] = grade
        # What a question asks for and its filters keep out was labelled by another reading of its words.
        allowed |= grades > 0
        known = [item for item in written if item.exchange in places]
        passages = index.vectors_of_each("passage", ids)
        return _Asked(
            queries=tuple(item.query for item in graded),
            vectors=_vectors(queries, encoder),
            grades=torch.from_numpy(grades),
            allowed=torch.from_numpy(allowed),
            written=_vectors([understand(item.query, (), Filters(), index) for item in known], encoder),
            answered=torch.tensor([places[item.exchange] for item in known], dtype=torch.int64),
            passages=torch.from_numpy(np.vstack([np.empty((0, encoder.dimension), np.float32), *passages.values()])),
            owner=torch.tensor([of_id[id] for id, rows in passages.items() for _ in rows], dtype=torch.int64),
            encoder=encoder.digest,
        )


def _vectors(queries: Sequence[Query], encoder: Encoder) -> torch.Tensor:
    """float32 [n, dimension]: a follow-up's is that of its words with what they lean on."""
    rows = [vectors[-1] for vectors in plain_vectors(queries, encoder)]
    return torch.from_numpy(np.array(rows, dtype=np.float32).reshape(-1, encoder.dimension))
