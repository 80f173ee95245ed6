"""Adding, replacing and removing, in any order, beside readers, and killed at any moment."""

from __future__ import annotations

import random
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from killing import KILLS, killed_after
from small_corpus import page

from fakes import FakeEncoder
from rag.config import Settings
from rag.errors import IndexBusyError
from rag.indexing.build import build, ingest
from rag.indexing.invariants import examine
from rag.indexing.locate import locate
from rag.indexing.schema import DATABASE
from rag.indexing.store import Index, open_index
from rag.types import Transcript

ENCODER = FakeEncoder()
VOICE = re.compile(r"Voice\d+")
"""Stands for the ministry in every answer: another one in each version."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index=tmp_path / "index", corpus=tmp_path / "corpus", embedding="fake")


def text(number: int, version: int) -> str:
    return page(number).replace("China ", f"Voice{version} ")


def name(number: int) -> str:
    return f"t{1000000 + number}.txt"


def broken(settings: Settings) -> list[str]:
    return [f"{c.name}: {finding.wrong}" for c in examine(settings) for finding in c.findings]


def on_record(settings: Settings) -> dict[str, tuple[Transcript, list[tuple[str, str]]]]:
    """By name: each transcript, and id and text of what stood there before."""
    with open_index(settings, ENCODER) as index:
        found = {}
        for source in index.sources():
            versions = index.earlier_versions(source.transcript)
            before = sorted((version.transcript.id, version.transcript.text) for version in versions)
            found[source.name] = (index.transcript(source.transcript), before)
        return found


class Changes:
    """Random changes of a record, and what must be on record after them."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self.settings = settings
        self.chance = random.Random(seed)
        self.outside = settings.index.parent / "outside"
        self.expected: dict[int, int] = {}
        """Number of a conference to its version."""
        self.last = 0
        """Highest version so far."""
        settings.corpus.mkdir(exist_ok=True)

    def choose(self) -> Callable[[], object]:
        """Change files, and give the command that brings the index up to date."""
        numbers = self.chance.sample(range(12), self.chance.randint(1, 4))
        kind = self.chance.choice(("ingest", "ingest", "build", "remove", "anew"))
        if kind == "ingest":
            shutil.rmtree(self.outside, ignore_errors=True)
            self.outside.mkdir()
            for number in numbers:
                # An old copy does not bring back what was superseded: what comes from outside is new.
                self.expected[number] = self.last = self.last + 1
                (self.outside / name(number)).write_text(text(number, self.expected[number]), encoding="utf-8")
            return lambda: ingest([self.outside], self.settings, ENCODER)
        for number in numbers:
            files = [file for file in self.settings.corpus.rglob(name(number)) if file.is_file()]
            if kind == "remove":
                for file in files:
                    file.unlink()
                self.expected.pop(number, None)
            else:
                self.last += 1
                self.expected[number] = self.chance.choice((0, self.expected.get(number, 0), self.last))
                file = files[0] if files else self.settings.corpus / name(number)
                file.write_text(text(number, self.expected[number]), encoding="utf-8")
        return lambda: build(self.settings, ENCODER, anew=kind == "anew")

    def check(self) -> None:
        """What is on record is what is expected, and every invariant holds."""
        assert broken(self.settings) == []
        found = {source: transcript.text for source, (transcript, _) in on_record(self.settings).items()}
        assert set(found) == {name(number).split(".")[0] for number in self.expected}
        for number, version in self.expected.items():
            assert set(VOICE.findall(found[name(number).split(".")[0]])) == {f"Voice{version}"}


@pytest.mark.parametrize("seed", range(3))
def test_any_sequence_of_changes_leaves_no_orphan_in_any_structure(settings: Settings, seed: int) -> None:
    changes = Changes(settings, seed)
    for _ in range(8):
        changes.choose()()
        if (settings.index / DATABASE).exists():
            build(settings, ENCODER)
            changes.check()
    before = on_record(settings)
    # The corpus folder alone holds all of it, and the history.
    shutil.rmtree(settings.index)
    build(settings, ENCODER)
    changes.check()
    assert on_record(settings) == before


def test_kill_9_at_any_moment_of_an_update_loses_nothing(settings: Settings) -> None:
    changes = Changes(settings, 11)
    for number in range(12):
        changes.expected[number] = 0
        (settings.corpus / name(number)).write_text(text(number, 0), encoding="utf-8")
    build(settings, ENCODER)
    known: dict[str, Transcript] = {}
    ended = 0
    for _ in range(KILLS):
        current = {transcript.id for transcript, _ in on_record(settings).values()}
        update = changes.choose()
        ended += killed_after(changes.chance.uniform(0, 0.25), update)
        # Readers go on: with what was, with what comes, or with some of both, each transcript whole.
        with open_index(settings, ENCODER) as index:
            for source in index.sources():
                one_version_only(index, source.transcript)
        # The next command heals the rest by itself, and the interrupted one is taken again.
        build(settings, ENCODER)
        assert broken(settings) == []
        update()
        build(settings, ENCODER)
        changes.check()
        names = {name(number).split(".")[0] for number in changes.expected}
        with open_index(settings, ENCODER) as index:
            # A page that was removed leaves no earlier version of its last text.
            known = {id: one for id, one in known.items() if one.name in names or id not in current}
            for id, one in known.items():
                assert one.name not in names or locate(index, id, *place_in(one)).transcript.text == one.text
        known |= {transcript.id: transcript for transcript, _ in on_record(settings).values()}
    print(f"{ended} updates had ended before they were killed")


def place_in(transcript: Transcript) -> tuple[int, int]:
    """Offsets of a whole answer with the voice of its version: words that stand in no other."""
    answer = transcript.exchanges[0].answer
    return answer.start, answer.end


def one_version_only(index: Index, id: str) -> str | None:
    """Everything that a reader sees of a transcript in one snapshot is of one version, whose word is returned."""
    with index.snapshot():
        try:
            transcript = index.transcript(id)
        except KeyError:
            return None
        (word,) = set(VOICE.findall(transcript.text))
        mine = {exchange.id for exchange in transcript.exchanges}
        spans = [span for exchange in transcript.exchanges for span in index.spans_of(exchange.id)]
        assert all(transcript.text[span.start : span.end] == span.text for span in spans)
        assert {hit.exchange for hit in index.search_text("exchange", [word], 10_000)} >= mine
        hits = index.search_vectors("span", ENCODER.encode(["position point"])[0], 10_000)
        assert {(hit.exchange, hit.start) for hit in hits if hit.exchange in mine} == {
            (span.exchange, span.start) for span in spans
        }
        assert len(hits) == index.counts().spans
        return word


def test_readers_beside_a_writer_see_one_version_or_the_next(settings: Settings) -> None:
    settings.corpus.mkdir()
    for number in range(3):
        (settings.corpus / name(number)).write_text(text(number, 0), encoding="utf-8")
    build(settings, ENCODER)
    (first,) = (transcript.id for title, (transcript, _) in on_record(settings).items() if title == "t1000001")
    troubles: list[BaseException] = []
    seen: set[str | None] = set()
    done = threading.Event()

    def read() -> None:
        try:
            with open_index(settings, ENCODER) as index:
                while not done.is_set():
                    # By the id of the first version, which leads to whatever stands in its place.
                    seen.add(one_version_only(index, first))
        except BaseException as error:
            troubles.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for version in range(1, 6):
        (settings.corpus / name(1)).write_text(text(1, version), encoding="utf-8")
        build(settings, ENCODER)
    build(settings, ENCODER, anew=True)
    done.set()
    for reader in readers:
        reader.join()
    assert troubles == []
    assert None not in seen
    assert len(seen) > 1


def test_two_updaters_do_not_corrupt_each_other(settings: Settings) -> None:
    settings.corpus.mkdir()
    build(settings, ENCODER)
    told: list[str] = []

    def update(numbers: range) -> None:
        for number in numbers:
            folder = settings.index.parent / str(number)
            folder.mkdir()
            (folder / name(number)).write_text(text(number, 0), encoding="utf-8")
            while True:
                try:
                    ingest([folder], settings, ENCODER)
                    break
                except IndexBusyError as error:
                    told.append(str(error))

    updaters = [threading.Thread(target=update, args=(numbers,)) for numbers in (range(6), range(6, 12))]
    for updater in updaters:
        updater.start()
    for updater in updaters:
        updater.join()
    build(settings, ENCODER)
    assert broken(settings) == []
    assert len(on_record(settings)) == 12
    assert all("another process is writing" in message for message in told)
