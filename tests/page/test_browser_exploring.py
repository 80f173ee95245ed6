"""Timeline, related questions and position over time on the real page, with the real embedding model, in Chromium."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from history import CHANGED, STANCE, write_history

from rag.config import Settings
from rag.indexing.embedding import Encoder

from .served import served
from .test_browser_scripted import ask, axe, marked, opened

pytestmark = [pytest.mark.browser, pytest.mark.models]
PATIENCE = 240_000
"""Milliseconds: the embedding model is loaded on whatever machine this is."""


@pytest.fixture(scope="module")
def exploring(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[str]:
    """Address of the page over the small history; answers are quotes."""
    from rag.indexing.build import build

    folder = tmp_path_factory.mktemp("exploring")
    settings = Settings(index=folder / "index", corpus=write_history(folder / "corpus"), llm="none", sentences=1)
    build(settings, encoder)
    with served(settings, folder / "page.log") as address:
        yield address


def answered(page, question):
    page.goto(page.address)
    ask(page, question)
    page.get_by_role("button", name="Save").last.wait_for(timeout=PATIENCE)


def settle(page):
    """Wait until Streamlit has redrawn everything: what it is about to redraw is faded."""
    page.wait_for_function("() => !document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')")


@pytest.fixture
def page(exploring, reader):
    opened_page = reader()
    opened_page.set_default_timeout(PATIENCE)
    opened_page.address = exploring
    return opened_page


def test_a_bar_of_the_timeline_asks_again_for_its_month(page, reader):
    answered(page, "What was said about arms sales to Taiwan?")
    chart = page.get_by_role("list", name="How often the topic was addressed")
    assert "Addressed in 4 exchanges of 4 conferences" in page.locator(".or-when summary").first.text_content()
    names = chart.get_by_role("button").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert names == ["January 2019: 1 exchange", "March 2019: 2 exchanges", "July 2019: 1 exchange"]
    settle(page)
    assert axe(page) == []

    chart.get_by_role("button", name="March 2019").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.ariaLabel") == "July 2019: 1 exchange"
    page.keyboard.press("Enter")
    page.locator(".or-turn").nth(1).wait_for()
    page.wait_for_url(re.compile(r"from=2019-07-01&to=2019-07-31"))
    page.get_by_role("button", name="Save").nth(1).wait_for(timeout=PATIENCE)
    facts = page.locator(".or-turn").last.locator(".or-facts").text_content()
    assert "only 1 July 2019 – 31 July 2019" in facts
    said = page.locator(".or-turn").last.locator(".or-said").all_text_contents()
    assert said == [CHANGED]
    pressed = page.locator(".or-bars").last.locator("button[aria-pressed=true]")
    assert pressed.get_attribute("aria-label") == "July 2019: 1 exchange"

    other = reader()
    other.goto(page.evaluate("location.href"))
    other.locator(".or-turn").nth(1).wait_for()
    other.locator(".or-when").nth(1).wait_for()
    assert other.locator(".or-when").nth(1).locator("button[data-bar]").count() == 3


def test_a_related_question_is_answered_when_it_is_clicked(page):
    answered(page, "What was said about elephants in Yunnan?")
    related = page.locator(".or-foot .or-list button")
    related.first.wait_for()
    question = related.first.text_content()
    related.first.click()
    page.get_by_role("heading", name=question, exact=True).wait_for()
    page.get_by_role("button", name="Save").nth(1).wait_for(timeout=PATIENCE)
    assert page.get_by_text("Nothing on record").count() == 0
    assert page.locator(".or-turn").last.locator(".or-sentence").count() > 0


def test_what_was_found_is_sorted_by_date_when_asked(page):
    answered(page, "What was said about arms sales to Taiwan?")
    page.locator(".or-found summary").click()
    page.get_by_role("button", name="Newest first").click()
    labels = page.locator(".or-evidence a").all_text_contents()
    days = [dt.datetime.strptime(label.partition(",")[0], "%d %B %Y").replace(tzinfo=dt.UTC) for label in labels]
    assert len(set(days)) > 1
    assert days == sorted(days, reverse=True)


def test_the_position_shows_each_wording_with_its_days_and_what_changed(page):
    page.goto(f"{page.address}/position?topic=arms+sales+to+Taiwan")
    page.locator(".or-lines").wait_for(timeout=PATIENCE)
    line = page.locator(".or-line", has_text="firmly opposes")
    assert "on 3 occasions, 2 wordings" in line.locator("h3").text_content()
    assert line.locator("del").evaluate_all("all => all.map(one => one.lastChild.data.trim())") == ["firmly opposes"]
    assert line.locator("ins").evaluate_all("all => all.map(one => one.lastChild.data.trim())") == ["strongly deplores"]
    chips = line.locator(".or-chip")
    assert chips.all_text_contents() == [
        "10 January 2019, Lu Kang",
        "12 March 2019, Geng Shuang",
        "9 July 2019, Lu Kang",
    ]
    for chip, words in zip(chips.all(), (STANCE, STANCE, CHANGED), strict=True):
        chip.click()
        page.wait_for_function(
            "place => new URLSearchParams(location.search).get('open') === place", arg=chip.get_attribute("data-place")
        )
        assert words in marked(page)
    assert opened(page) == chips.last.get_attribute("data-place")
    settle(page)
    assert axe(page) == []


def test_any_two_days_of_a_position_are_compared(page, reader):
    page.goto(f"{page.address}/position?topic=arms+sales+to+Taiwan")
    for label, words in (("Compare what was said on", "10 January 2019"), ("with what was said on", "9 July 2019")):
        page.get_by_label(label, exact=True).press_sequentially(words, timeout=PATIENCE)
        page.get_by_role("option", name=words).first.wait_for()
        page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"was=.*now="))
    other = reader()
    other.goto(page.evaluate("location.href"))
    for shown in (page, other):
        compared = shown.get_by_role("region", name="The two compared")
        compared.wait_for()
        for change, words in (("del", "firmly opposes"), ("ins", "strongly deplores")):
            changed = compared.locator(change).evaluate_all("all => all.map(one => one.lastChild.data.trim())")
            assert changed == [words]
    settle(other)
    assert axe(other) == []
    compared.locator(".or-chip").first.click()
    assert STANCE in marked(other)

    # Another topic's statements are others: nothing is compared until it is chosen.
    topic = other.get_by_label("Topic", exact=True)
    topic.fill("elephants in Yunnan")
    topic.press("Enter")
    other.wait_for_url(lambda url: "elephants" in url and "was=" not in url and "now=" not in url)
    other.get_by_role("region", name="The two compared").wait_for(state="detached")


def test_the_position_is_reached_from_an_answer_and_restored_from_its_address(page, reader):
    answered(page, "What was said about arms sales to Taiwan?")
    page.get_by_role("link", name="Position over time").click()
    page.locator(".or-lines").wait_for(timeout=PATIENCE)
    page.wait_for_url(re.compile(r"/position\?.*topic=arms"))
    lines = page.locator(".or-line").all_text_contents()
    other = reader()
    other.goto(page.evaluate("location.href"))
    other.locator(".or-lines").wait_for()
    assert other.locator(".or-line").all_text_contents() == lines
    other.get_by_role("button", name="July 2019: 1 exchange").click()
    other.wait_for_url(re.compile(r"from=2019-07-01"))
    other.locator(".or-line", has_text="firmly opposes").wait_for(state="detached")
    assert other.locator(".or-line", has_text="strongly deplores").count() == 1


def test_markup_in_a_position_is_shown_as_text(page):
    page.goto(f"{page.address}/position?topic=%3Cb%3Eelephants%3C%2Fb%3E+in+Yunnan")
    page.locator(".or-lines").wait_for(timeout=PATIENCE)
    page.locator(".or-line .or-chip").last.click()
    assert marked(page)
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img, aside img, main script, aside script, main b, aside b").count() == 0
