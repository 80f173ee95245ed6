"""The text format that people write by hand, and bare questions and answers."""

import datetime as dt
from pathlib import Path

import pytest
from corpus_pages import noted, read, told

from rag.corpus import iter_inputs, read_transcript
from rag.errors import ReadError

HEADER = """Title: Regular Press Conference on May 23, 2019
Date: 2019-05-23
Speaker: Lu Kang
URL: http://WWW.example.org/a/t1.shtml#top
Institution: A Ministry
Language: en
"""


def text(words: str, header: str = HEADER) -> bytes:
    return f"{header}\n{words}".encode()


def test_header_and_exchanges() -> None:
    transcript = read(
        text(
            "Welcome.\n\nQ: One?\n\nA: Yes.\n\nMore of it.\n\n"
            "Reuters: Two?\n\nLu Kang: No.\n\nFollow-up: Why?\n\nA: So.\n"
        ),
        path="notes/my file.txt",
    )
    assert told(transcript) == [
        ("opening", None, "Welcome."),
        ("exchange", "One?", "Yes.\nMore of it."),
        ("exchange", "Two?", "No."),
        ("exchange", "Why?", "So."),
    ]
    assert [exchange.asked_by for exchange in transcript.exchanges] == [None, None, "Reuters", None]
    assert transcript.exchanges[3].follow_up
    assert (transcript.date, transcript.date_from) == (dt.date(2019, 5, 23), "header")
    assert (transcript.speaker, transcript.institution) == ("Lu Kang", "A Ministry")
    assert transcript.url == "https://www.example.org/a/t1.shtml"
    assert transcript.name == "t1"


def test_bare_questions_and_answers() -> None:
    transcript = read(b"Q: One?\nA: Yes.\nQ: Two?\nA: No.\n", path="bare.txt")
    assert told(transcript) == [("exchange", "One?", "Yes."), ("exchange", "Two?", "No.")]
    assert (transcript.title, transcript.date, transcript.speaker) == ("bare", None, None)
    assert transcript.id.startswith("bare-")


def test_a_question_of_two_paragraphs_and_one_without_an_answers_label() -> None:
    transcript = read(text("Q: A statement.\n\nWhat is your view?\n\nA: None.\n\nQ: And you?\n\nWe think so."))
    assert told(transcript) == [
        ("exchange", "A statement.\nWhat is your view?", "None."),
        ("exchange", "And you?", "We think so."),
    ]


def test_lines_wrapped_by_an_editor_are_joined() -> None:
    wrapped = "Q: Is a long question\nwrapped by the editor?\nA: It is,\nand joined.\n\nA second\nparagraph.\n"
    assert told(read(text(wrapped))) == [
        ("exchange", "Is a long question wrapped by the editor?", "It is, and joined.\nA second paragraph.")
    ]


def test_long_lines_are_paragraphs() -> None:
    long = "It is long. " * 12
    assert told(read(text(f"Q: One?\nA: {long}\nA second line.\n"))) == [
        ("exchange", "One?", f"{long.strip()}\nA second line.")
    ]


def test_chinese_text_with_full_width_labels() -> None:
    transcript = read("标题\n\n问：如何？\n\n答：很好。\n谢谢。\n".encode())
    assert told(transcript) == [("opening", None, "标题"), ("exchange", "如何？", "很好。谢谢。")]
    assert transcript.language == "zh"


def test_remarks_with_a_header_and_no_question() -> None:
    assert told(read(text("We note it.\n\nWe object."))) == [("remarks", None, "We note it.\nWe object.")]


def test_additions_and_notes_as_documented() -> None:
    words = (
        "Q: One?\n\nA: Yes.\n\n***\n\nThe regular press conference will be adjourned on Friday.\n\n"
        "The following question was raised after the press conference: Two?\n\nA: No."
    )
    transcript = read(text(words))
    assert told(transcript) == [("exchange", "One?", "Yes."), ("addition", "Two?", "No.")]
    assert len(noted(transcript)) == 2


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Title: A\nSpekaer: B\n", "Spekaer.*Known keys"),
        ("Title: A\nTitle: B\n", "twice"),
        ("Title: A\nno key here\n", "not understood"),
        ("Title: A\nDate: someday\n", "not a date"),
        ("Title: A\nDate: 2019-02-30\n", "not a date"),
    ],
)
def test_a_wrong_header_is_explained(header: str, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        read(text("Q: One?\n\nA: Yes.", header))


def test_a_header_without_words() -> None:
    with pytest.raises(ReadError, match="no text"):
        read(HEADER.encode())


def test_windows_line_ends_and_byte_order_mark() -> None:
    data = "\ufeff".encode() + text("Q: One?\n\nA: Yes.").replace(b"\n", b"\r\n")
    assert told(read(data)) == [("exchange", "One?", "Yes.")]


def test_the_seed_transcript() -> None:
    corpus = Path(__file__).parents[2] / "corpus"
    (found,) = list(iter_inputs([corpus]))
    assert found.data is not None
    transcript = read_transcript(found.data, found.path)
    assert transcript.id == "t1666065-c5a104aa"
    assert (transcript.date, transcript.speaker, len(transcript.exchanges)) == (dt.date(2019, 5, 23), "Lu Kang", 2)


def test_the_readmes_example_is_read() -> None:
    readme = (Path(__file__).parents[2] / "corpus" / "README.md").read_text(encoding="utf-8")
    example = readme.split("```")[1].strip()
    assert [kind for kind, _, _ in told(read(example.encode()))] == ["opening", "exchange", "exchange"]
