"""Which language a text is in."""

from __future__ import annotations

import re

_NAMES = {"en": "English", "zh": "Chinese"}
_CJK = re.compile(r"[\u3400-\u9fff]")


def language_name(code: str) -> str:
    """The language in English words; the code itself for one that no reader tells."""
    return _NAMES.get(code, code)


def language_of(text: str) -> str:
    """ISO 639-1 code: "zh" when more than a tenth of the characters are Chinese, else "en"."""
    return "zh" if len(_CJK.findall(text)) > len(text) / 10 else "en"
