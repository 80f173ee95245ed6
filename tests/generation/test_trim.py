"""Sentences of a span that do not bear on the question are left out of what is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.generation.reported import report
from rag.generation.trim import own, trimmed
from rag.types import Proposition

TEXTS = (
    "The herring quota was agreed in Oslo.",
    "It holds for two years.",
    "The satellite serves weather forecasts.",
)
SPAN = " ".join(TEXTS)


def made(*texts: str) -> tuple[Proposition, str]:
    """Restated of these sentences, one after the other, and their text."""
    span = " ".join(texts)
    starts = [span.index(text) for text in texts]
    parts = tuple((start, start + len(text)) for start, text in zip(starts, texts, strict=True))
    sentences = tuple(f"Lu Kang said that {text}" for text in texts)
    return (
        Proposition(
            span_digest="a", model="b", prompt_version="1", sentences=sentences, parts=parts, label="supported"
        ),
        span,
    )


@pytest.mark.parametrize(
    ("chances", "kept"),
    [
        ((0.9, 0.9, 0.2), (0, 1)),
        ((0.9, 0.2, 0.9), (0, 2)),
        ((0.2, 0.2, 0.9), (2,)),
        ((0.2, 0.9, 0.2), (0, 1)),  # "It" is nothing without the sentence before
        ((0.2, 0.2, 0.2), (0, 1, 2)),  # the span as a whole was found to bear
        ((0.7, 0.7, 0.7), (0, 1, 2)),
    ],
)
def test_what_does_not_bear_is_left_out(chances: tuple[float, ...], kept: tuple[int, ...]) -> None:
    proposition, span = made(*TEXTS)
    found = trimmed(proposition, span, chances, 0.7)
    assert found.sentences == tuple(proposition.sentences[place] for place in kept)
    assert found.parts == tuple(proposition.parts[place] for place in kept)


def test_a_sentence_that_points_back_keeps_what_it_points_to() -> None:
    """As rules make it: its part begins with the sentence before."""
    span = (
        "The ministry of fisheries of Norway published a white paper on the herring stocks of the northern seas. "
        "China rejects this document and urges Norway to correct the many mistakes that its authors made on each page. "
        "The bridge over the river in the capital of the western province opens in June when all tests are done."
    )
    told = report(span, "Lu Kang", "China")
    assert told is not None
    parts = tuple((part.start, part.end) for part in told)
    assert parts[1][0] == parts[0][0], "they overlap"
    proposition = Proposition(
        span_digest="a",
        model="b",
        prompt_version="1",
        sentences=tuple(part.sentence for part in told),
        parts=parts,
        label="supported",
    )
    assert span[slice(*own(parts)[1])].strip().startswith("China rejects")
    assert trimmed(proposition, span, (0.2, 0.9, 0.2), 0.7).parts == parts[:2]


def test_what_takes_something_back_is_told_with_it() -> None:
    proposition, span = made(TEXTS[0], "However, China does not accept it.", TEXTS[2])
    assert trimmed(proposition, span, (0.9, 0.2, 0.2), 0.7).sentences == proposition.sentences[:2]
    assert trimmed(proposition, span, (0.2, 0.2, 0.9), 0.7).sentences == proposition.sentences[2:]


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.floats(0, 1))
def test_what_is_left_is_whole_and_in_order(chances: list[float], least: float) -> None:
    proposition, span = made(*TEXTS)
    found = trimmed(proposition, span, chances, least)
    assert 1 <= len(found.sentences) == len(found.parts)
    pairs = list(zip(proposition.sentences, proposition.parts, strict=True))
    places = [pairs.index(pair) for pair in zip(found.sentences, found.parts, strict=True)]
    assert places == sorted(set(places))
    assert {place for place in range(3) if chances[place] >= least} <= set(places)
