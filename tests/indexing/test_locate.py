"""Links into a text that was replaced: to the same words where they stand, else to the text they were made for."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_corpus import page, write_pages
from typer.testing import CliRunner

from fakes import FakeEncoder
from rag.cli import app
from rag.config import Settings
from rag.indexing.build import build
from rag.indexing.locate import locate
from rag.indexing.store import Index, open_index
from rag.types import AnswerSpan, Transcript

ENCODER = FakeEncoder()
OPENING = "Reuters: What happened first?\n\nA: The lighthouse was repaired, and more is to be said about it.\n\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(index=tmp_path / "index", corpus=tmp_path / "corpus")
    write_pages(settings.corpus, range(3))
    build(settings, ENCODER)
    return settings


def correct(settings: Settings, text: str) -> None:
    (settings.corpus / "t1000001.txt").write_text(text, encoding="utf-8")
    build(settings, ENCODER)


def the_page(settings: Settings) -> tuple[Transcript, list[AnswerSpan]]:
    with open_index(settings, ENCODER) as index:
        (source,) = index.named("t1000001")
        transcript = index.transcript(source.transcript)
        return transcript, [span for exchange in transcript.exchanges for span in index.spans_of(exchange.id)]


def follow(index: Index, span: AnswerSpan) -> tuple[str, bool, bool]:
    """(words shown, whether it is the earlier version, whether the reader is told)."""
    found = locate(index, span.transcript, span.start, span.end)
    return found.transcript.text[found.start : found.end], found.is_earlier, bool(found.note)


def longer(text: str) -> str:
    head, _, rest = text.partition("\n\n")
    return f"{head}\n\n{OPENING}{rest}"


def test_words_that_still_stand_are_found_at_their_new_place(settings: Settings) -> None:
    old, spans = the_page(settings)
    correct(settings, longer(page(1)))
    new, _ = the_page(settings)
    with open_index(settings, ENCODER) as index:
        for span in spans:
            found = locate(index, span.transcript, span.start, span.end)
            assert found.transcript == new
            assert found.start != span.start
            assert new.text[found.start : found.end] == span.text
            assert "still stand" in (found.note or "")
        assert locate(index, old.id).transcript == new


def test_words_that_do_not_stand_any_more_are_shown_as_superseded(settings: Settings) -> None:
    _, spans = the_page(settings)
    correct(settings, page(1).replace(spans[0].text, spans[0].text[::-1]))
    with open_index(settings, ENCODER) as index:
        assert follow(index, spans[0]) == (spans[0].text, True, True)
        assert "replaced on" in (locate(index, spans[0].transcript, spans[0].start, spans[0].end).note or "")
        assert follow(index, spans[1]) == (spans[1].text, False, True)


def test_other_words_at_the_very_offsets_are_never_taken_for_those_of_the_link(settings: Settings) -> None:
    old, before = the_page(settings)
    year = next(span for span in before if "China" in span.text)
    correct(settings, page(1).replace(year.text, year.text.replace("China", "Chile")))
    new, after = the_page(settings)
    changed = next(span for span in after if "Chile" in span.text)
    assert (changed.start, changed.end) == (year.start, year.end)
    with open_index(settings, ENCODER) as index:
        assert follow(index, year) == (year.text, True, True)
        assert follow(index, changed)[:2] == (changed.text, False)
        assert locate(index, old.id, 0, 10**6).is_earlier
        assert locate(index, new.id).note


def test_words_that_moved_into_a_question_are_not_shown_as_an_answer(settings: Settings) -> None:
    _, spans = the_page(settings)
    said = spans[0].text
    asked = page(1).replace(said, "No comment on that.")
    asked = asked.replace("What is your comment on", f"{said} Your comment on", 1)
    correct(settings, asked)
    assert said in the_page(settings)[0].text
    with open_index(settings, ENCODER) as index:
        assert follow(index, spans[0]) == (said, True, True)


def test_white_space_may_differ(settings: Settings) -> None:
    _, spans = the_page(settings)
    span = max(spans, key=lambda one: len(one.text))
    middle = len(span.text) // 2 + span.text[len(span.text) // 2 :].index(" ")
    correct(settings, page(1).replace(span.text, f"{span.text[:middle]}\n\n{span.text[middle + 1 :]}"))
    with open_index(settings, ENCODER) as index:
        words, is_earlier, told = follow(index, span)
        assert (words.split(), is_earlier, told) == (span.text.split(), False, True)


def test_links_survive_several_corrections(settings: Settings) -> None:
    _, first = the_page(settings)
    correct(settings, longer(page(1)))
    _, second = the_page(settings)
    correct(settings, longer(page(1)).replace(first[0].text, "Nothing to say."))
    with open_index(settings, ENCODER) as index:
        for span in (*first, *second):
            words, is_earlier, _ = follow(index, span)
            assert words == span.text
            assert is_earlier == (span.text == first[0].text)


def test_an_unknown_id_is_unknown(settings: Settings) -> None:
    with open_index(settings, ENCODER) as index, pytest.raises(KeyError):
        locate(index, "t404-00000000", 3, 9)


def test_show_follows_links_and_says_what_was_replaced(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.indexing.store.check", lambda *_: None)

    def shown(*arguments: str) -> str:
        places = ["--index", str(settings.index), "--corpus", str(settings.corpus)]
        result = CliRunner().invoke(app, ["show", *arguments, *places])
        assert result.exit_code == 0, result.output
        return result.output

    old, spans = the_page(settings)
    place = f"{old.id}:{spans[0].start}-{spans[0].end}"
    told = shown(place)
    assert f"“{spans[0].text}”" in told
    assert "case 1-1" not in told
    assert "earlier version" not in told
    correct(settings, page(1).replace(spans[0].text, "Nothing to say."))
    told = shown(place)
    assert "An earlier version, replaced on" in told
    assert f"“{spans[0].text}”" in told
    moved = shown(f"{old.id}:{spans[-1].start}-{spans[-1].end}")
    assert "The words still stand" in moved
    assert f"“{spans[-1].text}”" in moved
    now = shown("t1000001")
    assert "This text replaced an earlier version on" in now
    assert f"onrecord show --earlier {old.id}" in now
    assert spans[0].text not in now
    assert spans[0].text in shown("--earlier", old.id)
