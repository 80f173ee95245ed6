"""Spans that point back begin where what they point to is said; nothing is told twice."""

from __future__ import annotations

import datetime as dt

import pytest
from statements import evidence_of, span_of

from rag.generation.restate import Context
from rag.generation.select import Statement
from rag.generation.standing import points_back, stand_alone, standing
from rag.types import AnswerSpan

DAY = dt.date(2019, 5, 23)
OFFSET = 100
"""Where `statements.evidence_of` lets an answer begin."""


def cut(answer: str, said: str) -> AnswerSpan:
    return span_of(said, start=OFFSET + answer.index(said))


@pytest.mark.parametrize(
    "text",
    [
        "They have been told.",
        "This decision hurts the fishermen of Norway.",
        "The above-mentioned ships have left the bay.",
        "Such moves will not work.",
        "Despite that, the fishermen went out.",
        "It runs counter to the treaty.",
        "We commend this decision.",
        "We firmly support their efforts.",
        "We have noted relevant reports. This is a mistake.",
        "We will work to this end.",
        "The relevant department will deal with it in accordance with the law.",
        "We believe it was a mistake.",
        "Under his leadership Norway will prosper.",
    ],
)
def test_what_points_back_is_known(text: str) -> None:
    assert points_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "Norway has lifted the ban.",
        "It is clear that the ban will be lifted.",
        "This year the ban will be lifted.",
        "Those who broke the treaty should leave.",
        "Norway said that its ships had left, and they have.",
        "The fishermen know that their boats are old.",
        "The two ministers agreed on a plan and will work to this end.",
        "During his visit, Minister Olsen will go to Bergen.",
        "We believe it is important that the ban is lifted.",
    ],
)
def test_what_stands_alone_is_known(text: str) -> None:
    assert not points_back(text)


@pytest.mark.parametrize(
    ("answer", "said", "whole"),
    [
        ("Norway lifted the ban. We commend this decision.", "We commend this decision.", True),
        ("The fishermen met in Oslo. They agreed on a plan. They signed it.", "They signed it.", True),
        ("Norway closed the bay. It was wrong. It is wrong. It will be wrong.", "It will be wrong.", False),
        ("We have noted relevant reports. This is a mistake.", "This is a mistake.", False),
        ("I'm not aware of that. They should ask Norway.", "They should ask Norway.", False),
        ("This is a mistake. Norway lifted the ban.", "This is a mistake.", False),
        ("Norway lifted the ban. Chile will follow.", "Chile will follow.", False),
    ],
)
def test_a_span_begins_where_it_is_clear(answer: str, said: str, whole: bool) -> None:
    span = standing(cut(answer, said), answer, OFFSET)
    assert span.text == (answer if whole else said)
    assert answer[span.start - OFFSET : span.end - OFFSET] == span.text


def test_no_more_is_put_before_than_a_reader_can_take() -> None:
    long = f"Norway lifted {' '.join(['the ban on cod'] * 40)}."
    assert standing(cut(f"{long} They signed it.", "They signed it."), f"{long} They signed it.", OFFSET).text == (
        "They signed it."
    )


def statements_of(answer: str, *said: str) -> tuple[list[Statement], list[Context]]:
    found = [evidence_of(text, DAY, 1, start=OFFSET + answer.index(text)) for text in said]
    context = Context(speaker="Li Ming", country="China", answer=answer)
    return [Statement(evidence=item, leads=i == 0) for i, item in enumerate(found)], [context] * len(found)


def test_two_statements_that_hang_together_become_one() -> None:
    answer = "Norway lifted the ban. We commend this decision. Chile will follow."
    statements, contexts = stand_alone(
        *statements_of(answer, "Norway lifted the ban.", "We commend this decision.", "Chile will follow.")
    )
    assert [s.evidence.span.text for s in statements] == [
        "Norway lifted the ban. We commend this decision.",
        "Chile will follow.",
    ]
    assert [s.leads for s in statements] == [True, False]
    assert len(contexts) == 2


def test_what_cannot_be_joined_follows_and_is_not_told_twice() -> None:
    answer = "Cod is fish. Herring is fish. Norway lifted the ban. We commend this decision."
    first = "Cod is fish. Herring is fish. Norway lifted the ban."
    statements, _ = stand_alone(*statements_of(answer, first, "We commend this decision."))
    assert [s.evidence.span.text for s in statements] == [first, "We commend this decision."]
