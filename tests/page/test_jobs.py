from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from rag.errors import ModelError
from rag.page.jobs import AT_ONCE, Jobs
from rag.page.turns import Turn
from rag.types import Answer

WAIT = 10


class Saved(dict[str, Turn]):
    """Where turns are saved, and a way to wait for one to end."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = threading.Condition()

    def save(self, turn: Turn) -> None:
        with self.changed:
            self[turn.id] = turn
            self.changed.notify_all()

    def until(self, turn_id: str, condition: Callable[[Turn], bool]) -> Turn:
        with self.changed:
            assert self.changed.wait_for(lambda: turn_id in self and condition(self[turn_id]), WAIT)
            return self[turn_id]


@pytest.fixture
def asked(turn: Turn) -> Turn:
    return turn.model_copy(update={"state": "waiting", "answer": None})


def growing(answer: Answer) -> list[Answer]:
    return [answer.model_copy(update={"sentences": (), "pending": 1, "complete": False}), answer]


def test_an_answer_grows_and_ends(asked, answer):
    saved, go = Saved(), threading.Event()

    def answering(*_: object) -> Iterator[Answer]:
        first, last = growing(answer)
        yield first
        go.wait(WAIT)
        yield last

    jobs = Jobs(answering, saved.save)
    jobs.start(asked, ())
    growing_turn = saved.until(asked.id, lambda turn: turn.answer is not None)
    assert (growing_turn.state, growing_turn.answer.pending) == ("running", 1)
    assert jobs.turn(asked.id) == growing_turn
    go.set()
    assert saved.until(asked.id, lambda turn: turn.state == "done").answer == answer
    assert jobs.turn(asked.id) is None


def test_stop_keeps_what_is_written_and_takes_nothing_more(asked, answer):
    saved, go, ended = Saved(), threading.Event(), threading.Event()

    def answering(_turn: Turn, _history: object, cancelled: Callable[[], bool]) -> Iterator[Answer]:
        first, last = growing(answer)
        try:
            yield first
            go.wait(WAIT)
            assert cancelled()
            yield last
        finally:
            ended.set()

    jobs = Jobs(answering, saved.save)
    jobs.start(asked, ())
    saved.until(asked.id, lambda turn: turn.answer is not None)
    jobs.stop(asked.id)
    stopped = saved[asked.id]
    assert (stopped.state, stopped.answer.pending, stopped.answer.sentences) == ("stopped", 0, ())
    go.set()
    assert ended.wait(WAIT)
    assert saved[asked.id] == stopped


@pytest.mark.parametrize(
    ("error", "message"), [(ModelError("run this"), "run this"), (RuntimeError("secret"), "the server's log")]
)
def test_an_error_ends_the_turn_and_not_the_worker(asked, answer, error, message):
    saved = Saved()

    def answering(turn: Turn, *_: object) -> Iterator[Answer]:
        if turn.id == "bad":
            raise error
        yield answer

    jobs = Jobs(answering, saved.save)
    for number in range(AT_ONCE + 1):
        jobs.start(asked.model_copy(update={"id": "bad"}), ())
        assert message in saved.until("bad", lambda turn: turn.state == "failed").message
        saved.clear()
        jobs.start(asked.model_copy(update={"id": f"good-{number}"}), ())
        saved.until(f"good-{number}", lambda turn: turn.state == "done")


def test_a_question_that_waits_can_be_stopped_and_knows_how_many_are_before_it(asked, answer):
    saved, go = Saved(), threading.Event()

    def answering(*_: object) -> Iterator[Answer]:
        go.wait(WAIT)
        yield answer

    jobs = Jobs(answering, saved.save)
    for number in range(AT_ONCE + 1):
        jobs.start(asked.model_copy(update={"id": str(number)}), ())
    last = str(AT_ONCE)
    assert jobs.ahead(last) == AT_ONCE
    jobs.stop(last)
    go.set()
    for number in range(AT_ONCE):
        saved.until(str(number), lambda turn: turn.state == "done")
    assert saved[last].state == "stopped"
    assert jobs.ahead(last) == 0
