"""What becomes of every input, what is done once only, and what a failure leaves."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from killing import KILLS
from numpy.typing import NDArray
from small_corpus import assert_no_orphans, assert_sound, page, write_pages

from fakes import FakeEncoder
from rag.config import Settings
from rag.errors import IndexBusyError, IndexWriteError, SettingsError
from rag.indexing.build import build, ingest
from rag.indexing.lock import exclusive
from rag.indexing.schema import DATABASE, NEXT_DATABASE
from rag.indexing.spaces import SPACES
from rag.indexing.store import open_index
from rag.indexing.writer import Writer

TESTS = Path(__file__).resolve().parent.parent


class CountingEncoder(FakeEncoder):
    """Remembers what it was asked to embed."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return super().encode(texts)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index=tmp_path / "index", corpus=tmp_path / "corpus")


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


def contents(settings: Settings) -> list[object]:
    """Everything a reader can see, whatever the order in which it came."""
    with open_index(settings, FakeEncoder()) as index:
        found: list[object] = []
        for source in sorted(index.sources(), key=lambda source: source.transcript):
            transcript = index.transcript(source.transcript)
            found.append(transcript)
            found.append([one._asdict() for one in index.obtained_from(transcript.id)])
            for exchange in transcript.exchanges:
                found.append((index.spans_of(exchange.id), index.passages_of(exchange.id)))
                found.append([index.vectors_of(space, exchange.id).tolist() for space in SPACES])
        vector = FakeEncoder().encode(["tariffs on steel"])[0]
        for space in SPACES:
            hits = index.search_vectors(space, vector, 10_000)
            found.append(sorted((hit.exchange, hit.start, round(hit.score, 5)) for hit in hits))
        found.append(sorted(hit.exchange for hit in index.search_text("passage", ["steel"], 10_000)))
        return found


# What becomes of an input


def test_one_bad_file_among_a_hundred(settings: Settings, encoder: CountingEncoder, tmp_path: Path) -> None:
    pages = write_pages(tmp_path / "pages", range(99))
    (pages / "broken.shtml").write_bytes(b"\x00\x01\xff binary" * 50)
    report = ingest([pages], settings, encoder)
    assert (report.inputs, report.indexed, report.unchanged, report.skipped) == (100, 99, 0, 1)
    (skipped,) = (outcome for outcome in report.outcomes if outcome.status == "skipped")
    assert skipped.path.endswith("broken.shtml")
    assert skipped.detail
    assert_sound(settings)
    with open_index(settings, encoder) as index:
        assert index.counts().transcripts == 99


def test_ingesting_again_changes_nothing(settings: Settings, encoder: CountingEncoder, tmp_path: Path) -> None:
    pages = write_pages(tmp_path / "pages", range(5))
    ingest([pages], settings, encoder)
    before = contents(settings)
    files = {path: path.stat().st_mtime_ns for path in settings.corpus.rglob("*") if path.is_file()}
    encoder.texts.clear()
    report = ingest([pages], settings, encoder)
    assert (report.indexed, report.unchanged, report.skipped) == (0, 5, 0)
    assert encoder.texts == []
    assert contents(settings) == before
    assert {path: path.stat().st_mtime_ns for path in settings.corpus.rglob("*") if path.is_file()} == files


def test_a_missing_path_is_skipped_with_the_reason(
    settings: Settings, encoder: CountingEncoder, tmp_path: Path
) -> None:
    report = ingest([tmp_path / "nowhere"], settings, encoder)
    assert (report.inputs, report.skipped) == (1, 1)
    assert "no such file" in (report.outcomes[0].detail or "")


def test_an_archive_is_ingested_and_rebuilt_from_the_corpus(
    settings: Settings, encoder: CountingEncoder, tmp_path: Path
) -> None:
    import tarfile

    pages = write_pages(tmp_path / "pages", range(4))
    archive = tmp_path / "pages.tar.xz"
    with tarfile.open(archive, "w:xz") as tar:
        tar.add(pages, "deep/pages")
    report = ingest([archive], settings, encoder)
    assert report.indexed == 4
    before = contents(settings)
    for path in settings.index.iterdir():
        path.unlink()
    archive.unlink()
    report = build(settings, encoder)
    assert report.indexed == 4
    assert contents(settings) == before


def test_a_corrected_page_replaces_the_old_text(settings: Settings, encoder: CountingEncoder, tmp_path: Path) -> None:
    pages = write_pages(tmp_path / "pages", range(3))
    ingest([pages], settings, encoder)
    corrected = page(1).replace("China", "The Chinese side")
    (pages / "t1000001.txt").write_text(corrected, encoding="utf-8")
    encoder.texts.clear()
    report = ingest([pages], settings, encoder)
    assert (report.indexed, report.unchanged) == (1, 2)
    assert "replaced" in (next(o.detail for o in report.outcomes if o.status == "indexed") or "")
    assert_sound(settings)
    assert_no_orphans(settings)
    with open_index(settings, encoder) as index:
        assert index.counts().transcripts == 3
        (source,) = index.named("t1000001")
        assert "The Chinese side" in index.transcript(source.transcript).text
        assert len(index.obtained_from(source.transcript)) == 1
    after = contents(settings)
    for path in settings.index.iterdir():
        path.unlink()
    build(settings, encoder)
    assert contents(settings) == after


def test_a_corrected_file_in_the_corpus_folder_replaces_the_old_text(
    settings: Settings, encoder: CountingEncoder
) -> None:
    write_pages(settings.corpus, range(3))
    build(settings, encoder)
    encoder.texts.clear()
    corrected = settings.corpus / "t1000001.txt"
    corrected.write_text(page(1, extra="\nReuters: One more?\n\nA: Nothing to add on the lighthouse.\n"), "utf-8")
    report = build(settings, encoder)
    assert (report.indexed, report.unchanged) == (1, 2)
    # What stayed the same on the page is not embedded again.
    assert encoder.texts
    assert all("lighthouse" in text or "case 1-2" in text for text in encoder.texts)
    assert_sound(settings)
    assert_no_orphans(settings)


def test_a_conference_published_twice_is_one_with_two_sources(
    settings: Settings, encoder: CountingEncoder, tmp_path: Path
) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "t1000001.txt").write_text(page(1), encoding="utf-8")
    again = page(1, extra=" We have nothing to add.").replace("t1000001.txt", "t1000777.txt")
    (pages / "t1000777.txt").write_text(again, encoding="utf-8")
    report = ingest([pages], settings, encoder)
    assert report.indexed == 2
    assert any("same conference" in (outcome.detail or "") for outcome in report.outcomes)
    with open_index(settings, encoder) as index:
        assert index.counts().transcripts == 1
        (source,) = index.sources()
        sources = index.obtained_from(source.transcript)
        assert len(sources) == 2
        for one in sources:
            assert index.source(one.id) == source
            assert index.transcript(one.id).id == source.transcript
    assert_sound(settings)
    before = contents(settings)
    report = ingest([pages], settings, encoder)
    assert report.unchanged == 2
    assert contents(settings) == before


def test_when_the_kept_page_of_two_goes_the_other_takes_its_place(settings: Settings, encoder: CountingEncoder) -> None:
    settings.corpus.mkdir()
    (settings.corpus / "t1000001.txt").write_text(page(1), encoding="utf-8")
    longer = page(1, extra=" We have nothing to add.").replace("t1000001.txt", "t1000777.txt")
    (settings.corpus / "t1000777.txt").write_text(longer, encoding="utf-8")
    build(settings, encoder)
    (settings.corpus / "t1000777.txt").unlink()
    build(settings, encoder)
    assert_sound(settings)
    assert_no_orphans(settings)
    with open_index(settings, encoder) as index:
        assert [source.name for source in index.sources()] == ["t1000001"]
    assert build(settings, encoder).unchanged == 1


def test_files_of_one_name_from_two_folders_are_both_kept(
    settings: Settings, encoder: CountingEncoder, tmp_path: Path
) -> None:
    def without_address(number: int) -> str:
        return "\n".join(line for line in page(number).splitlines() if not line.startswith("URL:"))

    for number in (1, 2):
        path = tmp_path / str(number) / "notes.txt"
        path.parent.mkdir()
        path.write_text(without_address(number), encoding="utf-8")
        ingest([path], settings, encoder)
    with open_index(settings, encoder) as index:
        assert index.counts().transcripts == 2
    before = contents(settings)
    for path in settings.index.iterdir():
        path.unlink()
    build(settings, encoder)
    assert contents(settings) == before


def test_a_removed_file_is_removed_from_every_structure(settings: Settings, encoder: CountingEncoder) -> None:
    write_pages(settings.corpus, range(4))
    build(settings, encoder)
    (settings.corpus / "t1000002.txt").unlink()
    report = build(settings, encoder)
    assert report.removed == ("t1000002.txt",)
    assert report.unchanged == 3
    assert_sound(settings)
    assert_no_orphans(settings)
    with open_index(settings, encoder) as index:
        assert index.counts().transcripts == 3
        assert index.named("t1000002") == []


# What is done once only


def test_an_up_to_date_index_is_left_alone(settings: Settings, encoder: CountingEncoder) -> None:
    write_pages(settings.corpus, range(4))
    (settings.corpus / "empty.txt").write_text("")
    first = build(settings, encoder)
    encoder.texts.clear()
    states = {path: path.stat().st_mtime_ns for path in settings.index.iterdir()}
    report = build(settings, encoder)
    assert (first.indexed, first.skipped) == (4, 1)
    assert (report.indexed, report.unchanged, report.skipped) == (0, 4, 1)
    assert encoder.texts == []
    assert {path: path.stat().st_mtime_ns for path in settings.index.iterdir()} == states


def test_a_touched_corpus_is_read_but_not_embedded(settings: Settings, encoder: CountingEncoder) -> None:
    write_pages(settings.corpus, range(4))
    build(settings, encoder)
    encoder.texts.clear()
    for path in settings.corpus.iterdir():
        os.utime(path, ns=(1, 1))
    assert build(settings, encoder).unchanged == 4
    assert encoder.texts == []


def test_other_chunking_builds_anew_without_embedding_the_same_twice(
    settings: Settings, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pages(settings.corpus, range(4))
    build(settings, encoder)
    old = set(encoder.texts)
    encoder.texts.clear()
    monkeypatch.setattr("rag.indexing.spans.MOST_WORDS", 30)
    build(settings, encoder)
    assert not set(encoder.texts) & old
    assert_sound(settings)
    assert_no_orphans(settings)
    assert not (settings.index / NEXT_DATABASE).exists()


def test_another_model_builds_anew(settings: Settings, encoder: CountingEncoder) -> None:
    class OtherEncoder(CountingEncoder):
        name = "other"
        dimension = 128

    write_pages(settings.corpus, range(3))
    build(settings, encoder)
    other = OtherEncoder()
    assert build(settings, other).indexed == 3
    with open_index(settings, other) as index:
        assert (index.meta.embedding, index.meta.dimension) == ("other", 128)
        assert index.search_vectors("span", other.encode(["steel"])[0], 3)


def test_one_text_is_embedded_once(settings: Settings, encoder: CountingEncoder) -> None:
    write_pages(settings.corpus, range(6))
    build(settings, encoder)
    assert len(encoder.texts) == len(set(encoder.texts))


# What a failure leaves


@pytest.mark.parametrize("damage", [b"", b"rubbish" * 1000])
def test_a_damaged_database_is_built_anew(settings: Settings, encoder: CountingEncoder, damage: bytes) -> None:
    write_pages(settings.corpus, range(3))
    build(settings, encoder)
    before = contents(settings)
    (settings.index / DATABASE).write_bytes(damage)
    build(settings, encoder)
    assert contents(settings) == before


def test_a_second_writer_is_told(settings: Settings, encoder: CountingEncoder) -> None:
    write_pages(settings.corpus, range(1))
    with exclusive(settings.index):
        with pytest.raises(IndexBusyError, match="another process"):
            build(settings, encoder)
        with pytest.raises(IndexBusyError, match="another process"):
            ingest([settings.corpus], settings, encoder)
    assert build(settings, encoder).indexed == 1


def test_no_corpus_folder(settings: Settings, encoder: CountingEncoder) -> None:
    with pytest.raises(SettingsError, match="corpus"):
        build(settings, encoder)


def test_a_full_disk_is_told_and_keeps_what_was_done(
    settings: Settings, encoder: CountingEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([write_pages(tmp_path / "first", range(2))], settings, encoder)
    before = contents(settings)
    opened = Writer.__init__

    def limited(self: Writer, path: Path) -> None:
        opened(self, path)
        (pages,) = self.query("PRAGMA page_count")[0]
        self.query(f"PRAGMA max_page_count = {pages + 5}")

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "__init__", limited)
        with pytest.raises(IndexWriteError, match="disk is full"):
            ingest([write_pages(tmp_path / "more", range(2, 40))], settings, encoder)
    assert_sound(settings)
    with open_index(settings, encoder) as index:
        assert {"t1000000", "t1000001"} <= {source.name for source in index.sources()}
    assert contents(settings)[: len(before) // 2]
    build(settings, encoder)
    ingest([tmp_path / "more"], settings, encoder)
    assert_sound(settings)


def test_a_full_corpus_disk_is_told(
    settings: Settings, encoder: CountingEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("rag.whole_files.os.fsync", full)
    with pytest.raises(IndexWriteError, match="disk is full"):
        ingest([write_pages(tmp_path / "pages", range(2))], settings, encoder)
    assert [path for path in settings.corpus.rglob("*") if path.is_file()] == []


def test_no_permission_is_told(settings: Settings, encoder: CountingEncoder) -> None:
    write_pages(settings.corpus, range(1))
    settings.index.parent.joinpath("file").write_text("")
    blocked = settings.model_copy(update={"index": settings.index.parent / "file" / "index"})
    with pytest.raises(IndexWriteError):
        build(blocked, encoder)


KILLED = """
import sys
from pathlib import Path
from fakes import FakeEncoder
from rag.config import Settings
from rag.indexing.build import build, ingest
import rag.indexing.intake
rag.indexing.intake.BATCH_TEXTS = 20
folder = Path(sys.argv[1])
settings = Settings(index=folder / "index", corpus=folder / "corpus")
def progress(done, total):
    print(done, flush=True)
print("ready", flush=True)
ingest([folder / "pages"], settings, FakeEncoder(), progress)
"""


def test_kill_9_at_any_moment_loses_nothing_that_was_reported(tmp_path: Path, encoder: CountingEncoder) -> None:
    chance = random.Random(5)
    clean = Settings(index=tmp_path / "clean" / "index", corpus=tmp_path / "clean" / "corpus")
    write_pages(tmp_path / "clean" / "pages", range(30))
    ingest([tmp_path / "clean" / "pages"], clean, encoder)
    expected = contents(clean)
    write_pages(tmp_path / "pages", range(30))
    settings = Settings(index=tmp_path / "index", corpus=tmp_path / "corpus")
    reported = 0
    for number in range(KILLS):
        if number % 8 == 0:
            shutil.rmtree(settings.index, ignore_errors=True)
            shutil.rmtree(settings.corpus, ignore_errors=True)
            reported = 0
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS.parent}"},
        )
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.25))
        process.send_signal(signal.SIGKILL)
        lines = process.stdout.read().split()
        process.wait()
        reported = max(reported, *map(int, lines)) if lines else reported
        if (settings.index / DATABASE).exists():
            # Whatever was killed, the next command reads on.
            with open_index(settings, encoder) as index:
                assert index.counts().transcripts >= reported
            assert_sound(settings)
    ingest([tmp_path / "pages"], settings, encoder)
    assert_sound(settings)
    assert contents(settings) == expected
    build(settings, encoder)
    assert_no_orphans(settings)


def test_a_transaction_cut_in_the_middle_is_undone_by_opening(settings: Settings, encoder: CountingEncoder) -> None:
    write_pages(settings.corpus, range(3))
    build(settings, encoder)
    before = contents(settings)
    pid = os.fork()
    if pid == 0:
        connection = sqlite3.connect(settings.index / DATABASE, isolation_level=None)
        connection.execute("PRAGMA cache_spill = 1")
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN")
        connection.execute("UPDATE transcripts SET text = 'lost', title = 'lost'")
        connection.execute("DELETE FROM vectors")
        connection.execute("INSERT INTO embeddings (digest, vector) VALUES (zeroblob(9), zeroblob(2000000))")
        os._exit(9)
    os.waitpid(pid, 0)
    journal = settings.index / f"{DATABASE}-journal"
    assert journal.exists()
    assert contents(settings) == before
    assert_sound(settings)


def test_other_reading_code_reads_again_without_embedding_the_same_twice(
    settings: Settings, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pages(settings.corpus, range(3))
    build(settings, encoder)
    before = contents(settings)
    encoder.texts.clear()
    monkeypatch.setattr("rag.indexing.build.reading_digest", lambda corpus: "another version")
    assert build(settings, encoder).indexed == 3
    assert encoder.texts == []
    assert contents(settings) == before
    assert build(settings, encoder).unchanged == 3
