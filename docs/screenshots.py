"""Makes the README's pictures: starts the page over the index of the settings, asks, opens a source, and looks.

    python docs/screenshots.py [--chromium /usr/bin/chromium] [--question "what was said about Huawei suppliers"]

Needs the `dev` extras, a Chromium, an index and the models. Writes docs/*.png.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from page.served import CHROMIUM_OPTIONS, served

from rag.config import load_settings

PATIENCE = 600_000
"""Milliseconds that a model may take."""
PICTURES = (("wide-light", 1600, 900, "light"), ("middle-dark", 1024, 768, "dark"), ("phone-light", 390, 844, "light"))


def main() -> None:
    """Take the pictures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--chromium", default="/usr/bin/chromium")
    options.add_argument("--question", default="what was said about Huawei suppliers")
    chosen = options.parse_args()
    log = Path(tempfile.mkdtemp()) / "page.log"
    with served(load_settings(), log) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chosen.chromium, args=CHROMIUM_OPTIONS)
        conversation = address
        for name, width, height, scheme in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(conversation)
            if conversation == address:
                _ask(page, chosen.question)
            page.locator(".or-chip").first.wait_for(timeout=PATIENCE)
            page.get_by_text("new sentences wait for it").wait_for(state="detached", timeout=PATIENCE)
            if name != "phone-light":
                page.locator(".or-chip").first.click()
                page.locator(".or-panel mark").wait_for()
                page.mouse.move(0, 0)
            time.sleep(1.5)
            page.screenshot(path=HERE / f"{name}.png")
            conversation = page.evaluate("location.href").split("&open=")[0]
        browser.close()


def _ask(page: Page, question: str) -> None:
    field = page.get_by_test_id("stChatInputTextArea")
    field.fill(question)
    field.press("Enter")
    page.get_by_role("button", name="Save").wait_for(timeout=PATIENCE)


if __name__ == "__main__":
    main()
