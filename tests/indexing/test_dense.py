"""FAISS files: derived, checked, and never believed when they are wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from small_corpus import write_pages

from fakes import FakeEncoder
from rag.config import Settings
from rag.indexing import dense
from rag.indexing.build import build
from rag.indexing.store import Hit, open_index

ENCODER = FakeEncoder()
NUMBERS = np.arange(1, 101, dtype=np.int64)


def vectors(count: int = 100, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed).standard_normal((count, 16)).astype(np.float32)
    return random / np.linalg.norm(random, axis=1, keepdims=True)


def test_search_is_exact() -> None:
    index = dense.derive("db", 1, NUMBERS, vectors())
    for query in vectors(5, seed=1):
        scores = vectors() @ query
        best = np.argsort(-scores)[:10]
        found = index.search(query, 10)
        assert [number for number, _ in found] == (best + 1).tolist()
        np.testing.assert_allclose([score for _, score in found], scores[best], atol=1e-5)


def test_only_what_is_allowed_is_found() -> None:
    index = dense.derive("db", 1, NUMBERS, vectors())
    allowed = np.array([3, 50, 99], dtype=np.int64)
    assert {number for number, _ in index.search(vectors()[0], 10, allowed)} == {3, 50, 99}
    assert index.search(vectors()[0], 10, np.array([], dtype=np.int64)) == []


def test_an_empty_index_finds_nothing() -> None:
    index = dense.derive("db", 1, NUMBERS[:0], vectors()[:0])
    assert index.search(vectors()[0], 10) == []


def test_an_update_equals_a_new_derivation() -> None:
    removed, added = NUMBERS[10:20], np.arange(200, 230, dtype=np.int64)
    old = dense.derive("db", 1, NUMBERS, vectors())
    updated = dense.update(old, 2, removed, added, vectors(30, seed=2))
    numbers = np.concatenate([NUMBERS[:10], NUMBERS[20:], added])
    derived = dense.derive("db", 2, numbers, np.concatenate([vectors()[:10], vectors()[20:], vectors(30, seed=2)]))
    for query in vectors(5, seed=3):
        found, expected = updated.search(query, 200), derived.search(query, 200)
        assert [number for number, _ in found] == [number for number, _ in expected]
        np.testing.assert_allclose([score for _, score in found], [score for _, score in expected], atol=1e-5)
    assert updated.numbers.tolist() == derived.numbers.tolist()
    assert len(old.search(vectors()[0], 200)) == 100


def test_save_and_load(tmp_path: Path) -> None:
    index = dense.derive("db", 7, NUMBERS, vectors())
    dense.save(index, tmp_path / "x.faiss")
    loaded = dense.load(tmp_path / "x.faiss", "db", 16)
    assert loaded
    assert (loaded.revision, loaded.numbers.tolist()) == (7, NUMBERS.tolist())
    assert loaded.search(vectors()[4], 9) == index.search(vectors()[4], 9)
    assert dense.load(tmp_path / "x.faiss", "another database", 16) is None
    assert dense.load(tmp_path / "x.faiss", "db", 32) is None
    assert dense.load(tmp_path / "none.faiss", "db", 16) is None
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
