"""Tells a question that leans on the one before ("and what about Canada?") from one that stands alone."""

from __future__ import annotations

import re

from rag.retrieval.chinese import is_chinese

_OPENING = re.compile(
    r"^\W*(?:and|but|so|or|also|then|what\s+about|how\s+about|what\s+of|why\s+(?:not|so|then)|same|any\s+other|anything|else)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|these|those|there|then|one|ones|too|either|same|"
    r"the\s+(?:former|latter|other)|that(?!\s+\w+\s+\w+))\b",
    re.IGNORECASE,
)
_CHINESE_OPENING = re.compile(
    r"^\W*(?:那么?|还有|另外|此外|而且|但是?|不过|然后|所以|为什么(?:呢|不)?|为何(?:呢|不)?|具体|后来|其他|再|同样|也)|^.{1,8}呢\W*$"
)
_CHINESE_POINTING = re.compile(
    r"[他她它]们?(?!国)|其(?![他它中实余次])|(?<![\d上下本])(?:这|那|该|此)(?![里时外前后])|上述|前者|后者|对此|就此(?=\w)"
)
_SHORT = 4
"""Words. A question this short that follows another one is read with it."""


def leans_on_history(question: str) -> bool:
    """Whether a question that follows others is to be read together with the one before."""
    if is_chinese(question):
        return bool(_CHINESE_OPENING.match(question) or points_at_history(question))
    words = re.findall(r"\w+", question)
    return bool(_OPENING.match(question) or points_at_history(question) or len(words) <= _SHORT)


def points_at_history(question: str) -> bool:
    """Whether a word of the question ("their", "there") stands for something in the one before."""
    return bool((_CHINESE_POINTING if is_chinese(question) else _POINTING).search(question))
