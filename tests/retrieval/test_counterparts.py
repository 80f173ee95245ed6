"""The same exchange in two languages, where it is surely the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bilingual_pages import CHINESE, ENGLISH, write_bilingual

from fakes import FakeEncoder
from rag.config import Settings
from rag.corpus import read_transcript, settle_dates
from rag.indexing.build import ingest
from rag.indexing.store import Index, open_index
from rag.retrieval.counterparts import aligned, conferences_of_day, counterparts
from rag.types import Transcript


def read(text: str, name: str) -> Transcript:
    return read_transcript(text.encode(), f"{name}.txt")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("bilingual")
    settings = Settings(index=folder / "index", corpus=folder / "corpus", embedding="fake")
    ingest([write_bilingual(folder / "pages")], settings, FakeEncoder())
    with open_index(settings) as opened:
        yield opened


def test_sure_pairs_are_aligned_and_the_unsure_one_is_not() -> None:
    zh, en = read(CHINESE, "zh"), read(ENGLISH, "en")
    assert [(mine.ordinal, theirs.ordinal) for mine, theirs, _ in aligned(zh, en)] == [(0, 0), (2, 2)]
    assert [(mine.ordinal, theirs.ordinal) for mine, theirs, _ in aligned(en, zh)] == [(0, 0), (2, 2)]


def test_an_exchange_that_one_version_leaves_out_has_no_counterpart() -> None:
    head, first, rest = ENGLISH.partition("Q: The US")
    zh, en = read(CHINESE, "zh"), read(head + "Q: When will" + (first + rest).partition("Q: When will")[2], "en")
    assert [(mine.ordinal, theirs.ordinal) for mine, theirs, _ in aligned(zh, en)] == [(2, 1)]


def test_conferences_are_linked_by_day_language_and_spokesperson(index: Index) -> None:
    sources = {(source.language, str(source.date)): source for source in index.sources()}
    zh, en = sources["zh", "2019-05-23"], sources["en", "2019-05-23"]
    assert conferences_of_day(index, zh) == [en]
    assert conferences_of_day(index, en) == [zh]
    assert conferences_of_day(index, sources["en", "2019-05-24"]) == []
    found = counterparts(index, index.transcript(zh.transcript))
    assert set(found) == {f"{zh.transcript}.0", f"{zh.transcript}.2"}
    other = found[f"{zh.transcript}.2"]
    text = index.transcript(other.transcript).text
    assert "5 are missing" in text[other.start : other.end]


@pytest.mark.archive
def test_the_archives_two_languages_agree(archive_pages: dict[str, bytes], chinese_pages: dict[str, bytes]) -> None:
    """Nearly every conference has as many exchanges in both languages: what is aligned must stand at the same place."""
    pages = [read_transcript(data, path) for path, data in list(archive_pages.items())[::9]]
    by_day = {page.date: page for page in settle_dates(pages)}
    checked = pairs = 0
    for path, data in chinese_pages.items():
        if not ("t155" <= Path(path).stem <= "t18"):
            continue
        zh = read_transcript(data, path)
        en = by_day.get(zh.date)
        if en is None or len(en.exchanges) != len(zh.exchanges):
            continue
        found = aligned(zh, en)
        assert all(mine.ordinal == theirs.ordinal for mine, theirs, _ in found), (zh.name, en.name)
        checked += 1
        pairs += len(found)
    print(f"\n{checked} conferences, {pairs} exchanges aligned")
    assert checked > 10
