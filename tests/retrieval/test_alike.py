"""The one measure of whether two statements are the same words."""

from __future__ import annotations

import pytest

from rag.retrieval.alike import SIMILAR, likeness, shingles


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("China is firmly opposed to the arms sales.", "China is firmly opposed to the arms sales!", True),
        ("China is firmly opposed to the arms sales.", "China welcomes the return of the students.", False),
        ("中国坚决反对美国对台军售。", "中国坚决反对美国对台军售!", True),
        ("中国坚决反对美国对台军售。", "中国欢迎两国恢复通航。", False),
        ("No.", "No.", True),
        ("", "China.", False),
    ],
)
def test_the_same_words_are_alike_in_both_scripts(one: str, other: str, same: bool) -> None:
    assert (likeness(shingles(one), shingles(other)) >= SIMILAR) == same
