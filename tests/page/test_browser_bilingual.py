"""A record of two languages in real Chromium: the other language of an exchange, and the filter."""

from __future__ import annotations

import re

import pytest
from bilingual_pages import write_bilingual

from fakes import FakeEncoder

from .conftest import SCRIPTED
from .served import served
from .test_browser_scripted import answered, axe, marked, opened

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def bilingual(scripted_settings, tmp_path_factory):
    """Address of the page over one conference in two languages."""
    from rag.indexing.build import build

    folder = tmp_path_factory.mktemp("bilingual")
    corpus = write_bilingual(folder / "corpus")
    settings = scripted_settings.model_copy(update={"index": folder / "index", "corpus": corpus})
    build(settings, FakeEncoder())
    with served(settings, folder / "log", SCRIPTED) as address:
        yield address


def test_the_panel_offers_the_other_language_where_it_is_sure(bilingual, reader):
    page = reader()
    page.goto(bilingual)
    answered(page)
    panel = page.get_by_role("complementary", name="Source")
    page.locator(".or-chip").filter(has_text="[").first.wait_for()
    chips = page.locator(".or-chip")
    offered, places = {}, {}
    for number in range(chips.count()):
        chips.nth(number).click()
        words = marked(page)
        places[words] = number
        offered[words] = panel.get_by_role("button", name=re.compile("^In ")).all_text_contents()
    assert offered["有关部门正在商量。"] == []
    ask = next(words for words in offered if "使馆" in words)
    assert offered[ask] == ["In English"]

    chips.nth(places[ask]).click()
    here = opened(page)
    panel.get_by_role("button", name="In English").click()
    page.wait_for_function("() => document.querySelector('.or-panel mark')?.textContent.includes('5 are missing')")
    assert opened(page) != here
    assert panel.get_by_role("heading", name="Answer — Lu Kang").is_visible()
    assert axe(page) == []
    panel.get_by_role("button", name="In Chinese").click()
    page.wait_for_function("() => document.querySelector('.or-panel mark')?.textContent.includes('使馆')")
    assert panel.get_by_role("heading", name="Answer — 陆慷").is_visible()


def test_the_side_bar_filters_by_language(bilingual, reader):
    page = reader()
    page.goto(f"{bilingual}?language=Chinese")
    answered(page)
    assert page.get_by_text("only transcripts in Chinese").first.is_visible()
