"""Highlights in text of all scripts, in real Chromium: whatever a character takes, the words marked are those cited."""

from __future__ import annotations

import pytest

from fakes import FakeEncoder
from rag.indexing.build import build

from .conftest import SCRIPTED
from .served import served
from .test_browser_scripted import answered, marked

pytestmark = pytest.mark.browser

SAID = (
    "The family \U0001f468\U0001f3fd and the flag \U0001f1e8\U0001f1f3 were seen \U0001f600. The "
    "name is written \U00020bb7\U0002a6d6 in old books.",
    "\u0646\u062d\u0646 \u0646\u0639\u0627\u0631\u0636 \u0647\u0630\u0627 \u0627\u0644\u0642\u0631\u0627\u0631. "
    "\u0633\u0646\u0648\u0627\u0635\u0644 \u0627\u0644\u062d\u0648\u0627\u0631 \u0645\u0639 5G \u0648 Huawei.",
    "\u4e2d\u65b9\u575a\u51b3\u53cd\u5bf9\u3002\u6211\u4eec\u5c06\u7ee7\u7eed\u5bf9\u8bdd\U0001f91d\uff01",
    "Cafe\u0301 talks go on, e\u0301t\u00e9 too. The last word is na\u00efve.",
)


def test_a_highlight_is_the_quote_in_every_script(scripted_settings, tmp_path, reader):
    settings = scripted_settings.model_copy(update={"index": tmp_path / "index", "corpus": tmp_path / "corpus"})
    settings.corpus.mkdir()
    parts = "\n\n".join(f"Reuters: What of matter {n}?\n\nLu Kang: {said}" for n, said in enumerate(SAID))
    head = "Title: Regular Press Conference on May 23, 2019\nDate: 2019-05-23\nSpeaker: Lu Kang\n"
    (settings.corpus / "2019-05-23.txt").write_text(f"{head}\n{parts}\n", encoding="utf-8")
    build(settings, FakeEncoder())
    page = reader()
    with served(settings, tmp_path / "log", SCRIPTED) as address:
        page.goto(address)
        answered(page)
        seen = []
        for chip in page.locator(".or-chip").all():
            chip.click()
            seen.append(marked(page))
            assert seen[-1] == page.evaluate("onrecord.passages.get(onrecord.open).quote")
            # The right-to-left answer is laid out as one.
            direction = page.locator(".or-target .or-spokesperson .or-text").evaluate(
                "e => getComputedStyle(e).direction"
            )
            assert direction == ("rtl" if SAID[1][0] in seen[-1] else "ltr")
        assert "".join("".join(seen).split()) == "".join("".join(SAID).split())
        page.reload()
        page.locator(".or-panel mark").wait_for()
        assert marked(page) == seen[-1]
