"""Rated answers become labelled questions that the other commands read."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from rag.cli import main
from rag.config import Settings
from rag.evaluation.answers import read_topics
from rag.page.conversations import Conversations, file_beside
from rag.page.turns import Thumb, Turn
from rag.types import Answer, Citation, Filters, Period, Query, Searched, Sentence

FILTERS = Filters(period=Period(first=dt.date(2019, 1, 1)), speaker="Lu Kang")


def turn(number: int, question: str, refused: bool = False, filters: Filters | None = None) -> Turn:
    citation = Citation(
        n=1,
        transcript="t1-00000000",
        exchange="t1-00000000.0",
        start=3,
        end=9,
        quote="We “do”\u2028not.",
        date=dt.date(2019, 5, 23),
        speaker="Lu Kang",
        asked_by="Reuters",
        title="Regular Press Conference",
        url="https://example.org/t1",
    )
    answer = Answer(
        question=question,
        understood=Query(question=question, topic=question),
        sentences=() if refused else (Sentence(text="Lu Kang said so.", label="supported", citations=(1,)),),
        citations=() if refused else (citation,),
        refused=refused,
        reason="Nothing on record bears on this." if refused else None,
        searched=Searched(transcripts=1),
        complete=True,
        models={"llm": "tiny"},
        index="i.1",
    )
    return Turn(
        id=f"turn-{number}",
        conversation="c",
        question=question,
        filters=filters or Filters(),
        asked_at=dt.datetime(2026, 1, 1, 12, number, tzinfo=dt.UTC),
        state="done",
        answer=answer,
    )


@pytest.fixture
def rated(settings: Settings) -> Settings:
    """Settings of an index beside which a conversation of four questions is kept, three of them rated."""
    settings.index.mkdir()
    store = Conversations(file_beside(settings.index))
    rows: list[tuple[Turn, Thumb | None, str | None]] = [
        (turn(1, "What of ferries?", filters=FILTERS), "up", None),
        (turn(2, "And trains?"), None, None),
        (turn(3, "And <b>planes</b>?\nSay all."), "down", "off the point\n“mostly”"),
        (turn(4, "What of unicorns?", refused=True), "up", "rightly"),
    ]
    for asked, thumb, reason in rows:
        store.begin(asked, "me")
        store.rate(asked.id, thumb, reason)
    return settings


def written(settings: Settings, out: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "cases", "--out", str(out), "--index", str(settings.index)])
    assert ended.value.code == 0
    assert "3 rated answers" in capsys.readouterr().out
    return [json.loads(line) for line in out.read_text(encoding="utf-8").split("\n") if line]


def test_a_rated_answer_is_written_with_its_verdict_and_its_quotes(
    rated: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = written(rated, tmp_path / "cases.jsonl", capsys)
    assert (first["qid"], first["thumb"], first["type"], first["index"]) == ("turn-1", "up", "rated", "i.1")
    (sentence,) = first["sentences"]  # type: ignore[misc]
    assert sentence["text"] == "Lu Kang said so."
    assert (sentence["citations"][0]["quote"], sentence["citations"][0]["start"]) == ("We “do”\u2028not.", 3)
    assert (second["thumb"], second["reason"]) == ("down", "off the point\n“mostly”")
    assert second["history"] == ["What of ferries?", "And trains?"]
    assert (third["type"], third["refused"], third["sentences"]) == ("unanswerable", True, [])


def test_the_cases_are_questions_that_the_evaluation_asks_again(
    rated: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(rated, tmp_path / "cases.jsonl", capsys)
    topics = read_topics(tmp_path / "cases.jsonl")
    assert [(topic.qid, topic.answerable) for topic in topics] == [
        ("turn-1", True),
        ("turn-3", True),
        ("turn-4", False),
    ]
    assert topics[0].filters == FILTERS
    assert topics[1].query == "And <b>planes</b>?\nSay all."
    assert topics[1].history == ("What of ferries?", "And trains?")


def test_exporting_changes_nothing_in_the_conversations(
    rated: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Conversations(file_beside(rated.index))
    store.begin(turn(5, "Now?").model_copy(update={"state": "running", "answer": None}), "me")
    written(rated, tmp_path / "cases.jsonl", capsys)
    assert store.turn("turn-5").state == "running"  # type: ignore[union-attr]


def test_without_conversations_the_command_says_so(settings: Settings, tmp_path: Path, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "cases", "--out", str(tmp_path / "o"), "--index", str(settings.index)])
    assert ended.value.code == 1
    assert "nothing was asked" in capsys.readouterr().err
