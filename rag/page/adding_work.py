"""The process that adds transcripts for the page: an order on standard input, events on standard output.

A process of its own, so that answers go on meanwhile, that it can be ended at any moment (what it reported is on disk),
and that a file which exhausts it does not end the page. It does what `onrecord ingest` and `onrecord fetch` do,
and ends with its standard input, and so with the server.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Literal, NoReturn, TextIO

from rag.config import Settings
from rag.errors import OnRecordError
from rag.indexing.report import Outcome
from rag.types import Period, Record

COMMAND = (sys.executable, "-m", "rag.page.adding_work")
EVENTS_APART = 0.2
"""Seconds between two reports of progress."""
UNKNOWN_TROUBLE = "Something went wrong while transcripts were added; the server's log has the details."

Stage = Literal["fetching", "indexing"]


class FetchOrder(Record):
    """What to fetch."""

    language: Literal["en", "zh"] = "en"
    period: Period = Period()


class Order(Record):
    """Files to ingest, or what to fetch and then ingest."""

    settings: Settings
    files: tuple[Path, ...] = ()
    fetch: FetchOrder | None = None


class Event(Record):
    """One line of what the process tells; a field that is None has not changed."""

    stage: Stage | None = None
    done: int | None = None
    total: int | None = None
    outcome: Outcome | None = None
    note: str | None = None
    """What the fetch has to say, as the command prints it."""
    trouble: str | None = None
    """Why the work ended early."""


Tell = Callable[[Event], None]


def work(order: Order, tell: Tell) -> None:
    """Carry out an order.

    Raises:
        OnRecordError: see `rag.corpus.fetch.fetch_mfa` and `rag.indexing.build.ingest`.
    """
    files: Sequence[Path] = order.files
    if order.fetch:
        files = _fetch(order.settings, order.fetch, tell)
    if not files:
        return
    from rag.indexing.build import ingest
    from rag.indexing.embedding import load_encoder

    tell(Event(stage="indexing", done=0, total=0))
    ingest(
        files, order.settings, load_encoder(order.settings), _paced(tell), lambda outcome: tell(Event(outcome=outcome))
    )


def _fetch(settings: Settings, order: FetchOrder, tell: Tell) -> Sequence[Path]:
    from rich.console import Console

    from rag.corpus.fetch import fetch_mfa
    from rag.indexing.pages import pages_on_record
    from rag.terminal.console import UNWRAPPED
    from rag.terminal.reports import print_fetch

    tell(Event(stage="fetching", done=0, total=0))
    known = pages_on_record(settings)
    report = fetch_mfa(settings, order.language, order.period, known=known, progress=_paced(tell))
    said = io.StringIO()
    print_fetch(report, Console(file=said, width=UNWRAPPED, markup=False, highlight=False, emoji=False))
    tell(Event(note=said.getvalue().strip()))
    return report.files


def _paced(tell: Tell) -> Callable[[int, int], None]:
    told = -EVENTS_APART

    def progress(done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if done == total or now - told >= EVENTS_APART:
            told = now
            tell(Event(done=done, total=total))

    return progress


def main() -> int:
    """Read the order, one line, and carry it out; 0 when it was carried out, 1 when an event tells why not."""
    events = _events()
    order = sys.stdin.readline()
    threading.Thread(target=_end_with_the_server, daemon=True).start()

    def tell(event: Event) -> None:
        # ASCII: the name of a file may hold halves of surrogate pairs.
        print(json.dumps(event.model_dump(mode="json", exclude_none=True)), file=events, flush=True)

    signal.signal(signal.SIGTERM, _stop)
    # The readers' questions come first.
    os.nice(5)
    try:
        work(Order.model_validate_json(order), tell)
    except OnRecordError as error:
        tell(Event(trouble=str(error)))
        return 1
    except BrokenPipeError:
        # The server has ended.
        return 1
    except Exception:
        traceback.print_exc()
        tell(Event(trouble=UNKNOWN_TROUBLE))
        return 1
    return 0


def _events() -> TextIO:
    """Standard output for the events alone: whatever else is printed goes to standard error."""
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return events


def _end_with_the_server() -> None:
    """End this process when nobody is at the other end of standard input any more."""
    # Not by way of `sys.stdin`: whoever waits there holds a lock, which a process that ends or forks would wait for.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
