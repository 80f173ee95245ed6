"""`onrecord fetch mfa`: fetched, told, and in the index; interrupted before the index, in it the next time."""

from __future__ import annotations

from pathlib import Path

import pytest
from fetch_site import LISTED_EN, Site, small_site
from typer.testing import CliRunner, Result

from fakes import FakeEncoder
from rag.cli import app
from rag.config import Settings
from rag.errors import FetchError
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
