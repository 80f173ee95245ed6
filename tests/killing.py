"""Work that is killed at some moment, as by `kill -9` or a power cut."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

KILLS = int(os.environ.get("KILLS", "8"))
"""How often each test of this kind kills: `KILLS=130 pytest -k "kill" tests/indexing tests/corpus/fetch` for 520."""


def killed_after(seconds: float, work: Callable[[], object]) -> bool:
    """Do `work` in a copy of this process and kill that after so long. Returns whether it had ended by then."""
    import faiss

    child = os.fork()
    if child == 0:
        code = 1
        try:
            # The threads of OpenMP do not survive a fork.
            faiss.omp_set_num_threads(1)
            work()
            code = 0
        finally:
            os._exit(code)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL), code
    return code == 0
