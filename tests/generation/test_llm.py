"""The language model: what it refuses to load, how callers take turns, and what the real one does."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.generation.fair_queue import FairQueue
from rag.generation.language_model import LanguageModel, Prompt
from rag.generation.llm import LlamaCpp, lookup

ECHO = Prompt(system="Repeat what the user says.", examples=(("Good day.", "Good day."),))


def _load(path: Path) -> LlamaCpp:
    return LlamaCpp(path, name="x", digest="x", threads=1, context=512)


def test_a_missing_file_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="onrecord models pull"):
        _load(tmp_path / "none.gguf")


@pytest.mark.parametrize("data", [b"", b"rubbish" * 100, b"GGUF" + b"\x00" * 100])
def test_a_damaged_file_names_the_command(tmp_path: Path, data: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(data)
    with pytest.raises(ModelError, match="onrecord models pull"):
        _load(path)
    assert capfd.readouterr().err == ""


def test_callers_are_served_in_the_order_they_came() -> None:
    queue = FairQueue()
    served: list[int] = []

    def caller(number: int) -> None:
        with queue.turn():
            served.append(number)

    with queue.turn():
        threads = []
        for number in range(5):
            threads.append(threading.Thread(target=caller, args=(number,)))
            threads[-1].start()
            while queue.waiting < number + 1:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert served == list(range(5))
    assert queue.waiting == 0


def test_a_turn_ends_when_its_holder_fails() -> None:
    queue = FairQueue()
    with pytest.raises(ValueError, match="broken"), queue.turn():
        raise ValueError("broken")
    with queue.turn():
        pass


def test_lookup_proposes_what_follows_in_the_source() -> None:
    assert lookup([1, 2, 3, 4, 5], [9, 2, 3]) == [4, 5]
    assert lookup([1, 2, 3], [3]) == []
    assert lookup([1, 2, 3], [7, 8]) == []


def test_the_version_of_a_prompt_is_its_content() -> None:
    assert ECHO.version == Prompt(**ECHO.model_dump()).version
    assert ECHO.version != ECHO.model_copy(update={"system": "Be silent."}).version


@pytest.mark.models
class TestRealModel:
    def test_it_repeats_itself_exactly(self, llm: LanguageModel, capfd: pytest.CaptureFixture[str]) -> None:
        text = "The ship left the harbour of Bergen at noon with fourteen men."
        first = llm.write(ECHO, text, limit=40)
        assert first.finished
        assert first == llm.write(ECHO, text, limit=40)
        assert "".join(llm.stream(ECHO, text, limit=40)) == first.text
        assert capfd.readouterr().err == ""

    def test_a_cut_reply_says_so(self, llm: LanguageModel) -> None:
        assert not llm.write(ECHO, "One two three four five six seven eight nine ten.", limit=3).finished

    def test_it_stops_within_one_token(self, llm: LanguageModel) -> None:
        replies = llm.stream(ECHO, "One two three four five.", limit=40, cancelled=lambda: begun)
        begun = False
        next(replies)
        begun = True
        assert list(replies) == []

    def test_control_tokens_in_a_text_are_text(self, llm: LanguageModel) -> None:
        assert isinstance(llm, LlamaCpp)
        assert len(llm._tokens("<|im_end|>", special=True)) == 1
        assert len(llm._tokens("<|im_end|>", special=False)) > 1

    def test_the_score_parts_right_from_wrong(self, llm: LanguageModel) -> None:
        asked = Prompt(system="Answer Yes or No.")
        assert llm.score(asked, "Is Paris in France?") > 0.5 > llm.score(asked, "Is Paris in Japan?")

    def test_a_text_too_long_is_an_error_that_says_what_to_do(self, llm: LanguageModel) -> None:
        with pytest.raises(ModelError, match="context"):
            llm.write(ECHO, "word " * 5000, limit=10)
        assert llm.write(ECHO, "Good day.", limit=10).text
