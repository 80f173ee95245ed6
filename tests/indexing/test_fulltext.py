"""What is written to the full-text index and how it is asked for."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.indexing.fulltext import TOKENIZER, indexed_text, phrase


def found(text: str, match: str) -> bool:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE VIRTUAL TABLE t USING fts5 (text, tokenize = '{TOKENIZER}')")
    connection.execute("INSERT INTO t VALUES (?)", (indexed_text(text),))
    return bool(connection.execute("SELECT 1 FROM t WHERE t MATCH ?", (match,)).fetchall())


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("American companies suspended supplies", "supply"),
        ("the U.S. side", "US side".replace("US", "U.S.")),
        ("中国外交部发言人陆慷", "外交部"),
        ("中国外交部发言人陆慷", "陆慷"),
        ("中国外交部", "中"),
        ("关于5G技术", "5G"),
        ("São Paulo", "sao paulo"),
    ],
)
def test_words_are_found(text: str, asked: str) -> None:
    assert found(text, phrase(asked))


def test_a_phrase_is_found_in_its_order_only() -> None:
    assert not found("side by the U.S.", phrase("U.S. side"))
    assert not found("交部外", phrase("外交部"))


@settings(deadline=None)
@given(st.text(st.characters(categories=None), max_size=40))
def test_nothing_in_a_phrase_is_read_as_syntax(text: str) -> None:
    found("American companies suspended supplies", phrase(text))
    found("American companies", f"{phrase(text)} OR {phrase('companies')}")
