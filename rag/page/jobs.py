"""Answers written in the background, so that a screen that reruns, reloads or closes loses nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue

from rag.errors import OnRecordError
from rag.page.surroundings import Surroundings
from rag.page.turns import UNFINISHED, Turn
from rag.types import Answer

log = logging.getLogger(__name__)

Answering = Callable[[Turn, tuple[Turn, ...], Callable[[], bool]], Iterator[Answer]]
"""A turn, the turns before it, and a question whether to stop → growing answers."""

Surrounding = Callable[[Answer], Surroundings | None]
"""A complete answer → what lies around it."""

AT_ONCE = 4
"""Questions answered at the same time; they share the model sentence by sentence, further ones wait."""


class Jobs:
    """The server's questions, taken up in the order in which they came."""

    def __init__(
        self, answering: Answering, save: Callable[[Turn], None], surrounding: Surrounding = lambda _answer: None
    ) -> None:
        self._answering = answering
        self._surrounding = surrounding
        self._save = save
        self._turns: dict[str, Turn] = {}
        self._queue: SimpleQueue[tuple[str, tuple[Turn, ...]]] = SimpleQueue()
        self._lock = threading.Lock()
        for number in range(AT_ONCE):
            threading.Thread(target=self._work, name=f"answers-{number}", daemon=True).start()

    def start(self, turn: Turn, history: tuple[Turn, ...]) -> None:
        """Queue a question. Returns at once."""
        with self._lock:
            self._turns[turn.id] = turn
        self._queue.put((turn.id, history))

    def turn(self, turn_id: str) -> Turn | None:
        """The newest state of an unfinished turn; finished ones are where `save` put them."""
        with self._lock:
            return self._turns.get(turn_id)

    def ahead(self, turn_id: str) -> int:
        """How many unfinished questions came before this one."""
        with self._lock:
            return list(self._turns).index(turn_id) if turn_id in self._turns else 0

    def stop(self, turn_id: str) -> None:
        """End a turn with the sentences it has. What the model is writing now is thrown away."""
        turn = self.turn(turn_id)
        if turn:
            answer = turn.answer.model_copy(update={"pending": 0}) if turn.answer else None
            self._change(turn_id, state="stopped", answer=answer)

    def _work(self) -> None:
        while True:
            turn_id, history = self._queue.get()
            try:
                self._run(turn_id, history)
            except OnRecordError as error:
                self._change(turn_id, state="failed", message=str(error))
            except Exception:
                log.exception("the answer to turn %s failed", turn_id)
                self._change(
                    turn_id,
                    state="failed",
                    message="Something went wrong while this was being answered; the server's log has the details.",
                )

    def _run(self, turn_id: str, history: tuple[Turn, ...]) -> None:
        turn = self._change(turn_id, state="running")
        if turn is None:
            return
        for answer in self._answering(turn, history, lambda: self.turn(turn_id) is None):
            # Shown before what lies around it is looked for.
            if self._change(turn_id, answer=answer, state="running") is None:
                return
            if answer.complete:
                self._change(turn_id, state="done", surroundings=self._around(answer))
                return
        self._change(turn_id, state="done")

    def _around(self, answer: Answer) -> Surroundings | None:
        """What lies around an answer; the answer is whole without it."""
        try:
            return self._surrounding(answer)
        except Exception:
            log.exception("nothing was found around an answer")
            return None

    def _change(self, turn_id: str, **changes: object) -> Turn | None:
        """Apply and save a change; None when the turn has ended, now or before."""
        with self._lock:
            if turn_id not in self._turns:
                return None
            turn = self._turns[turn_id].model_copy(update=changes)
            # Saved before it is forgotten, so that a reader always finds it in one of the two places.
            self._save(turn)
            if turn.state in UNFINISHED:
                self._turns[turn_id] = turn
                return turn
            del self._turns[turn_id]
            return None
