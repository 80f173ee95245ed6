"""Today's layout as editors vary it: where labels and bold type end, what answers hold, how titles are worded."""

from __future__ import annotations

import datetime as dt

import pytest
from corpus_pages import current, read

from rag.errors import ReadError
from rag.types import Transcript

TITLE = "Foreign Ministry Spokesperson Guo Jiakun’s Regular Press Conference on September 30, 2026"
CHINESE_TITLE = "2026年9月30日外交部发言人郭嘉昆主持例行记者会"
ENGLISH_PATH = "eng/xw/fyrbt/lxjzh/202609/{name}.html"
CHINESE_PATH = "web/fyrbt_673021/202609/{name}.shtml"
DAY = dt.date(2026, 9, 30)


def s(text: str) -> str:
    return f"<p><strong>{text}</strong></p>"


def p(text: str) -> str:
    return f"<p>{text}</p>"


def english(body: str, title: str = TITLE, published: str = "2026-09-30 17:20") -> Transcript:
    return read(current(body, title, published), "t20260930_11720001", ENGLISH_PATH)


def chinese(body: str, title: str = CHINESE_TITLE) -> Transcript:
    page = (
        f"<html><head><title>{title}_中华人民共和国外交部</title></head><body><div id='News_Body_Txt_A'>"
        f"<div class='trs_editor_view TRS_UEDITOR'>{body}</div></div></body></html>"
    )
    return read(page.encode(), "t20260930_11720002", CHINESE_PATH)


def told(transcript: Transcript) -> list[tuple[str | None, str | None, str]]:
    """Who asked, question and answer."""
    text = transcript.text
    return [
        (
            exchange.asked_by,
            text[exchange.question.start : exchange.question.end] if exchange.question else None,
            text[exchange.answer.start : exchange.answer.end],
        )
        for exchange in transcript.exchanges
    ]


ONE = [("CCTV", "What is it?", "It is so.")]
TWO = [*ONE, ("AFP", "Why?", "So.")]


@pytest.mark.parametrize(
    "body",
    [
        s("CCTV: What is it?") + p("Guo Jiakun: It is so.") + s("AFP: Why?") + p("Guo Jiakun: So."),
        "<p><strong>CCTV: </strong>What is it?</p><p><strong>Guo Jiakun: </strong>It is so.</p>"
        "<p><strong>AFP</strong>: Why?</p><p><strong>Guo Jiakun</strong>: So.</p>",
        p("CCTV: What is it?") + p("Guo Jiakun: It is so.") + p("AFP: Why?") + p("Guo Jiakun: So."),
        s("&nbsp;CCTV：What is it?") + p("&emsp;Guo&nbsp;Jiakun：It is so.") + s("AFP : Why?") + p("Guo Jiakun : So."),
        "<p><strong>CCTV: What is it?</strong><br>Guo Jiakun: It is so.<br><br><strong>AFP: Why?</strong><br>"
        "Guo Jiakun: So.</p>",
        "<div><span style='font-weight: bold;'>CCTV: What is it?</span></div><div>Guo Jiakun: It is so.</div>"
        "<div><span style='font-weight:700'>AFP: Why?</span></div><div>Guo Jiakun: So.</div>",
        "<p><strong>CCTV: What is it?</strong><p>Guo Jiakun: It is so.<p><strong>AFP: Why?<p></strong>Guo Jiakun: So.",
        s("CCTV:") + s("What is it?") + p("Guo Jiakun:") + p("It is so.") + s("AFP: Why?") + p("So."),
        s("CCTV: What is it?") + p("Mr. Guo Jiakun: It is so.") + s("AFP: Why?") + p("GuoJiakun: So."),
        s("CCTV: What is it?")
        + p("Guo: It is so.")
        + s("AFP: Why?")
        + p("Foreign Ministry Spokesperson Guo Jiakun: So."),
        s("CCTV: What is it?") + p("Spokesperson: It is so.") + s("AFP journalist: Why?") + p("Spokesperson: So."),
        s("CCTV: What is it?") + s("Guo Jiakun: It is so.") + s("“AFP”: Why?") + s("Guo Jiakun: So."),
        s("CCTV: What is it?") + p("Guo Jiakun: It is so.") + p("AFP: Why?") + p("Guo Jiakun: So."),
    ],
)
def test_two_exchanges_however_they_are_set(body: str) -> None:
    transcript = english(body)
    assert told(transcript) == TWO
    assert {exchange.speaker for exchange in transcript.exchanges} == {"Guo Jiakun"}
    assert transcript.date == DAY


@pytest.mark.parametrize(
    "outlet",
    [
        *("El País", "Éxito", "teleSUR", "de Volkskrant", "dpa", "ecns.cn", "TASS (Russian News Agency)", "L’Espresso"),
        *(
            "CCTV + CNR",
            "21st Century Business Herald",
            "Ukrinform, Ukraine",
            "China Media Group’s National Radio",
            "Al-Araby TV",
        ),
    ],
)
def test_outlets(outlet: str) -> None:
    body = s(f"{outlet}: What is it?") + p("Guo Jiakun: It is so.") + s(f"{outlet}: And why?") + p("Guo Jiakun: So.")
    assert told(english(body)) == [(outlet, "What is it?", "It is so."), (outlet, "And why?", "So.")]


@pytest.mark.parametrize("label", ["AFP follow-up", "AFP, follow-up question", "AFP (follow-up)"])
def test_follow_ups_that_name_their_outlet(label: str) -> None:
    transcript = english(s("AFP: Why?") + p("Guo Jiakun: So.") + s(f"{label}: When?") + p("Guo Jiakun: Soon."))
    assert told(transcript) == [("AFP", "Why?", "So."), ("AFP", "When?", "Soon.")]
    assert [exchange.follow_up for exchange in transcript.exchanges] == [False, True]


@pytest.mark.parametrize(
    "inside",
    [
        ["First: it is so.", "Taiwan: it is part of China.", "The South China Sea: no change."],
        ["<strong>Taiwan: it is part of China.</strong>", "Indeed."],
        ["<strong>On trade: we are open.</strong>", "It holds."],
        ["<strong>First,</strong> we oppose it.", "<strong>Second,</strong> we welcome it."],
        ["Let me ask.", "<strong>Who is the troublemaker?</strong>", "It is clear."],
        ["He said: “Q: why? A: so.” Note: it is so. At 10:30 it ended."],
    ],
)
def test_colons_and_bold_words_inside_an_answer_are_the_answers(inside: list[str]) -> None:
    plain = [part.replace("<strong>", "").replace("</strong>", "") for part in inside]
    body = s("CCTV: What is it?") + p("Guo Jiakun: Listen.") + "".join(map(p, inside)) + s("AFP: Why?")
    answer = "\n".join(["Listen.", *plain])
    assert told(english(body + p("Guo Jiakun: So."))) == [("CCTV", "What is it?", answer), ("AFP", "Why?", "So.")]


@pytest.mark.parametrize(
    "paragraphs",
    [
        [s("CCTV: The talks ended."), s("First, when do they go on?"), s("Second, who goes?")],
        [s("CCTV: Two statements came out."), s("State Department: “They are wrong.” What is your comment?")],
        [p("<b>CCTV:</b> It is reported so. Any comment?"), p("And a second: why?")],
        [p("CCTV: The talks ended. Please comment on this."), p("Thank you.")],
    ],
)
def test_questions_of_several_paragraphs(paragraphs: list[str]) -> None:
    words = "\n".join(part[3:-4] for part in paragraphs)
    for mark in ("<strong>", "</strong>", "<b>", "</b>", "CCTV:"):
        words = words.replace(mark, "")
    body = "".join(paragraphs) + p("<b>Guo Jiakun:</b> No.") + p("None at all.")
    assert told(english(body)) == [("CCTV", words.strip(), "No.\nNone at all.")]


@pytest.mark.parametrize(
    ("title", "published"),
    [
        (TITLE.replace(", 2026", ""), "2026-09-30"),
        (TITLE.replace(" on September 30, 2026", ""), ""),
        (TITLE.replace("September", "Sept."), "2026-10-01 08:00"),
        (TITLE.replace("September 30, 2026", "30 September 2026"), ""),
        (TITLE.replace("2026", "2025"), "2026-09-30"),
        ("Regular Press Conference by Foreign Ministry Spokesperson Guo Jiakun on September 30, 2026", ""),
        ("Foreign Ministry Spokesperson Guo Jiakun Holds Regular Press Conference on September 30, 2026", ""),
    ],
)
def test_days_and_speakers_of_titles(title: str, published: str) -> None:
    transcript = english(s("CCTV: What is it?") + p("Guo Jiakun: It is so."), title, published)
    assert (told(transcript), transcript.date, transcript.speaker) == (ONE, DAY, "Guo Jiakun")


@pytest.mark.parametrize("title", ["Press Conference on September 30, 2026", TITLE.replace("Guo Jiakun’s ", "")])
def test_a_spokesperson_whom_only_the_labels_name(title: str) -> None:
    body = s("CCTV: What is it?") + p("Zhang Xiaogang: It is so.") + s("AFP: Why?") + p("Zhang Xiaogang: So.")
    transcript = english(body, title)
    assert told(transcript) == TWO
    assert {exchange.speaker for exchange in transcript.exchanges} == {"Zhang Xiaogang"}


CHINESE = [("总台央视", "有何评论？", "没有。"), ("路透社", "为何？", "因此。")]


@pytest.mark.parametrize(
    "body",
    [
        s("总台央视记者：有何评论？") + p("郭嘉昆：没有。") + s("路透社记者：为何？") + p("郭嘉昆：因此。"),
        p("总台央视记者：有何评论？") + p("郭嘉昆：没有。") + p("路透社记者：为何？") + p("郭嘉昆：因此。"),
        s("　　总台央视记者 : 有何评论？") + p("　　郭嘉昆 : 没有。") + s("路透社 记者：为何？") + p("郭 嘉昆：因此。"),
        "<p><strong>总台央视记者：</strong>有何评论？</p><p><strong>郭嘉昆：</strong>没有。</p>"
        "<p><strong>路透社记者</strong>：为何？</p><p><strong>郭嘉昆</strong>：因此。</p>",
        s("总台央视：有何评论？") + p("发言人：没有。") + s("路透社：为何？") + p("外交部发言人郭嘉昆：因此。"),
        "<p>　　<strong>总台央视记者：有何评论？</strong><br/>　　郭嘉昆：没有。<br/>"
        "　　<strong>路透社记者：为何？</strong><br/>　　郭嘉昆：因此。</p>",
    ],
)
def test_two_chinese_exchanges_however_they_are_set(body: str) -> None:
    transcript = chinese(body)
    assert told(transcript) == CHINESE
    assert {exchange.speaker for exchange in transcript.exchanges} == {"郭嘉昆"}
    assert transcript.date == DAY


@pytest.mark.parametrize("inside", ["<strong>第一，坚持。</strong>", "台湾：不变。", "<strong>南海：不变。</strong>"])
def test_emphasis_inside_a_chinese_answer(inside: str) -> None:
    words = inside.replace("<strong>", "").replace("</strong>", "")
    body = (
        s("总台央视记者：有何评论？") + p("郭嘉昆：三点：") + p(inside) + s("路透社记者：为何？") + p("郭嘉昆：因此。")
    )
    assert told(chinese(body)) == [("总台央视", "有何评论？", f"三点：\n{words}"), CHINESE[1]]


def test_a_chinese_spokesperson_whom_only_the_labels_name() -> None:
    body = s("总台央视记者：有何评论？") + p("李明：没有。") + s("路透社记者：为何？") + p("李明：因此。")
    transcript = chinese(body, "2026年9月30日外交部例行记者会")
    assert told(transcript) == CHINESE
    assert {exchange.speaker for exchange in transcript.exchanges} == {"李明"}


def noted(transcript: Transcript) -> list[str]:
    return [transcript.text[note.start : note.end] for note in transcript.notes]


@pytest.mark.parametrize(
    "remark",
    [
        "(Note: the figure was corrected on October 1.)",
        "（注：数字已于10月1日更正。）",
        "(The others were not answered.)",
    ],
)
def test_editors_remarks_before_and_after_the_voices_are_nobodys_words(remark: str) -> None:
    body = p(remark) + s("CCTV: What is it?") + p("Guo Jiakun: It is so.") + p(remark)
    transcript = english(body + s("AFP: Why?") + p("Guo Jiakun: So.") + p(remark))
    assert (told(transcript), noted(transcript)) == (TWO, [remark] * 3)


def test_a_remark_inside_an_answer_does_not_part_it() -> None:
    body = s("CCTV: What is it?") + p("Guo Jiakun: It is so.") + p("(Laughter.)") + p("Indeed.")
    assert told(english(body)) == [("CCTV", "What is it?", "It is so.\n(Laughter.)\nIndeed.")]


@pytest.mark.parametrize(
    "lead",
    [
        "In response to media questions after the conference, the Spokesperson was asked:",
        "By email after the press conference, a journalist asked:",
    ],
)
def test_words_that_lead_to_what_was_asked_afterwards(lead: str) -> None:
    body = s("CCTV: What is it?") + p("Guo Jiakun: It is so.") + p(f"{lead} Why?") + p("Guo Jiakun: So.")
    transcript = english(body)
    assert told(transcript) == [*ONE, (None, "Why?", "So.")]
    assert [exchange.kind for exchange in transcript.exchanges] == ["exchange", "addition"]


@pytest.mark.parametrize(
    "notice",
    [
        "The regular press conference of the Foreign Ministry will be in recess from February 16 to 23.",
        "根据春节假期安排，外交部例行记者会2月16日至23日休会，2月24日恢复。",
    ],
)
def test_a_page_that_only_tells_when_the_next_conference_is_holds_no_exchange(notice: str) -> None:
    with pytest.raises(ReadError, match="holds no exchange"):
        english(p(notice), "Notice")


@pytest.mark.parametrize("shown", ["2026/09/30", "2026年09月30日 18:32", "2026.09.30"])
def test_the_day_shown_on_a_page_however_it_is_written(shown: str) -> None:
    body = p("Q: Why?") + p("A: So.")
    page = f"<html><title>Remarks</title><div class='time'>{shown}</div><div class='content'>{body}</div></html>"
    assert read(page.encode(), "t1600001", "{name}.shtml").date == DAY


def test_a_page_saved_beside_its_folders_keeps_the_day_of_its_name() -> None:
    page = current(s("CCTV: What is it?") + p("Guo Jiakun: It is so."), "Regular Press Conference", "")
    assert read(page, "t20260930_11720001", "{name}.html").date == DAY


def test_a_chinese_answer_whose_colon_stands_apart() -> None:
    assert told(chinese(p("问 ：为何？") + p("答 ：因此。"))) == [(None, "为何？", "因此。")]


@pytest.mark.parametrize(
    ("label", "outlet"),
    [("《环球时报》记者", "环球时报"), ("英国《金融时报》记者", "英国《金融时报》"), ("英国《卫报》", "英国《卫报》")],
)
def test_chinese_outlets(label: str, outlet: str) -> None:
    assert told(chinese(s(f"{label}：为何？") + p("郭嘉昆：因此。"))) == [(outlet, "为何？", "因此。")]


@pytest.mark.parametrize(
    "first",
    [
        "(September 30, 2026)",
        "2026年9月30日",
        "On September 30, 2026, Foreign Ministry Spokesperson Guo Jiakun held a regular press conference in Beijing.",
        "2026年9月30日，外交部发言人郭嘉昆主持例行记者会。",
    ],
)
def test_a_day_that_stands_in_the_first_paragraph_only(first: str) -> None:
    body = p(first) + s("CCTV: What is it?") + p("Guo Jiakun: It is so.")
    page = current(body, "Foreign Ministry Spokesperson Guo Jiakun's Regular Press Conference", "")
    assert read(page, "t1600001", "{name}.html").date == DAY


def test_a_day_that_the_first_paragraph_tells_of_something_else_is_not_the_pages() -> None:
    body = p("The Minister will visit Malta on October 12, 2026.") + s("CCTV: What is it?") + p("Guo Jiakun: It is so.")
    assert read(current(body, "Regular Press Conference", ""), "t1600001", "{name}.html").date is None


def test_a_follow_up_whose_outlet_is_named_after_it() -> None:
    body = s("AFP: Why?") + p("Guo Jiakun: So.") + s("Follow-up question from Reuters: When?") + p("Guo Jiakun: Soon.")
    assert told(english(body)) == [("AFP", "Why?", "So."), ("Reuters", "When?", "Soon.")]


@pytest.mark.parametrize("lead", ["Guo Jiakun said:", "Foreign Ministry Spokesperson Guo Jiakun replied:"])
def test_an_answer_introduced_in_words(lead: str) -> None:
    transcript = english(s("CCTV: What is it?") + p(f"{lead} It is so."))
    assert told(transcript) == ONE
    assert transcript.exchanges[0].speaker == "Guo Jiakun"
