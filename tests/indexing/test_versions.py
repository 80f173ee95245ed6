"""Corrected pages: the new text takes the old one's place, and the old one is kept, shown and never searched."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path

import pytest
from small_corpus import assert_no_orphans, assert_sound, page, write_pages

from fakes import FakeEncoder
from rag.config import Settings
from rag.corpus.folders import SUPERSEDED
from rag.indexing.build import build, ingest
from rag.indexing.store import Index, open_index
from rag.indexing.versions import EarlierVersion
from rag.types import Transcript

ENCODER = FakeEncoder()
ID = "t1000001"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index=tmp_path / "index", corpus=tmp_path / "corpus")


def bring_in(settings: Settings, text: str, name: str = f"{ID}.txt") -> str:
    """Ingest a page from outside the corpus; returns what was said of it."""
    file = settings.index.parent / "outside" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    (outcome,) = ingest([file], settings, ENCODER).outcomes
    return f"{outcome.status}: {outcome.detail}"


def current(index: Index) -> Transcript:
    (source,) = index.named(ID)
    return index.transcript(source.transcript)


def history(settings: Settings) -> tuple[Transcript, list[EarlierVersion]]:
    """The page as it is on record, and what stood there before."""
    assert_sound(settings)
    assert_no_orphans(settings)
    with open_index(settings, ENCODER) as index:
        now = current(index)
        return now, index.earlier_versions(now.id)


def rebuilt(settings: Settings) -> tuple[Transcript, list[EarlierVersion]]:
    """The history after the index was made again from the corpus folder alone."""
    shutil.rmtree(settings.index)
    build(settings, ENCODER)
    return history(settings)


def corrected(number: int, word: str) -> str:
    return page(number).replace("China ", f"{word} ")


def test_the_old_text_is_kept_under_its_id_and_the_new_one_has_its_own(settings: Settings) -> None:
    bring_in(settings, page(1))
    first, earlier = history(settings)
    assert earlier == []
    assert bring_in(settings, corrected(1, "Beijing")) == "indexed: replaced what was there"
    second, earlier = history(settings)
    assert [version.transcript for version in earlier] == [first]
    assert second.id != first.id
    assert second.id.startswith(first.id)
    assert all(exchange.id == f"{second.id}.{exchange.ordinal}" for exchange in second.exchanges)
    with open_index(settings, ENCODER) as index:
        assert index.earlier(first.id) == earlier[0]
        assert index.earlier(second.id) is None
        assert index.transcript(first.id) == second
        assert index.source(first.id).transcript == second.id
    assert rebuilt(settings) == (second, earlier)


def test_every_correction_adds_a_version(settings: Settings) -> None:
    texts = [page(1), *(corrected(1, word) for word in ("Beijing", "Peking", "The ministry"))]
    seen = []
    for text in texts:
        bring_in(settings, text)
        now, earlier = history(settings)
        assert {version.transcript.id for version in earlier} == {before.id for before in seen}
        seen.append(now)
    assert len({one.id for one in seen}) == len(texts)
    assert rebuilt(settings)[0] == seen[-1]
    assert {version.transcript.id for version in rebuilt(settings)[1]} == {one.id for one in seen[:-1]}


def test_what_was_superseded_is_not_brought_back_by_ingesting_an_old_copy(settings: Settings) -> None:
    bring_in(settings, page(1))
    bring_in(settings, corrected(1, "Beijing"))
    before = history(settings)
    assert bring_in(settings, page(1)).startswith("unchanged: an earlier version, replaced on 2")
    assert history(settings) == before


def test_a_file_that_says_again_what_it_said_before_is_current_under_its_old_id(settings: Settings) -> None:
    file = write_pages(settings.corpus, range(3)) / f"{ID}.txt"
    build(settings, ENCODER)
    first, _ = history(settings)
    file.write_text(corrected(1, "Beijing"), encoding="utf-8")
    build(settings, ENCODER)
    second, _ = history(settings)
    file.write_text(page(1), encoding="utf-8")
    build(settings, ENCODER)
    now, earlier = history(settings)
    assert now == first
    assert [version.transcript for version in earlier] == [second]
    assert rebuilt(settings) == (now, earlier)


def test_nothing_earlier_is_searched(settings: Settings) -> None:
    bring_in(settings, page(1, extra="\nReuters: More?\n\nA: The lighthouse of Alexandria is closed.\n"))
    bring_in(settings, page(1))
    with open_index(settings, ENCODER) as index:
        assert index.search_text("exchange", ["lighthouse"], 10) == []
        assert index.search_text("passage", ["lighthouse"], 10) == []
        vector = ENCODER.encode(["The lighthouse of Alexandria is closed."])[0]
        assert all(hit.score < 0.9 for hit in index.search_vectors("span", vector, 10))
        assert len(index.sources()) == 1
        (version,) = index.earlier_versions(current(index).id)
        assert "lighthouse" in version.transcript.text


def test_other_bytes_of_the_same_text_are_no_version(settings: Settings) -> None:
    bring_in(settings, page(1))
    first, _ = history(settings)
    bring_in(settings, page(1) + "\n\n")
    now, earlier = history(settings)
    assert earlier == []
    assert now.digest != first.digest
    assert now == first.model_copy(update={"digest": now.digest})


def test_a_page_without_an_address_is_corrected_in_its_file(settings: Settings) -> None:
    def plain(text: str) -> str:
        return "\n".join(line for line in text.splitlines() if not line.startswith("URL:"))

    bring_in(settings, plain(page(1)))
    first, _ = history(settings)
    bring_in(settings, plain(page(1, extra=" We have nothing to add.")))
    now, earlier = history(settings)
    assert [version.transcript for version in earlier] == [first]
    with open_index(settings, ENCODER) as index:
        assert index.transcript(first.id) == now
    assert rebuilt(settings) == (now, earlier)


def test_a_page_in_an_archive_is_superseded_by_one_that_is_brought_in(settings: Settings) -> None:
    settings.corpus.mkdir()
    data = page(1, extra=" We have a great deal to add on this longer page.").encode()
    with tarfile.open(settings.corpus / "pages.tar", "w") as archive:
        member = tarfile.TarInfo(f"{ID}.txt")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    build(settings, ENCODER)
    first, _ = history(settings)
    bring_in(settings, page(1))
    now, earlier = history(settings)
    assert now.text != first.text
    assert [version.transcript for version in earlier] == [first]
    assert rebuilt(settings) == (now, earlier)


def test_of_two_files_of_a_page_the_fetched_one_is_believed(settings: Settings) -> None:
    folder = settings.corpus / "fetched"
    folder.mkdir(parents=True)
    (settings.corpus / "a.txt").write_text(page(1, extra=" We have a great deal to add on this longer page."))
    (folder / f"{ID}.txt").write_text(page(1))
    build(settings, ENCODER)
    now, earlier = history(settings)
    assert "great deal" not in now.text
    assert earlier == []


def test_a_conference_absorbed_by_a_longer_page_is_an_earlier_version(settings: Settings) -> None:
    bring_in(settings, page(1))
    first, _ = history(settings)
    longer = page(1, extra=" We have nothing to add.").replace("t1000001.txt", "t1000777.txt")
    bring_in(settings, longer, "t1000777.txt")
    with open_index(settings, ENCODER) as index:
        (source,) = index.sources()
        assert source.name == "t1000777"
        assert [version.transcript for version in index.earlier_versions(source.transcript)] == [first]
        assert index.source(first.id) == source
    shutil.rmtree(settings.index)
    build(settings, ENCODER)
    with open_index(settings, ENCODER) as index:
        assert index.sources() == [source]
        assert [version.transcript for version in index.earlier_versions(source.transcript)] == [first]


def test_a_removed_page_takes_its_history_from_the_index_and_brings_it_back(settings: Settings) -> None:
    file = write_pages(settings.corpus, range(3)) / f"{ID}.txt"
    build(settings, ENCODER)
    file.write_text(corrected(1, "Beijing"), encoding="utf-8")
    build(settings, ENCODER)
    before = history(settings)
    moved = file.rename(settings.index.parent / file.name)
    build(settings, ENCODER)
    with open_index(settings, ENCODER) as index:
        assert index.named(ID) == []
        assert index.earlier(before[0].id) is None
        assert index.earlier(before[1][0].transcript.id) is None
    moved.rename(settings.corpus / "elsewhere.txt")
    build(settings, ENCODER)
    with open_index(settings, ENCODER) as index:
        assert current(index).text == before[0].text
        assert index.earlier_versions(current(index).id) == before[1]


def test_a_file_that_became_unreadable_leaves_its_text_in_the_corpus_folder(settings: Settings) -> None:
    file = write_pages(settings.corpus, range(3)) / f"{ID}.txt"
    build(settings, ENCODER)
    first, _ = history(settings)
    file.write_bytes(b"\x00\xff" * 100)
    build(settings, ENCODER)
    (kept,) = (settings.corpus / SUPERSEDED).rglob("*.version.json")
    assert EarlierVersion.model_validate_json(kept.read_bytes()).transcript == first
    file.write_text(page(1), encoding="utf-8")
    build(settings, ENCODER)
    assert history(settings) == (first, [])


def test_a_correction_found_by_a_rebuild_is_kept_too(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_pages(settings.corpus, range(3)) / f"{ID}.txt"
    build(settings, ENCODER)
    first, _ = history(settings)
    file.write_text(corrected(1, "Beijing"), encoding="utf-8")
    monkeypatch.setattr("rag.indexing.build.reading_digest", lambda corpus: "another version")
    build(settings, ENCODER)
    now, earlier = history(settings)
    assert "Beijing" in now.text
    assert [version.transcript for version in earlier] == [first]


def test_an_id_is_not_given_again_to_another_text_of_a_page_that_was_removed(settings: Settings) -> None:
    bring_in(settings, page(1))
    bring_in(settings, corrected(1, "Beijing"))
    first = history(settings)[1][0].transcript
    for file in (settings.corpus / "ingested").rglob(f"{ID}.txt"):
        file.unlink()
    build(settings, ENCODER)
    bring_in(settings, corrected(1, "Peking"))
    now, earlier = history(settings)
    assert now.id != first.id
    assert first in [version.transcript for version in earlier]
    assert rebuilt(settings)[0] == now


def test_what_is_deleted_with_its_history_does_not_come_back(settings: Settings) -> None:
    file = write_pages(settings.corpus, range(3)) / f"{ID}.txt"
    build(settings, ENCODER)
    file.write_text(corrected(1, "Beijing"), encoding="utf-8")
    build(settings, ENCODER)
    shutil.rmtree(settings.corpus / SUPERSEDED)
    build(settings, ENCODER)
    assert len(history(settings)[1]) == 1
    file.unlink()
    shutil.rmtree(settings.corpus / SUPERSEDED)
    build(settings, ENCODER)
    assert not list(settings.corpus.rglob("*.version.json"))
    file.write_text(page(1), encoding="utf-8")
    build(settings, ENCODER)
    assert history(settings)[1] == []
