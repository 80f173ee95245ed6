"""Questions' vectors are moved by the matrix of their own model, and by nothing else."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from fakes import FakeEncoder
from rag.evaluation.adapter import QUESTIONS, ExchangeQuestion
from rag.evaluation.ruler import read_records
from rag.indexing.embedding import Encoder
from rag.indexing.store import Index
from rag.retrieval import adapter as retrieval_adapter
from rag.retrieval import rank
from rag.retrieval.adapter import Adapter, fitted, plain_vectors, query_vectors
from rag.types import Filters, Query

ENCODER = FakeEncoder()


def adapter(encoder: str = ENCODER.digest) -> Adapter:
    matrix = np.random.default_rng(1).normal(scale=0.1, size=(ENCODER.dimension,) * 2)
    return Adapter(encoder, matrix.astype(np.float32))


def asked(topic: str, context: str | None = None) -> Query:
    return Query(question=topic, topic=topic, context=context, filters=Filters())


def test_a_vector_is_moved_by_the_matrix_and_stays_of_length_one() -> None:
    plain = plain_vectors([asked("herring quota")], ENCODER)[0]
    moved = query_vectors(asked("herring quota"), ENCODER, adapter())
    wanted = plain + plain @ adapter().matrix
    np.testing.assert_allclose(moved, wanted / np.linalg.norm(wanted), rtol=1e-5)
    assert not np.allclose(moved, plain)


def test_the_vectors_of_another_model_stay_as_they_are() -> None:
    plain = plain_vectors([asked("herring quota")], ENCODER)[0]
    np.testing.assert_array_equal(query_vectors(asked("herring quota"), ENCODER, adapter("another")), plain)
    np.testing.assert_array_equal(query_vectors(asked("herring quota"), ENCODER), plain)


def test_the_fragment_of_a_follow_up_stays_as_it_is() -> None:
    query = asked("and Norway?", "Which herring quota was agreed?")
    plain, moved = plain_vectors([query], ENCODER)[0], query_vectors(query, ENCODER, adapter())
    np.testing.assert_array_equal(moved[0], plain[0])
    assert not np.allclose(moved[1], plain[1])


def test_several_queries_get_their_own_vectors() -> None:
    queries = [asked("herring"), asked("and Norway?", "Which quota?"), asked("satellite")]
    together = plain_vectors(queries, ENCODER)
    assert [len(vectors) for vectors in together] == [1, 2, 1]
    for query, vectors in zip(queries, together, strict=True):
        np.testing.assert_allclose(vectors, plain_vectors([query], ENCODER)[0])


@pytest.mark.parametrize("method", ["dense", "fusion", "hybrid"])
def test_the_baselines_are_searched_by_plain_vectors(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[np.ndarray] = []

    def method_of_a_test(_query: Query, _index: object, vectors: np.ndarray) -> rank._Ranked:
        used.append(vectors)
        return {}, {}

    class NoState:
        def __enter__(self) -> None: ...
        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setitem(rank.METHODS, method, method_of_a_test)
    monkeypatch.setattr(retrieval_adapter, "fitted", adapter)
    rank.rank_exchanges(asked("herring quota"), SimpleNamespace(snapshot=NoState), ENCODER, method=method)  # type: ignore[arg-type]
    plain = plain_vectors([asked("herring quota")], ENCODER)[0]
    assert np.array_equal(used[0], plain) == (method != "hybrid")


def test_the_committed_matrix_is_of_the_default_model(encoder: Encoder) -> None:
    assert fitted().encoder == encoder.digest
    assert fitted().matrix.shape == (encoder.dimension, encoder.dimension)
    assert 0.5 < np.linalg.norm(fitted().matrix) < 10


def test_the_committed_matrix_brings_questions_nearer_to_what_answers_them(
    small_archive_index: Index, encoder: Encoder
) -> None:
    names = {source.transcript: source.name for source in small_archive_index.sources()}
    exchanges = [small_archive_index.exchange(id) for id in small_archive_index.exchange_ids_matching(Filters())]
    ids = {f"{names[item.transcript]}.{item.ordinal}": item.id for item in exchanges}
    written: list[ExchangeQuestion] = read_records(QUESTIONS, ExchangeQuestion)
    known = [item for item in written if item.exchange in ids]
    passages = small_archive_index.vectors_of_each("passage", list(ids.values()))
    plain = np.vstack(plain_vectors([asked(item.query) for item in known], encoder))

    def first(vectors: np.ndarray) -> float:
        near = np.stack([(vectors @ rows.T).max(axis=1, initial=-1.0) for rows in passages.values()], axis=1)
        places = list(passages)
        return float(
            np.mean([places[row.argmax()] == ids[item.exchange] for row, item in zip(near, known, strict=True)])
        )

    assert len(known) > 50
    assert first(fitted().adapted(plain, encoder.digest)) > first(plain) + 0.02
