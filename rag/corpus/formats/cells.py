"""Rows of a CSV or XLSX file as text. Formulas are never computed: only the values saved beside them are read."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

from rag.corpus.decode import decode
from rag.corpus.formats.zips import open_zip
from rag.errors import ReadError

LONGEST_CELL = csv.field_size_limit()
"""Characters; the csv module's own limit. The longest answer in the archive has some 12,000."""
_MOST_COLUMNS = 200
_VISIBLE = re.compile(r"[^\s\x00-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_DELIMITERS = ",;\t|"
_MISSING = frozenset(
    [
        "NA",
        "N/A",
        "NaN",
        "nan",
        "NULL",
        "null",
        "None",
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "#DIV/0!",
        "#NULL!",
        "#NUM!",
        "#GETTING_DATA",
    ]
)
"""How R, pandas and spreadsheets write that there is no value."""


class Row(NamedTuple):
    """A row and its number, counted from 1 as a spreadsheet shows it."""

    number: int
    cells: list[str]


class Sheet(NamedTuple):
    """A table's rows, its header first; wholly empty rows are left out."""

    name: str | None
    rows: Iterator[Row]


def iter_sheets(data: bytes, name: str) -> Iterator[Sheet]:
    """The sheets of a spreadsheet, or the one table of a CSV file. Each is to be read before the next is asked for.

    Raises:
        ReadError: (also while rows are read) the file is damaged, encrypted, a zip bomb, or in no known encoding.
    """
    if data.startswith(b"PK"):
        yield from _spreadsheet(data)
    elif name.lower().endswith(".xlsx"):
        raise ReadError("the file is no XLSX spreadsheet; save it as XLSX or as CSV in UTF-8")
    else:
        yield Sheet(None, _csv(decode(data)))


def _csv(text: str) -> Iterator[Row]:
    text = text.removeprefix("\ufeff")
    stated = re.match(r"sep=(.)\r?\n", text)
    skipped = stated.end() if stated else 0
    delimiter = stated[1] if stated else _delimiter(text)
    rows = csv.reader(io.StringIO(text[skipped:], newline=""), delimiter=delimiter, strict=True)
    number = 1 if stated else 0
    while True:
        number += 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise ReadError(
                f"row {number} cannot be read ({error}): a quotation mark in it is not doubled or not closed"
            ) from error
        row = Row(number, [_clean(cell) for cell in cells])
        if any(row.cells):
            yield row


def _delimiter(text: str) -> str:
    """The delimiter that parts the header into most columns."""
    header = next((line for line in text[:100_000].splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=header.count)


def _spreadsheet(data: bytes) -> Iterator[Sheet]:
    opened = open_zip(data, "spreadsheet")
    if "[Content_Types].xml" not in opened.namelist() or not any(name.startswith("xl/") for name in opened.namelist()):
        raise ReadError("the file is a zip archive but no XLSX spreadsheet")
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        except Exception as error:  # openpyxl meets damage with whatever its parsers raise
            raise ReadError(f"the spreadsheet is damaged: {error or type(error).__name__}") from error
        for sheet in book.worksheets:
            yield Sheet(sheet.title, _rows(sheet))


def _rows(sheet: Any) -> Iterator[Row]:
    try:
        sheet.reset_dimensions()  # what the file states of its size may be wrong
        rows = enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True), 1)
        for number, values in rows:
            # Rows are padded to the most columns.
            last = max((place for place, value in enumerate(values, 1) if value is not None), default=0)
            row = Row(number, [_clean(_text(value)) for value in values[:last]])
            if any(row.cells):
                yield row
    except ReadError:
        raise
    except Exception as error:  # as above: rows are parsed while they are read
        raise ReadError(f"the spreadsheet is damaged: {error or type(error).__name__}") from error


def _text(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _clean(cell: str) -> str:
    """The cell's text; empty when it says that there is none, or holds nothing that can be seen."""
    stripped = cell.strip()
    return "" if stripped in _MISSING or not _VISIBLE.search(stripped) else stripped
