"""A lead is made of verified sentences only: each of its own is checked against those it stands on, or dropped."""

from __future__ import annotations

import pytest
from statements import QueuedModel

from rag.config import Settings
from rag.generation.synthesis import PROMPT, synthesis, wanted
from rag.types import Sentence

SHOWN = (
    Sentence(
        text="On 23 May 2019, Li Ming said that the tariff dispute should be settled through talks.",
        label="supported",
        citations=(1,),
    ),
    Sentence(text="China urges Norway to lift the ban on fishing.", label="supported", citations=(2, 3)),
    Sentence(text="We are friends.", label="quote", citations=(4,)),
    Sentence(text="Li Ming said that 14 boats entered the bay.", label="supported", citations=(5,)),
)


def led(*replies: str, support: float = 1.0) -> list[tuple[str, tuple[int, ...]]]:
    model = QueuedModel(*replies, support=support)
    lead = synthesis(SHOWN, ["Li Ming"], "China", model)
    assert model.asked[0][0] == PROMPT
    assert not any("We are friends" in text for _, text in model.asked), "only supported sentences are seen"
    return [(sentence.text, sentence.citations) for sentence in lead]


def test_each_sentence_carries_the_citations_of_those_it_stands_on() -> None:
    said = "Li Ming said that 14 boats entered the bay. China urges Norway to lift the ban on fishing."
    assert led(said) == [
        ("Li Ming said that 14 boats entered the bay.", (5,)),
        ("China urges Norway to lift the ban on fishing.", (2, 3)),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        "Li Ming said that 15 boats entered the bay.",
        "Norway urges China to lift the ban on fishing.",
        "China does not urge Norway to lift the ban on fishing.",
        "Li Ming said that Chile entered the bay.",
        "Li Ming said that the minister resigned.",
    ],
)
def test_a_sentence_that_fails_a_check_is_dropped(wrong: str) -> None:
    assert led(f"{wrong} China urges Norway to lift the ban on fishing.") == [
        ("China urges Norway to lift the ban on fishing.", (2, 3))
    ]


def test_what_the_model_does_not_stand_by_is_dropped() -> None:
    assert led("China urges Norway to lift the ban on fishing.", support=0.2) == []


def test_a_short_answer_gets_none() -> None:
    model = QueuedModel("China urges Norway to lift the ban on fishing.")
    assert synthesis(SHOWN[:3], ["Li Ming"], "China", model) == ()
    assert not model.asked


def test_small_models_are_not_asked_unless_the_settings_say_so() -> None:
    small, large = QueuedModel(), QueuedModel()
    large.parameters = 7_600_000_000
    assert [wanted(Settings(), model) for model in (small, large)] == [False, True]
    assert [wanted(Settings(synthesis=True), small), wanted(Settings(synthesis=False), large)] == [True, False]
