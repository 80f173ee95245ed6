"""Links into a page that was corrected, followed in real Chromium."""

from __future__ import annotations

import pytest

from fakes import FakeEncoder
from rag.config import Settings
from rag.indexing.build import build
from rag.indexing.store import open_index
from rag.page.places import Place

from .conftest import CORPUS, SCRIPTED
from .served import served

pytestmark = pytest.mark.browser


def test_a_link_leads_to_its_words_or_to_the_earlier_version_that_held_them(tmp_path, reader):
    settings = Settings(index=tmp_path / "index", corpus=tmp_path / "corpus", embedding="fake", llm="none")
    settings.corpus.mkdir()
    file = settings.corpus / "2019-05-23.txt"
    file.write_text(CORPUS[file.name], encoding="utf-8")
    build(settings, FakeEncoder())
    with open_index(settings, FakeEncoder()) as index:
        (source,) = index.sources()
        spans = [span for e in index.exchanges_of(source.transcript) for span in index.spans_of(e.id)]
    first, last = ((Place(transcript=s.transcript, start=s.start, end=s.end), s.text) for s in (spans[0], spans[-1]))
    file.write_text(CORPUS[file.name].replace("We noted", "We have seen"), encoding="utf-8")
    build(settings, FakeEncoder())
    with served(settings, tmp_path / "page.log", SCRIPTED) as address:
        page = reader()
        for (place, words), told in ((first, "An earlier version, replaced on"), (last, "The words still stand")):
            page.goto(f"{address}/?open={place}")
            page.locator(".or-panel mark").wait_for()
            assert page.locator(".or-panel mark").text_content() == words
            assert told in page.locator(".or-panel .or-version").text_content()
        page.goto(f"{address}/?open={first[0]}")
        page.get_by_role("button", name="Show the whole conference (2 exchanges)").click()
        page.get_by_text("Contents: 2 exchanges").wait_for()
        assert "We noted" in page.locator(".or-panel-body").text_content()
        page.goto(f"{address}/?open={source.transcript}")
        page.get_by_text("We have seen").first.wait_for()
        assert "This is the text now" in page.locator(".or-panel .or-version").text_content()
        page.get_by_role("button", name="Read the text until").click()
        page.get_by_text("An earlier version, replaced on").wait_for()
        page.get_by_text("We noted").first.wait_for()
        page.get_by_text("Contents: 2 exchanges").wait_for()
        earlier = page.evaluate("location.href")
        other = reader()
        other.goto(earlier)
        other.get_by_text("We noted").first.wait_for()
        assert other.get_by_text("does not point at").count() == 0
        other.get_by_role("button", name="Read the text now on record").click()
        other.get_by_text("We have seen").first.wait_for()
