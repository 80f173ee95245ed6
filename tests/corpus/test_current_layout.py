"""The layout in use since 2024, and pages of no layout known."""

import datetime as dt

import pytest
from corpus_pages import current, read, told

from rag.corpus import read_transcript
from rag.errors import ReadError

TITLE = "Foreign Ministry Spokesperson Guo Jiakun’s Regular Press Conference on September 30, 2026"


def test_todays_english_page() -> None:
    page = current(
        '<p style="text-align: center;"><img src="./W020260930123456789012.jpg" alt=""></p>'
        "<p>The forum will be held in Beijing.</p>"
        "<p><strong>CCTV: </strong><strong>Could you share more on the forum?</strong></p>"
        "<p>Guo Jiakun: It is the third. </p><p>We look forward to it.</p>"
        "<p><strong>Bloomberg: Any comment on tariffs?</strong></p><p>Guo Jiakun: Ask the competent authorities.</p>",
        TITLE,
    )
    transcript = read(page, "t20260930_11720001", "eng/xw/fyrbt/lxjzh/202609/{name}.html")
    assert told(transcript) == [
        ("opening", None, "The forum will be held in Beijing."),
        ("exchange", "Could you share more on the forum?", "It is the third.\nWe look forward to it."),
        ("exchange", "Any comment on tariffs?", "Ask the competent authorities."),
    ]
    assert [exchange.asked_by for exchange in transcript.exchanges] == [None, "CCTV", "Bloomberg"]
    assert transcript.title == TITLE
    assert transcript.date == dt.date(2026, 9, 30)
    assert {exchange.speaker for exchange in transcript.exchanges} == {"Guo Jiakun"}
    assert transcript.url == "https://www.mfa.gov.cn/eng/xw/fyrbt/lxjzh/202609/t20260930_11720001.html"
    assert transcript.name == "t20260930_11720001"


def test_todays_chinese_page() -> None:
    page = (
        "<html><head><title>2026年9月30日外交部发言人郭嘉昆主持例行记者会_中华人民共和国外交部</title></head><body>"
        '<div id="News_Body_Txt_A"><div class="trs_editor_view TRS_UEDITOR">'
        "<p>　　<strong>总台央视记者：</strong><strong>有何评论？</strong></p><p>　　郭嘉昆：没有。</p>"
        "<p>　　<strong>问：还有呢？</strong></p><p>　　答：也没有。</p></div></div></body></html>"
    ).encode()
    transcript = read(page, "t20260930_1", "web/fyrbt_673021/202609/{name}.shtml")
    assert told(transcript) == [("exchange", "有何评论？", "没有。"), ("exchange", "还有呢？", "也没有。")]
    assert transcript.exchanges[0].asked_by == "总台央视"
    assert {exchange.speaker for exchange in transcript.exchanges} == {"郭嘉昆"}


def test_a_date_only_in_the_address() -> None:
    page = current("<p><strong>Q: Why?</strong></p><p>A: So.</p>", "Spokesperson's Remarks on the Summit", "")
    transcript = read(page, "t20240513_11304000", "eng/xw/fyrbt/202405/{name}.html")
    assert (transcript.date, transcript.date_from) == (dt.date(2024, 5, 13), "page")


def test_a_page_of_an_unknown_layout_with_labels() -> None:
    page = (
        b"<html><head><title>Briefing</title></head><body><ul><li>Home</li><li>News</li></ul><div><section>"
        b"<p>Q: Is it read?</p><p>A: It is.</p><p>Q: All of it?</p><p>A: Yes.</p></section></div></body></html>"
    )
    assert told(read(page)) == [("exchange", "Is it read?", "It is."), ("exchange", "All of it?", "Yes.")]


@pytest.mark.parametrize("name", ["default.shtml", "default_12.shtml", "index.html", "index_3.html", "index.shtml"])
def test_listing_pages_are_told_apart(name: str) -> None:
    with pytest.raises(ReadError, match="listing"):
        read_transcript(b"<html><body><ul></ul></body></html>", f"mfa_eng/xwfw_665399/{name}")


def test_a_listing_under_another_name() -> None:
    links = "".join(f'<li><a href="./t16{n:05}.shtml">Conference {n}</a></li>' for n in range(20))
    with pytest.raises(ReadError, match="listing"):
        read_transcript(f"<html><body><ul>{links}</ul></body></html>".encode(), "saved.html")
