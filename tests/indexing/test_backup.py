"""`onrecord backup` and `onrecord restore`: one file, everything in it, and nothing half done."""

from __future__ import annotations

import errno
import json
import random
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from killing import KILLS, killed_after
from small_corpus import assert_sound, page, write_pages
from typer.testing import CliRunner, Result

from fakes import FakeEncoder
from rag.cli import app
from rag.config import Settings
from rag.errors import BackupError
from rag.generation.propositions import FILE, PropositionStore
from rag.indexing.backup import MANIFEST, back_up
from rag.indexing.build import build, ingest
from rag.indexing.invariants import examine
from rag.indexing.restore import PLAN, STAGED, restore
from rag.indexing.schema import DATABASE
from rag.indexing.store import open_index
from rag.types import Proposition

ENCODER = FakeEncoder()


def places(folder: Path) -> Settings:
    return Settings(index=folder / "index", corpus=folder / "corpus", embedding="fake")


def others(settings: Settings) -> dict[str, Path]:
    return {"propositions": settings.index / FILE, "conversations": settings.index.parent / "conversations.sqlite"}


def fill(settings: Settings, numbers: range, sentence: str) -> None:
    """An index of some conferences, the first of them corrected once, a proposition and a conversation."""
    write_pages(settings.corpus, numbers)
    build(settings, ENCODER)
    name = f"t{1000000 + numbers[0]}.txt"
    (settings.corpus / name).write_text(page(numbers[0]).replace("China ", "Beijing "), encoding="utf-8")
    build(settings, ENCODER)
    store = PropositionStore(settings.index / FILE)
    store.put(
        Proposition(span_digest="a", model="b", prompt_version="c", sentences=(), label="quote", failures=(sentence,))
    )
    store.close()
    with sqlite3.connect(others(settings)["conversations"]) as conversations:
        conversations.execute("CREATE TABLE turn (answer TEXT)")
        conversations.execute("INSERT INTO turn VALUES (?)", (json.dumps(sentence),))


def seen(settings: Settings) -> list[object]:
    """Everything that a reader can see, and every file of the corpus."""
    with open_index(settings, ENCODER) as index:
        found: list[object] = [index.counts()]
        for source in index.sources():
            found += [index.transcript(source.transcript), index.earlier_versions(source.transcript)]
        vector = ENCODER.encode(["tariffs on steel"])[0]
        found.append([(hit.exchange, hit.start) for hit in index.search_vectors("span", vector, 1000)])
    for file in others(settings).values():
        with sqlite3.connect(file) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            found += [row for (name,) in tables for row in connection.execute(f"SELECT * FROM {name}")]
    files = ((path, path.relative_to(settings.corpus)) for path in sorted(settings.corpus.rglob("*")) if path.is_file())
    found.append({str(place): path.read_bytes() for path, place in files if not place.parts[0].startswith(".")})
    return found


def is_sound(settings: Settings) -> bool:
    assert_sound(settings)
    return not [check for check in examine(settings, {}) if check.findings]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = places(tmp_path_factory.mktemp("full"))
    fill(settings, range(4), "It is so.")
    return settings


@pytest.fixture(scope="module")
def saved(full: Settings) -> Path:
    """A backup of `full`."""
    file = full.index.parent / "saved.zip"
    back_up(full, others(full), file)
    return file


@pytest.fixture
def other(tmp_path: Path) -> Settings:
    """Another index, which is not empty."""
    settings = places(tmp_path / "other")
    fill(settings, range(10, 13), "It is not so.")
    return settings


def test_what_is_backed_up_is_restored(full: Settings, saved: Path, tmp_path: Path) -> None:
    new = places(tmp_path / "new")
    restore(saved, new, others(new))
    assert seen(new) == seen(full)
    build(new, ENCODER)
    assert is_sound(new)
    assert seen(new) == seen(full)


def test_a_backup_holds_one_file_only_its_owner_reads(full: Settings, saved: Path) -> None:
    assert saved.stat().st_mode & 0o777 == 0o600
    assert [path for path in saved.parent.iterdir() if path.name.startswith(".")] == []
    with zipfile.ZipFile(saved) as archive:
        names = set(archive.namelist())
        manifest = json.loads(archive.read(MANIFEST))
    assert {member["member"] for member in manifest["members"]} == names - {MANIFEST}
    assert {"index/onrecord.sqlite", "corpus/t1000001.txt", "others/conversations"} <= names
    assert not any(name.endswith((".faiss", ".lock")) for name in names)
    assert manifest["settings"]["embedding"] == "fake"


def test_what_is_there_is_replaced_only_when_forced(full: Settings, saved: Path, other: Settings) -> None:
    before = seen(other)
    with pytest.raises(BackupError, match=r"3 transcripts.*--force"):
        restore(saved, other, others(other))
    assert seen(other) == before
    # A running reader sees the new state with its next question, the corpus holds nothing else.
    with open_index(other, ENCODER) as index:
        assert index.counts().transcripts == 3
        restore(saved, other, others(other), force=True)
        assert index.counts().transcripts == 4
        assert len(index.search_vectors("span", ENCODER.encode(["steel"])[0], 10_000)) == index.counts().spans
    assert seen(other) == seen(full)
    build(other, ENCODER)
    assert is_sound(other)


def test_a_corpus_folder_alone_is_not_overwritten(saved: Path, tmp_path: Path) -> None:
    settings = places(tmp_path)
    write_pages(settings.corpus, range(1))
    with pytest.raises(BackupError, match="1 files"):
        restore(saved, settings, others(settings))


def test_numbers_of_an_abandoned_state_are_not_taken_for_those_of_the_restored_one(other: Settings) -> None:
    """A vector file and a reader of a later state of the same database know nothing of what is restored."""
    file = other.index.parent / "earlier.zip"
    back_up(other, others(other), file)
    ingest([write_pages(other.index.parent / "more", range(20, 24))], other, ENCODER)
    with open_index(other, ENCODER) as index:
        vector = ENCODER.encode(["China position point"])[0]
        index.search_vectors("span", vector, 10)
        restore(file, other, others(other), force=True)
        ingest([write_pages(other.index.parent / "others", range(30, 34))], other, ENCODER)
        assert len(index.search_vectors("span", vector, 10_000)) == index.counts().spans
        assert not any("t100002" in hit.exchange for hit in index.search_vectors("span", vector, 10_000))
    build(other, ENCODER)
    assert is_sound(other)


def test_a_backup_may_be_made_while_the_index_is_written(full: Settings, tmp_path: Path) -> None:
    settings = places(tmp_path / "busy")
    write_pages(settings.corpus, range(3))
    build(settings, ENCODER)
    done = threading.Event()
    troubles: list[BaseException] = []

    def write() -> None:
        try:
            for number in range(20, 32):
                ingest([write_pages(tmp_path / str(number), range(number, number + 1))], settings, ENCODER)
        except BaseException as error:
            troubles.append(error)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    files = []
    while not done.is_set():
        files.append(tmp_path / f"{len(files)}.zip")
        back_up(settings, others(settings), files[-1])
    writer.join()
    assert troubles == []
    assert len(files) > 2
    for number in (0, len(files) // 2, len(files) - 1):
        new = places(tmp_path / f"restored{number}")
        restore(files[number], new, others(new))
        with open_index(new, ENCODER) as index:
            assert 3 <= index.counts().transcripts <= 15
        build(new, ENCODER)
        assert is_sound(new)


def changed(saved: Path, target: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """A backup with other members; the manifest's names and digests are adapted only if `change` does so."""
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            member = change(name, old.read(name))
            if member:
                new.writestr(*member)
    return target


def _flipped(name: str, data: bytes) -> tuple[str, bytes]:
    return name, (b"x" + data[1:] if name == "corpus/t1000002.txt" else data)


def _lacking(name: str, data: bytes) -> tuple[str, bytes] | None:
    return None if name == "corpus/t1000002.txt" else (name, data)


def _unlisted(name: str, data: bytes) -> tuple[str, bytes] | None:
    return None if name == MANIFEST else (name, data)


def _newer(name: str, data: bytes) -> tuple[str, bytes]:
    return name, data.replace(b'"format": 1', b'"format": 99') if name == MANIFEST else data


def _to(path: str) -> Callable[[str, bytes], tuple[str, bytes]]:
    def change(name: str, data: bytes) -> tuple[str, bytes]:
        if name == MANIFEST:
            manifest = json.loads(data)
            for member in manifest["members"]:
                if member["path"] == "corpus/t1000002.txt":
                    member["path"] = path
            data = json.dumps(manifest).encode()
        return name, data

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_flipped, "has not the digest"),
        (_lacking, "is not in it as its manifest says"),
        (_unlisted, "it has no manifest"),
        (_newer, "format 99"),
        (_to("corpus/../../slip.txt"), "outside the folders"),
        (_to("/tmp/slip.txt"), "outside the folders"),
        (_to("corpus//slip.txt"), "outside the folders"),
        (_to("corpus/.git/hooks/slip"), "outside the folders"),
        (_to("corpus/a\0b"), "outside the folders"),
        (_to("others/../../slip"), "outside the folders"),
        (_to("index/onrecord.sqlite"), "contradicts itself"),
        (_to("elsewhere/slip"), "outside the folders"),
    ],
)
def test_a_file_that_is_no_whole_backup_changes_nothing(
    saved: Path, other: Settings, tmp_path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None], told: str
) -> None:
    before = seen(other)
    outside = {path for path in tmp_path.rglob("*") if "other" not in path.parts}
    bad = changed(saved, tmp_path / "bad.zip", change)
    with pytest.raises(BackupError, match=told):
        restore(bad, other, others(other), force=True)
    assert seen(other) == before
    assert is_sound(other)
    assert {path for path in tmp_path.rglob("*") if "other" not in path.parts} - outside == {bad}


@pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
def test_a_file_cut_short_changes_nothing(saved: Path, other: Settings, tmp_path: Path, share: float) -> None:
    before = seen(other)
    data = saved.read_bytes()
    short = tmp_path / "short.zip"
    short.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(BackupError, match="cut short or damaged"):
        restore(short, other, others(other), force=True)
    assert seen(other) == before


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_byte_changes_nothing_or_nothing_of_worth(
    full: Settings, saved: Path, other: Settings, tmp_path: Path, seed: int
) -> None:
    before = seen(other)
    data = bytearray(saved.read_bytes())
    data[random.Random(seed).randrange(len(data))] ^= 0xFF
    bad = tmp_path / "bad.zip"
    bad.write_bytes(bytes(data))
    try:
        restore(bad, other, others(other), force=True)
    except BackupError:
        assert seen(other) == before
    else:
        assert seen(other) == seen(full)


def test_links_in_the_corpus_folder_do_not_lead_a_restore_out(saved: Path, other: Settings, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.txt").write_text("mine")
    (other.corpus / "superseded").rename(tmp_path / "moved")
    (other.corpus / "superseded").symlink_to(outside)
    (other.corpus / "t1000002.txt").symlink_to(outside / "mine.txt")
    restore(saved, other, others(other), force=True)
    assert [path.name for path in outside.rglob("*")] == ["mine.txt"]
    assert (outside / "mine.txt").read_text() == "mine"


def test_a_backup_is_not_written_into_what_it_holds(full: Settings) -> None:
    for folder in (full.corpus, full.index):
        with pytest.raises(BackupError, match="elsewhere"):
            back_up(full, others(full), folder / "saved.zip")


def test_a_full_disk_leaves_what_was_there(
    full: Settings, saved: Path, other: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, data = seen(other), saved.read_bytes()

    def is_full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("rag.indexing.restore.copy_stream", is_full)
        with pytest.raises(OSError, match="No space left"):
            restore(saved, other, others(other), force=True)
        patch.setattr("rag.indexing.backup.copy_stream", is_full)
        with pytest.raises(OSError, match="No space left"):
            back_up(full, others(full), saved)
    assert seen(other) == before
    assert is_sound(other)
    assert saved.read_bytes() == data
    assert [path for path in saved.parent.iterdir() if path.name.startswith(".")] == []


def test_kill_9_leaves_the_old_or_the_new(full: Settings, saved: Path, other: Settings, tmp_path: Path) -> None:
    chance = random.Random(3)
    old, new = seen(other), seen(full)
    whole = other.index.parent
    shutil.copytree(whole, tmp_path / "kept")
    for _ in range(KILLS):
        shutil.rmtree(whole)
        shutil.copytree(tmp_path / "kept", whole)
        killed_after(chance.uniform(0, 0.06), lambda: restore(saved, other, others(other), force=True))
        after = seen(other)
        assert after in (old, new)
        build(other, ENCODER)
        assert is_sound(other)
        assert seen(other) == after


@pytest.mark.parametrize("step", range(6))
def test_a_restore_killed_while_it_puts_things_in_place_is_ended_by_the_next_command(
    full: Settings, saved: Path, other: Settings, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Dies at the step named: each is taken again by whoever comes next."""

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    steps = ("_clear", "_copy_into", "shutil.rmtree", "os.sync", "_remove_staged", "Path.replace")
    with monkeypatch.context() as patch:
        carry_out = "rag.indexing.restore._carry_out"
        from rag.indexing import restore as module

        real = module._carry_out

        def carry(index: Path) -> None:
            patch.setattr(f"rag.indexing.restore.{steps[step]}", die)
            if steps[step] == "shutil.rmtree":
                (other.corpus / "t1000002.txt").unlink(missing_ok=True)
                (other.corpus / "t1000002.txt").mkdir()
            real(index)

        patch.setattr(carry_out, carry)
        with pytest.raises(Killed):
            restore(saved, other, others(other), force=True)
    assert (other.index / PLAN).exists() or (other.index / STAGED).exists()
    assert seen(other) == seen(full)
    build(other, ENCODER)
    assert is_sound(other)


def run(settings: Settings, *arguments: str) -> Result:
    options = ["--index", str(settings.index), "--corpus", str(settings.corpus)]
    return CliRunner().invoke(app, [*arguments, *options])


def test_the_commands(full: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_EMBEDDING", "fake")
    file = tmp_path / "record.zip"
    told = run(full, "backup", str(file))
    assert told.exit_code == 0, told.output
    assert "4 transcripts" in told.output
    new = places(tmp_path / "new")
    monkeypatch.setenv("ONRECORD_SENTENCES", "3")
    told = run(new, "restore", str(file))
    assert told.exit_code == 0, told.output
    changed = f"The setting sentences was {full.sentences} when the backup was made; now it is 3"
    assert changed in " ".join(told.output.split())
    assert (new.index / DATABASE).exists()
    assert isinstance(run(new, "restore", str(file)).exception, BackupError)
    assert run(new, "restore", str(file), "--force").exit_code == 0
