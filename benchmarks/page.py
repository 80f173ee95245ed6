"""How fast the page is in a real browser: the first screen, and opening a citation.

    python benchmarks/page.py [--chromium /usr/bin/chromium] [--question "what was said about Huawei suppliers"]

Uses the index and the models that the settings name. Needs the `dev` extras and a Chromium.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from page.served import CHROMIUM_OPTIONS, served

from rag.config import load_settings

PATIENCE = 600_000
"""Milliseconds that a model may take."""
OPENED = """place => document.querySelector(".or-panel mark")
    && new URLSearchParams(location.search).get("open") === place"""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--chromium", default="/usr/bin/chromium")
    options.add_argument("--question", default="what was said about Huawei suppliers")
    chosen = options.parse_args()
    log = Path(tempfile.mkdtemp()) / "page.log"
    with served(load_settings(), log) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chosen.chromium, args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        began = time.perf_counter()
        page.goto(address)
        page.get_by_test_id("stChatInputTextArea").wait_for(timeout=PATIENCE)
        print(f"first screen usable after {time.perf_counter() - began:.2f} s (server just up)")
        seconds = _clicks(page, chosen.question)
        print(f"opening a citation: median {statistics.median(seconds):.3f} s, slowest {max(seconds):.3f} s", end="")
        print(f" ({len(seconds)} clicks)")
        browser.close()


def _clicks(page: Page, question: str) -> list[float]:
    field = page.get_by_test_id("stChatInputTextArea")
    field.fill(question)
    field.press("Enter")
    page.get_by_role("button", name="Save").wait_for(timeout=PATIENCE)
    seconds = []
    for chip in page.locator(".or-chip").all():
        place = chip.get_attribute("data-place")
        began = time.perf_counter()
        chip.click()
        page.wait_for_function(OPENED, arg=place)
        seconds.append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    main()
