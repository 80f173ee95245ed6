"""What a question gets while models load, when they fail, and when the index goes: real index and search."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
import time

import pytest

from fakes import FakeEncoder
from rag.errors import ModelError, OnRecordError
from rag.generation.language_model import Written
from rag.page.engine import EMBEDDING_LOADS, LLM_LOADS, Engine
from rag.page.turns import UNFINISHED, Turn
from rag.page.views import understood_notes

WAIT = 20


class Model:
    """Writes what no check lets pass, so that quotes are shown."""

    name, digest, waiting, parameters = "model", "d", 0, 1

    def __init__(self):
        self.asked = 0

    def prepare(self, prompt, cancelled=None):
        pass

    def write(self, prompt, text, *, limit, start="", cancelled=None):
        self.asked += 1
        return Written(text="Nobody said 17 of this.", finished=True)

    def score(self, prompt, text, cancelled=None):
        return 0.0


class Loading:
    """Stands for the two loaders; each waits until it is let go."""

    def __init__(self):
        self.encoder, self.llm = threading.Event(), threading.Event()
        self.model: Model | None = Model()

    def load_encoder(self, _settings):
        assert self.encoder.wait(WAIT)
        return FakeEncoder()

    def load_llm(self, _settings):
        assert self.llm.wait(WAIT)
        if self.model is None:
            raise ModelError("the model file is damaged")
        return self.model


@pytest.fixture
def loading(monkeypatch):
    loaders = Loading()
    monkeypatch.setattr("rag.indexing.embedding.load_encoder", loaders.load_encoder)
    monkeypatch.setattr("rag.generation.llm.load_llm", loaders.load_llm)
    # No sentence is made by rule: each takes the language model.
    monkeypatch.setattr("rag.generation.reported.report", lambda *_: None)
    yield loaders
    loaders.encoder.set()
    loaders.llm.set()


@pytest.fixture
def engine(scripted_settings, tmp_path, loading):
    shutil.copytree(scripted_settings.index, tmp_path / "index")
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    made = Engine(
        scripted_settings.model_copy(update={"index": tmp_path / "index", "llm": str(tmp_path / "model.gguf")})
    )
    made.load_models()
    return made


def asked(engine, question="Will the suppliers stop, is it true?"):
    turn = Turn(id=question, conversation="c", question=question, asked_at=dt.datetime.now(dt.UTC))
    engine.ask(turn, "me")
    return turn.id


def until(engine, turn_id, condition):
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        turn = engine.turn(turn_id)
        if turn and condition(turn):
            return turn
        time.sleep(0.02)
    raise AssertionError(engine.turn(turn_id))


def test_evidence_is_there_before_the_language_model_is(engine, loading):
    turn_id = asked(engine)
    assert engine.loading == EMBEDDING_LOADS
    assert not engine.searchable
    assert engine.archive().sources
    by_words = until(engine, turn_id, lambda turn: turn.answer is not None).answer
    assert by_words.evidence[0].span.text.startswith("We noted")
    assert (by_words.pending, by_words.sentences, by_words.searched.transcripts) == (0, (), 2)
    loading.encoder.set()
    found = until(engine, turn_id, lambda turn: turn.answer.pending)
    assert found.answer.evidence
    assert (found.state, engine.loading) == ("running", LLM_LOADS)
    loading.llm.set()
    done = until(engine, turn_id, lambda turn: turn.state == "done")
    assert done.answer.sentences
    assert done.answer.models["llm"] == "model"
    assert done.answer.index == engine.archive().index.meta.version


def test_a_question_is_stopped_while_a_model_loads(engine, loading):
    first = asked(engine, "What was said about one report?")
    engine.jobs.stop(first)
    assert until(engine, first, lambda turn: turn.state not in UNFINISHED).state == "stopped"
    loading.encoder.set()
    second = asked(engine, "Will the suppliers stop, is it true?")
    until(engine, second, lambda turn: turn.answer and turn.answer.pending)
    engine.jobs.stop(second)
    assert engine.turn(second).answer.evidence
    loading.llm.set()
    assert until(engine, asked(engine, "What of the reports?"), lambda turn: turn.state == "done").answer


def test_a_language_model_that_does_not_load_leaves_quotes_and_says_why(engine, loading):
    loading.model = None
    turn_id = asked(engine)
    loading.encoder.set()
    until(engine, turn_id, lambda turn: turn.answer and turn.answer.pending)
    loading.llm.set()
    done = until(engine, turn_id, lambda turn: turn.state == "done")
    assert {sentence.label for sentence in done.answer.sentences} == {"quote"}
    assert "the model file is damaged" in engine.model_trouble
    after = until(engine, asked(engine, "And the reports?"), lambda turn: turn.state == "done")
    assert after.answer.reason


def test_a_follow_up_is_read_with_what_was_asked_before_and_says_so(engine, loading):
    loading.encoder.set()
    loading.llm.set()
    until(engine, asked(engine, "What was said about the suppliers?"), lambda turn: turn.state == "done")
    followed = until(engine, asked(engine, "And in 2019?"), lambda turn: turn.state == "done")
    understood = followed.answer.understood
    assert "suppliers" in understood.standalone
    assert understood.standalone in " ".join(understood_notes(understood))
    restarted = Engine(engine.settings)
    assert [turn.question for turn in restarted.turns("c")] == ["What was said about the suppliers?", "And in 2019?"]
    assert restarted.turns("c")[1].answer == followed.answer


def test_an_index_that_goes_and_comes_back(engine, loading, scripted_settings):
    loading.encoder.set()
    loading.llm.set()
    turn_id = asked(engine)
    until(engine, turn_id, lambda turn: turn.state == "done")
    shutil.rmtree(engine.settings.index)
    with pytest.raises(OnRecordError, match="onrecord build"):
        engine.archive()
    assert engine.transcript("t1666065-00000000") is None
    failed = until(engine, asked(engine, "Is it gone?"), lambda turn: turn.state == "failed")
    assert "onrecord build" in failed.message
    shutil.copytree(scripted_settings.index, engine.settings.index)
    assert engine.archive().sources
    assert until(engine, asked(engine, "Is it back?"), lambda turn: turn.state == "done").answer
