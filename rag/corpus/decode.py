"""Bytes to text: the declared encoding when it holds, a detected one when it does not, never a guess that garbles."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from rag.errors import ReadError

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""")
_MOJIBAKE = re.compile("â€[™œ\u009d“”\u0080-\u009f]|Ã[\u0080-\u00bf]|锟斤拷|ï»¿")
_CANDIDATES = ["utf_8", "gb18030", "big5", "utf_16", "utf_16_le", "utf_16_be", "cp1252"]
_KNOWN_BINARIES = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip-based document (DOCX, XLSX or ZIP)",
    b"\x1f\x8b": "gzip-compressed data",
    b"\xfd7zXZ": "xz-compressed data",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"SQLite": "a SQLite database",
    b"\x7fELF": "a program",
    b"\xd0\xcf\x11\xe0": "an old Office document",
}
_ALIASES = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "iso-8859-1": "cp1252", "latin-1": "cp1252"}


def decode(data: bytes) -> str:
    """The text of `data`.

    Raises:
        ReadError: `data` is empty, binary, cut inside a character, or in no encoding that can be told surely.
    """
    if not data.strip():
        raise ReadError("the file is empty")
    for magic, name in _KNOWN_BINARIES.items():
        if data.startswith(magic):
            raise ReadError(f"the file is {name}, not text or HTML")
    for bom, name in ((codecs.BOM_UTF8, "utf_8_sig"), (codecs.BOM_UTF16_LE, "utf_16"), (codecs.BOM_UTF16_BE, "utf_16")):
        if data.startswith(bom):
            return _checked(_strict(data, name), name)
    if data.count(b"\0") > len(data) // 100:
        raise ReadError("the file is binary, not text or HTML")
    declared = _declared(data)
    for encoding in dict.fromkeys([declared, "utf_8"] if declared else ["utf_8"]):
        try:
            return _checked(data.decode(encoding), encoding)
        except UnicodeDecodeError as error:
            if encoding == "utf_8" and error.end == len(data) and len(data) - error.start < 4:
                raise ReadError("the file is cut short: it ends in the middle of a character") from error
    found = from_bytes(data, cp_isolation=_CANDIDATES, enable_fallback=False).best()
    if found is None or found.chaos > 0.1:
        raise ReadError(
            f"the text cannot be decoded: it is not {declared or 'utf_8'} and no other encoding fits; save it as UTF-8"
        )
    return _checked(_strict(data, found.encoding), found.encoding)


def _declared(data: bytes) -> str | None:
    match = _DECLARED.search(data[:4096])
    if not match:
        return None
    name = match[1].decode("ascii").lower()
    try:
        return codecs.lookup(_ALIASES.get(name, name)).name.replace("-", "_")
    except LookupError:
        return None


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadError(f"the text cannot be decoded as {encoding}: wrong byte at position {error.start}") from error


def _checked(text: str, encoding: str) -> str:
    damaged = text.count("\ufffd") + len(_MOJIBAKE.findall(text))
    if damaged > 3 and damaged > len(text) / 5000:
        raise ReadError(
            f"the text is garbled ({damaged} broken characters as {encoding}): it was saved in a wrong encoding"
        )
    controls = sum(text.count(chr(code)) for code in (0, 1, 2, 3, 4, 5, 6, 14, 15, 16))
    if controls > max(3, len(text) // 1000):
        raise ReadError("the file is binary, not text or HTML")
    return text
