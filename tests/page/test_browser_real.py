"""The page with everything real: models, index, server, browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.models import model_path

from .served import REPOSITORY, served
from .test_browser_scripted import answered, ask, in_view, marked

pytestmark = [pytest.mark.browser, pytest.mark.models]
UNRULED = Path(__file__).parent / "unruled_app.py"
PATIENCE = 600_000
"""Milliseconds: a model is loaded and writes on whatever machine this is."""


@pytest.fixture
def short_answers(seed_settings):
    """The seed index and answers of few sentences; skips without the language model, which only the server loads."""
    try:
        model_path(seed_settings.llm, seed_settings)
    except ModelError as error:
        pytest.skip(str(error))
    return seed_settings.model_copy(update={"sentences": 2})


def test_a_question_is_answered_and_every_citation_opens_its_exact_words(short_answers, tmp_path, reader):
    page = reader()
    with served(short_answers, tmp_path / "log", REPOSITORY / "app.py") as address:
        page.goto(address)
        ask(page, "what was said about Huawei")
        page.get_by_role("button", name="Save").wait_for(timeout=PATIENCE)
        assert page.locator(".or-outcome").inner_text() == ""
        chips = page.locator(".or-chip")
        assert chips.count() >= page.locator(".or-sentence").count() > 0
        for chip in chips.all():
            chip.hover()
            quote = page.locator(".or-tip:visible .or-tip-quote").text_content()
            chip.click()
            assert f"“{marked(page)}”" == quote
            assert in_view(page)
        assert "Searched 1 conference, 23 May 2019" in page.locator(".or-facts").text_content()
        link = page.evaluate("location.href")
        other = reader()
        other.goto(link)
        other.locator(".or-panel mark").wait_for()
        assert f"“{marked(other)}”" == quote


def test_stop_ends_the_writing_of_the_real_model_and_keeps_what_was_shown(seed_settings, tmp_path, reader):
    page = reader()
    with served(seed_settings, tmp_path / "log", UNRULED) as address:
        page.goto(address)
        ask(page, "what was said about Huawei suppliers")
        page.locator(".or-sentence").first.wait_for(timeout=PATIENCE)
        shown = page.locator(".or-sentence").all_text_contents()
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped. The sentences above are complete and checked.").wait_for()
        # The model is free again: it answers the next question, and adds nothing to the one that was stopped.
        answered(page, "what was said about the trade talks", timeout=PATIENCE)
        stopped = page.locator(".or-turn").first
        assert stopped.locator(".or-sentence").all_text_contents()[: len(shown)] == shown
        assert stopped.get_by_text("Stopped.").is_visible()
        assert page.locator(".or-turn").last.locator(".or-sentence").count() > 0


def test_without_a_language_model_the_answer_is_quotes_and_says_why(seed_settings, tmp_path, reader):
    page = reader()
    missing = seed_settings.model_copy(update={"llm": str(tmp_path / "no.gguf")})
    with served(missing, tmp_path / "log", REPOSITORY / "app.py") as address:
        page.goto(address)
        ask(page, "what was said about Huawei suppliers")
        page.get_by_role("button", name="Save").wait_for(timeout=PATIENCE)
        assert "transcript's own words" in page.locator(".or-reason").text_content()
        assert page.locator(".or-sentence").count() == page.locator(".or-verbatim").count() > 0
        sidebar = page.get_by_test_id("stSidebar")
        sidebar.get_by_text("Answers are quotes only").wait_for()
        page.locator(".or-chip").first.click()
        assert page.locator(".or-said").first.text_content() == marked(page)
