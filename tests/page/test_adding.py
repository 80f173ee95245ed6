"""The job that adds transcripts: its own process, real ingest and fetch, a fake encoder."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fetch_site import small_site

from rag.config import Settings
from rag.errors import IndexBusyError
from rag.indexing.lock import exclusive
from rag.indexing.store import open_index
from rag.page import adding_work
from rag.page.adding_job import RUNNING, Added, Adding, Upload, safe_name
from rag.page.adding_work import UNKNOWN_TROUBLE, FetchOrder, Order

WAIT = 60
SCRIPTED_ADDING = (sys.executable, str(Path(__file__).parent / "scripted_adding.py"))
TEXT = """Title: Regular press conference on May 23, 2019
Date: 2019-05-23
Speaker: Lu Kang

Reuters: What is your comment on {topic}?

A: We have noted the report on {topic}. China is opposed to it.
"""


def transcript(name: str, topic: str) -> Upload:
    return Upload(name, io.BytesIO(TEXT.format(topic=topic).encode()))


@pytest.fixture
def settings_of_page(tmp_path: Path) -> Settings:
    return Settings(index=tmp_path / "index", corpus=tmp_path / "corpus", embedding="fake", llm="none")


@pytest.fixture
def adding(settings_of_page: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(adding_work, "COMMAND", SCRIPTED_ADDING)
    job = Adding(settings_of_page)
    yield job
    job.cancel()
    ended(job)


def until(job: Adding, condition) -> Added:
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        added = job.added
        if added and condition(added):
            return added
        time.sleep(0.05)
    raise AssertionError(job.added)


def ended(job: Adding) -> Added | None:
    return until(job, lambda added: added.state not in RUNNING) if job.added else None


def test_every_uploaded_file_gets_an_outcome_under_its_own_name(adding, settings_of_page):
    adding.upload(
        [
            transcript("../../<script>alert(1)</script>.txt", "ferries"),
            transcript("notes.txt", "trains"),
            transcript("notes.txt", "planes"),
            Upload("picture.png", io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(500))),
        ]
    )
    added = ended(adding)
    assert (added.state, added.trouble, added.left) == ("done", None, ())
    outcomes = {(outcome.path, outcome.status) for outcome in added.report.outcomes}
    assert outcomes == {
        ("script>.txt", "indexed"),
        ("notes.txt", "indexed"),
        ("picture.png", "skipped"),
    }
    assert (added.report.indexed, added.report.skipped) == (3, 1)
    assert [outcome.detail for outcome in added.report.outcomes if outcome.status == "skipped"] != [None]
    with open_index(settings_of_page) as index:
        assert index.counts().transcripts == 3


def test_one_job_at_a_time_and_cancelling_frees_the_index(adding, settings_of_page):
    adding.upload([transcript("first.txt", "WAIT HERE"), transcript("second.txt", "trains")])
    with pytest.raises(IndexBusyError, match="being added already"):
        adding.upload([transcript("third.txt", "planes")])
    with pytest.raises(IndexBusyError, match="being added already"):
        adding.fetch(FetchOrder())
    until(adding, lambda added: added.stage == "indexing")
    adding.cancel()
    added = ended(adding)
    assert (added.state, added.left) == ("cancelled", ("first.txt", "second.txt"))
    adding.upload([transcript("third.txt", "planes")])
    assert ended(adding).report.indexed == 1


def test_another_writer_is_named(adding, settings_of_page):
    with exclusive(settings_of_page.index):
        adding.upload([transcript("notes.txt", "trains")])
        added = ended(adding)
    assert added.state == "failed"
    assert "another process is writing the index" in added.trouble
    assert added.left == ("notes.txt",)


def test_it_ends_with_the_server(settings_of_page, tmp_path):
    held = tmp_path / "held.txt"
    held.write_text(TEXT.format(topic="WAIT HERE"))
    with subprocess.Popen(SCRIPTED_ADDING, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        process.stdin.write(Order(settings=settings_of_page, files=(held,)).model_dump_json() + "\n")
        process.stdin.flush()
        assert "indexing" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(WAIT) == 1


@pytest.mark.parametrize(("topic", "words"), [("KILL IT", "signal 9"), ("BREAK IT", UNKNOWN_TROUBLE)])
def test_a_process_that_breaks_is_told_and_the_next_one_works(adding, topic, words):
    adding.upload([transcript("bad.txt", topic)])
    added = ended(adding)
    assert added.state == "failed"
    assert words in added.trouble
    assert "secret" not in added.trouble
    adding.upload([transcript("good.txt", "trains")])
    assert ended(adding).state == "done"


def test_what_is_new_is_fetched_and_indexed(settings_of_page, monkeypatch):
    monkeypatch.setattr(adding_work, "COMMAND", SCRIPTED_ADDING)
    with small_site(transcripts=3) as site:
        job = Adding(settings_of_page.model_copy(update={"fetch_base": site.base, "fetch_rate": 0}))
        job.fetch(FetchOrder())
        added = ended(job)
        assert (added.state, added.report.indexed) == ("done", 3)
        assert "3 transcripts listed" in added.notes[-1]
        job.fetch(FetchOrder())
        assert ended(job).report.unchanged == 3


def test_a_site_out_of_reach_is_told(settings_of_page, monkeypatch):
    monkeypatch.setattr(adding_work, "COMMAND", SCRIPTED_ADDING)
    job = Adding(settings_of_page.model_copy(update={"fetch_base": "http://127.0.0.1:9", "fetch_attempts": 1}))
    job.fetch(FetchOrder())
    added = ended(job)
    assert added.state == "failed"
    assert "127.0.0.1:9" in added.trouble


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\notes.txt", "notes.txt"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b\n\u202e.txt", "ab.txt"),
        (".hidden.txt", "hidden.txt"),
        ("外交部" * 100 + ".txt", "外交部" * 13 + "外.txt"),
        ("page.tar.xz", "page.tar.xz"),
        ("\ud800.txt", "txt"),
    ],
)
def test_names_are_those_of_files(name, safe):
    assert safe_name(name) == safe
