"""The Chinese pages of 2016-2020, with what was seen in them."""

import datetime as dt

import pytest
from corpus_pages import CHINESE_PATH, chinese, noted, p, q, read, told


def test_questions_answers_and_spaces() -> None:
    page = chinese(
        p("　　应邀，外长将访华。")
        + q("　　问：中方对此有何评论？ ")
        + p("　　答：我们注意到有关报道。 ")
        + p("　　11月6日已经介绍过。")
    )
    transcript = read(page, "t1666000", CHINESE_PATH)
    assert told(transcript) == [
        ("opening", None, "应邀，外长将访华。"),
        ("exchange", "中方对此有何评论？", "我们注意到有关报道。\n11月6日已经介绍过。"),
    ]
    assert transcript.language == "zh"
    assert transcript.title == "2019年5月23日外交部发言人陆慷主持例行记者会"
    assert transcript.speaker == "陆慷"
    assert transcript.url == "https://www.fmprc.gov.cn/web/wjdt_674879/fyrbt_674889/t1666000.shtml"
    assert transcript.institution == read(page, "t1", CHINESE_PATH).institution


def test_a_label_before_a_number_is_a_label() -> None:
    page = chinese(q("问：11月6日举行了会议？") + p("答：2017年12月已经发布。"))
    assert told(read(page)) == [("exchange", "11月6日举行了会议？", "2017年12月已经发布。")]


def test_outlets_are_named_without_the_word_for_journalist() -> None:
    page = chinese(
        q("路透社记者：能否证实？")
        + p("赵立坚：我不了解。")
        + q("《环球时报》记者：你怎么看？")
        + p("赵立坚：我说一句：不。")
        + q("彭博社记者追问：还有吗？")
        + p("赵立坚：没有。")
        + q("总台央视记者提问：有何安排？")
        + p("赵立坚：请关注。"),
        "2020年6月24日外交部发言人赵立坚主持例行记者会",
    )
    transcript = read(page, path=CHINESE_PATH)
    assert [exchange.asked_by for exchange in transcript.exchanges] == ["路透社", "环球时报", "彭博社", "总台央视"]
    assert [exchange.follow_up for exchange in transcript.exchanges] == [False, False, True, False]
    assert told(transcript)[1] == ("exchange", "你怎么看？", "我说一句：不。")


def test_follow_ups_interjections_and_bold_labels_before_plain_words() -> None:
    page = chinese(
        q("问：你怎么看这份报告？")
        + p("答：你问了几个问题？")
        + p("<B>记者：</B>三个。")
        + p("下次一个个地问。")
        + p("<B>追问</B>：<B>何时回答？</B>")
        + p("现在。")
        + q("追问一：为何？")
        + p("不为何。")
        + q("记者解释：是美国媒体。")
        + p("答：我没有看到。")
    )
    transcript = read(page)
    assert [(question, answer) for _, question, answer in told(transcript)] == [
        ("你怎么看这份报告？", "你问了几个问题？"),
        ("三个。", "下次一个个地问。"),
        ("何时回答？", "现在。"),
        ("为何？", "不为何。"),
        ("是美国媒体。", "我没有看到。"),
    ]
    assert [exchange.follow_up for exchange in transcript.exchanges] == [False, True, True, True, True]


def test_a_bold_interjection_without_a_label() -> None:
    page = chinese(
        q("问：报告显示工人回国。能否透露人数？")
        + p("答：你是从哪儿得到的？")
        + q("有人透露了这份报告。")
        + p("是谁透露的？")
        + q("我不知道。")
        + p("中方一贯认真执行决议。")
        + p("有关要求很清楚。")
    )
    assert [question for _, question, _ in told(read(page))] == [
        "报告显示工人回国。能否透露人数？",
        "有人透露了这份报告。",
        "我不知道。",
    ]


@pytest.mark.parametrize("marker", ["会后有记者问及：", "会后，有记者问及：", "会后，有记者问："])
def test_additions_answered_in_words(marker: str) -> None:
    page = chinese(
        q("问：贸易？")
        + p("答：反对。")
        + p(f"<B>{marker}</B>地震造成伤亡。中方对此有何评论？")
        + p("耿爽表示，我们表示哀悼。")
        + q("二、还有一事，你能否证实？")
        + p("耿爽表示：可以。"),
        "2019年4月4日外交部发言人耿爽主持例行记者会",
    )
    transcript = read(page)
    assert told(transcript) == [
        ("exchange", "贸易？", "反对。"),
        ("addition", "地震造成伤亡。中方对此有何评论？", "耿爽表示，我们表示哀悼。"),
        ("addition", "二、还有一事，你能否证实？", "可以。"),
    ]
    assert {exchange.speaker for exchange in transcript.exchanges} == {"耿爽"}


def test_an_addition_whose_question_is_not_told() -> None:
    page = chinese(
        q("问：贸易？")
        + p("答：反对。")
        + q("会后，就《南华早报》记者所提问题，赵立坚表示：")
        + p("中国也是受害者。")
        + p("各方需要合作。"),
        "2020年4月7日外交部发言人赵立坚主持例行记者会",
    )
    transcript = read(page)
    assert told(transcript)[1] == ("addition", None, "中国也是受害者。\n各方需要合作。")
    assert transcript.exchanges[1].asked_by == "南华早报"
    assert transcript.exchanges[1].speaker == "赵立坚"


def test_statements_without_a_conference() -> None:
    transcript = read(
        chinese(p("外交部发言人耿爽宣布：") + p("专家组已于3月21日启程。"), "中国政府派遣专家组", "2020-03-21")
    )
    assert told(transcript) == [("remarks", None, "专家组已于3月21日启程。")]
    assert transcript.speaker == "耿爽"
    assert (transcript.date, transcript.date_from) == (dt.date(2020, 3, 21), "page")
    told_in_words = read(
        chinese(p("1月31日，外交部发言人华春莹表示，将派飞机。"), "中国政府决定派飞机接人", "2020-01-31")
    )
    assert told_in_words.speaker == "华春莹"


@pytest.mark.parametrize(
    ("title", "speaker"),
    [
        ("外交部发言人耿爽就缅北冲突答记者问", "耿爽"),
        ("外交部发言人陆慷答记者问", "陆慷"),
        ("中国代表团发言人陆慷答记者问", "陆慷"),
        ("外交部发言人华春莹就美方言论发表谈话", "华春莹"),
        ("耿爽：中国政府决定派遣专家组", "耿爽"),
        ("外交部发言人答记者问", None),
        ("外交部发言人就涉港议程发表谈话", None),
    ],
)
def test_the_spokesperson_comes_from_the_title(title: str, speaker: str | None) -> None:
    assert read(chinese(q("问：如何？") + p("答：很好。"), title, "2019-01-02")).speaker == speaker


def test_scheduling_lines_are_notes() -> None:
    page = chinese(
        q("问：见谁？")
        + p("答：请关注。")
        + p("外交部和福建省人民政府将于7月5日下午在蓝厅举行全球推介活动。")
        + p("由于上述推介会，外交部例行记者会将于7月5日暂停一次，7月8日恢复。")
        + p("祝大家节日愉快！")
    )
    transcript = read(page)
    assert [kind for kind, _, _ in told(transcript)] == ["exchange", "addition"]
    assert [words[:6] for _, words in noted(transcript)] == ["由于上述推介", "祝大家节日愉"]


def test_stage_directions_and_colons_stay_in_the_answer() -> None:
    page = chinese(
        q("问：如何？") + p("答：我只想强调：") + p("第一，立场明确。") + p("（记者笑）") + p("王毅外长指出：要合作。")
    )
    assert told(read(page))[0][2] == "我只想强调：\n第一，立场明确。\n（记者笑）\n王毅外长指出：要合作。"


def test_a_page_that_marks_every_question_as_a_journalists() -> None:
    page = chinese(q("记者：一？") + p("答：是。") + q("记者：二？") + p("答：否。"))
    assert [exchange.follow_up for exchange in read(page).exchanges] == [False, False]
