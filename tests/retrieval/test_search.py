"""Understanding, ranking and evidence over a small index with a deterministic encoder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from fakes import FakeEncoder
from rag.config import Settings
from rag.errors import OnRecordError, QueryError
from rag.indexing.build import ingest
from rag.indexing.store import Index, open_index
from rag.retrieval.coverage import is_name, wanted_words
from rag.retrieval.lexical import other_names, spelt_out, terms
from rag.retrieval.rank import METHODS, RankedExchange, rank_exchanges
from rag.retrieval.search import search, widened
from rag.retrieval.understand import LONGEST_QUESTION, understand
from rag.retrieval.vocabulary import misheard, vocabulary
from rag.types import Filters, Period, Query

TALKS = {
    ("Lu Kang", "2019-03-04"): [
        (
            "Norway wants to limit the herring catch. What is your comment?",
            "Herring stocks belong to all. We favour a quota that both sides can live with.",
        ),
        (
            "Will Venezuela get more loans?",
            "Cooperation with Venezuela follows commercial rules. I have nothing further on loans.",
        ),
        (
            "A satellite was launched yesterday. Is it military?",
            "The satellite serves weather forecasts only. Suspicion is groundless.",
        ),
    ],
    ("Hua Chunying", "2019-06-12"): [
        (
            "Norway repeated its herring claim. Any response?",
            "Herring stocks belong to all. We favour a quota that both sides can live with.",
        ),
        (
            "The DPRK fired a missile. What is your comment?",
            "All parties on the Peninsula should return to dialogue and avoid provocation.",
        ),
        (
            "Will the bridge over the river open this summer?",
            "The bridge opens when the tests are done. Safety comes first.",
        ),
    ],
    ("Geng Shuang", "2020-01-20"): [
        ("How many students will get visas?", "Visas for students are handled by our embassies according to law."),
        (
            "Is the herring treaty signed?",
            "The herring treaty was signed this morning in Oslo and will be submitted for approval.",
        ),
    ],
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("talks")
    pages = folder / "pages"
    pages.mkdir()
    for number, ((speaker, date), exchanges) in enumerate(TALKS.items()):
        body = "\n\n".join(f"Q: {question}\n\nA: {answer}" for question, answer in exchanges)
        (pages / f"talk{number}.txt").write_text(
            f"title: Press Conference {number}\ndate: {date}\nspeaker: {speaker}\n\n{body}\n", encoding="utf-8"
        )
    settings = Settings(index=folder / "index", corpus=folder / "corpus", embedding="fake")
    encoder = FakeEncoder()
    ingest([pages], settings, encoder)
    with open_index(settings, encoder) as opened:
        yield opened


ENCODER = FakeEncoder()


def first_answer(question: str, index: Index, method: str = "hybrid", history: tuple[str, ...] = ()) -> str:
    query = understand(question, history, Filters(), index)
    best = rank_exchanges(query, index, ENCODER, 5, method)[0]
    return " ".join(span.text for span in index.spans_of(best.exchange))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_statement(method: str, index: Index) -> None:
    assert "satellite serves weather" in first_answer("is the satellite military", index, method)


def test_an_unknown_method_is_named(index: Index) -> None:
    with pytest.raises(OnRecordError, match="magic"):
        rank_exchanges(understand("herring", (), Filters(), index), index, ENCODER, 5, "magic")


def test_the_period_and_the_spokesperson_limit_the_search(index: Index) -> None:
    query = understand("what did Geng Shaung say about herring in early 2020?", (), Filters(), index)
    assert query.topic == "herring?"
    assert query.filters.speaker == "Geng Shuang" or any("Geng Shuang" in note for note in query.notes)


def test_a_limit_that_leaves_too_little_is_widened_and_said(index: Index) -> None:
    query = understand("herring in May 2019", (), Filters(), index)
    assert query.notes
    assert rank_exchanges(query, index, ENCODER)


def test_explicit_filters_win(index: Index) -> None:
    period = Period(first=dt.date(2019, 1, 1), last=dt.date(2019, 12, 31))
    query = understand("what did Geng Shuang say in 2020", (), Filters(speaker="Lu Kang", period=period), index)
    assert query.filters.speaker == "Lu Kang"
    assert query.filters.period == period


def test_a_follow_up_is_read_with_the_question_before(index: Index) -> None:
    query = understand("and what about it?", ("Will the bridge open?",), Filters(), index)
    assert query.context == "Will the bridge open?"
    assert query.standalone
    assert "bridge opens" in first_answer("and when?", index, history=("Will the bridge over the river open?",))


def test_a_question_that_stands_alone_is_not_mixed(index: Index) -> None:
    query = understand("Which rules hold for student visas at embassies", ("Will the bridge open?",), Filters(), index)
    assert query.context is None


def test_the_newest_come_first_when_asked_for(index: Index) -> None:
    assert understand("latest statement on herring", (), Filters(), index).latest
    assert "signed this morning" in first_answer("latest position on herring", index)


def test_newness_orders_and_does_not_make_more_relevant(index: Index) -> None:
    def ranked(question: str) -> dict[str, RankedExchange]:
        query = understand(question, (), Filters(), index)
        found = rank_exchanges(query.model_copy(update={"topic": "position on herring"}), index, ENCODER)
        return {item.exchange: item for item in found}

    latest, plain = ranked("latest position on herring"), ranked("position on herring")
    assert any(item.score > item.relevance for item in latest.values())
    assert {key: item.relevance for key, item in latest.items()} == {
        key: pytest.approx(plain[key].relevance) for key in latest
    }
    assert all(item.score == item.relevance for item in plain.values())


def test_evidence_is_spans_of_answers_and_says_once_what_was_said_twice(index: Index) -> None:
    found = search(understand("herring quota Norway stocks both sides", (), Filters(), index), index, ENCODER).evidence
    assert found
    texts = [evidence.span.text for evidence in found]
    assert len(texts) == len(set(texts))
    for evidence in found:
        assert index.transcript(evidence.span.transcript).text[evidence.span.start : evidence.span.end] == (
            evidence.span.text
        )
        assert evidence.exchange.answer.contains(evidence.span)
    assert any(evidence.also_said for evidence in found)


@pytest.mark.parametrize(
    "question",
    [
        'herring" OR "1"="1',
        "NEAR(herring, 2) AND title:* - ^ NOT (",
        "herring\0satellite",
        "🐟🐟 herring 🛰️",
        "渔业条约说了什么",
        "' ; DROP TABLE exchanges; --",
        "* ( ) : ^ - + { } herring",
        "a",
        "the of and",
        "x" * LONGEST_QUESTION,
        "herring " * 400,
        "\u202eherring\u202c \ufeff",
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_hostile_questions_are_text(question: str, method: str, index: Index) -> None:
    query = understand(question, (), Filters(), index)
    rank_exchanges(query, index, ENCODER, 5, method)
    search(query, index, ENCODER)


@pytest.mark.parametrize("question", ["", "   ", "\0", "???", "😀", "y" * 20_000])
def test_empty_and_huge_questions_are_refused_in_words(question: str, index: Index) -> None:
    with pytest.raises(QueryError, match="question"):
        understand(question, (), Filters(), index)


def test_other_names_are_asked_for_too(index: Index) -> None:
    assert "DPRK" in other_names("North Korea's missile")
    assert "Wall Street Journal" in other_names("why wsj reporters were expelled")
    assert "Davos" in other_names("world economic forum in january")
    assert not other_names("the net of a fisherman")
    assert "return to dialogue" in first_answer("North Korean missile", index, "lexical")


def test_who_and_us_are_words_unless_in_capitals(index: Index) -> None:
    assert not other_names("who told us")
    assert "World Health Organization" in other_names("the WHO said")
    assert terms("who told us what the US did") == ["US"]
    assert terms("leaving the WHO") == ["leaving", "WHO"]
    assert terms("WHO TOLD US") == []
    assert terms("why doesnt the US sign, can't it, and why isn’t it willing") == ["US", "sign", "willing"]
    assert wanted_words(Query(question="q", topic="the WHO"), index)[0].forms[0] == {"WHO"}


def test_misspelt_words_are_corrected_from_the_record(index: Index) -> None:
    words = vocabulary(index)
    assert words.correction("herring") is None
    assert words.correction("krill") is None
    assert words.correction("herrinng") == "herring"
    assert words.correction("norweyi") is None


def test_a_slip_is_no_form_of_a_short_word_that_happens_to_be_its_beginning(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "thi" is a name on record, "thier" no form of it."""
    counts = {"thi": 2, "visa": 3, "their": 900}
    monkeypatch.setattr(type(index), "word_count", lambda _index, word: counts.get(word, 0))
    monkeypatch.setattr(type(index), "words_like", lambda _index, _beginning, _lengths, _fewest: {"their": 900})
    assert vocabulary(index).correction("thier") == "their"
    assert vocabulary(index).correction("visaed") is None


def test_an_english_word_is_no_slip_for_another(index: Index) -> None:
    words = vocabulary(index)
    for word, other in (("norman", "norway"), ("dialog", "dialogue")):
        assert words.count(word) == 0 < words.count(other)
        assert words.correction(word) is None


@pytest.mark.parametrize(
    ("word", "other", "expected"),
    [("tibat", "tibet", True), ("macoa", "macao", True), ("yemenn", "yemen", True), ("krill", "kill", False)],
)
def test_a_short_word_is_mended_only_where_ear_or_finger_slips(word: str, other: str, expected: bool) -> None:
    assert misheard(word, other) is expected


def test_a_misspelt_question_is_searched_as_it_was_meant_and_says_so(index: Index) -> None:
    query = understand("Herrinng quotas", (), Filters(), index)
    assert query.topic == "herring quotas"
    assert any("herrinng" in note and "herring" in note for note in query.notes)
    assert "herring stocks" in first_answer("herrinng", index).lower()


def test_names_that_nothing_mentions_are_told_but_common_words_are_not(index: Index) -> None:
    question = "was the herring treaty signed in Oslo this morning and submitted for approval, bloggers from Zorbistan"
    found = search(understand(question, (), Filters(), index), index, ENCODER)
    assert found.unmentioned == ("zorbistan",)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("oslo", True),
        ("herring", False),
        ("zorbistan", True),
        ("herri", False),
        ("ok", False),
        ("evictions", False),
    ],
)
def test_the_record_says_what_is_a_name(word: str, expected: bool, index: Index) -> None:
    assert is_name(word, f"what of {word} then", index) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("WHO", "World Health Organization"),
        ("who left the WHO", "who left the World Health Organization"),
        ("US tariffs on us", "United States tariffs on us"),
        ("the EU", "the EU"),
    ],
)
def test_a_name_like_a_function_word_is_spelt_out_for_the_embedding_model(text: str, expected: str) -> None:
    assert spelt_out(text) == expected


def test_a_follow_up_about_something_new_is_searched_by_its_own_words(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.retrieval.search.refused", lambda query, *_: query.context is not None)
    leaning = understand("and the herring quota?", ("Will the bridge open?",), Filters(), index)
    assert leaning.context
    alone = widened(leaning, Filters(), index, ENCODER)
    assert (alone.context, alone.standalone, alone.topic) == (None, None, leaning.topic)
    assert "own words" in alone.notes[-1]

    pointing = understand("what is their position on the quota?", ("Will the bridge open?",), Filters(), index)
    assert widened(pointing, Filters(), index, ENCODER) == pointing, "whose, only the question before says"
    monkeypatch.setattr("rag.retrieval.search.refused", lambda *_: False)
    assert widened(leaning, Filters(), index, ENCODER) == leaning
    monkeypatch.setattr("rag.retrieval.search.refused", lambda *_: True)
    assert widened(leaning, Filters(), index, ENCODER) == leaning
