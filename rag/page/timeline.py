"""Bar charts of counts by month or by name, whose bars are buttons: drawn by the `bars` component."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from rag.page.citing import MONTHS, counted, day
from rag.page.views import View
from rag.retrieval.timeline import Timeline
from rag.types import Period

_MOST_MONTHS = 72
"""A longer record is shown by years: bars of less than five pixels cannot be hit."""
_TICKS = 6
"""Most years named below the bars."""
_NARROW = 0.08
"""Share of the width that a year's name takes."""


def months_view(
    months: Sequence[tuple[dt.date, int]], noun: str, *, label: str, period: Period | None = None, **more: object
) -> View:
    """Bars of consecutive months (first days and counts), or of years when there are too many; empty ones included."""
    by_year = len(months) > _MOST_MONTHS
    bins: dict[str, int] = {}
    for first, count in months:
        name = f"{first:%Y}" if by_year else f"{first:%Y-%m}"
        bins[name] = bins.get(name, 0) + count
    bars = [
        {
            "id": name,
            "label": name if by_year else f"{MONTHS[int(name[5:]) - 1]} {name[:4]}",
            "count": count,
            "words": counted(count, noun),
            "chosen": period is not None and read_bin(name) == period,
        }
        for name, count in bins.items()
    ]
    return {
        "look": "columns",
        "label": label,
        "columns": ["Year" if by_year else "Month", f"{noun.capitalize()}s"],
        "bars": bars,
        "ticks": _ticks(list(bins), by_year),
        **more,
    }


def rows_view(counts: Sequence[tuple[str, int]], noun: str, *, label: str, chosen: str | None, **more: object) -> View:
    """Bars of named counts, one below the other."""
    bars = [
        {"id": name, "label": name, "count": count, "words": counted(count, noun), "chosen": name == chosen}
        for name, count in counts
    ]
    return {"look": "rows", "label": label, "columns": [], "bars": bars, "ticks": [], **more}


def timeline_view(line: Timeline, *, period: Period | None, **more: object) -> View:
    """When a topic was addressed."""
    return months_view(
        [(month.first, month.exchanges) for month in line.months],
        "exchange",
        label="How often the topic was addressed",
        period=period,
        clear="All dates" if period else None,
        **more,
    )


def addressed(line: Timeline) -> str:
    """`Addressed in 50 exchanges of 35 conferences, 6 June 2018 – 14 March 2019`."""
    said = f"Addressed in {counted(line.exchanges, 'exchange')} of {counted(line.conferences, 'conference')}"
    if line.first is None or line.last is None:
        return said
    return f"{said}, {day(line.first)}" + ("" if line.first == line.last else f" – {day(line.last)}")


def read_bin(name: str) -> Period | None:
    """The days of a bar named `2019` or `2019-05`; None for another name."""
    try:
        first = dt.date.fromisoformat(f"{name}-01" if len(name) == len("2019-05") else f"{name}-01-01")
    except ValueError:
        return None
    after = first.replace(year=first.year + 1) if len(name) == len("2019") else first + dt.timedelta(days=31)
    return Period(first=first, last=after.replace(day=1) - dt.timedelta(days=1))


def _ticks(names: Sequence[str], by_year: bool) -> list[View]:
    """Where the axis names a year: at its first bar, as many years as there is room for."""
    marks = [(i, name[:4]) for i, name in enumerate(names) if i == 0 or by_year or name[:4] != names[i - 1][:4]]
    every = -(-len(marks) // _TICKS)
    # A year that has hardly begun where the next one stands would be written over.
    roomy = [
        mark
        for mark, after in zip(marks, [*marks[1:], None], strict=True)
        if by_year or after is None or after[0] - mark[0] > _NARROW * len(names)
    ]
    return [{"at": i / len(names), "label": label} for i, label in roomy[::every]]
