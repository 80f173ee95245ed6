"""Evidence weighed by reading it together with the question."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from statements import evidence_of, span_of

from fakes import FakeEncoder
from rag.indexing.embedding import Encoder
from rag.indexing.joint import committed
from rag.retrieval.reading import ALONE, NEXT, SUREST, Read, Reading, chances, fitted, read, read_with
from rag.types import AnswerSpan, Evidence, Query

HERRING = "The herring quota of 14,000 tonnes was agreed with Norway in Oslo."
SATELLITE = "The satellite serves weather forecasts for farmers in the northern provinces."
BRIDGE = "The bridge over the river opens in June, when the tests are done."


def evidence(*likely: float) -> list[Evidence]:
    """One piece for each probability, of the three texts in turn."""
    texts = [HERRING, SATELLITE, BRIDGE]
    day = dt.date(2019, 3, 4)
    return [evidence_of(texts[i % 3], day, number=i, score=chance) for i, chance in enumerate(likely)]


def asked(topic: str, context: str | None = None) -> Query:
    return Query(question=topic, topic=topic, context=context)


class Joint(FakeEncoder):
    """Reads together: what holds the question's first word has log-odds of 4, all else of -4."""

    def joint_scores(self, question: str, statements: Sequence[str]) -> NDArray[np.float32]:
        self.question = question
        word = question.split(maxsplit=1)[0]
        return np.array([4.0 if word in statement else -4.0 for statement in statements], dtype=np.float32)


def test_what_is_read_in_favour_comes_first() -> None:
    found = read(evidence(0.6, 0.5, 0.4), asked("bridge"), Joint()) or ()
    assert [item.span.text for item in found] == [BRIDGE, HERRING, SATELLITE]
    assert found[0].score > 0.4
    assert found[1].score < 0.6


def test_a_model_that_cannot_read_leaves_all_as_it_is() -> None:
    given_ = evidence(0.6, 0.5, 0.4)
    assert read(given_, asked("bridge"), FakeEncoder()) is None
    assert chances(given_[0], ["a part"], asked("bridge"), FakeEncoder()) is None
    assert read([], asked("bridge"), Joint()) == ()


def test_a_follow_up_is_read_with_what_it_leans_on() -> None:
    encoder = Joint()
    read(evidence(0.5), asked("and the bridge", context="herring"), encoder)
    assert encoder.question == "and the bridge herring"


@given(st.lists(st.floats(0, 1), max_size=9))
def test_nothing_is_lost_and_what_was_likelier_stays_so(likely: list[float]) -> None:
    found = read(evidence(*likely), asked("zeppelin"), Joint()) or ()
    assert {item.span.exchange for item in found} == {item.span.exchange for item in evidence(*likely)}
    assert all(0 <= item.score <= 1 for item in found)
    before = {item.span.exchange: min(max(item.score, SUREST), 1 - SUREST) for item in evidence(*likely)}
    order = [before[item.span.exchange] for item in found]
    assert order == pytest.approx(sorted(order, reverse=True))


def answer_of(exchange: str, *texts: str, gap: int = 1, start: int = 100) -> list[AnswerSpan]:
    """The spans of one answer, one after the other with a gap."""
    spans = []
    for text in texts:
        spans.append(span_of(text, exchange, start))
        start += len(text) + gap
    return spans


def test_a_span_is_read_with_the_likeliest_next_to_it() -> None:
    spans = answer_of("t1.0", HERRING, SATELLITE, BRIDGE)
    joint = np.array([3.0, -2.0, 1.0])
    found = read_with(spans, joint)
    assert found.joint.tolist() == [3.0, -2.0, 1.0]
    assert found.best.tolist() == [3.0, 3.0, 3.0]
    assert found.beside.tolist() == [-2.0, 3.0, -2.0]


def test_spans_of_another_answer_or_farther_on_are_not_next_to_it() -> None:
    (first, _), (_, third) = answer_of("t1.0", HERRING, SATELLITE), answer_of("t1.0", "x" * 200, BRIDGE)
    (other,) = answer_of("t2.0", SATELLITE, start=first.end + 1)
    joint = np.array([3.0, -2.0, 1.0])
    assert read_with([first, other, third], joint).beside.tolist() == [3.0 - ALONE, -2.0 - ALONE, 1.0 - ALONE]
    near, far = answer_of("t1.0", HERRING, BRIDGE, gap=NEXT), answer_of("t1.0", HERRING, BRIDGE, gap=NEXT + 1)
    assert read_with(near, joint[:2]).beside.tolist() == [-2.0, 3.0]
    assert read_with(far, joint[:2]).beside.tolist() == [3.0 - ALONE, -2.0 - ALONE]


def test_every_term_weighs_by_its_own_coefficient() -> None:
    reading = Reading(tuning="", intercept=1, before=10, joint=100, best=1000, beside=10000, threshold=0.5)
    found = reading.log_odds(np.array([2.0]), Read(np.array([3.0]), np.array([4.0]), np.array([5.0])))
    assert found.tolist() == [1 + 20 + 300 + 4000 + 50000]


def test_what_stands_beside_a_likely_span_is_likelier_than_the_same_elsewhere() -> None:
    day = dt.date(2019, 3, 4)
    start = 100 + len(BRIDGE) + 1
    pieces = [
        evidence_of(SATELLITE, day, number=2, score=0.5),
        evidence_of(SATELLITE, day, number=1, start=start, score=0.5),
        evidence_of(BRIDGE, day, number=1, score=0.5),
    ]
    best, second, third = read(pieces, asked("bridge"), Joint()) or ()
    assert best.span.text == BRIDGE
    assert (second.span.exchange, third.span.exchange) == (best.span.exchange, pieces[0].span.exchange)
    assert second.score > third.score + 0.01


@given(st.permutations(range(5)), st.lists(st.floats(-9, 9), min_size=5, max_size=5))
def test_the_order_in_which_spans_are_read_changes_nothing(order: list[int], odds: list[float]) -> None:
    spans = [*answer_of("t1.0", HERRING, SATELLITE, BRIDGE), *answer_of("t2.0", BRIDGE, HERRING)]
    joint = np.array(odds)
    straight, shuffled = read_with(spans, joint), read_with([spans[i] for i in order], joint[order])
    for values, others in zip(straight, shuffled, strict=True):
        assert values[order].tolist() == others.tolist()


def test_nothing_read_is_no_error() -> None:
    assert [len(values) for values in read_with([], np.array([]))] == [0, 0, 0]


def test_a_part_is_as_likely_as_the_span_but_for_what_it_lacks() -> None:
    (item,) = evidence(0.6)
    whole, part = chances(item, [HERRING, "It was agreed in Oslo."], asked("herring"), Joint()) or (0.0, 0.0)
    assert whole == pytest.approx(0.6)
    assert part < 0.6


def test_both_weigh_in_favour_and_say_where_they_are_from() -> None:
    reading = fitted()
    assert reading.before > 0
    assert reading.joint > 0
    assert reading.joint + reading.best > 0, "to read the best span in its favour makes it likelier"
    assert reading.beside > 0
    assert 0 < reading.threshold < 1
    assert reading.provenance["command"] == "onrecord evaluate bearing --fit"
    assert reading.tuning == committed().digest, (
        "the coefficients are of another tuning: onrecord evaluate bearing --fit"
    )


@pytest.mark.models
def test_the_real_model_tells_neighbours_apart(encoder: Encoder) -> None:
    texts = {
        item.span.text: item
        for item in read(evidence(0.5, 0.5, 0.5), asked("herring catch with norway"), encoder) or ()
    }
    assert texts[HERRING].score == max(item.score for item in texts.values())
    assert texts[HERRING].score > texts[SATELLITE].score + 0.1
