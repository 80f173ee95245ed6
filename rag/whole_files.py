"""Files that appear under their name whole or not at all, whenever the process is killed or the power fails."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast


@contextlib.contextmanager
def written_whole(path: Path, ending: str = "tmp", *, private: bool = False) -> Iterator[BinaryIO]:
    """A file, open for writing and reading, that takes the place of `path` once the block has ended without error.

    Its bytes are on the disk before it is moved into place, and its name after. When the block raises, what stood at
    `path` is still there; the file beside it, `.<name>.<process>.<ending>`, is only left by a process that was killed.

    Args:
        path: in a folder that is there.
        ending: of the file beside it, by which whoever sweeps the folder knows it.
        private: whether nobody but its owner may read it.

    Raises:
        OSError: the folder cannot be written or the disk is full.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.{ending}")
    try:
        # Never through a link that somebody else has laid there.
        beside.unlink(missing_ok=True)
        opened = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
        with os.fdopen(opened, "w+b") as file:
            yield cast(BinaryIO, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    # There are file systems that cannot be asked for this; the file stands whole on them too.
    with contextlib.suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_whole(path: Path, data: bytes, ending: str = "tmp") -> None:
    """Write a file in the place of `path` (see `written_whole`); its folder is made when it is missing.

    Raises:
        OSError: the folder cannot be written or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path, ending) as file:
        file.write(data)
