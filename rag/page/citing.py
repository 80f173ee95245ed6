"""A passage as a reference, in the forms people paste: plain, Markdown, BibTeX, RIS, CSL-JSON, and with its quote."""

from __future__ import annotations

import datetime as dt
import json
import re

from pydantic import field_validator

from rag.types import Citation, Exchange, Record, Source

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
"""Not the server's locale: the page is in English."""
_REGULAR = "Regular Press Conference"
_TEX = {
    "\\": r"\textbackslash{}",
    # Not \{ and \}: BibTeX counts them among the braces that delimit the field.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "%&#$_"},
}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_WEB = re.compile(r"https?://", re.IGNORECASE)


class Reference(Record):
    """What every citation form is made from."""

    key: str
    """The page's own name, used in BibTeX and CSL identifiers."""
    speaker: str | None
    title: str
    institution: str
    date: dt.date | None
    url: str | None

    @field_validator("speaker", "title", "institution")
    @classmethod
    def _one_line(cls, text: str | None) -> str | None:
        return " ".join(_UNPRINTABLE.sub(" ", text).split()) if text else text

    @field_validator("url")
    @classmethod
    def _of_the_web(cls, url: str | None) -> str | None:
        """A citation is pasted where a click opens it: only addresses of pages are passed on."""
        return url if url and _WEB.match(url) else None

    @classmethod
    def of(cls, source: Source, exchange: Exchange | None = None) -> Reference:
        """The reference of a transcript, or of one exchange of it when somebody else answered there."""
        speaker = exchange.speaker if exchange and exchange.speaker else source.speaker
        return cls(
            key=source.name,
            speaker=speaker,
            title=source.title,
            institution=source.institution,
            date=source.date,
            url=source.url,
        )

    @classmethod
    def of_citation(cls, citation: Citation, institution: str = "") -> Reference:
        """The reference of a citation whose transcript is no longer at hand."""
        key = citation.transcript.rsplit("-", 1)[0]
        return cls(
            key=key,
            speaker=citation.speaker,
            title=citation.title,
            institution=institution,
            date=citation.date,
            url=citation.url,
        )

    @property
    def event(self) -> str:
        """`Regular Press Conference` for those, whose titles repeat speaker and date; else the title."""
        return _REGULAR if _REGULAR.lower() in self.title.lower() else self.title


def day(date: dt.date | None) -> str:
    """`23 May 2019`; `undated` without a date."""
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}" if date else "undated"


def counted(number: int, noun: str) -> str:
    """`1 conference`, `1,204 conferences`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def plain(reference: Reference) -> str:
    """`Lu Kang, Regular Press Conference, Ministry of Foreign Affairs, 23 May 2019, https://…`."""
    url = _url(reference.url) if reference.url else None
    parts = (reference.speaker, reference.event, reference.institution, day(reference.date), url)
    return ", ".join(part for part in parts if part)


def markdown(reference: Reference) -> str:
    """The plain form with the event as the link."""
    event = markdown_text(reference.event)
    if reference.url:
        event = f"[{event}](<{_url(reference.url)}>)"
    before = [markdown_text(reference.speaker)] if reference.speaker else []
    after = [markdown_text(reference.institution)] if reference.institution else []
    return ", ".join([*before, event, *after, day(reference.date)])


def quoted(reference: Reference, quote: str) -> str:
    """The quote in quotation marks and the plain form below it."""
    return f"“{quote}”\n— {plain(reference)}"


def bibtex(reference: Reference) -> str:
    """A `@misc` entry; the names are braced, so that they are not split in given and family name."""
    date = reference.date
    fields = {
        "author": f"{{{_tex(reference.speaker)}}}" if reference.speaker else None,
        "title": f"{{{_tex(reference.title)}}}",
        "howpublished": _tex(reference.institution) or None,
        "year": str(date.year) if date else None,
        "month": str(date.month) if date else None,
        "day": str(date.day) if date else None,
        "url": _url(reference.url) if reference.url else None,
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{_key(reference)},\n{lines}\n}}"


def ris(reference: Reference) -> str:
    """A RIS record of type GEN: the format has no type for a speech."""
    date = reference.date
    rows = [
        ("TY", "GEN"),
        ("ID", _key(reference)),
        ("AU", reference.speaker),
        ("TI", reference.title),
        ("PB", reference.institution),
        ("PY", str(date.year) if date else None),
        ("DA", f"{date:%Y/%m/%d}/" if date else None),
        ("UR", _url(reference.url) if reference.url else None),
    ]
    body = "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in rows if value)
    return f"{body}ER  - \r\n"


def csl_json(reference: Reference) -> str:
    """A CSL-JSON array of one item of type `speech`."""
    date = reference.date
    item: dict[str, object] = {"id": _key(reference), "type": "speech", "title": reference.title}
    if reference.speaker:
        item["author"] = [{"literal": reference.speaker}]
    if reference.institution:
        item["publisher"] = reference.institution
    if date:
        item["issued"] = {"date-parts": [[date.year, date.month, date.day]]}
    if reference.url:
        item["URL"] = _url(reference.url)
    return json.dumps([item], ensure_ascii=False, indent=2)


def every_form(reference: Reference, quote: str | None) -> dict[str, str]:
    """Label on the page → text to copy, in the order in which they are offered."""
    forms = {"Citation": plain(reference)}
    if quote:
        forms["Quote with citation"] = quoted(reference, quote)
    return forms | {
        "Markdown": markdown(reference),
        "BibTeX": bibtex(reference),
        "RIS": ris(reference),
        "CSL-JSON": csl_json(reference),
    }


def markdown_text(text: str) -> str:
    """The text with everything that Markdown or HTML would read as markup escaped."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~:$&@/])", r"\\\1", text)


def _key(reference: Reference) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", reference.key).strip("-") or "transcript"


def _url(url: str) -> str:
    return re.sub(r"[<>{}\s\\\x00-\x1f]", lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), url)


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)
