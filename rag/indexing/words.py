"""The words of a text, and the tables that count them over all transcripts.

The counts are kept by the writer, transcript by transcript, so that a question looks its few words up and nobody reads
every text.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from functools import lru_cache

from rag.indexing.fulltext import indexed_text

STEM = 6
"""Characters of a word that stand for it whatever its ending."""

KEPT_STEMS = 1 << 16
"""Words whose stems are kept in memory: about those of an archive (7 MB)."""

_WORD = re.compile(r"[^\W_]+")


def words_in(text: str) -> list[str]:
    """The words of a text in order, lower case; a run of Chinese characters gives its overlapping pairs."""
    return _WORD.findall(indexed_text(text).lower())


@lru_cache(maxsize=KEPT_STEMS)
def stem(word: str) -> str:
    """What stands for a lower-case word whatever its ending; "y" counts as "i" at the end (Porter 1980, step 1c)."""
    cut = word[:STEM]
    return f"{cut[:-1]}i" if cut.endswith("y") else cut


def count_in(connection: sqlite3.Connection, text: str) -> None:
    """Add a transcript's words to the counts. The caller is in a transaction."""
    words, stems = _counts(text)
    for table, counts in (("words", words), ("stems", stems)):
        connection.executemany(
            f"INSERT INTO {table} VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET "
            "occurrences = occurrences + excluded.occurrences, transcripts = transcripts + 1",
            counts.items(),
        )


def count_out(connection: sqlite3.Connection, text: str) -> None:
    """Take a transcript's words off the counts. The caller is in a transaction."""
    words, stems = _counts(text)
    for table, key, counts in (("words", "word", words), ("stems", "stem", stems)):
        connection.executemany(
            f"UPDATE {table} SET occurrences = occurrences - ?, transcripts = transcripts - 1 WHERE {key} = ?",
            [(count, item) for item, count in counts.items()],
        )
        connection.executemany(f"DELETE FROM {table} WHERE {key} = ? AND transcripts = 0", [(item,) for item in counts])


def _counts(text: str) -> tuple[Counter[str], Counter[str]]:
    words = Counter(words_in(text))
    stems: Counter[str] = Counter()
    for word, count in words.items():
        stems[stem(word)] += count
    return words, stems
