"""Which column of a table holds what, by the names in `columns.toml`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pydantic import Field, ValidationError

from rag.errors import ReadError, SettingsError
from rag.types import Record

USER_FILE = "columns.toml"
"""Name of a user's own rules in the corpus folder."""
REQUIRED = ("date", "speaker", "question", "answer")
_FILE = Path(__file__).with_name("columns.toml")


class Columns(Record):
    """Names of columns by what they hold, best first, and institutions by a word in a file's name."""

    date: tuple[str, ...] = ()
    speaker: tuple[str, ...] = ()
    question: tuple[str, ...] = ()
    answer: tuple[str, ...] = ()
    asked_by: tuple[str, ...] = ()
    link: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    institution: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    institutions: dict[str, str] = Field(default_factory=dict)

    def find(self, header: list[str]) -> dict[str, int]:
        """Position of each field that a header has.

        Raises:
            ReadError: a field that must be there is not; the message lists the columns found.
        """
        places: dict[str, int] = {}
        for place, name in enumerate(header):
            places.setdefault(_folded(name), place)
        found: dict[str, int] = {}
        for field in FIELDS:
            names = [_folded(name) for name in getattr(self, field)]
            there = [places[name] for name in names if name in places]
            if there:
                found[field] = there[0]
        missing = [field for field in REQUIRED if field not in found]
        if missing:
            columns = ", ".join(name.strip()[:40] for name in header[:60] if name.strip()) or "none"
            raise ReadError(
                f"the table has no column for {' and '.join(missing)}. Columns found: {columns}. "
                f"Name the right ones in {USER_FILE} in the corpus folder."
            )
        return found

    def institution_of(self, file: str) -> str | None:
        """The institution whose word stands in the name of a file."""
        name = file.lower()
        return next((institution for word, institution in self.institutions.items() if word.lower() in name), None)


FIELDS = tuple(field for field in Columns.model_fields if field != "institutions")


def load_columns(corpus: Path | None = None) -> Columns:
    """The names that come with the program, after those of the corpus folder's own file.

    Raises:
        SettingsError: that file is not TOML or has a key that is not known.
    """
    standard = _read(_FILE)
    file = corpus / USER_FILE if corpus else None
    if file is None or not file.is_file():
        return standard
    own = _read(file)
    joined = {field: getattr(own, field) + getattr(standard, field) for field in FIELDS}
    others = {word: name for word, name in standard.institutions.items() if word not in own.institutions}
    return Columns(**joined, institutions={**own.institutions, **others})


def _read(file: Path) -> Columns:
    try:
        return Columns.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"{file}: {place}: {first['msg']}. Known keys: {', '.join(Columns.model_fields)}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{file} cannot be read: {error}. Mend the file or delete it.") from error


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")
