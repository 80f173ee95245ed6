"""What is written to the full-text index, and how a word is asked for: the two must agree.

FTS5's `unicode61` takes a run of Chinese characters for one word. So every run is written as its overlapping
pairs ("外交部" as "外交 交部"), and a phrase of pairs finds the run wherever it stands in a longer one.
"""

from __future__ import annotations

import re

TOKENIZER = "porter unicode61 remove_diacritics 2"

_CJK_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]+")


def cjk_characters(text: str) -> int:
    """How many Chinese characters a text holds."""
    return sum(len(run) for run in _CJK_RUN.findall(text))


def indexed_text(text: str) -> str:
    """`text` as it is written to the full-text index."""
    return _CJK_RUN.sub(lambda run: f" {_pairs(run.group())} ", text)


def phrase(text: str) -> str:
    """`text` as one FTS5 phrase: nothing in it is read as query syntax.

    A single Chinese character is asked for as the beginning of a pair. Text without a letter or digit gives a phrase
    that matches nothing.
    """
    # SQLite takes no half of a surrogate pair, and ends a text at a null character.
    clean = text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    quoted = '"' + indexed_text(clean).replace('"', '""').strip() + '"'
    return quoted + "*" if len(text) == 1 and _CJK_RUN.fullmatch(text) else quoted


def _pairs(run: str) -> str:
    return " ".join(run[i : i + 2] for i in range(len(run) - 1)) or run
