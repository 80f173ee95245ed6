"""Adding to the record in real Chromium: real ingest and index, a fake encoder."""

from __future__ import annotations

import pytest

from .conftest import SCRIPTED
from .served import served
from .test_adding import TEXT
from .test_browser_scripted import answered, axe, marked

pytestmark = pytest.mark.browser
HOSTILE_NAME = "<img src=x onerror=window.hacked=1> **b** :red[x].txt"


@pytest.fixture
def empty(scripted_settings, tmp_path):
    """Settings of a page with no index yet."""
    folder = tmp_path / "new"
    folder.mkdir()
    return scripted_settings.model_copy(update={"index": folder / "index", "corpus": folder / "corpus"})


def file(name, topic):
    return {"name": name, "mimeType": "text/plain", "buffer": TEXT.format(topic=topic).encode()}


def tab_to(page, name):
    """Go on with the Tab key to the button of this name."""
    for _ in range(60):
        if page.evaluate('() => document.activeElement.innerText ?? ""').strip().endswith(name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached by Tab")


def test_a_record_is_begun_from_the_page_by_keyboard_alone(empty, tmp_path, reader):
    page, other = reader(), reader()
    with served(empty, tmp_path / "log", SCRIPTED) as address:
        page.goto(address)
        page.get_by_text("there is no index").wait_for()
        page.get_by_role("heading", name="Add to the record").wait_for()
        assert axe(page) == []
        tab_to(page, "Upload")
        # Enter opens the system's own dialog, of which a browser without a screen sometimes shows none.
        page.locator("input[type=file]").set_input_files(
            [file(HOSTILE_NAME, "ferries"), file("blank.txt", "x") | {"buffer": b" "}]
        )
        page.get_by_role("button", name="Add these files").and_(page.locator(":enabled")).wait_for()
        tab_to(page, "Add these files")
        page.keyboard.press("Enter")
        # The index is there: the screen becomes the chat by itself.
        page.get_by_test_id("stChatInputTextArea").wait_for()
        page.get_by_text("1 indexed, 0 unchanged, 1 skipped. The list is under Add.").wait_for()
        answered(page)
        page.locator(".or-chip").first.click()
        assert marked(page)

        other.goto(f"{address}/add")
        other.get_by_role("heading", name="1 indexed, 0 unchanged, 1 skipped").wait_for()
        other.get_by_text("skipped blank.txt: ").wait_for()
        other.get_by_text("1 transcript added or unchanged").click()
        other.get_by_text(f"indexed {HOSTILE_NAME}").wait_for()
        assert other.evaluate("window.hacked") is None
        assert axe(other) == []


def test_every_reader_sees_the_same_job_and_the_chat_goes_on(empty, tmp_path, reader):
    page, other = reader(), reader(color_scheme="dark")
    with served(empty, tmp_path / "log", SCRIPTED) as address:
        page.goto(f"{address}/add")
        field = page.locator("input[type=file]")
        field.set_input_files([file("ferries.txt", "ferries")])
        page.get_by_role("button", name="Add these files").click()
        page.get_by_role("heading", name="1 indexed").wait_for()
        page.locator("input[type=file]").set_input_files([file("held.txt", "WAIT HERE")])
        page.get_by_role("button", name="Add these files").click()
        page.get_by_role("progressbar").wait_for()

        other.goto(f"{address}/add")
        other.get_by_role("progressbar").wait_for()
        assert other.get_by_role("button", name="Fetch what is new").is_disabled()
        assert axe(other) == []
        other.get_by_role("link", name="Ask").first.click()
        other.get_by_test_id("stSidebar").get_by_text("Adding transcripts.").wait_for()
        answered(other)
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("heading", name="Cancelled").wait_for()
        page.get_by_text("not reached held.txt").wait_for()
        other.get_by_test_id("stSidebar").get_by_text("Cancelled: nothing was added").wait_for()


def test_where_adding_is_not_allowed_the_page_does_not_offer_it(empty, tmp_path, reader):
    page = reader()
    with served(empty.model_copy(update={"page_adds": False}), tmp_path / "log", SCRIPTED) as address:
        page.goto(address)
        page.get_by_text("there is no index").wait_for()
        assert page.get_by_role("link", name="Add").count() == 0
        assert page.locator("input[type=file]").count() == 0
