"""The folder of fetched pages: whole files only, one writer, and notes that can be lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from fetch_site import LISTED_EN, transcript_page

from rag.corpus.fetch.client import Obtained
from rag.corpus.fetch.folder import Folder, Version
from rag.corpus.folders import FETCHED, SUPERSEDED
from rag.errors import FetchError

URL = f"https://www.fmprc.gov.cn{LISTED_EN}/t1790000.shtml"
PAGE = Obtained(url=URL, body=transcript_page("1"), etag='"a"', last_modified="Fri, 03 Jul 2020 10:00:00 GMT")


def test_what_is_saved_is_held_with_its_version(tmp_path: Path) -> None:
    with Folder(tmp_path) as folder:
        assert folder.held(URL) is None
        assert folder.save(URL, PAGE)
        assert not folder.save(URL, PAGE)
    with Folder(tmp_path) as folder:
        file = folder.held(URL)
        assert file == tmp_path / FETCHED / "www.fmprc.gov.cn" / LISTED_EN.lstrip("/") / "t1790000.shtml"
        assert file.read_bytes() == PAGE.body
        assert folder.version(URL) == Version(etag='"a"', last_modified=PAGE.last_modified)


def test_what_a_page_said_before_is_kept_among_the_superseded(tmp_path: Path) -> None:
    with Folder(tmp_path) as folder:
        folder.save(URL, PAGE)
        folder.save(URL, PAGE.model_copy(update={"body": transcript_page("2")}))
        folder.save(URL, PAGE)
        place = folder.file_of(URL).relative_to(tmp_path)
    kept = {file.read_bytes() for file in (tmp_path / SUPERSEDED / place).iterdir()}
    assert kept == {PAGE.body, transcript_page("2")}


@pytest.mark.parametrize("damage", [b"not a database at all" * 100, b""])
def test_damaged_notes_are_begun_anew_and_pages_are_still_held(tmp_path: Path, damage: bytes) -> None:
    with Folder(tmp_path) as folder:
        folder.save(URL, PAGE)
    (tmp_path / FETCHED / ".fetched.sqlite").write_bytes(damage)
    with Folder(tmp_path) as folder:
        assert folder.held(URL)
        assert folder.version(URL) == Version()
        folder.save(URL, PAGE)
        assert folder.version(URL) != Version()


def test_an_empty_file_is_not_a_held_page_and_parts_are_swept(tmp_path: Path) -> None:
    with Folder(tmp_path) as folder:
        folder.save(URL, PAGE)
        file = folder.file_of(URL)
    file.write_bytes(b"")
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(b"<html>half a pa")
    with Folder(tmp_path) as folder:
        assert folder.held(URL) is None
        assert not part.exists()


def test_two_fetches_do_not_share_a_folder(tmp_path: Path) -> None:
    with Folder(tmp_path), pytest.raises(FetchError, match="another fetch"), Folder(tmp_path):
        pass
    with Folder(tmp_path):
        pass


@pytest.mark.parametrize(
    "url",
    ["https://../a/t1790000.shtml", "https://x/../../t1790000.shtml", "https://x/a/.ssh/t1790000.shtml", "https:///t1"],
)
def test_an_address_that_leads_out_has_no_file(tmp_path: Path, url: str) -> None:
    with Folder(tmp_path) as folder:
        assert folder.held(url) is None
        with pytest.raises(ValueError, match="not the address"):
            folder.save(url, PAGE)


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FetchError, match="cannot be written"), Folder(tmp_path / "file"):
        pass


def test_a_full_disk_is_an_error_and_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with Folder(tmp_path) as folder:
        folder.save(URL, PAGE)
        monkeypatch.setattr("rag.whole_files.os.fsync", full)
        with pytest.raises(FetchError, match="No space left"):
            folder.save(URL, PAGE.model_copy(update={"body": transcript_page("2")}))
        assert folder.file_of(URL).read_bytes() == PAGE.body
