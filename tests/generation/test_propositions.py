"""Propositions are made once, kept for ever, and never in the way of an answer."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from statements import QueuedModel, span_of

from rag.generation.propositions import (
    PropositionStore,
    most_retrieved_first,
    proposition,
    span_digest,
    stored,
    warm,
)
from rag.generation.restate import VERSION, Context
from rag.types import Proposition


def _made(digest: str, text: str = "China hopes.") -> Proposition:
    return Proposition(
        span_digest=digest, model="m", prompt_version=VERSION, sentences=(text,), parts=((0, 9),), label="supported"
    )


def test_what_was_stored_is_there_after_closing(tmp_path: Path) -> None:
    path = tmp_path / "propositions.sqlite"
    store = PropositionStore(path)
    assert store.get("a", "m") is None
    assert not path.exists(), "opening and reading write nothing"
    store.put(_made("a"))
    store.close()
    again = PropositionStore(path)
    assert again.get("a", "m") == _made("a")
    assert (again.count("m"), again.count("other")) == (1, 0)
    assert again.get("a", "other") is None


def test_another_version_is_not_used(tmp_path: Path) -> None:
    store = PropositionStore(tmp_path / "p.sqlite")
    store.put(_made("a").model_copy(update={"prompt_version": "older"}))
    assert store.get("a", "m") is None
    assert store.count("m") == 0


def test_several_writers_and_readers(tmp_path: Path) -> None:
    path = tmp_path / "p.sqlite"
    stores = [PropositionStore(path) for _ in range(4)]

    def work(number: int) -> None:
        for i in range(25):
            stores[number].put(_made(f"{number}-{i}"))
            assert stores[number].get(f"{number}-{i}", "m") is not None

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert PropositionStore(path).count("m") == 100


def test_a_folder_that_cannot_be_written_keeps_them_in_memory(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    store = PropositionStore(blocked / "p.sqlite")
    store.put(_made("a"))
    assert store.get("a", "m") == _made("a")
    assert store.count("m") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.sqlite"
    first = PropositionStore(path)
    first.put(_made("a"))
    first.close()
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    store = PropositionStore(path)
    store.put(_made("b"))
    assert store.get("a", "m") is not None
    assert store.get("b", "m") is not None
    tmp_path.chmod(0o755)


def test_a_damaged_file_costs_time_not_answers(tmp_path: Path) -> None:
    path = tmp_path / "p.sqlite"
    path.write_bytes(b"rubbish" * 1000)
    store = PropositionStore(path)
    assert store.get("a", "m") is None
    store.put(_made("a"))
    assert store.get("a", "m") == _made("a")


def test_a_span_is_restated_once(context: Context) -> None:
    model = QueuedModel("Li Ming said that “our shared waters are full of cod and herring”.")
    store = PropositionStore(None)
    span = span_of("Our shared waters are full of cod and herring.")
    first = proposition(span, context, model, store)
    assert proposition(span, context, model, store) == first == stored(span, context, model.digest, store)
    assert len(model.asked) == 2, "one sentence, one score"


def test_who_speaks_belongs_to_the_key(context: Context) -> None:
    span = span_of("I hope that they talk.")
    other = context.model_copy(update={"speaker": "Zhou Wen"})
    assert span_digest(span, context) != span_digest(span, other)


def test_warming_stops_and_goes_on(context: Context) -> None:
    store, model = PropositionStore(None), QueuedModel()
    work = [(span_of(f"We support plan {n}."), context) for n in range(5)]
    seen: list[int] = []
    assert warm(work, 5, model, store, lambda done, _: seen.append(done), lambda: len(seen) == 3) == 3
    assert warm(work, 5, model, store) == 2
    assert store.count(model.digest) == 5


def test_what_answers_ask_for_most_is_warmed_first(tmp_path: Path, context: Context) -> None:
    store = PropositionStore(tmp_path / "p.sqlite")
    work = [(span_of(f"We support plan {n}."), context) for n in range(4)]
    digests = [span_digest(*item) for item in work]
    assert most_retrieved_first(work, store) == work
    store.count_retrieved([digests[2], digests[3]])
    store.count_retrieved([digests[3]])
    assert most_retrieved_first(work, store) == [work[3], work[2], work[0], work[1]]
    store.close()
    assert PropositionStore(tmp_path / "p.sqlite").retrieved() == {digests[2]: 1, digests[3]: 2}
