"""Days in the cells of one column, which are written alike."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from rag.corpus.dates import full_date

_NUMERIC = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


class Days:
    """Reads the cells of one date column.

    23/05/2019 and 05/23/2019 are told apart by the whole column: in one of its cells a number above 12 shows where the
    day stands. Where no cell shows it, such a date is not guessed.
    """

    def __init__(self, cells: Iterable[str]) -> None:
        numeric = [(int(found[1]), int(found[2])) for cell in cells if (found := _NUMERIC.match(cell))]
        self._day_first = any(first > 12 for first, _ in numeric)
        self._month_first = any(second > 12 for _, second in numeric)

    def read(self, cell: str) -> dt.date:
        """The day that a cell names.

        Raises:
            ValueError: it names none, or may name two; the message is for the reader.
        """
        if not cell:
            raise ValueError("it has no date")
        day = self._day(cell)
        if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise ValueError(f"{cell[:40]!r} is not a date; write it as 2019-05-23")
        return day

    def _day(self, cell: str) -> dt.date | None:
        numeric, compact = _NUMERIC.match(cell), _COMPACT.fullmatch(cell)
        if compact:
            return _date(*compact.groups())
        if not numeric:
            return full_date(cell)
        first, second, year = numeric.groups()
        if first != second and self._day_first == self._month_first:
            raise ValueError(f"{cell[:40]!r} may be two dates: the column does not show which number is the day")
        return _date(year, second, first) if self._day_first else _date(year, first, second)


def _date(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
