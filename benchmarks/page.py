"""How fast the page is in a real browser, and how still: first screen, opening a citation or a statement of a position,
typing and filtering during an answer, what moves while an answer is written.

    python benchmarks/page.py [--chromium /usr/bin/chromium] [--questions "what was said about …" …]

Uses the index and the models that the settings name. Needs the `dev` extras and a Chromium. Each time is taken in the
browser's eyes: from the act to the changed screen.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from page.served import CHROMIUM_OPTIONS, served

from rag.config import load_settings

PATIENCE = 600_000
"""Milliseconds that a model may take."""
QUESTIONS = ("what was said about Huawei suppliers", "what was said about the South China Sea")
STARTS = 3
STATEMENTS = 15
OPENED = """place => document.querySelector(".or-panel mark")
    && new URLSearchParams(location.search).get("open") === place"""
SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shifted += entry.value; })
    .observe({ type: "layout-shift", buffered: true });"""
"""Sums the browser's layout shift scores (Layout Instability API); Web Vitals calls up to 0.1 good."""
CHANGED = "before => location.search !== before"
TYPED = "words => document.querySelector('[data-testid=stChatInputTextArea]').value === words"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--chromium", default="/usr/bin/chromium")
    options.add_argument("--questions", nargs="+", default=QUESTIONS)
    chosen = options.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chosen.chromium, args=CHROMIUM_OPTIONS)
        times = [_first_screen(browser) for _ in range(STARTS)]
        _say("first screen usable, server just up", times)
        with _page_of_a_server() as address:
            page = _reader(browser)
            page.goto(address)
            _usable(page)
            _say("first screen usable, second reader", [_timed(lambda: _open(browser, address)) for _ in range(STARTS)])
            # Once before it is measured: the models load and the first question waits for them.
            _answer(page, chosen.questions[0])
            for question in chosen.questions:
                _one_question(browser, page, address, question)
            _position(page, address)
        browser.close()


def _one_question(browser: Browser, page: Page, address: str, question: str) -> None:
    other = _reader(browser)
    other.goto(f"{address}/browse")
    other.get_by_test_id("stSidebar").get_by_label("Spokesperson").wait_for()
    page.get_by_role("button", name="New conversation").click()
    page.get_by_role("list", name="Example questions").wait_for()
    page.evaluate("window.shifted = 0")
    began = time.perf_counter()
    _ask(page, question)
    page.locator(".or-found").wait_for(timeout=PATIENCE)
    listed = time.perf_counter() - began
    typing, filtering = [], []
    while page.get_by_role("button", name="Stop").is_visible() and time.perf_counter() - began < 60:
        typing.append(_timed(lambda: _type(page)))
        filtering.append(_timed(lambda: _filter(other)))
    page.get_by_role("button", name="Save").wait_for(timeout=PATIENCE)
    whole = time.perf_counter() - began
    moved = page.evaluate("window.shifted")
    print(f"“{question}”: passages after {listed:.2f} s, whole answer after {whole:.2f} s; layout shift {moved:.3f}")
    _say("  typing one letter while it is answered", typing)
    _say("  another reader filters the conferences meanwhile", filtering)
    page.get_by_test_id("stChatInputTextArea").fill("")
    _say("  opening a citation", list(_clicks(page, page.locator(".or-chip").all())))


def _position(page: Page, address: str) -> None:
    began = time.perf_counter()
    page.goto(f"{address}/position?topic=Taiwan")
    page.locator(".or-lines").wait_for()
    print(f"position over time, from nothing to its statements: {time.perf_counter() - began:.2f} s")
    _say("  opening a statement", list(_clicks(page, page.locator(".or-line .or-chip").all()[:STATEMENTS])))


def _first_screen(browser: Browser) -> float:
    with _page_of_a_server() as address:
        return _timed(lambda: _open(browser, address))


@contextmanager
def _page_of_a_server() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, served(load_settings(), Path(folder) / "page.log") as address:
        yield address


def _reader(browser: Browser) -> Page:
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.add_init_script(SHIFTS)
    page.set_default_timeout(60_000)
    return page


def _open(browser: Browser, address: str) -> None:
    page = _reader(browser)
    page.goto(address)
    _usable(page)


def _usable(page: Page) -> None:
    page.get_by_test_id("stChatInputTextArea").wait_for()
    page.get_by_role("list", name="Example questions").wait_for()


def _answer(page: Page, question: str) -> None:
    _ask(page, question)
    page.get_by_role("button", name="Save").wait_for(timeout=PATIENCE)


def _ask(page: Page, question: str) -> None:
    field = page.get_by_test_id("stChatInputTextArea")
    field.fill(question)
    field.press("Enter")


def _type(page: Page) -> None:
    field = page.get_by_test_id("stChatInputTextArea")
    words = f"{field.input_value()}x"
    field.press("End")
    field.press("x")
    page.wait_for_function(TYPED, arg=words)


def _filter(page: Page) -> None:
    before = page.evaluate("location.search")
    field = page.get_by_test_id("stSidebar").get_by_label("Spokesperson")
    field.click()
    chosen = field.input_value()
    others = [option for option in page.get_by_role("option").all() if option.inner_text() != chosen]
    others[0].click()
    page.wait_for_function(CHANGED, arg=before)


def _clicks(page: Page, chips: list[Locator]) -> Iterator[float]:
    for chip in chips:
        place = chip.get_attribute("data-place")
        chip.scroll_into_view_if_needed()
        began = time.perf_counter()
        chip.click()
        page.wait_for_function(OPENED, arg=place)
        yield time.perf_counter() - began


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _say(what: str, seconds: list[float]) -> None:
    if not seconds:
        print(f"{what}: not measured, the answer was there at once")
        return
    middle = statistics.median(seconds)
    print(f"{what}: median {middle:.3f} s, slowest {max(seconds):.3f} s ({len(seconds)} times)")


if __name__ == "__main__":
    main()
