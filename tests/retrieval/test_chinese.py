"""Chinese questions: what they name, which words are asked for, and what is searched with which model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pytest

from fakes import FakeEncoder
from rag.answer import WORDS_ONLY, answer
from rag.config import Settings
from rag.generation.propositions import PropositionStore
from rag.indexing.build import ingest
from rag.indexing.store import Index, open_index
from rag.retrieval import chinese
from rag.retrieval.chinese_periods import find_chinese_period
from rag.retrieval.followups import leans_on_history
from rag.retrieval.lexical import terms
from rag.retrieval.people import find_outlet, find_speakers
from rag.retrieval.rank import rank_exchanges
from rag.retrieval.search import search
from rag.retrieval.understand import understand
from rag.types import Answer, Filters, Period

COVERAGE = Period(first=dt.date(2016, 11, 1), last=dt.date(2020, 7, 3))
TODAY = dt.date(2020, 7, 15)


@pytest.mark.parametrize(
    ("question", "first", "last", "topic"),
    [
        ("2019年5月中方对贸易战怎么说", "2019-05-01", "2019-05-31", "中方对贸易战怎么说"),
        ("去年中方对香港问题的立场", "2019-01-01", "2019-12-31", "中方对香港问题的立场"),
        ("上个月耿爽说了什么", "2020-06-01", "2020-06-30", "耿爽说了什么"),
        ("2020年初关于疫情的表态", "2020-01-01", "2020-04-30", "关于疫情的表态"),
        ("2018年下半年的中美贸易", "2018-07-01", "2018-12-31", "中美贸易"),
        ("2019年3月至5月委内瑞拉", "2019-03-01", "2019-05-31", "委内瑞拉"),
        ("2019年12月到2020年2月", "2019-12-01", "2020-02-29", ""),
        ("自2019年6月以来香港", "2019-06-01", None, "香港"),
        ("2018年以前的半岛", None, "2017-12-31", "的半岛"),
        ("截至2018年6月", None, "2018-06-30", ""),
        ("二〇一九年五月", "2019-05-01", "2019-05-31", ""),
        ("１９年６月香港", "2019-06-01", "2019-06-30", "香港"),
        ("2017年夏天洞朗", "2017-06-01", "2017-08-31", "洞朗"),
        ("2019年5月下旬", "2019-05-21", "2019-05-31", ""),
        ("2020年第一季度", "2020-01-01", "2020-03-31", ""),
        ("3月5日的记者会", "2020-03-05", "2020-03-05", "记者会"),
        ("2019年中国对美国的立场", "2019-01-01", "2019-12-31", "中国对美国的立场"),
        ("上周", "2020-07-06", "2020-07-12", ""),
        ("2020年春节期间关于疫情", "2020-01-20", "2020-02-28", "关于疫情"),
        ("春节2020 疫情", "2020-01-20", "2020-02-28", "疫情"),
        ("五一假期 2019 磋商", "2019-04-28", "2019-05-08", "磋商"),
        ("元旦2018 贺词", "2017-12-28", "2018-01-05", "贺词"),
        ("去年国庆节前后外交部怎么说", "2019-09-28", "2019-10-09", "外交部怎么说"),
        ("端午期间的表态", "2020-05-25", "2020-06-28", "表态"),
        ("中秋期间的表态", "2019-09-06", "2019-10-10", "表态"),
    ],
)
def test_periods(question: str, first: str | None, last: str | None, topic: str) -> None:
    found = find_chinese_period(question, COVERAGE, TODAY)
    assert found is not None
    shown = tuple(day.isoformat() if day else None for day in (found.period.first, found.period.last))
    assert shown == (first, last)
    assert question[: found.start] + question[found.end :] == topic


@pytest.mark.parametrize(
    "question",
    [
        "2016年南海仲裁案",
        "2022年冬奥会",
        "原定2020年4月的访问",
        "2018年12月被捕的孟晚舟",
        "2019年6月31日",
        "国庆70周年",
        "2019年国庆阅兵",
        "春节联欢晚会",
    ],
)
def test_dates_of_events_and_days_that_do_not_exist_are_no_period(question: str) -> None:
    assert find_chinese_period(question, COVERAGE, TODAY) is None


def test_people_and_outlets() -> None:
    names = ["耿爽", "华春莹", "Lu Kang"]
    assert [named.name for named in find_speakers("耿爽怎么看孟晚舟事件", names)] == ["耿爽"]
    assert [named.name for named in find_speakers("陆慷怎么看洞朗", names)] == ["Lu Kang"]
    assert find_speakers("华春莹的推特账号", names) == []
    found = find_outlet("华春莹答路透社记者问时说了什么", ["新华社", "路透社"])
    assert found is not None
    assert found.name == "路透社"


@pytest.mark.parametrize(
    ("question", "named", "rest"),
    [
        ("外交部新闻司司长华春莹女士谈香港", "华春莹", "谈香港"),
        ("发言人耿爽对华为的态度", "耿爽", "对华为的态度"),
        ("耿发言人谈香港", "耿爽", "谈香港"),
        ("赵立坚副司长谈疫情", "赵立坚", "谈疫情"),
        ("陆慷大使谈疫情", "Lu Kang", "谈疫情"),
    ],
)
def test_spokespersons_with_titles(question: str, named: str, rest: str) -> None:
    (found,) = find_speakers(question, ["耿爽", "华春莹", "赵立坚", "Lu Kang"])
    assert (found.name, question[: found.start] + question[found.end :]) == (named, rest)


def test_a_family_name_that_two_have_names_neither() -> None:
    assert find_speakers("耿发言人谈香港", ["耿爽", "耿飚"]) == []


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("路透社2019年5月6日提问华为", "华为"),
        ("路透社记者在5月初问到华为", "华为"),
        ("回答路透社记者提问华为", "华为"),
    ],
)
def test_a_day_between_an_outlet_and_that_it_asked(question: str, rest: str) -> None:
    found = find_outlet(question, ["新华社", "路透社"])
    assert found is not None
    assert (found.name, question[: found.start] + question[found.end :]) == ("路透社", rest)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("2019年5月23日提问华为供应商", "华为供应商"),
        ("有记者问华为供应商", "华为供应商"),
        ("外交部发言人对华为供应商的表态", "对华为供应商"),
        ("新闻发言人如何回应华为供应商", "华为供应商"),
        ("发言人陆慷谈华为供应商", "华为供应商"),
        ("问题疫苗", "问题疫苗"),
        ("谈判代表访美", "谈判代表访美"),
    ],
)
def test_who_asked_and_who_spoke_are_no_part_of_the_topic(
    question: str, topic: str, mixed: tuple[Index, Settings]
) -> None:
    assert understand(question, (), Filters(), mixed[0]).topic == topic


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("中方对孟晚舟被拘押有何评论？", ["孟晚舟", "拘押"]),
        ("中国会加入中导条约的谈判吗", ["中国", "加入", "中导条约", "谈判"]),
        ("外交部发言人关于5G和华为的表态", ["5g", "华为"]),
        ("二十国集团暂停穷国还债", ["二十国集团", "暂停", "穷国", "还债"]),
        ("中方有什么立场", []),
    ],
)
def test_words_that_are_asked_for(question: str, words: list[str]) -> None:
    assert terms(chinese.without_asking(question)) == words


def test_what_leans_on_the_question_before() -> None:
    assert leans_on_history("那加拿大呢？")
    assert leans_on_history("他还说了什么")
    assert not leans_on_history("中方对香港问题的立场是什么")
    assert not leans_on_history("其他国家对华为的限制") or leans_on_history("其他国家呢")


PAGES = {
    "t1": (
        "2019年5月23日外交部发言人陆慷主持例行记者会",
        "2019-05-23",
        "陆慷",
        [
            (
                "美国宣布限制华为的供应商。中方对此有何评论？",
                "中方反对美方滥用国家力量打压中国企业。我们支持华为拿起法律武器维护自己的正当权利。",
            ),
            ("熊猫何时启程赴柏林动物园？", "两只大熊猫将于下月启程前往柏林动物园。合作研究已经商定。"),
            ("挪威的三文鱼贸易恢复了吗？", "中挪双方已就三文鱼贸易恢复达成一致。具体情况请询问主管部门。"),
        ],
    ),
    "t2": (
        "2020年3月4日外交部发言人赵立坚主持例行记者会",
        "2020-03-04",
        "赵立坚",
        [
            ("斯里兰卡请求提供口罩。中方会援助吗？", "中方已决定向斯里兰卡援助一批口罩和检测试剂。"),
            ("你如何看待北极科学考察？", "中国愿同各方一道为北极科学考察作出贡献。"),
            ("意大利撤侨航班情况如何？", "我们正在了解撤侨航班的情况。"),
        ],
    ),
    "t3": (
        "Foreign Ministry Spokesperson Lu Kang's Regular Press Conference on May 23, 2019",
        "2019-05-23",
        "Lu Kang",
        [
            (
                "The US restricts suppliers of Huawei. What is your comment?",
                "China opposes the abuse of state power. We support Huawei in defending its rights.",
            ),
            ("When do the pandas leave?", "The pandas leave for the Berlin zoo next month."),
            ("Has the salmon trade resumed?", "The two sides agreed to resume the salmon trade."),
            ("Any visit this week?", "I have nothing to announce."),
            ("What about the bridge?", "The bridge opens soon."),
        ],
    ),
}


class EnglishEncoder(FakeEncoder):
    """Knows no Chinese: as the default model."""

    reads_chinese = False

    def encode(self, texts: list[str]) -> np.ndarray:  # type: ignore[override]
        """Notes what it was given."""
        self.seen = [*getattr(self, "seen", []), *texts]
        return super().encode(texts)


def made(folder: object, encoder: FakeEncoder, names: tuple[str, ...]) -> Iterator[tuple[Index, Settings]]:
    pages = folder / "pages"  # type: ignore[operator]
    pages.mkdir()
    for name in names:
        title, date, speaker, exchanges = PAGES[name]
        body = "\n\n".join(f"Q: {question}\n\nA: {words}" for question, words in exchanges)
        (pages / f"{name}.txt").write_text(f"title: {title}\ndate: {date}\nspeaker: {speaker}\n\n{body}\n", "utf-8")
    settings = Settings(index=folder / "index", corpus=folder / "corpus", embedding="fake", llm="none")  # type: ignore[operator]
    ingest([pages], settings, encoder)
    with open_index(settings, encoder) as opened:
        yield opened, settings


ENGLISH_MODEL = EnglishEncoder()


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, Settings]]:
    yield from made(tmp_path_factory.mktemp("mixed"), ENGLISH_MODEL, ("t1", "t2", "t3"))


def asked(question: str, mixed: tuple[Index, Settings], filters: Filters | None = None) -> Answer:
    index, settings = mixed
    store = PropositionStore(settings.index / "propositions.sqlite")
    return answer(
        question, index=index, encoder=ENGLISH_MODEL, llm=None, propositions=store, settings=settings, filters=filters
    )


def test_a_chinese_question_finds_chinese_answers_by_words_and_says_so(mixed: tuple[Index, Settings]) -> None:
    found = asked("美国打压华为供应商，中方有何评论？", mixed)
    assert "打压中国企业" in found.citations[0].quote
    assert {mixed[0].source(citation.transcript).language for citation in found.citations} == {"zh"}
    assert found.understood.filters.language == "zh"
    assert WORDS_ONLY in found.understood.notes
    assert any("Chinese" in note and "language filter" in note for note in found.understood.notes)
    assert set(found.evidence[0].ranks) <= {"lexical", "lexical_passage"}


def test_an_english_question_finds_english_answers(mixed: tuple[Index, Settings]) -> None:
    found = asked("What was said about suppliers of Huawei?", mixed)
    assert found.understood.filters.language == "en"
    assert {mixed[0].source(evidence.span.transcript).language for evidence in found.evidence} == {"en"}
    assert WORDS_ONLY not in found.understood.notes


def test_an_explicit_language_wins(mixed: tuple[Index, Settings]) -> None:
    found = asked("华为供应商", mixed, Filters(language="en"))
    assert {mixed[0].source(evidence.span.transcript).language for evidence in found.evidence} == {"en"}
    assert any("names in it: Huawei" in note for note in found.understood.notes)


def test_the_spokesperson_is_the_one_of_the_language(mixed: tuple[Index, Settings]) -> None:
    assert understand("陆慷谈华为", (), Filters(), mixed[0]).filters.speaker in ("陆慷", None)
    assert understand("陆慷谈华为", (), Filters(language="en"), mixed[0]).filters.speaker == "Lu Kang"


def test_what_is_not_on_record_is_refused_in_chinese_too(mixed: tuple[Index, Settings]) -> None:
    found = asked("冰岛火山喷发的影响", mixed)
    assert found.refused
    assert not found.sentences


def test_chinese_is_not_embedded_by_a_model_that_does_not_know_it(mixed: tuple[Index, Settings]) -> None:
    index, _ = mixed
    transcript = next(source for source in index.sources() if source.language == "zh")
    exchange = index.exchanges_of(transcript.transcript)[0].id
    vectors = index.vectors_of("span", exchange)
    assert len(vectors) == len(index.spans_of(exchange)) > 0
    assert np.allclose(vectors, ENGLISH_MODEL.encode([""]), atol=1e-3)


def test_a_model_that_knows_chinese_is_searched_with(tmp_path_factory: pytest.TempPathFactory) -> None:
    encoder = FakeEncoder()
    for index, _ in made(tmp_path_factory.mktemp("multilingual"), encoder, ("t1", "t2")):
        query = understand("中方反对美方滥用国家力量打压中国企业。", (), Filters(), index)
        ranked = rank_exchanges(query, index, encoder)
        assert "dense" in ranked[0].scores
        assert any(item.span.text.startswith("中方反对美方") for item in search(query, index, encoder).evidence)


def test_a_record_without_the_questions_language_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    for index, _ in made(tmp_path_factory.mktemp("english"), ENGLISH_MODEL, ("t3",)):
        query = understand("熊猫何时启程", (), Filters(), index)
        assert "No transcript in Chinese is on record." in query.notes
        assert search(query, index, ENGLISH_MODEL).refused
        assert understand("When do the pandas leave?", (), Filters(), index).filters.language is None


@pytest.mark.models
def test_the_default_model_is_found_not_to_know_chinese(encoder) -> None:  # type: ignore[no-untyped-def]
    assert encoder.reads_chinese is False
