"""Small pages in the markup of the ministry's layouts, with words of our own."""

from __future__ import annotations

from rag.corpus import count_paragraphs, read_transcript
from rag.types import Transcript

ENGLISH_PATH = "mfa_eng/xwfw_665399/s2510_665401/2511_665403/{name}.shtml"
CHINESE_PATH = "web/wjdt_674879/fyrbt_674889/{name}.shtml"
TITLE = "Foreign Ministry Spokesperson Lu Kang's Regular Press Conference on May 23, 2019"
STYLE = 'style="FONT-SIZE: 14px; FONT-FAMILY: arial"'


def p(text: str) -> str:
    """A paragraph as the archive's pages set it."""
    return f"<P {STYLE}>{text}</P>\n"


def q(text: str) -> str:
    """A bold paragraph, as questions are set, split over spans as an editor leaves it."""
    half = len(text) // 2
    return p(f"<B><SPAN {STYLE}>{text[:half]}</SPAN></B><STRONG>{text[half:]}</STRONG> ")


def english(body: str, title: str = TITLE, related: str = "") -> bytes:
    """A page of the English archive."""
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" /><title>{title}</title>
<script>var docreltime = document.getElementById("News_Body_Time");</script></head>
<body><div class="nav"><ul><li><a href="http://www.fmprc.gov.cn/mfa_eng">Home</a></li></ul></div>
<div class="content_mod"><h2 class="title">{title}</h2><div class="date" id="News_Body_Time"></div>
<div class="content">
{body}
</div>
<div id="id_RelNewsList"><ul id="id_RelNewsList_li">{related}</ul></div></div>
<div class="footer"><div class="copyright">Copyright, Ministry of Foreign Affairs, No. 2</div></div>
</body></html>""".encode()


def chinese(
    body: str, title: str = "2019年5月23日外交部发言人陆慷主持例行记者会", published: str = "2019-05-23"
) -> bytes:
    """A page of the Chinese archive."""
    return f"""<html><head><meta charset="utf-8"><title>{title} — 中华人民共和国外交部</title></head><body>
<div class="vibox"><div class="title" id="News_Body_Title">{title}</div>
<div class="time"><span id="News_Body_source">来源：</span><span id="News_Body_Time">{published}</span></div>
<div id="News_Body_Txt_A" class="content">
{body}
</div><div class="news" id="relnews_list"><ul></ul></div></div></body></html>""".encode()


def current(body: str, title: str, published: str = "2026-09-30 17:20") -> bytes:
    """A page in the layout in use today."""
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>{title}_Ministry of Foreign Affairs of the People's Republic of China</title>
<meta name="PubDate" content="{published}"></head><body><div class="header"><a href="/eng/">Home</a></div>
<div class="content"><div class="content_text"><div class="view TRS_UEDITOR trs_paper_default trs_web">
{body}
</div></div></div></body></html>""".encode()


def current_chinese(body: str, title: str) -> bytes:
    """A Chinese page in the layout in use today."""
    return (
        f"<html><head><meta charset='utf-8'><title>{title}_中华人民共和国外交部</title></head><body>"
        f"<div class='news-details'><h1>{title}</h1><p class='time'><span>2026-09-30 18:02</span></p>"
        "<div class='news-main' id='News_Body_Txt_A'><div class='trs_editor_view TRS_UEDITOR trs_web'>"
        f"{body}</div></div></div></body></html>"
    ).encode()


def read(data: bytes, name: str = "t1666065", path: str = ENGLISH_PATH) -> Transcript:
    """Read a page and check that every paragraph of it belongs to exactly one part."""
    transcript = read_transcript(data, path.format(name=name))
    count_paragraphs(transcript)
    return transcript


def told(transcript: Transcript) -> list[tuple[str, str | None, str]]:
    """Kind, question and answer of every exchange."""
    text = transcript.text
    return [
        (
            exchange.kind,
            text[exchange.question.start : exchange.question.end] if exchange.question else None,
            text[exchange.answer.start : exchange.answer.end],
        )
        for exchange in transcript.exchanges
    ]


def noted(transcript: Transcript) -> list[tuple[str, str]]:
    """Kind and words of every note."""
    return [(note.kind, transcript.text[note.start : note.end]) for note in transcript.notes]
