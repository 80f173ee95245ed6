"""One writer at a time."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from rag.errors import IndexBusyError

LOCK = ".lock"


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Be the only writer of the index in `folder`. The kernel frees the lock when the process ends, however it ends.

    Raises:
        IndexBusyError: another process is writing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IndexBusyError(
                f"another process is writing the index in {folder}. Wait until it is done and run the command again."
            ) from error
        yield


def is_being_written(folder: Path) -> bool:
    """Whether some process is the writer of the index in `folder` at this moment."""
    try:
        with (folder / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
