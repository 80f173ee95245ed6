"""Full-text search of an index that is too large to score every row: as good as if it were not."""

from __future__ import annotations

import pytest
from small_corpus import write_pages

from fakes import FakeEncoder
from rag.config import Settings
from rag.indexing import matching
from rag.indexing.build import build
from rag.indexing.store import Hit, Index, open_index
from rag.types import Filters, Period

QUESTION = ["steel", "tariffs", "China", "the", "nowhere"]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("matching")
    settings = Settings(index=folder / "index", corpus=folder / "corpus")
    write_pages(settings.corpus, range(40))
    build(settings, FakeEncoder())
    return settings


@pytest.fixture
def index(settings: Settings) -> Index:
    return open_index(settings, FakeEncoder())


def parted(index: Index, phrases: list[str]) -> matching.Parted:
    return matching.part(index._reader, phrases, matching._rows(index._reader, "exchange"), 1.0, matching.SCORED)


def test_a_small_index_is_searched_for_every_word(index: Index) -> None:
    assert parted(index, QUESTION) == (QUESTION, [], False)


def test_rows_with_a_rare_word_are_scored_by_all_words(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    rare = min(QUESTION[:4], key=lambda word: index.word_count(word.lower()))
    whole = index.search_text("exchange", QUESTION, 500)
    holding = {hit.exchange: hit for hit in index.search_text("exchange", [rare], 500)}
    monkeypatch.setattr(matching, "SCORED", index.word_count(rare.lower()))
    assert parted(index, QUESTION).rare == ["nowhere", rare]
    found = index.search_text("exchange", QUESTION, 500)
    assert found == [hit for hit in whole if hit.exchange in holding]
    assert 0 < len(found) < len(whole)


def test_common_words_are_met_together(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["China", "the"]
    monkeypatch.setattr(matching, "SCORED", 10)
    assert parted(index, words).together
    both = {hit.exchange for hit in index.search_text("passage", ["China"], 500)}
    both &= {hit.exchange for hit in index.search_text("passage", ["the"], 500)}
    assert {hit.exchange for hit in index.search_text("passage", words, 3)} <= both
    assert index.search_text("passage", ["China"], 3)


def test_filters_hold_however_the_words_are_parted(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    dates = [source.date for source in index.sources()]
    filters = Filters(period=Period(first=dates[9], last=dates[5]))
    allowed = index.exchange_ids_matching(filters)

    def found() -> list[Hit]:
        return index.search_text("passage", QUESTION, 500, filters)

    whole = found()
    assert {hit.exchange for hit in whole} <= allowed
    monkeypatch.setattr(matching, "SCORED", 30)
    some = found()
    assert some
    assert {hit.exchange for hit in some} <= allowed
    nothing = Filters(speaker="Nobody")
    assert index.search_text("passage", QUESTION, 500, nothing) == []
