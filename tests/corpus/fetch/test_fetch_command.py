"""`onrecord fetch mfa`: fetched, told, and in the index; interrupted before the index, in it the next time."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from fetch_site import LISTED_EN, Site, small_site
from typer.testing import CliRunner, Result

from fakes import FakeEncoder
from rag.cli import app
from rag.config import Settings
from rag.errors import FetchError
from rag.indexing.build import build, ingest
from rag.indexing.store import open_index


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ONRECORD_FETCH_RATE", "0")
    monkeypatch.setattr("rag.indexing.embedding.load_encoder", lambda settings: FakeEncoder())
    return Settings(index=tmp_path / "index", corpus=tmp_path / "corpus")


def run(site: Site, chosen: Settings, *arguments: str) -> Result:
    places = ["--base", site.base, "--index", str(chosen.index), "--corpus", str(chosen.corpus)]
    return CliRunner().invoke(app, ["fetch", "mfa", *places, *arguments])


def transcripts(chosen: Settings) -> int:
    with open_index(chosen, FakeEncoder()) as index:
        return len(index.sources())


def test_what_is_fetched_is_ingested_and_the_rest_is_told(chosen: Settings) -> None:
    with small_site(4, 2) as site:
        del site.pages[f"{LISTED_EN}/t1789999.shtml"]
        result = run(site, chosen)
        assert result.exit_code == 0, result.output
        assert f"failed    {site.base}{LISTED_EN}/t1789999.shtml: HTTP 404" in result.output
        assert "4 transcripts listed on 2 pages: 3 fetched, 0 unchanged, 0 had, 0 outside, 0 refused, 1 failed" in (
            result.output
        )
        assert transcripts(chosen) == 3
        again = run(site, chosen)
        assert "0 fetched, 0 unchanged, 3 had, 0 outside, 0 refused, 1 failed" in again.output
        assert transcripts(chosen) == 3


def test_pages_saved_by_a_fetch_that_died_before_the_index_are_ingested_by_the_next(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_site(2, 2) as site:
        with monkeypatch.context() as dying:
            dying.setattr("rag.indexing.build.ingest", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            assert run(site, chosen).exit_code != 0
        assert run(site, chosen).exit_code == 0
        assert transcripts(chosen) == 2


def test_a_period_and_its_language_reach_the_fetch(chosen: Settings) -> None:
    with small_site(2, 2) as site:
        result = run(site, chosen, "--since", "2020-07-28", "--until", "2020-07-28")
        assert "1 fetched, 0 unchanged, 0 had, 1 outside" in result.output
        assert isinstance(run(site, chosen, "--lang", "zh").exception, FetchError)
        assert run(site, chosen, "--since", "2020-07-28", "--until", "2020-07-27").exit_code == 2


def pages_of(site: Site) -> dict[str, bytes]:
    return {path.rpartition("/")[2]: body for path, body in site.pages.items() if "/t1" in path}


@pytest.mark.parametrize("packed", [False, True])
def test_what_was_ingested_by_hand_is_not_fetched_again(chosen: Settings, tmp_path: Path, packed: bool) -> None:
    with small_site(4, 2) as site:
        by_hand = tmp_path / "by hand" / "mfa_eng" / "xwfw_665399" / "somewhere"
        by_hand.mkdir(parents=True)
        for name, body in list(pages_of(site).items())[:3]:
            (by_hand / name).write_bytes(body)
        if packed:
            chosen.corpus.mkdir()
            with tarfile.open(chosen.corpus / "pages.tar", "w") as archive:
                archive.add(tmp_path / "by hand" / "mfa_eng", "mfa_eng")
            build(chosen, FakeEncoder())
        else:
            ingest([tmp_path / "by hand"], chosen, FakeEncoder())
        result = run(site, chosen)
        assert "1 fetched, 0 unchanged, 3 had" in result.output, result.output
        assert transcripts(chosen) == 4
        assert sum(1 for path in site.asked if "/t1" in path) == 1
        assert "0 fetched, 0 unchanged, 4 had" in run(site, chosen).output


def test_a_text_that_only_names_the_address_of_a_page_does_not_stand_for_it(chosen: Settings, tmp_path: Path) -> None:
    with small_site(2, 2) as site:
        name = next(iter(pages_of(site)))
        note = tmp_path / "note.txt"
        note.write_text(f"Title: A note\nURL: {site.base}{LISTED_EN}/{name}\n\nQ: What?\n\nA: A part of it.\n")
        ingest([note], chosen, FakeEncoder())
        assert "2 fetched, 0 unchanged, 0 had" in run(site, chosen).output


def test_a_correction_of_a_page_ingested_by_hand_is_taken_and_the_old_text_kept(
    chosen: Settings, tmp_path: Path
) -> None:
    with small_site(2, 2) as site:
        folder = tmp_path / "by hand" / site.host.replace(":", "_")
        for path, body in site.pages.items():
            if "/t1" in path:
                file = folder / path.lstrip("/")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(body)
        ingest([tmp_path / "by hand"], chosen, FakeEncoder())
        assert "0 fetched, 2 unchanged, 0 had" in run(site, chosen, "--recheck").output
        assert not list((chosen.corpus / "fetched").rglob("t1*"))
        path = next(path for path in site.pages if "/t1" in path)
        site.pages[path] = site.pages[path].replace(b"We have noted", b"We oppose")
        assert "1 fetched, 1 unchanged, 0 had" in run(site, chosen, "--recheck").output
    with open_index(chosen, FakeEncoder()) as index:
        assert len(index.sources()) == 2
        (source,) = index.named(path.rpartition("/")[2].split(".")[0])
        assert "We oppose" in index.transcript(source.transcript).text
        (version,) = index.earlier_versions(source.transcript)
        assert "We have noted" in version.transcript.text
