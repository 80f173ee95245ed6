"""The matrix finds what parts questions from their answers, and what it was fitted on is sound."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from fakes import FakeEncoder
from rag.config import Settings
from rag.evaluation import adapter
from rag.evaluation.adapter import QUESTIONS, ExchangeQuestion, _Asked, _figures, _folds, _moved, _trained
from rag.evaluation.ruler import GRADES, GradedQuestion, LabelsError, read_records
from rag.indexing.build import ingest
from rag.retrieval.adapter import Adapter

EXCHANGES, DIMENSION = 400, 16


@pytest.fixture(autouse=True)
def _many_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few questions make few steps a round."""
    monkeypatch.setattr(adapter, "EPOCHS", 40)


def asked_of(manner: float) -> _Asked:
    """Exchanges of two passages, told by the even axes; every question is its first passage there, and what it is on
    the odd ones is its manner, by which no exchange is found.
    """
    draw = np.random.default_rng(1)
    even = np.array([1.0, 0.0] * (DIMENSION // 2))
    passages = _unit(draw.normal(size=(2 * EXCHANGES, DIMENSION)))
    questions = _unit(passages[::2] * even + manner * (1 - even) * draw.normal(size=(EXCHANGES, DIMENSION)))
    return _Asked(
        queries=tuple(f"question {place}" for place in range(EXCHANGES)),
        vectors=questions,
        grades=3 * np.eye(EXCHANGES, dtype=np.float32),
        allowed=np.ones((EXCHANGES, EXCHANGES), dtype=bool),
        written=questions[: EXCHANGES // 2],
        answered=np.arange(EXCHANGES // 2),
        passages=passages,
        firsts=np.arange(0, 2 * EXCHANGES, 2),
        encoder="a model",
    )


def _unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def ndcg(asked: _Asked, matrix: np.ndarray, places: np.ndarray) -> float:
    return float(np.mean([figures[0] for figures in _figures(asked, _moved(asked.vectors[places], matrix), places)]))


def test_what_is_learned_from_some_questions_holds_for_others() -> None:
    asked = asked_of(0.3)
    fold, others = _folds(asked)[0]
    matrix = _trained(asked, others, np.arange(0))
    assert ndcg(asked, matrix, fold) > ndcg(asked, np.zeros((DIMENSION, DIMENSION), dtype=np.float32), fold) + 0.05


def test_questions_of_single_exchanges_are_learned_from_too() -> None:
    asked = asked_of(0.3)
    known, few = np.arange(EXCHANGES // 2), np.array([EXCHANGES - 1])
    with_them, without = _trained(asked, few, known), _trained(asked, few, np.arange(0))
    assert ndcg(asked, with_them, known) > ndcg(asked, without, known)


def test_the_same_questions_give_the_same_matrix() -> None:
    asked = asked_of(0.3)
    places = np.arange(EXCHANGES)
    np.testing.assert_array_equal(_trained(asked, places, places[:30]), _trained(asked, places, places[:30]))


def test_the_gradient_is_that_of_the_loss() -> None:
    asked = asked_of(0.3)
    batch = slice(0, 20)
    wanted = asked.grades[batch] / 3
    allowed = asked.allowed[batch].copy()
    allowed[:, 30:60] = False
    matrix = np.random.default_rng(2).normal(scale=0.05, size=(DIMENSION, DIMENSION))

    def loss(matrix: np.ndarray) -> float:
        near = np.maximum.reduceat(_moved(asked.vectors[batch], matrix) @ asked.passages.T, asked.firsts, axis=1)
        scores = np.where(allowed, near, -1.0).astype(np.float64) / adapter.TEMPERATURE
        return float(-np.mean(np.sum(wanted * (scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))), axis=1)))

    gradient = adapter._gradient(asked.vectors[batch], matrix.astype(np.float32), wanted, allowed, asked)
    for place in ((0, 0), (3, 7), (10, 4), (15, 15)):
        step = np.zeros_like(matrix)
        step[place] = 1e-3
        slope = (loss(matrix + step) - loss(matrix - step)) / 2e-3
        assert gradient[place] == pytest.approx(slope, rel=0.05, abs=0.01)


def test_every_question_is_left_out_once() -> None:
    folds = _folds(asked_of(0.3))
    assert sorted(place for fold, _ in folds for place in fold) == list(range(EXCHANGES))
    assert all(not set(fold) & set(others) for fold, others in folds)


def test_a_question_is_not_answered_by_what_its_filters_keep_out() -> None:
    asked = asked_of(0.0)
    places, nothing = np.arange(EXCHANGES), np.zeros((DIMENSION, DIMENSION), dtype=np.float32)
    assert ndcg(asked, nothing, places) > 0.5
    shut = asked._replace(allowed=~np.eye(EXCHANGES, dtype=bool))
    assert ndcg(shut, nothing, places) == 0.0


def test_the_questions_of_single_exchanges_are_sound() -> None:
    questions: list[ExchangeQuestion] = read_records(QUESTIONS, ExchangeQuestion)
    assert len(questions) > 3000
    assert len({(item.exchange, item.query) for item in questions}) == len(questions)
    for item in questions:
        assert re.fullmatch(r"t\d+\.\d+", item.exchange)
        assert 3 <= len(item.query.split()) <= 40


def test_graded_questions_differ_and_stand_not_among_those_learned_from_beside() -> None:
    graded: list[GradedQuestion] = read_records(GRADES, GradedQuestion)
    texts = [(item.query.lower(), item.history) for item in graded]
    assert len(set(texts)) == len(texts)
    written: list[ExchangeQuestion] = read_records(QUESTIONS, ExchangeQuestion)
    assert not {text for text, _ in texts} & {item.query.lower() for item in written}


@pytest.fixture
def few_pages(tmp_path: Path, fake_encoder: FakeEncoder) -> Settings:
    """An index in which one graded question finds what answers it, under the name of its page."""
    graded: list[GradedQuestion] = read_records(GRADES, GradedQuestion)
    name, ordinal = next(iter(exchange for item in graded for exchange in item.exchanges)).split(".")
    talk = "\n\n".join(
        f"Q: Will boat {n} leave?\n\nA: Boat {n} leaves for cod at noon." for n in range(int(ordinal) + 2)
    )
    (tmp_path / f"{name}.txt").write_text(
        f"title: Talk\ndate: 2019-03-04\nspeaker: Lu Kang\n\n{talk}\n", encoding="utf-8"
    )
    settings = Settings(index=tmp_path / "index", corpus=tmp_path / "corpus", embedding="fake")
    ingest([tmp_path / f"{name}.txt"], settings, fake_encoder)
    return settings


def test_an_index_without_most_of_the_pages_can_be_measured(
    few_pages: Settings, fake_encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "load_encoder", lambda _: fake_encoder)
    asked = adapter._asked(few_pages)
    assert len(asked.queries) >= 1
    assert (asked.grades.sum(axis=1) > 0).all()
    assert adapter.adapters_of_others(few_pages) == {}, "no matrix is committed for this model"
    own = Adapter(fake_encoder.digest, np.zeros((fake_encoder.dimension,) * 2, dtype=np.float32))
    monkeypatch.setattr(adapter.adapter, "fitted", lambda: own)
    for made in adapter.adapters_of_others(few_pages).values():
        assert np.isfinite(made.matrix).all()


def test_an_index_without_any_of_the_pages_is_told(
    tmp_path: Path, fake_encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "talk.txt").write_text(
        "title: T\ndate: 2019-03-04\n\nQ: Boats?\n\nA: They leave at noon.\n", encoding="utf-8"
    )
    settings = Settings(index=tmp_path / "index", corpus=tmp_path / "corpus", embedding="fake")
    ingest([tmp_path / "talk.txt"], settings, fake_encoder)
    monkeypatch.setattr(adapter, "load_encoder", lambda _: fake_encoder)
    with pytest.raises(LabelsError, match="no exchange"):
        adapter.evaluate_adapter(settings)
    own = Adapter(fake_encoder.digest, np.zeros((fake_encoder.dimension,) * 2, dtype=np.float32))
    monkeypatch.setattr(adapter.adapter, "fitted", lambda: own)
    assert adapter.adapters_of_others(settings) == {}
