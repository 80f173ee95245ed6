"""Tells a question that leans on the one before ("and what about Canada?") from one that stands alone."""

from __future__ import annotations

import re

_OPENING = re.compile(
    r"^\W*(?:and|but|so|or|also|then|what\s+about|how\s+about|what\s+of|why\s+(?:not|so|then)|same|any\s+other|anything|else)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|these|those|there|then|one|ones|too|either|same|"
    r"the\s+(?:former|latter|other)|that(?!\s+\w+\s+\w+))\b",
    re.IGNORECASE,
)
_SHORT = 4
"""Words. A question this short that follows another one is read with it."""


def leans_on_history(question: str) -> bool:
    """Whether a question that follows others is to be read together with the one before."""
    words = re.findall(r"\w+", question)
    return bool(_OPENING.match(question) or _POINTING.search(question) or len(words) <= _SHORT)
