"""What is no transcript is refused with a reason that a person understands."""

import contextlib

import pytest
from corpus_pages import chinese, english, p, q, read, told

from rag.corpus import read_transcript
from rag.errors import ReadError

PAGE = english(q("Q: What about “quotes”—and dashes…?") + p("A: They’re kept."))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\r\n ", "empty"),
        (b"\x00\x01\x02\x03" * 200, "binary"),
        (b"%PDF-1.7 stuff", "PDF"),
        (b"PK\x03\x04 stuff", "document"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"just some words about nothing", "no exchange"),
        (b"Dear all,\n\nplease find this.\n\nRegards: me", "no exchange"),
        (b"Q: Only a question?", "no exchange"),
        (b"<html><body><p>nothing here</p></body></html>", "no transcript body"),
        (b"<html><body><div class='content'> </div></body></html>", "no transcript body"),
        ("Q: cut short é".encode()[:-1], "cut short"),
        ("Q: garbled? â€™ â€œ â€™ â€œ â€™\nA: yes".encode(), "garbled"),
        (b"Q: \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd?\nA: yes", "garbled"),
    ],
)
def test_reasons(data: bytes, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        read_transcript(data, "file.txt")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.99])
def test_a_page_cut_short_is_refused(share: float) -> None:
    with pytest.raises(ReadError, match="cut short"):
        read_transcript(PAGE[: int(len(PAGE) * share)], "t1.shtml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_encodings_that_are_not_declared_or_declared_wrongly(encoding: str) -> None:
    words = q("问：中方对当前国际形势和地区热点问题有何评论？") + p("答：我们注意到有关报道，希望各方保持冷静克制。")
    page = chinese(words * 3).decode().encode(encoding)
    assert told(read(page))[0] == (
        "exchange",
        "中方对当前国际形势和地区热点问题有何评论？",
        "我们注意到有关报道，希望各方保持冷静克制。",
    )


def test_a_declared_encoding_is_used() -> None:
    page = PAGE.decode().replace("charset=utf-8", "charset=windows-1252").encode("cp1252")
    assert told(read(page)) == [("exchange", "What about “quotes”—and dashes…?", "They’re kept.")]


def test_an_undeclared_western_encoding_is_found() -> None:
    page = PAGE.decode().encode("cp1252")
    assert told(read(page)) == [("exchange", "What about “quotes”—and dashes…?", "They’re kept.")]


def test_a_wrong_byte_in_a_chinese_page_is_refused_rather_than_guessed() -> None:
    words = q("问：中方对当前国际形势和地区热点问题有何评论？") + p("答：我们注意到有关报道，希望各方保持冷静克制。")
    page = bytearray(chinese(words * 3))
    page[page.index("评论".encode()) + 1] = 0xFF
    with pytest.raises(ReadError):
        read_transcript(bytes(page), "t1.shtml")


def test_markup_nested_deeper_than_the_stack() -> None:
    page = english("<div>" * 5000 + q("Q: How deep?") + p("A: Deep.") + "</div>" * 5000)
    with contextlib.suppress(ReadError):
        assert told(read(page)) == [("exchange", "How deep?", "Deep.")]
