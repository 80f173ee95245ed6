"""What changed between two wordings, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Literal

from rag.types import Record

_WORD = re.compile(r"(?:[\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u9fff]+(?:['’-][^\W_]+)*|\S)\s*")
_SHORT = 2
"""Kept words between two changes that are shown as changed with them: a diff in single words cannot be read."""


class Change(Record):
    """A run of words that both wordings have, or one of them."""

    kind: Literal["same", "removed", "added"]
    text: str


def word_diff(old: str, new: str) -> tuple[Change, ...]:
    """`new` as changed from `old`: same and added runs make up `new`, same and removed ones `old` but for white space.

    By `difflib.SequenceMatcher` (Ratcliff and Obershelp 1988) over words; Chinese by characters.
    """
    before, after = _WORD.findall(old), _WORD.findall(new)
    matcher = SequenceMatcher(None, [w.strip() for w in before], [w.strip() for w in after], autojunk=False)
    steps = matcher.get_opcodes()
    runs: list[tuple[bool, str, str]] = []
    for number, (tag, i, j, k, m) in enumerate(steps):
        same = tag == "equal" and (j - i > _SHORT or number in (0, len(steps) - 1))
        was, became = "".join(before[i:j]), "".join(after[k:m])
        if runs and not same and not runs[-1][0]:
            runs[-1] = (False, runs[-1][1] + was, runs[-1][2] + became)
        else:
            runs.append((same, was, became))
    changes: list[Change] = []
    gap = ""
    for same, was, became in runs:
        if same:
            changes.append(Change(kind="same", text=became))
            gap = " " if was[-1:].isspace() and not became[-1:].isspace() else ""
            continue
        changes += [Change(kind="removed", text=gap + was)] if was else []
        changes += [Change(kind="added", text=became)] if became else []
        gap = ""
    return tuple(changes)
