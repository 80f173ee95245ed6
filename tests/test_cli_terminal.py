"""How answers and transcripts look in a terminal; what they hold is untrusted."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from rich.console import Console

from rag.indexing.locate import Located
from rag.retrieval.counterparts import Counterpart
from rag.terminal.answers import print_answer, print_located, searched_words
from rag.terminal.console import consoles, plain
from rag.types import Answer, Citation, Exchange, Note, Query, Searched, Sentence, Span, Transcript

NASTY = "the [bold]red[/bold] \x1b[2J\x1b]0;title\x07line :smile: \u202egnp.exe\u2066 [link=http://x]x[/link]\r\x9b31m"


def _consoles(terminal: bool = False) -> tuple[Console, Console, io.StringIO]:
    written = io.StringIO()
    out = Console(
        file=written, force_terminal=terminal, width=60, highlight=False, markup=False, emoji=False, color_system=None
    )
    return out, Console(file=io.StringIO(), stderr=False), written


def _citation(n: int, quote: str, **changes: object) -> Citation:
    values: dict[str, object] = {
        "n": n,
        "quote": quote,
        "transcript": "t1-aaaaaaaa",
        "exchange": "t1-aaaaaaaa.0",
        "start": 0,
        "end": len(quote),
        "title": "Regular press conference",
        "date": dt.date(2019, 5, 3),
        "speaker": "Lu Kang",
        "asked_by": "Reuters",
        "url": "https://example.org/t1.shtml",
    }
    return Citation(**(values | changes))  # type: ignore[arg-type]


def _answer(**values: object) -> Answer:
    base: dict[str, object] = {
        "question": "What?",
        "understood": Query(question="What?", topic="what", notes=("Understood as 2019.",)),
        "searched": Searched(transcripts=2, first=dt.date(2019, 5, 3), last=dt.date(2019, 6, 1)),
    }
    return Answer(**(base | values))  # type: ignore[arg-type]


def _said(count: int, complete: bool) -> Answer:
    return _answer(
        sentences=[Sentence(text=f"He said {n}.", label="supported", citations=(n,)) for n in range(1, count + 1)],
        citations=[_citation(n, f"We say {n}.") for n in range(1, count + 1)],
        complete=complete,
        pending=0 if complete else 1,
    )


def test_sentences_come_once_each_then_the_quotes() -> None:
    out, errors, written = _consoles()
    print_answer([_said(0, False), _said(1, False), _said(2, False), _said(2, True)], out, errors)
    lines = [line.rstrip() for line in written.getvalue().splitlines()]
    assert lines == [
        "Understood as 2019.",
        "He said 1. [1]",
        "He said 2. [2]",
        "",
        "[1] 3 May 2019, Lu Kang, asked by Reuters — Regular press",
        "conference",
        "    “We say 1.”",
        "    https://example.org/t1.shtml",
        "",
        "[2] 3 May 2019, Lu Kang, asked by Reuters — Regular press",
        "conference",
        "    “We say 2.”",
        "    https://example.org/t1.shtml",
    ]


def test_a_quote_is_told_from_a_restated_sentence() -> None:
    out, errors, written = _consoles()
    quote = Sentence(text="We say 1.", label="quote", citations=(1,))
    print_answer([_answer(sentences=[quote], citations=[_citation(1, "We say 1.")], complete=True)], out, errors)
    assert "Lu Kang, 3 May 2019: “We say 1.” [1]" in written.getvalue()


def test_sentences_are_printed_as_they_come() -> None:
    out, errors, written = _consoles()

    def snapshots():
        yield _said(1, False)
        assert "He said 1. [1]" in written.getvalue()
        yield _said(2, True)

    print_answer(snapshots(), out, errors)


def test_refusal_says_what_was_searched_and_what_comes_near() -> None:
    out, errors, written = _consoles()
    refused = _answer(refused=True, reason="Nothing on record bears on this.", nearest=("What of tea?",), complete=True)
    assert print_answer([refused], out, errors).refused
    words = written.getvalue()
    assert "Nothing on record bears on this." in words
    assert "Searched: 2 transcripts, 3 May 2019 to 1 June 2019." in words
    assert "  - What of tea?" in words


def test_unknown_facts_are_left_out() -> None:
    out, errors, written = _consoles()
    answer = _answer(
        sentences=[Sentence(text="S.", label="quote", citations=(1,))],
        citations=[_citation(1, "Q.", date=None, speaker=None, asked_by=None, url=None)],
        complete=True,
    )
    print_answer([answer], out, errors)
    assert "[1] undated — Regular press conference" in written.getvalue()
    assert "None" not in written.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_untrusted_text_is_neither_markup_nor_control(terminal: bool) -> None:
    out, errors, written = _consoles(terminal)
    answer = _answer(
        question=NASTY,
        sentences=[Sentence(text=NASTY, label="supported", citations=(1,))],
        citations=[_citation(1, NASTY, title=NASTY, asked_by=NASTY, speaker=NASTY, url="https://x/" + NASTY)],
        reason=NASTY,
        complete=True,
    )
    print_answer([answer], out, errors)
    shown = written.getvalue()
    assert "[bold]red[/bold]" in shown
    assert ":smile:" in shown
    assert not set(shown) & set("\x1b\x07\x9b\r\u202e\u2066")


def test_plain_keeps_line_breaks_and_all_scripts() -> None:
    assert plain("问：\n“é” \U0001f600 العربية") == "问：\n“é” \U0001f600 العربية"
    assert plain("a\x00b\x08c\td\x7fe\ud800f") == "abc def"


def test_a_pipe_gets_one_line_a_paragraph(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = consoles()
    print_answer([_answer(refused=True, reason="word " * 100, complete=True)], out, out)
    assert capsys.readouterr().out.splitlines()[1] == ("word " * 100)


def test_transcript_tells_the_voices_apart() -> None:
    text = "Reuters:\nWhat of tea?\nA:\nWe like tea.\nStay tuned."
    transcript = Transcript(
        id="t1-aaaaaaaa",
        name="t1",
        title="Press conference",
        date=dt.date(2019, 5, 3),
        speaker="Lu Kang",
        institution="Ministry",
        url=None,
        digest="0" * 64,
        text=text,
        exchanges=(
            Exchange(
                id="t1-aaaaaaaa.0",
                transcript="t1-aaaaaaaa",
                ordinal=0,
                kind="exchange",
                question=Span(start=9, end=21),
                answer=Span(start=25, end=37),
                asked_by="Reuters",
                speaker="Lu Kang",
            ),
        ),
        notes=(Note(start=38, end=49, kind="note"),),
    )
    out, _, written = _consoles()
    other = Counterpart("t2-bbbbbbbb", "t2-bbbbbbbb.0", 3, 9, "zh", 0.9)
    print_located(Located(transcript, None, None), [], {transcript.exchanges[0].id: other}, out)
    assert "In Chinese: onrecord show t2-bbbbbbbb:3-9" in written.getvalue()
    lines = [line.rstrip() for line in written.getvalue().splitlines()]
    assert lines[0] == "Press conference"
    assert [line for line in lines if "tea" in line] == ["Reuters: What of tea?", "Lu Kang: We like tea."]
    assert lines[-1] == "Stay tuned."


@pytest.mark.parametrize(
    ("searched", "words"),
    [
        (Searched(transcripts=0), "Searched: 0 transcripts."),
        (
            Searched(transcripts=1, first=dt.date(2019, 5, 3), last=dt.date(2019, 5, 3)),
            "Searched: 1 transcript of 3 May 2019.",
        ),
        (
            Searched(transcripts=1450, first=dt.date(2016, 1, 1), last=dt.date(2020, 7, 1)),
            "Searched: 1,450 transcripts, 1 January 2016 to 1 July 2020.",
        ),
    ],
)
def test_what_was_searched(searched: Searched, words: str) -> None:
    assert searched_words(searched) == words
