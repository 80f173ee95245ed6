"""Which language a text is in."""

from __future__ import annotations

import re

_CJK = re.compile(r"[\u3400-\u9fff]")


def language_of(text: str) -> str:
    """ISO 639-1 code: "zh" when more than a tenth of the characters are Chinese, else "en"."""
    return "zh" if len(_CJK.findall(text)) > len(text) / 10 else "en"
