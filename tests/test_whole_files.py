"""Files that are whole or not there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from rag.whole_files import write_whole, written_whole


def test_it_appears_when_the_block_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with written_whole(path) as file:
        file.write(b"0123456789")
        file.seek(0)
        file.write(b"new")
        assert path.read_bytes() == b"before"
        assert [left.name for left in tmp_path.iterdir() if left != path] == [f".file.{os.getpid()}.tmp"]
    assert path.read_bytes() == b"new3456789"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError(), KeyboardInterrupt()])
def test_what_was_there_stays_when_the_block_fails(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")

    def fail() -> None:
        with written_whole(path, "part") as file:
            file.write(b"half")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_is_full_at_the_last_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rag.whole_files.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "folder" / "file", b"new")
    assert list((tmp_path / "folder").iterdir()) == []


def test_nothing_is_written_through_what_lies_beside(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"theirs")
    (tmp_path / f".file.{os.getpid()}.tmp").symlink_to(victim)
    write_whole(tmp_path / "file", b"mine")
    assert (victim.read_bytes(), (tmp_path / "file").read_bytes()) == (b"theirs", b"mine")
    assert not (tmp_path / "file").is_symlink()


@pytest.mark.parametrize("private", [True, False])
def test_who_may_read_it(tmp_path: Path, private: bool) -> None:
    before = os.umask(0o022)
    try:
        with written_whole(tmp_path / "file", private=private):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == (0o600 if private else 0o644)
