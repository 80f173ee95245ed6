from __future__ import annotations

import datetime as dt
import os
import sqlite3

import pytest

from rag.page.conversations import Conversations, new_id
from rag.page.surroundings import Surroundings
from rag.page.turns import Turn
from rag.retrieval.timeline import Timeline
from rag.types import Filters


@pytest.fixture
def store(tmp_path):
    return Conversations(tmp_path / "conversations.sqlite")


def question(text: str, conversation: str = "c1", **values: object) -> Turn:
    return Turn(id=new_id(), conversation=conversation, question=text, asked_at=dt.datetime.now(dt.UTC), **values)


def test_an_identifier_can_be_part_of_a_components_key():
    """Streamlit refuses to draw a component whose key holds two underscores."""
    assert all(identifier.isalnum() and len(identifier) == 16 for identifier in (new_id() for _ in range(2000)))


def test_turns_come_back_as_they_were_saved(tmp_path, turn):
    path = tmp_path / "conversations.sqlite"
    asked = turn.model_copy(update={"filters": Filters(speaker="Ada Ames")})
    Conversations(path).begin(asked, "reader")
    assert Conversations(path).turns("c-1") == (asked,)
    assert Conversations(path).turn(asked.id) == asked


def test_turns_keep_their_order(store):
    for text in ("first", "second", "third"):
        store.begin(question(text), "reader")
    assert [turn.question for turn in store.turns("c1")] == ["first", "second", "third"]


def test_a_server_that_restarts_says_that_an_answer_was_cut_short(tmp_path):
    path = tmp_path / "conversations.sqlite"
    Conversations(path).begin(question("unfinished", state="running"), "reader")
    assert [turn.state for turn in Conversations(path).turns("c1")] == ["interrupted"]


def test_readers_see_their_own_conversations_only(store):
    store.begin(question("mine", "c1"), "me")
    store.begin(question("yours", "c2"), "you")
    assert [item.title for item in store.of_reader("me")] == ["mine"]
    assert store.owner("c2") == "you"
    assert store.owner("c3") is None


def test_conversations_are_found_by_a_question_in_them(store):
    store.begin(question("What about Huawei?", "c1"), "me")
    store.begin(question("And 100% of Iran_?", "c1"), "me")
    store.begin(question("Something else", "c2"), "me")
    assert [item.id for item in store.of_reader("me", "iran_")] == ["c1"]
    assert store.of_reader("me", "%") == store.of_reader("me", "100%")
    assert store.of_reader("me", "nowhere") == ()


def test_rename_and_delete(store):
    first = question("one")
    store.begin(first, "me")
    store.rename("c1", "  ")
    store.rename("c1", "Better\nname")
    assert [item.title for item in store.of_reader("me")] == ["Better name"]
    store.delete("c1")
    store.save(first.model_copy(update={"state": "done"}))
    assert store.of_reader("me") == ()
    assert store.turns("c1") == ()


def test_somebody_elses_conversation_is_copied_before_it_goes_on(store):
    store.begin(question("one"), "you")
    copied = store.copy("c1", "me")
    store.begin(question("two", copied), "me")
    assert [turn.question for turn in store.turns("c1")] == ["one"]
    assert [turn.question for turn in store.turns(copied)] == ["one", "two"]


def test_a_thumb_is_kept_when_the_answer_is_saved_again(store):
    asked = question("one")
    store.begin(asked, "me")
    store.rate(asked.id, "down", "too long")
    store.save(asked.model_copy(update={"state": "done"}))
    kept = store.turn(asked.id)
    assert (kept.thumb, kept.reason, kept.state) == ("down", "too long", "done")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_keeps_conversations_in_memory(tmp_path):
    tmp_path.chmod(0o500)
    store = Conversations(tmp_path / "conversations.sqlite")
    assert not store.kept


def test_a_folder_that_is_not_there_keeps_conversations_in_memory(tmp_path):
    store = Conversations(tmp_path / "no" / "folder" / "conversations.sqlite")
    store.begin(question("one"), "me")
    assert not store.kept
    assert len(store.turns("c1")) == 1


@pytest.mark.parametrize("trouble", ["PRAGMA max_page_count = 1", "PRAGMA query_only = ON"])
def test_when_the_disk_takes_no_more_all_goes_on_in_memory(tmp_path, turn, trouble):
    path = tmp_path / "conversations.sqlite"
    store = Conversations(path)
    store.begin(turn, "me")
    store._connection.execute(trouble)
    for number in range(20):
        store.begin(question(f"question {number} " + "long " * 500, "c2"), "me")
    assert not store.kept
    assert len(store.turns("c2")) == 20
    assert store.turn(turn.id).answer == turn.answer
    store.rate(turn.id, "up", None)
    assert store.turn(turn.id).thumb == "up"
    assert Conversations(path).turns(turn.conversation) == (turn,)


def test_what_a_read_only_file_holds_is_shown(tmp_path, turn, monkeypatch):
    path = tmp_path / "conversations.sqlite"
    Conversations(path).begin(turn, "me")
    opened = Conversations._open

    def read_only(where: str):
        if where != ":memory:":
            raise sqlite3.OperationalError("attempt to write a readonly database")
        return opened(where)

    monkeypatch.setattr(Conversations, "_open", staticmethod(read_only))
    store = Conversations(path)
    assert not store.kept
    assert store.turns(turn.conversation) == (turn,)
    store.begin(question("two", turn.conversation), "me")
    assert len(store.turns(turn.conversation)) == 2


def test_a_file_of_an_earlier_version_is_read_and_written(tmp_path, turn):
    path = tmp_path / "conversations.sqlite"
    Conversations(path).begin(turn, "reader")
    with sqlite3.connect(path) as file:
        file.execute("ALTER TABLE turn DROP COLUMN surroundings")
    kept = Conversations(path)
    assert kept.turns(turn.conversation) == (turn,)
    line = Timeline(months=(), exchanges=2, conferences=1, first=None, last=None)
    found = turn.model_copy(update={"surroundings": Surroundings(timeline=line, related=("What of it?",))})
    kept.save(found)
    assert Conversations(path).turn(turn.id) == found
