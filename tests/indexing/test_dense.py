"""FAISS files: derived, checked, and never believed when they are wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from small_corpus import write_pages

from fakes import FakeEncoder
from rag.config import Settings
from rag.indexing import dense, dense_file
from rag.indexing.build import build, ingest
from rag.indexing.dense import DenseIndex
from rag.indexing.store import Hit, open_index

ENCODER = FakeEncoder()
NUMBERS = np.arange(1, 101, dtype=np.int64)


def vectors(count: int = 100, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed).standard_normal((count, 16)).astype(np.float32)
    return random / np.linalg.norm(random, axis=1, keepdims=True)


def derived(revision: int, numbers: np.ndarray = NUMBERS, given: np.ndarray | None = None) -> DenseIndex:
    """Each item is an exchange of its own."""
    given = vectors(len(numbers)) if given is None else given
    return dense.derive("db", revision, 16, numbers, numbers, lambda some: given[np.searchsorted(numbers, some)])


def test_search_is_exact() -> None:
    index = derived(1)
    for query in vectors(5, seed=1):
        scores = vectors() @ query
        best = np.argsort(-scores)[:10]
        found = index.search(query, 10)
        assert [number for number, _ in found] == (best + 1).tolist()
        np.testing.assert_allclose([score for _, score in found], scores[best], atol=1e-5)


def test_only_what_is_allowed_is_found() -> None:
    index = derived(1)
    allowed = np.array([3, 50, 99], dtype=np.int64)
    assert {number for number, _ in index.search(vectors()[0], 10, allowed)} == {3, 50, 99}
    assert index.search(vectors()[0], 10, np.array([], dtype=np.int64)) == []


def test_an_empty_index_finds_nothing() -> None:
    index = derived(1, NUMBERS[:0], vectors()[:0])
    assert index.search(vectors()[0], 10) == []


def test_an_update_equals_a_new_derivation() -> None:
    removed, added = NUMBERS[10:20], np.arange(200, 230, dtype=np.int64)
    old = derived(1)
    updated = dense.update(old, 2, removed, added, added, vectors(30, seed=2))
    numbers = np.concatenate([NUMBERS[:10], NUMBERS[20:], added])
    expected_index = derived(2, numbers, np.concatenate([vectors()[:10], vectors()[20:], vectors(30, seed=2)]))
    for query in vectors(5, seed=3):
        found, expected = updated.search(query, 200), expected_index.search(query, 200)
        assert [number for number, _ in found] == [number for number, _ in expected]
        np.testing.assert_allclose([score for _, score in found], [score for _, score in expected], atol=1e-5)
    assert updated.numbers.tolist() == expected_index.numbers.tolist()
    assert len(old.search(vectors()[0], 200)) == 100


def test_deriving_tells_how_far_it_is(small_lists: None) -> None:
    numbers, given = np.arange(1, 1001, dtype=np.int64), vectors(1000)
    told: list[tuple[int, int]] = []
    dense.derive("db", 1, 16, numbers, numbers, lambda some: given[some - 1], lambda *step: told.append(step))
    sums = {total for _, total in told}
    assert len(sums) == 1
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert len(told) > dense.ROUNDS
    assert told[-1][0] == sums.pop()


@pytest.fixture
def small_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of 8-bit vectors from 500 vectors on."""
    monkeypatch.setattr(dense, "EXACT", 500)


@pytest.mark.usefixtures("small_lists")
def test_lists_find_nearly_what_comparing_all_finds(tmp_path: Path) -> None:
    numbers, given = np.arange(1, 3001, dtype=np.int64), vectors(3000)
    dense_file.save(derived(1, numbers, given), tmp_path / "x.faiss")
    index = dense_file.load(tmp_path / "x.faiss", "db", 16)
    assert index
    assert index.trained == 3000
    removed, added = numbers[100:200], np.arange(5000, 5100, dtype=np.int64)
    updated = dense.update(index, 2, removed, added, added, vectors(100, seed=2))
    merged = dense.merged(updated)
    assert merged
    assert merged.behind == 0
    assert merged.numbers.tolist() == updated.numbers.tolist() == np.r_[numbers[:100], numbers[200:], added].tolist()
    kept = np.concatenate([np.delete(given, np.arange(100, 200), axis=0), vectors(100, seed=2)])
    some = updated.numbers[::50]
    for query in vectors(5, seed=3):
        scores = kept @ query
        best = set(updated.numbers[np.argsort(-scores)[:50]].tolist())
        for one in (updated, merged):
            assert len(best & {number for number, _ in one.search(query, 50)}) >= 45
        among = updated.search(query, 10, some)
        expected = sorted(zip(scores[::50].tolist(), some.tolist(), strict=True), reverse=True)[:10]
        assert {number for number, _ in among} <= set(some.tolist())
        assert len({number for number, _ in among} & {number for _, number in expected}) >= 8


@pytest.mark.usefixtures("small_lists")
def test_an_index_that_outgrew_its_kind_is_derived_anew() -> None:
    small = derived(1)
    more = np.arange(1000, 2000, dtype=np.int64)
    assert dense.merged(dense.update(small, 2, NUMBERS[:3], more[:300], more[:300], vectors(300))) is not None
    assert dense.merged(dense.update(small, 2, NUMBERS[:0], more, more, vectors(1000))) is None


def test_one_page_more_is_taken_from_the_database_and_not_written_to_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(index=tmp_path / "index", corpus=tmp_path / "corpus")
    write_pages(settings.corpus, range(12))
    build(settings, ENCODER)
    monkeypatch.setattr("rag.indexing.nearest.LAG", 0.5)
    files = {file: file.read_bytes() for file in settings.index.glob("*.faiss")}
    vector = ENCODER.encode(["tariffs on steel"])[0]
    with open_index(settings, ENCODER) as reader:
        reader.search_vectors("span", vector, 500)
        page = write_pages(tmp_path / "new", range(30, 31))
        ingest([page], settings, ENCODER)
        (settings.corpus / "t1000003.txt").unlink()
        assert build(settings, ENCODER).removed
        assert {file: file.read_bytes() for file in settings.index.glob("*.faiss")} == files
        found = reader.search_vectors("span", vector, 500)
        with open_index(settings, ENCODER) as other:
            assert other.search_vectors("span", vector, 500) == found
            assert len(found) == other.counts().spans
    for file in files:
        file.unlink()
    with open_index(settings, ENCODER) as derived_anew:
        assert derived_anew.search_vectors("span", vector, 500) == found


def test_save_and_load(tmp_path: Path) -> None:
    index = derived(7)
    dense_file.save(index, tmp_path / "x.faiss")
    loaded = dense_file.load(tmp_path / "x.faiss", "db", 16)
    assert loaded
    assert (loaded.revision, loaded.numbers.tolist()) == (7, NUMBERS.tolist())
    assert loaded.search(vectors()[4], 9) == index.search(vectors()[4], 9)
    assert dense_file.load(tmp_path / "x.faiss", "another database", 16) is None
    assert dense_file.load(tmp_path / "x.faiss", "db", 32) is None
    assert dense_file.load(tmp_path / "none.faiss", "db", 16) is None
    assert [path.name for path in tmp_path.iterdir()] == ["x.faiss"]


def _flip(data: bytes) -> bytes:
    return data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 3],
    "cut in the header": lambda data: data[:20],
    "one bit": _flip,
    "rubbish": lambda data: b"\xff\n" * 1000,
    "more": lambda data: data + b"x",
}


def test_a_file_that_is_replaced_while_it_is_read_is_not_mixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.faiss"
    dense_file.save(derived(1, NUMBERS[:5]), path)
    follows = dense_file._follows

    def replaced(file: IO[bytes], header: dense_file.Header) -> bool:
        whole = follows(file, header)
        dense_file.save(derived(2, NUMBERS[:9]), path)
        return whole

    monkeypatch.setattr(dense_file, "_follows", replaced)
    loaded = dense_file.load(path, "db", 16)
    assert loaded is not None
    assert (loaded.revision, loaded.last, len(loaded.numbers)) == (1, 5, 5)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_not_believed_and_is_mended_by_build(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    settings = Settings(index=tmp_path / "index", corpus=tmp_path / "corpus")
    write_pages(settings.corpus, range(4))
    build(settings, ENCODER)

    def search() -> list[Hit]:
        with open_index(settings, ENCODER) as index:
            return index.search_vectors("span", ENCODER.encode(["tariffs on steel"])[0], 20)

    before = search()
    file = settings.index / "span.faiss"
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert search() == before
    report = build(settings, ENCODER)
    assert report.indexed == 0
    assert file.read_bytes() == whole
    assert search() == before
