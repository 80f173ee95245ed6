"""Which institution a text is of and how it marks the voices, by the entries in `institutions.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator

from rag.corpus.html import MINISTRY
from rag.corpus.labels import LabelRules, label_rules
from rag.corpus.paragraphs import Document, Paragraph
from rag.errors import SettingsError
from rag.types import Record

USER_FILE = "institutions.toml"
"""Name of a user's own entries in the corpus folder."""
UNKNOWN_INSTITUTION = "unknown"
_FILE = Path(__file__).with_name("institutions.toml")
_CAPITALS = r"[A-Z][A-Z.'’-]*(?: [A-Z][A-Z.'’-]*){1,5}"
"""Two words or more: one alone may be an outlet, as in "CCTV:"."""
_LABELS = ("question", "question_without_colon", "follow_up", "answer")
_SURE = ("question", "follow_up", "answer", "addition")
_PATTERNS = (*_LABELS, "titles", "note")


class Institution(Record):
    """One entry: how to know an institution's texts, and its labels as regular expressions."""

    name: str | None = None
    aliases: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    question: tuple[str, ...] = ()
    question_without_colon: tuple[str, ...] = ()
    follow_up: tuple[str, ...] = ()
    answer: tuple[str, ...] = Field(min_length=1)
    note: tuple[str, ...] = ()

    @field_validator(*_PATTERNS)
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
        return patterns

    def rules(self, speakers: Iterable[str]) -> LabelRules:
        """Its label rules, with names that answer in one text added to its own."""
        return _compiled(self, frozenset(speakers))

    def is_named(self, name: str) -> bool:
        """Whether a header's institution is this one."""
        return name.casefold() in {known.casefold() for known in (self.name or "", *self.aliases) if known}

    def is_of(self, document: Document) -> bool:
        """Whether header, address or title say that a document is this institution's."""
        if document.institution:
            return self.is_named(document.institution)
        host = urlsplit(document.url or "").hostname or ""
        if any(host == known or host.endswith(f".{known}") for known in self.hosts):
            return True
        return any(re.search(title, document.title) for title in self.titles)


class Reading(NamedTuple):
    """How a document is to be read."""

    rules: LabelRules
    institution: str | None
    """The name it is filed under; None when nothing in it says."""


class Institutions(Record):
    """The entries, in the order in which they are tried."""

    institution: tuple[Institution, ...] = ()

    def reading_of(self, document: Document, speakers: Iterable[str]) -> Reading | None:
        """The first entry that a document is of, or whose speakers answer in it, or whose labels it has.

        None when the standard rules find who answers, or when no entry's answer labels stand in it.
        """
        if document.institution == MINISTRY:
            return None
        known = list(speakers)
        if _answerers(document.paragraphs, label_rules(frozenset(known))):
            return None
        fitting = [entry for entry in self.institution if _answerers(document.paragraphs, entry.rules(known))]
        for entry in fitting:
            if entry.is_of(document):
                return Reading(entry.rules(known), entry.name)
        if not document.institution:
            for entry in fitting:
                if _answerers(document.paragraphs, entry.rules(known)) & set(entry.speakers):
                    return Reading(entry.rules(known), entry.name)
        unnamed = next((entry for entry in reversed(fitting) if entry.name is None), None)
        return Reading(unnamed.rules(known), None) if unnamed else None

    def begins_turn(self, text: str) -> bool:
        """Whether a paragraph begins with a label that is sure by the standard rules or those of any entry."""
        rules = (label_rules(), *(entry.rules(()) for entry in self.institution))
        return any((label := each.read(text)) is not None and label.kind in _SURE for each in rules)

    def name_of(self, document: Document) -> str | None:
        """The institution that header, address or title name."""
        return next((entry.name for entry in self.institution if entry.name and entry.is_of(document)), None)

    def speakers_in(self, title: str) -> list[str]:
        """Known names in a title."""
        found = (name for entry in self.institution for name in entry.speakers if name in title)
        return list(dict.fromkeys(found))


def load_institutions(corpus: Path | None = None) -> Institutions:
    """The entries of the corpus folder's own file, then those that come with the program.

    Raises:
        SettingsError: that file is not TOML, has a key that is not known or a pattern that is no regular expression.
    """
    file = corpus / USER_FILE if corpus else None
    own = _read(file).institution if file and file.is_file() else ()
    return Institutions(institution=(*own, *_standard().institution))


def _answerers(paragraphs: list[Paragraph], rules: LabelRules) -> set[str]:
    """Who answers by some label rules; empty also when nobody asks by them and only one label is there."""
    labels = [label for part in paragraphs if (label := rules.read(part.text))]
    answered = [label.speaker or "" for label in labels if label.kind == "answer"]
    asked = any(label.kind in ("question", "follow_up") for label in labels)
    return set(answered) if asked or len(answered) > 1 else set()


@lru_cache(maxsize=1)
def _standard() -> Institutions:
    return _read(_FILE)


@lru_cache(maxsize=512)
def _compiled(entry: Institution, speakers: frozenset[str]) -> LabelRules:
    rules = {key: [_exact(pattern) for pattern in getattr(entry, key)] for key in (*_LABELS, "note")}
    return LabelRules(rules, [*entry.speakers, *sorted(speakers)])


def _exact(pattern: str) -> str:
    """A pattern in which letter case counts."""
    return f"(?-i:{pattern.replace('CAPITALS', _CAPITALS)})"


def _read(file: Path) -> Institutions:
    try:
        return Institutions.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        known = ", ".join(Institution.model_fields)
        raise SettingsError(f"{file}: {place}: {first['msg']}. Known keys of an [[institution]]: {known}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{file} cannot be read: {error}. Mend the file or delete it.") from error
