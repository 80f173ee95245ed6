"""The page in real Chromium when something is missing or goes: each state says what to do, and the page recovers."""

from __future__ import annotations

import shutil
from urllib.parse import urlsplit

import pytest

from fakes import FakeEncoder
from rag.indexing.build import build

from .conftest import SCRIPTED
from .served import REPOSITORY, served
from .test_browser_scripted import answered, ask, axe, finished, marked

pytestmark = pytest.mark.browser


@pytest.fixture
def own_index(scripted_settings, tmp_path):
    """Settings of an index that a test may break."""
    folder = tmp_path / "own"
    shutil.copytree(scripted_settings.index, folder / "index")
    return scripted_settings.model_copy(update={"index": folder / "index"})


def test_a_page_left_open_says_that_the_server_was_restarted(own_index, tmp_path, reader):
    page = reader()
    with served(own_index, tmp_path / "log", SCRIPTED) as address:
        page.goto(address)
        ask(page, "Will you hang?")
        page.locator(".or-sentence").first.wait_for()
        page.wait_for_url("**c=*")
    with served(own_index, tmp_path / "log", SCRIPTED, int(urlsplit(address).port)):
        page.get_by_text("The server was restarted").wait_for(timeout=60_000)
        assert page.locator(".or-sentence").count() == 1
        page.get_by_role("list", name="Conversations").get_by_text("Will you hang?").wait_for()
        answered(page, "And now?")


def test_an_index_that_goes_while_the_page_is_open(own_index, tmp_path, reader):
    page = reader()
    aside = own_index.index.with_name("aside")
    with served(own_index, tmp_path / "log", SCRIPTED) as address:
        page.goto(address)
        answered(page)
        own_index.index.rename(aside)
        field = page.get_by_test_id("stChatInputTextArea")
        field.fill("Is it there?")
        field.press("Enter")
        page.get_by_text("There is nothing to ask yet.").wait_for()
        page.get_by_text("onrecord build").first.wait_for()
        page.get_by_role("link", name="Browse").first.click()
        page.get_by_text("There is nothing to browse yet.").wait_for()
        assert page.get_by_test_id("stException").count() == 0
        aside.rename(own_index.index)
        page.get_by_role("list", name="Conversations").get_by_role("button").first.click()
        page.get_by_role("heading", name="What was said?").wait_for()
        answered(page, "Is it back?")
        page.locator(".or-chip").last.click()
        assert marked(page)


def test_an_index_rebuilt_while_the_page_is_open(own_index, tmp_path, reader):
    page = reader()
    with served(own_index, tmp_path / "log", SCRIPTED) as address:
        page.goto(address)
        answered(page)
        corpus = tmp_path / "other"
        shutil.copytree(own_index.corpus, corpus)
        next(corpus.glob("2019-06-03*")).unlink()
        shutil.rmtree(own_index.index)
        build(own_index.model_copy(update={"corpus": corpus}), FakeEncoder())
        page.locator(".or-chip").first.click()
        assert marked(page)
        page.get_by_role("link", name="Browse").first.click()
        page.get_by_role("list", name="Conferences").get_by_role("button").first.wait_for()
        assert page.get_by_role("list", name="Conferences").get_by_role("button").count() == 1


def test_an_index_without_transcripts_says_how_to_add_some(scripted_settings, tmp_path, reader):
    page = reader()
    empty = scripted_settings.model_copy(update={"index": tmp_path / "index", "corpus": tmp_path / "corpus"})
    empty.corpus.mkdir()
    build(empty, FakeEncoder())
    with served(empty, tmp_path / "log", SCRIPTED) as address:
        page.goto(address)
        page.get_by_text("The index holds no transcript.").wait_for()
        page.get_by_role("heading", name="Add to the record").wait_for()
        assert axe(page) == []


def test_the_record_is_searched_by_words_and_browsed_before_the_embedding_model_has_loaded(own_index, tmp_path, reader):
    page = reader()
    loading = own_index.index.with_name("loading")
    loading.touch()
    with served(own_index, tmp_path / "log", SCRIPTED) as address:
        page.goto(address)
        ask(page, "What was said about the suppliers and the reports?")
        page.get_by_text("found by their words so far").wait_for()
        assert "The embedding model is loading" in page.locator(".or-status").text_content()
        page.locator(".or-evidence a").first.click()
        assert "reports" in marked(page)
        page.get_by_role("button", name="Close", exact=True).click()
        page.get_by_role("link", name="Browse").first.click()
        page.get_by_role("list", name="Conferences").get_by_role("button").first.click()
        page.get_by_text("Contents:").wait_for()
        page.go_back()
        page.get_by_role("button", name="Stop").wait_for()
        loading.unlink()
        finished(page)
        assert page.locator(".or-sentence").count() > 3


def test_without_the_embedding_model_the_page_is_browsed_and_says_what_to_run(own_index, tmp_path, reader):
    page = reader()
    lacking = own_index.model_copy(update={"models": tmp_path / "none"})
    with served(lacking, tmp_path / "log", REPOSITORY / "app.py") as address:
        page.goto(address)
        page.get_by_test_id("stSidebar").get_by_text("There are no answers").wait_for()
        ask(page, "What was said about the reports?")
        page.locator(".or-outcome").get_by_text("fake").wait_for()
        assert page.locator(".or-evidence li").count() > 0
        page.get_by_role("link", name="Browse").first.click()
        page.get_by_role("list", name="Conferences").get_by_role("button").first.click()
        page.get_by_text("Contents:").wait_for()
