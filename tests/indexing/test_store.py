"""The read side: what comes back, what never changes on disk, and many readers at once."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from small_corpus import OUTLETS, SPEAKERS, day, page, write_pages

from fakes import FakeEncoder
from rag.config import Settings
from rag.errors import IndexDamagedError, IndexMismatchError, IndexMissingError
from rag.indexing.build import build, ingest
from rag.indexing.schema import DATABASE
from rag.indexing.spaces import SPACES
from rag.indexing.spans import answer_spans
from rag.indexing.store import Hit, Index, open_index
from rag.types import Filters, Period

ENCODER = FakeEncoder()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("store")
    settings = Settings(index=folder / "index", corpus=folder / "corpus")
    write_pages(settings.corpus, range(12))
    build(settings, ENCODER)
    return settings


@pytest.fixture
def index(settings: Settings) -> Index:
    return open_index(settings, ENCODER)


def everything(index: Index) -> tuple[object, ...]:
    vector = ENCODER.encode(["tariffs on steel"])[0]
    return (
        index.counts(),
        index.date_range(),
        index.sources(),
        index.speakers(),
        index.outlets(),
        [index.transcript(source.transcript) for source in index.sources()],
        [index.search_text(unit, ["tariffs", "steel"], 20) for unit in ("exchange", "passage")],
        [index.search_vectors(space, vector, 20) for space in SPACES],
    )


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_build_close_open_gives_the_same(settings: Settings, tmp_path: Path) -> None:
    with open_index(settings, ENCODER) as index:
        before = everything(index)
    with open_index(settings, ENCODER) as index:
        assert everything(index) == before
    again = settings.model_copy(update={"index": tmp_path / "again"})
    build(again, ENCODER)
    with open_index(again, ENCODER) as index:
        assert everything(index) == before


def test_what_is_stored_is_what_was_read(index: Index) -> None:
    assert index.counts().transcripts == 12
    assert index.counts().exchanges == 36
    assert index.date_range() == Period(first=day(0), last=day(11))
    assert set(index.speakers()) == set(SPEAKERS)
    assert set(index.outlets()) == set(OUTLETS)
    assert index.languages() == ["en"]
    for source in index.sources():
        transcript = index.transcript(source.transcript)
        assert index.source(transcript.id) == source == transcript.source
        assert index.named(transcript.name) == [source]
        assert tuple(index.exchanges_of(transcript.id)) == transcript.exchanges
        for exchange in transcript.exchanges:
            assert index.exchange(exchange.id) == exchange
            assert index.days_of([exchange.id]) == {exchange.id: source.date}
            assert exchange.question
            assert index.question(exchange.id) == transcript.text[exchange.question.start : exchange.question.end]
            assert index.spans_of(exchange.id) == answer_spans(transcript, exchange)
            passages = index.passages_of(exchange.id)
            assert all(transcript.text[passage.start : passage.end] == passage.text for passage in passages)
            for space, units in (("span", index.spans_of(exchange.id)), ("passage", passages)):
                vectors = index.vectors_of(space, exchange.id)
                texts = [SPACES[space].text(transcript, exchange, unit.start, unit.end) for unit in units]
                np.testing.assert_allclose(vectors, ENCODER.encode(texts), atol=1e-3)


def test_vectors_of_several_exchanges_are_those_of_each_in_the_order_asked(index: Index) -> None:
    ids = [exchange.id for source in index.sources()[:4] for exchange in index.exchanges_of(source.transcript)]
    asked = [*reversed(ids), "t404.0"]
    found = index.vectors_of_each("span", asked)
    assert list(found) == asked
    for id, vectors in found.items():
        np.testing.assert_array_equal(vectors, index.vectors_of("span", id))
    assert index.vectors_of_each("span", []) == {}


def test_newest_sources_come_first(index: Index) -> None:
    dates = [source.date for source in index.sources()]
    assert dates == sorted(dates, reverse=True)


def test_unknown_ids(index: Index) -> None:
    for look_up in (index.transcript, index.source, index.exchange, index.question):
        with pytest.raises(KeyError):
            look_up("t404-00000000")
    assert index.exchanges_of("t404") == []
    assert index.days_of(["t404.0"]) == {}
    assert index.spans_of("t404.0") == []
    assert index.vectors_of("span", "t404.0").shape == (0, ENCODER.dimension)


def _speaker(index: Index, hit: Hit) -> str | None:
    return index.exchange(hit.exchange).speaker


FILTERS: list[tuple[Filters, Callable[[Index, Hit], bool]]] = [
    (Filters(speaker="lu kang"), lambda index, hit: _speaker(index, hit) == "Lu Kang"),
    (Filters(asked_by="Reuters"), lambda index, hit: index.exchange(hit.exchange).asked_by == "Reuters"),
    (
        Filters(period=Period(first=day(3), last=day(5))),
        lambda index, hit: day(3) <= (index.source(index.exchange(hit.exchange).transcript).date or day(99)) <= day(5),
    ),
    (Filters(language="zh"), lambda index, hit: False),
    (Filters(institution="nobody"), lambda index, hit: False),
]


@pytest.mark.parametrize(("filters", "holds"), FILTERS)
def test_filters_limit_every_search_alike(index: Index, filters: Filters, holds: Callable[[Index, Hit], bool]) -> None:
    vector = ENCODER.encode(["China position point"])[0]
    allowed = index.exchange_ids_matching(filters)
    transcripts, exchanges = index.count_matching(filters)
    assert exchanges == len(allowed)
    assert transcripts == len({id.rpartition(".")[0] for id in allowed})
    for hits in (
        index.search_text("exchange", ["China"], 1000, filters),
        index.search_text("passage", ["China"], 1000, filters),
        index.search_vectors("passage", vector, 1000, filters),
        index.search_vectors("span", vector, 1000, filters),
    ):
        assert all(holds(index, hit) for hit in hits)
        assert {hit.exchange for hit in hits} == allowed


def test_columns_weigh_as_asked(index: Index) -> None:
    asked = index.search_text("exchange", ["comment"], 5, weights=(0, 1, 0))
    said = index.search_text("exchange", ["comment"], 5, weights=(0, 0, 1))
    assert asked[0].score > 0
    assert all(hit.score == 0 for hit in said)


@pytest.mark.parametrize("text", ['"', "AND", "no_such_column: x", "a AND", "(", "*", ""])
def test_what_is_asked_for_is_text_and_not_syntax(index: Index, text: str) -> None:
    alone = index.search_text("exchange", ["steel"], 5)
    assert {hit.exchange for hit in index.search_text("exchange", [text, "steel"], 5)} >= {alone[0].exchange}
    assert index.search_text("exchange", [], 5) == []


def test_words_are_counted_over_transcripts(index: Index) -> None:
    texts = [index.transcript(source.transcript).text.lower() for source in index.sources()]
    for word in ("steel", "tariffs", "the", "nowhere"):
        assert index.word_count(word) == sum(re.findall(r"[^\W_]+", text).count(word) for text in texts)
    assert index.stem_spread("tariff") == sum("tariff" in text for text in texts) > 0
    assert index.words_like("t", (7, 7), 1)["tariffs"] == index.word_count("tariffs")


def test_opening_and_searching_never_write(settings: Settings) -> None:
    for name in SPACES:
        (settings.index / f"{name}.faiss").unlink()
    before = fingerprint(settings.index)
    with open_index(settings, ENCODER) as index:
        everything(index)
    assert fingerprint(settings.index) == before
    build(settings, ENCODER)


def test_a_read_only_folder_is_searched(settings: Settings, tmp_path: Path) -> None:
    def look() -> None:
        with open_index(settings, ENCODER) as index:
            assert index.counts().transcripts == 12
            assert index.search_vectors("span", ENCODER.encode(["steel"])[0], 3)
            assert index.search_text("passage", ["steel"], 3)

    (settings.index / "span.faiss").unlink()
    try:
        without_permission(settings.index, look)
    finally:
        build(settings, ENCODER)


def without_permission(folder: Path, action: Callable[[], None]) -> None:
    """Run `action` in a child process that may not write `folder`: as nobody when the tests run as root."""
    import faiss

    parents = [folder, *folder.parents]
    modes = [(path, path.stat().st_mode) for path in parents if path.stat().st_uid == os.getuid()]
    for path, mode in modes:
        path.chmod((mode | 0o555) & ~0o222 if path == folder else mode | 0o555)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            # The threads of OpenMP do not survive a fork.
            faiss.omp_set_num_threads(1)
            if os.getuid() == 0:
                os.setuid(65534)
            action()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    for path, mode in modes:
        path.chmod(mode)
    assert os.waitstatus_to_exitcode(status) == 0


def test_many_threads_read_at_once(settings: Settings) -> None:
    with open_index(settings, ENCODER) as index:
        expected = everything(index)
        found: list[object] = []
        threads = [threading.Thread(target=lambda: found.append(everything(index) == expected)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [True] * 8


def test_an_open_index_shows_what_is_added(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index", corpus=tmp_path / "corpus")
    write_pages(settings.corpus, range(3))
    build(settings, ENCODER)
    vector = ENCODER.encode(["China position point"])[0]
    with open_index(settings, ENCODER) as index:
        assert {hit.exchange.split("-")[0] for hit in index.search_vectors("span", vector, 1000)} == {
            "t1000000",
            "t1000001",
            "t1000002",
        }
        (settings.corpus / "t1000001.txt").unlink()
        write_pages(settings.corpus, range(3, 4))
        build(settings, ENCODER)
        assert {hit.exchange.split("-")[0] for hit in index.search_vectors("span", vector, 1000)} == {
            "t1000000",
            "t1000002",
            "t1000003",
        }
        (settings.index / DATABASE).unlink()
        build(settings, ENCODER)
        assert index.counts().transcripts == 3
        assert len(index.search_vectors("span", vector, 1000)) == index.counts().spans


def test_readers_see_the_old_or_the_new_state(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index", corpus=tmp_path / "corpus")
    write_pages(settings.corpus, range(4))
    build(settings, ENCODER)
    vector = ENCODER.encode(["China position point"])[0]
    troubles: list[BaseException | str] = []
    done = threading.Event()

    def read() -> None:
        try:
            with open_index(settings, ENCODER) as index:
                while not done.is_set():
                    with index.snapshot():
                        spans = index.counts().spans
                        if len(index.search_vectors("span", vector, 100_000)) != spans:
                            troubles.append("the vectors are not those of the state that is read")
                        for hit in index.search_text("exchange", ["China"], 100):
                            index.exchange(hit.exchange)
        except BaseException as error:
            troubles.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(4, 14):
        path = tmp_path / f"t{1000000 + number}.txt"
        path.write_text(page(number), encoding="utf-8")
        ingest([path], settings, ENCODER)
    done.set()
    for reader in readers:
        reader.join()
    assert troubles == []


def test_a_missing_index_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="onrecord build"):
        open_index(Settings(index=tmp_path / "none"))


class OtherEncoder(FakeEncoder):
    name = "other"


def test_another_model_is_a_mismatch_that_names_both(settings: Settings) -> None:
    with pytest.raises(IndexMismatchError, match=r"(?s)fake.*other.*onrecord build"):
        open_index(settings, OtherEncoder())
    with pytest.raises(IndexMismatchError, match=r"(?s)fake.*no-such-model.*onrecord build"):
        open_index(settings.model_copy(update={"embedding": "no-such-model"}))
    with pytest.raises(IndexMismatchError, match="onrecord build"):
        ingest([settings.corpus], settings, OtherEncoder())


def test_another_chunking_is_a_mismatch(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.indexing.spans.MOST_WORDS", 40)
    with pytest.raises(IndexMismatchError, match="onrecord build"):
        open_index(settings, ENCODER)


def test_another_format_is_a_mismatch(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.indexing.schema.FORMAT", 999)
    with pytest.raises(IndexMismatchError, match=r"format \d.*999.*onrecord build"):
        open_index(settings, ENCODER)


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 500])
def test_a_damaged_database_is_told(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / DATABASE).write_bytes(damage)
    with pytest.raises(IndexDamagedError, match="onrecord build"):
        open_index(Settings(index=tmp_path))
