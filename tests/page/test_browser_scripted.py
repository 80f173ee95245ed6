"""The page in real Chromium: what a reader does and sees. Answers are scripted; index, server and browser are real."""

from __future__ import annotations

import contextlib
import io
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from rag.page.conversations import Conversations, file_beside

from .conftest import SCRIPTED
from .scripted_texts import HOSTILE_REPLY
from .served import REPOSITORY, served

pytestmark = pytest.mark.browser


def ask(page, question):
    """Ask and wait for the question to stand on the screen.

    On a machine that does much else, Streamlit may take the field away and put it up again between the two: then it
    stands empty, and a reader would type again.
    """
    from playwright.sync_api import TimeoutError as NotSeen

    field = page.get_by_test_id("stChatInputTextArea")
    asked = page.get_by_role("heading", name=question, exact=True).last
    for _ in range(3):
        field.fill(question)
        field.press("Enter")
        with contextlib.suppress(NotSeen):
            asked.wait_for(timeout=30_000)
            return
        assert not field.input_value()
    shown = page.locator("body").inner_text()[:2000]
    raise AssertionError(f"the question was not taken: {question}\nThe page shows:\n{shown}")


def answered(page, question="What was said?", **patience):
    """Ask and wait for the finished answer."""
    ask(page, question)
    finished(page, **patience)


def finished(page, **patience):
    """Wait until the newest answer is finished: those before it have a button to save them already."""
    turn_id = page.locator(".or-turn").last.locator(".or-tip").get_attribute("id").removeprefix("or-tip-")
    page.locator(f".st-key-after-{turn_id}").get_by_role("button", name="Save").wait_for(**patience)


def status(page):
    return page.locator(".or-status").last.text_content()


def marked(page):
    """The highlighted words, once they are those of the place that the address names."""
    page.wait_for_function("() => onrecord.open && new URLSearchParams(location.search).get('open') === onrecord.open")
    return page.locator(".or-panel mark").text_content()


def in_view(page):
    return page.evaluate(
        """() => { const mark = document.querySelector('.or-panel mark').getBoundingClientRect();
        const body = document.querySelector('.or-panel-body').getBoundingClientRect();
        return mark.top >= body.top && mark.top < body.bottom; }"""
    )


def opened(page):
    return parse_qs(urlsplit(page.evaluate("location.href")).query).get("open", [None])[0]


def axe(page):
    """Serious and critical findings of axe-core."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        (finding["id"], [node["html"][:150] for node in finding["nodes"]])
        for finding in found
        if finding["impact"] in ("serious", "critical")
    ]


def test_an_answer_streams_and_every_citation_opens_its_exact_words(scripted, reader):
    page = reader()
    page.goto(scripted)
    ask(page, "What was said slowly? slow")
    page.locator(".or-sentence").first.wait_for()
    assert page.get_by_role("button", name="Stop").is_visible()
    first = page.locator(".or-sentence").first.text_content()
    top = page.locator(".or-sentence").first.bounding_box()["y"]
    page.get_by_role("button", name="Save").wait_for()
    assert page.locator(".or-sentence").first.text_content() == first
    assert page.locator(".or-sentence").first.bounding_box()["y"] == top
    assert re.fullmatch(r"\d sentences from 2 conferences, 23 May 2019 – 3 June 2019", status(page))

    for sentence in page.locator(".or-sentence").all():
        assert re.search(r"\[\d+\]$", sentence.text_content())
    chips = page.locator(".or-chip")
    assert chips.count() == page.locator(".or-sentence").count() > 3
    for number, chip in enumerate(chips.all(), start=1):
        chip.hover()
        quote = page.locator(".or-tip:visible .or-tip-quote").text_content().strip("“”")
        chip.click()
        assert marked(page) == quote
        assert in_view(page)
        assert opened(page) == chip.get_attribute("data-place")
        assert page.locator(".or-steps").text_content() == f"{number} of {chips.count()}"
    assert page.locator(".or-sentence").count() == chips.count()


def test_the_panel_shows_the_whole_exchange_and_one_click_more_the_conference(scripted, reader):
    page = reader()
    page.goto(scripted)
    answered(page)
    page.locator(".or-chip", has_text="[2]").click()
    quote = marked(page)
    panel = page.get_by_role("complementary", name="Source")
    assert panel.get_by_role("heading", name="Reporter’s question — Reuters").is_visible()
    assert panel.get_by_role("heading", name="Answer — Lu Kang").is_visible()
    assert "23 May 2019" in panel.locator(".or-panel-meta").text_content()
    original = panel.get_by_role("link", name="Open the original")
    assert original.get_attribute("href") == "https://www.example.org/t1666065.shtml"
    assert panel.locator("section").count() == 1

    panel.get_by_role("button", name="Show the whole conference (2 exchanges)").click()
    panel.get_by_text("Contents: 2 exchanges").wait_for()
    assert panel.locator("section").count() == 2
    assert marked(page) == quote
    assert in_view(page)
    panel.get_by_role("button", name="Show this exchange only").click()
    assert panel.locator("section").count() == 1

    panel.get_by_role("button", name="Next", exact=True).click()
    assert panel.locator(".or-steps").text_content().startswith("3 of")
    panel.get_by_role("button", name="Close").click()
    assert panel.is_hidden()
    assert opened(page) is None


def test_a_copied_address_opens_the_same_words_in_another_browser(scripted, reader):
    page = reader()
    page.goto(scripted)
    answered(page)
    page.locator(".or-chip", has_text="[3]").click()
    quote = marked(page)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Link copied").wait_for()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == page.evaluate("location.href")

    other = reader()
    other.goto(address)
    other.locator(".or-panel mark").wait_for()
    assert marked(other) == quote
    assert in_view(other)
    other.get_by_role("heading", name="What was said?").wait_for()
    other.wait_for_function("() => document.querySelector('.or-steps')?.textContent.startsWith('3 of')")
    other.keyboard.press("Escape")
    other.locator(".or-panel").wait_for(state="hidden")


def test_a_turn_whose_identifier_holds_two_underscores_is_drawn(scripted, scripted_settings, reader, turn):
    """Earlier versions made such identifiers, and Streamlit refuses them in a component's key."""
    kept = Conversations(file_beside(scripted_settings.index))
    kept.begin(turn.model_copy(update={"id": "a__b_", "conversation": "a__b_a__b_a__b_a"}), "somebody")
    page = reader()
    page.goto(f"{scripted}/?c=a__b_a__b_a__b_a")
    page.get_by_role("heading", name=turn.question, exact=True).wait_for()
    page.locator(".or-sentence").wait_for()
    page.locator(".st-key-after-a__b_").get_by_role("button", name="Save").wait_for()


def test_an_address_that_points_astray_says_so_and_highlights_nothing(scripted, reader):
    page = reader()
    page.goto(scripted)
    answered(page)
    transcript = page.locator(".or-chip").first.get_attribute("data-place").rsplit(":", 1)[0]
    for place, words in (
        (f"{transcript}:0-9", "does not point at the words of one answer"),
        ("t0-00000000:1-2", "not in the index"),
    ):
        other = reader()
        other.goto(f"{scripted}/?open={place}")
        other.get_by_text(words).wait_for()
        assert other.locator(".or-panel mark").count() == 0


def test_readers_do_not_see_each_others_conversations_but_a_reload_keeps_them(scripted, reader):
    one, two = reader(), reader()
    for page, question in ((one, "What did one ask?"), (two, "What did two ask?")):
        page.goto(scripted)
        answered(page, question)
    names = [page.get_by_role("list", name="Conversations").text_content() for page in (one, two)]
    assert ("one" in names[0], "two" in names[0]) == (True, False)
    assert ("one" in names[1], "two" in names[1]) == (False, True)

    one.goto(scripted)
    one.get_by_role("list", name="Conversations").get_by_role("button").click()
    one.get_by_role("heading", name="What did one ask?").wait_for()

    one.wait_for_url(re.compile("c="))
    two.goto(one.evaluate("location.href"))
    two.get_by_role("heading", name="What did one ask?").wait_for()
    answered(two, "And then?")
    one.reload()
    one.get_by_role("heading", name="What did one ask?").wait_for()
    assert one.get_by_role("heading", name="And then?").count() == 0


def test_markup_is_shown_as_text_wherever_it_comes_from(scripted, reader):
    page = reader()
    page.goto(scripted)
    question = "<img src=x onerror=\"window.hacked='asked'\"> **bold** [link](javascript:alert(1)) :red[x] nothing"
    ask(page, question)
    page.get_by_text("Nothing on record").wait_for()
    assert page.locator(".or-list").text_content().count("<script>") == 1
    assert question[:60] in page.get_by_role("list", name="Conversations").text_content()
    page.locator(".or-list button").first.click()
    page.locator(".or-turn").nth(1).wait_for()
    finished(page)

    assert page.locator(".or-said").first.text_content() == HOSTILE_REPLY
    page.locator(".or-chip").last.click()
    assert marked(page)
    page.get_by_role("button", name=re.compile("whole conference")).click()
    page.get_by_text("Contents: 2 exchanges").wait_for()
    panel = page.locator(".or-panel").text_content()
    for text in (
        "<b>Regular</b>",
        "**true**",
        "<script>window",
        "<img src=x",
        "[a second paragraph](javascript:alert(1))",
    ):
        assert text in panel
    assert "Understood <i>so</i>." in page.locator(".or-foot").last.text_content()
    page.goto(f"{scripted}/browse?month=May+2019")
    page.get_by_role("list", name="Conferences").get_by_text("<b>Regular</b>").wait_for()
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img, aside img, main script, aside script, main b, aside b").count() == 0


def test_an_original_that_is_no_web_address_is_no_link(scripted, reader):
    page = reader()
    page.goto(f"{scripted}/browse")
    page.get_by_role("list", name="Conferences").get_by_text("Geng Shuang's").click()
    page.get_by_text("Our position is consistent").wait_for()
    assert page.get_by_role("link", name="Open the original").count() == 0


def test_stop_keeps_the_sentences_that_are_written(scripted, reader):
    page = reader()
    page.goto(scripted)
    ask(page, "Will you hang?")
    page.locator(".or-sentence").first.wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.").wait_for()
    assert page.locator(".or-sentence").count() == 1
    assert page.get_by_role("button", name="Stop").count() == 0
    page.locator(".or-chip").click()
    assert marked(page)


def test_an_error_is_told_in_plain_words(scripted, reader):
    page = reader()
    page.goto(scripted)
    ask(page, "Will you fail?")
    page.get_by_text("the model said <b>no</b>").wait_for()
    page.get_by_role("button", name="Ask again").wait_for()
    page.get_by_test_id("stChatInputTextArea").fill("   ")
    page.get_by_test_id("stChatInputTextArea").press("Enter")
    assert page.get_by_role("heading", level=2).count() == 1


def test_a_server_that_was_restarted_says_what_was_lost(scripted_settings, tmp_path, reader):
    page = reader()
    with served(scripted_settings, tmp_path / "log", SCRIPTED) as address:
        page.goto(address)
        ask(page, "Will you hang?")
        page.locator(".or-sentence").first.wait_for()
        conversation = page.evaluate("location.href")
    with served(scripted_settings, tmp_path / "log", SCRIPTED, int(urlsplit(address).port)):
        page.goto(conversation)
        page.get_by_text("The server was restarted").wait_for()
        assert page.locator(".or-sentence").count() == 1


def test_everything_works_by_keyboard(scripted, reader):
    page = reader()
    page.goto(scripted)
    page.get_by_test_id("stChatInputTextArea").focus()
    page.keyboard.type("What was said?")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save").wait_for()

    def tab_to(selector, key="Tab"):
        for _ in range(60):
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            page.keyboard.press(key)
        raise AssertionError(f"{selector} cannot be reached by {key}")

    tab_to(".or-chip", "Shift+Tab")
    chip = page.evaluate("document.activeElement.dataset.place")
    assert page.locator(".or-tip:visible").count() == 1
    page.keyboard.press("Enter")
    assert marked(page)
    assert page.evaluate("document.activeElement.className") == "or-panel-title"
    tab_to(".or-panel-body")
    tab_to(".or-whole")
    page.keyboard.press("Enter")
    page.locator(".or-contents summary").wait_for()
    shown = opened(page)
    tab_to('[data-step="Previous"]', "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("shown => new URLSearchParams(location.search).get('open') !== shown", arg=shown)
    assert marked(page)
    assert page.evaluate("document.activeElement.dataset.step") == "Previous"
    tab_to('[data-step="Next"]')
    page.keyboard.press("Enter")
    page.wait_for_function("shown => new URLSearchParams(location.search).get('open') === shown", arg=shown)
    page.keyboard.press("Escape")
    assert page.locator(".or-panel").is_hidden()
    assert page.evaluate("document.activeElement.dataset.place") == chip

    tab_to('[aria-label*="Spokesperson"]', "Shift+Tab")
    page.keyboard.type("Geng")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("speaker=Geng"))
    page.get_by_test_id("stChatInputTextArea").focus()
    page.keyboard.type("And he?")
    page.keyboard.press("Enter")
    page.locator(".or-facts", has_text="only Geng Shuang").wait_for()

    tab_to('[data-testid="stSidebar"] [data-testid="stButton"] button', "Shift+Tab")
    page.keyboard.press("Enter")
    page.get_by_role("list", name="Example questions").wait_for()
    tab_to(".or-choices-list button")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="And he?").wait_for()
    tab_to('[data-testid="stSidebar"] [data-testid="stPopoverButton"]')
    page.keyboard.press("Enter")
    tab_to('[aria-label="Title"]')
    page.keyboard.type("By hand")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Rename", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("list", name="Conversations").get_by_text("By hand").wait_for()


def test_filters_limit_the_search_and_stand_in_the_address(scripted, reader):
    page = reader()
    page.goto(f"{scripted}/?speaker=Lu+Kang&from=2019-05-01")
    answered(page)
    facts = page.locator(".or-facts").text_content()
    assert "only Lu Kang" in facts
    assert "only since 1 May 2019" in facts
    page.get_by_role("link", name="Browse").first.click()
    page.get_by_role("list", name="Conferences").wait_for()
    page.get_by_role("list", name="Conversations").get_by_role("button").first.click()
    page.get_by_role("heading", name="What was said?").wait_for()
    page.wait_for_url(re.compile(r"c=.*speaker=Lu\+Kang|speaker=Lu\+Kang.*c="))
    assert "from=2019-05-01" in page.url


def test_citations_are_copied_in_every_form(scripted, reader):
    page = reader()
    page.goto(scripted)
    answered(page)
    page.locator(".or-chip").nth(1).click()
    quote = marked(page)
    copied = {}
    for form in ("Citation", "Quote with citation", "Markdown", "BibTeX", "RIS", "CSL-JSON"):
        page.locator(".or-menu summary").click()
        page.locator(".or-menu-list").get_by_role("button", name=form, exact=True).click()
        page.get_by_text(f"{form} copied").wait_for()
        copied[form] = page.evaluate("navigator.clipboard.readText()").replace("\r\n", "\n")
    for button, form in (("Copy citation", "Citation"), ("Copy quote", "Quote with citation")):
        page.evaluate("navigator.clipboard.writeText('')")
        page.get_by_role("button", name=button, exact=True).click()
        page.get_by_text(f"{form} copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()").replace("\r\n", "\n") == copied[form]
    assert copied["Citation"].startswith("Lu Kang, ")
    assert copied["Citation"].endswith("23 May 2019, https://www.example.org/t1666065.shtml")
    assert copied["Quote with citation"] == f"“{quote}”\n— {copied['Citation']}"
    assert copied["BibTeX"].startswith("@misc{")
    assert copied["RIS"].startswith("TY  - GEN")
    assert json.loads(copied["CSL-JSON"])[0]["author"] == [{"literal": "Lu Kang"}]


def test_an_answer_is_saved_as_a_file(scripted, reader):
    from docx import Document

    page = reader()
    page.goto(scripted)
    answered(page)
    page.get_by_role("button", name="Save").click()
    files = {}
    for label in ("Markdown", "Word", "JSON"):
        with page.expect_download() as download:
            page.get_by_role("button", name=label, exact=True).click()
        files[label] = download.value.path().read_bytes()
        assert download.value.suggested_filename.startswith("what-was-said.")
    answer = json.loads(files["JSON"])["answer"]
    quotes = [citation["quote"] for citation in answer["citations"]]
    assert len(quotes) > 3
    assert files["Markdown"].decode().count("> “") == len(quotes)
    words = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(files["Word"])).paragraphs)
    assert all(quote in words for quote in quotes)


def test_a_conversation_is_renamed_and_deleted(scripted, reader):
    from playwright.sync_api import expect

    page = reader()
    page.goto(scripted)
    answered(page)
    page.get_by_role("button", name="Rename or delete").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("What was said?", timeout=60_000)
    page.get_by_label("Title", exact=True).fill("<b>Talks</b> *today*")
    page.get_by_role("button", name="Rename", exact=True).click()
    page.get_by_role("list", name="Conversations").get_by_text("<b>Talks</b> *today*").wait_for()
    if not page.get_by_role("button", name="Delete this conversation").is_visible():
        page.get_by_role("button", name="Rename or delete").click()
    page.get_by_role("button", name="Delete this conversation").click()
    page.get_by_role("list", name="Example questions").wait_for()
    assert page.get_by_role("list", name="Conversations").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_has_a_serious_barrier(scripted, reader, scheme):
    page = reader(color_scheme=scheme)
    page.goto(scripted)
    page.get_by_role("list", name="Example questions").wait_for()
    page.get_by_role("list", name="Conferences by month").wait_for()
    assert axe(page) == []
    answered(page)
    page.locator(".or-found summary").last.click()
    page.locator(".or-chip").nth(1).click()
    marked(page)
    assert axe(page) == []
    ask(page, "What of nothing?")
    page.get_by_text("Nothing on record").wait_for()
    page.get_by_role("link", name="Browse").first.click()
    page.get_by_role("list", name="Conferences").get_by_role("button").first.click()
    page.get_by_text("Contents:").wait_for()
    assert axe(page) == []


@pytest.mark.parametrize("width", [390, 1024])
def test_nothing_is_wider_than_a_narrow_screen(scripted, reader, width):
    page = reader(viewport={"width": width, "height": 844})
    page.goto(scripted)
    answered(page)
    page.locator(".or-chip").nth(1).click()
    assert marked(page)
    assert in_view(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Close").click()
    assert page.get_by_test_id("stChatInputTextArea").is_visible()


def test_on_a_telephone_what_is_chosen_in_the_side_bar_is_not_left_hidden_behind_it(scripted, reader):
    page = reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(scripted)
    answered(page)

    def tap(chosen):
        page.get_by_test_id("stExpandSidebarButton").tap()
        chosen.tap()
        page.get_by_test_id("stExpandSidebarButton").wait_for()

    side = page.get_by_test_id("stSidebar")
    tap(side.get_by_role("link", name="Browse"))
    page.get_by_role("list", name="Conferences").get_by_role("button").first.tap()
    page.get_by_role("button", name="Close").tap()
    tap(side.get_by_role("list", name="Conversations").get_by_role("button").first)
    page.get_by_role("heading", name="What was said?").wait_for()
    tap(side.get_by_role("button", name="New conversation"))
    page.get_by_role("list", name="Example questions").get_by_role("button").first.tap()
    page.locator(".or-chip").first.wait_for()


def test_without_an_index_the_page_says_what_to_do(scripted_settings, tmp_path, reader):
    nowhere = scripted_settings.model_copy(update={"index": tmp_path / "none" / "index"})
    page = reader()
    with served(nowhere, tmp_path / "log", REPOSITORY / "app.py") as address:
        page.goto(address)
        page.get_by_text("onrecord build").wait_for()
        assert axe(page) == []
