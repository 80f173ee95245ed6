from __future__ import annotations

import datetime as dt
import math
from types import SimpleNamespace

import numpy as np
import pytest

from rag.indexing.words import words_in
from rag.retrieval.coverage import Wanted, stems_in
from rag.retrieval.rerank import SIGNALS, Signals, fitted, signals

AXES = np.eye(4, dtype=np.float32)
SAID = {
    "a": ("Is the herring treaty signed?", "It was signed this morning."),
    "b": ("", "The herring quota is fair."),
    "c": ("What of satellites?", "They serve weather forecasts."),
    "d": ("And the bridge?", "It opens soon."),
}
PASSAGES = {
    "a": np.stack([AXES[1], AXES[0]]),
    "b": np.stack([(AXES[0] + AXES[1]) / np.sqrt(2)]),
    "c": np.stack([AXES[2]]),
    "d": np.empty((0, 4), dtype=np.float32),
}
DAYS = {"a": dt.date(2019, 3, 4), "b": dt.date(2019, 3, 14), "c": dt.date(2020, 3, 4), "d": None}
INDEX = SimpleNamespace(
    words_of=lambda exchanges: [SAID[exchange] for exchange in exchanges],
    vectors_of_each=lambda _space, exchanges: {exchange: PASSAGES[exchange] for exchange in exchanges},
    days_of=lambda exchanges: {exchange: DAYS[exchange] for exchange in exchanges},
)
WANTED = [Wanted(word, rarity, [stems_in(word)]) for word, rarity in (("herring", 2.0), ("treaty", 1.0))]
LISTS = {"lexical": {"a": 1.0, "b": 0.0}, "nearest": {"a": 1.0, "b": 0.5, "c": 0.0}, "span": {}}


def found(**fused: float) -> dict[str, Signals]:
    return dict(zip(fused, signals(fused, LISTS, AXES[0], WANTED, INDEX), strict=True))  # type: ignore[arg-type]


def test_what_an_exchange_and_its_question_hold_is_told_apart() -> None:
    of = found(a=1.0, b=0.5, c=0.2)
    assert (of["a"].held, of["a"].asked) == (1.0, 1.0)
    assert of["b"].held == pytest.approx(2 / 3)
    assert of["b"].asked == 0.0
    assert of["c"].held == of["c"].lexical == 0.0


def test_the_first_passage_counts_by_itself() -> None:
    of = found(a=1.0, b=0.5)
    assert of["a"].first == 0.0
    assert of["b"].first == pytest.approx(0.707, abs=1e-3)


def test_nearness_is_to_what_leads_after_the_words_are_counted() -> None:
    """The question's words put `a` before `c`, which the lists had a little before it."""
    of = found(c=0.6, a=0.5, b=0.1)
    assert of["a"].best == pytest.approx(1.0)
    assert of["c"].best == 0.0
    assert of["a"].three == pytest.approx((1 + 0.7071) / 3, abs=1e-3)


def test_an_exchange_without_passages_and_one_that_nothing_else_is_beside() -> None:
    assert found(d=1.0)["d"] == Signals(**dict.fromkeys(SIGNALS, 0.0))
    assert found() == {}


def test_what_was_said_about_when_the_best_was_said_is_told_and_a_day_unknown_is_no_error() -> None:
    of = found(a=1.0, b=0.5, c=0.2, d=0.1)
    weight = 1 + 1 / 2 + 1 / 3 + 1 / 4
    assert of["b"].season == pytest.approx(math.exp(-1) / weight)  # the best, ten days before
    assert of["a"].season == pytest.approx(math.exp(-1) / 2 / weight)  # the second, ten days later; not itself
    assert of["c"].season < 1e-9
    assert of["d"].season == 0


def test_the_committed_weights_are_of_the_signals_and_give_one_at_most() -> None:
    assert tuple(fitted().weights) == SIGNALS
    assert all(weight > 0 for weight in fitted().weights.values())
    assert fitted().score(Signals(**dict.fromkeys(SIGNALS, 1.0))) == pytest.approx(1.0)


def test_stems_of_the_two_parts_are_those_of_the_whole() -> None:
    for asked, answered in SAID.values():
        assert stems_in(asked) | stems_in(answered) == stems_in(f"{asked} {answered}")
        assert words_in(f"{asked} {answered}") == words_in(asked) + words_in(answered)
