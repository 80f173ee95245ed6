"""Answers cut into the spans that are cited."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_corpus import TRADE, TREATY, transcript_of

from rag.corpus import split_sentences
from rag.indexing.spans import MOST_SENTENCES, MOST_WORDS, answer_spans


def spans_of(answer: str) -> list[str]:
    transcript = transcript_of(answer)
    return [span.text for span in answer_spans(transcript, transcript.exchanges[0])]


def test_sentences_that_stand_alone_are_spans_of_their_own() -> None:
    assert spans_of(f"{TRADE} {TREATY}") == [TRADE, TREATY]


@pytest.mark.parametrize(
    "leaning",
    [
        "Such moves help nobody and will be met with the necessary measures at a proper time.",
        "This serves the interests of both countries and the wish of their peoples for peace.",
        "It is hoped that the other side will do the same without any further delay.",
        "They have agreed to meet again before the end of the year in the capital of Norway.",
        "Therefore we hope that the other side will keep its word and carry out what was agreed.",
        "In this regard, China has always been open to new proposals from all the parties concerned.",
        "However, some people on the other side keep saying the opposite for reasons of their own.",
        "The international community, as all of you can see for yourselves, gives both credit for that.",
        "We encourage them to go on with the talks and to settle what remains by next summer.",
    ],
)
def test_a_sentence_that_leans_on_the_one_before_stays_with_it(leaning: str) -> None:
    assert spans_of(f"{TRADE} {leaning}") == [f"{TRADE} {leaning}"]


@pytest.mark.parametrize(
    "alone",
    [
        "This morning the foreign ministers of the two countries met in Oslo for three hours.",
        "Those who doubt the treaty should read its text before they speak about it in public.",
        "We hope that the other side will carry out the treaty in good faith and in full.",
    ],
)
def test_a_sentence_that_only_looks_leaning_stands_alone(alone: str) -> None:
    assert spans_of(f"{TRADE} {alone}") == [TRADE, alone]


def test_a_short_sentence_joins_its_neighbour() -> None:
    noted = "We have noted the relevant reports."
    assert spans_of(f"{noted} {TRADE} {TREATY}") == [f"{noted} {TRADE}", TREATY]
    assert spans_of(f"{TRADE} {TREATY} Thank you.") == [TRADE, f"{TREATY} Thank you."]


def test_an_introduction_stays_with_what_it_introduces() -> None:
    assert spans_of(f"I want to stress the following points:\nFirst, {TRADE}\nSecond, {TREATY}") == [
        f"I want to stress the following points:\nFirst, {TRADE}",
        f"Second, {TREATY}",
    ]


def test_paragraphs_part_spans_unless_a_pronoun_needs_the_one_before() -> None:
    assert spans_of(f"{TRADE}\nHowever, {TREATY}") == [TRADE, f"However, {TREATY}"]
    assert spans_of(f"{TRADE}\nThis was good for both.") == [f"{TRADE}\nThis was good for both."]


def test_a_span_is_never_longer_than_allowed() -> None:
    leaning = "They " + "know " * 30 + "well."
    spans = spans_of(" ".join([TRADE, *[leaning] * 5]))
    assert all(len(span.split()) <= MOST_WORDS for span in spans)
    short = "They all know it well by now and say so."
    assert all(span.count(short) <= MOST_SENTENCES for span in spans_of(" ".join([short] * 8)))


def test_a_very_long_sentence_is_one_span() -> None:
    sentence = "China " + "and again China " * 60 + "agreed."
    assert spans_of(f"{TRADE} {sentence} {TREATY}") == [TRADE, sentence, TREATY]


def test_a_reporters_interjection_is_in_no_span() -> None:
    answer = f"{TRADE} Do you want me to repeat my answer? (Journalist: Yes, please.) {TREATY}"
    spans = spans_of(answer)
    assert not any("Yes, please" in span for span in spans)
    assert spans[-1] == TREATY


def test_chinese_spans() -> None:
    first = "中方一贯支持两国通过对话协商解决渔业争端，维护本地区的和平与稳定。"
    assert spans_of(
        f"{first}这符合双方的共同利益，也符合国际社会的普遍期待和各国人民的愿望。条约将在两国议会批准之后立即正式生效。"
    ) == [
        f"{first}这符合双方的共同利益，也符合国际社会的普遍期待和各国人民的愿望。",
        "条约将在两国议会批准之后立即正式生效。",
    ]


WORDS = st.sampled_from(
    [
        "China",
        "they",
        "This",
        "Such",
        "U.S.",
        "Mr. Ren",
        "No. 1",
        "it.",
        "end.",
        "why?",
        "points:",
        "\n",
        "中方",
        "这。",
        "“yes”",
        "(Reporter:",
        "no)",
    ]
)


@settings(deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=120).map(" ".join).filter(lambda text: text.strip()))
def test_spans_tile_the_sentences_of_any_answer(answer: str) -> None:
    answer = "\n".join(" ".join(line.split()) for line in answer.split("\n") if line.strip())
    transcript = transcript_of(answer)
    exchange = transcript.exchanges[0]
    spans = answer_spans(transcript, exchange)
    at = exchange.answer.start
    for span in spans:
        assert transcript.text[span.start : span.end] == span.text
        assert at <= span.start < span.end <= exchange.answer.end
        assert span.text == span.text.strip()
        at = span.end
        assert sum(1 for _ in split_sentences(span.text)) >= 1
    if "(Reporter:" not in answer:
        covered = "".join(span.text for span in spans)
        assert "".join(covered.split()) == "".join(answer.split())
    assert spans == answer_spans(transcript, exchange)
