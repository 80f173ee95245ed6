"""Consoles, progress and plain text.

Transcripts, questions and model output are untrusted here: they are printed as text, without control characters and
without rich's markup.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)
from rich.progress import TimeRemainingColumn as Remaining
from rich.text import Text

WIDEST = 100
"""Columns; longer lines are hard to read."""
UNWRAPPED = 1_000_000
"""Columns; a pipe gets one line per paragraph."""
BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

Advance = Callable[[int, int], None]


def consoles() -> tuple[Console, Console]:
    """Consoles on standard output (results) and standard error (progress, notes)."""
    out = Console(highlight=False, markup=False, emoji=False)
    out.width = min(out.width, WIDEST) if out.is_terminal else UNWRAPPED
    return out, Console(stderr=True, highlight=False, markup=False, emoji=False)


def plain(text: str) -> str:
    """Untrusted text without control characters, escape sequences and direction overrides; line breaks stay."""
    return "".join(
        character
        for character in text.replace("\t", " ")
        if character == "\n" or (unicodedata.category(character) not in ("Cc", "Cs") and character not in BIDI_CONTROLS)
    )


def print_line(out: Console, text: str, style: str = "", indent: int = 0) -> None:
    """Print a line, wrapped under its own beginning."""
    out.print(Padding(Text(text, style=style), (0, 0, 0, indent), expand=False))


def day(date: dt.date | None) -> str:
    """`23 May 2019`, or `undated`."""
    return f"{date.day} {date:%B %Y}" if date else "undated"


class _Rate(ProgressColumn):
    """How many are done in a second, or in a minute when that is more than none."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed:,.0f}/s" if speed >= 10 else f"{speed * 60:,.0f}/min", style="progress.data.speed")


@contextmanager
def progress_bar(errors: Console, label: str, in_bytes: bool = False) -> Iterator[Advance]:
    """A bar on standard error with rate and remaining time, moved by calling (done, total)."""
    with progress_bars(errors, label, in_bytes=in_bytes) as (advance,):
        yield advance


@contextmanager
def progress_bars(errors: Console, *labels: str, in_bytes: bool = False) -> Iterator[list[Advance]]:
    """One bar for each label, as `progress_bar`; all but the first appear when they are first moved."""
    amount, rate = (DownloadColumn(), TransferSpeedColumn()) if in_bytes else (MofNCompleteColumn(), _Rate())
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), amount, rate, Remaining())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        yield [_moves(progress, progress.add_task(label, total=None, visible=not i)) for i, label in enumerate(labels)]


def _moves(progress: Progress, task: TaskID) -> Advance:
    return lambda done, total: progress.update(task, completed=done, total=total, visible=True)
