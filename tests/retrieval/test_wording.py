"""Word diffs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.wording import word_diff


def _shown(old: str, new: str) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[change.kind].format(change.text) for change in word_diff(old, new))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("It is a critical stage now.", "It is a crucial stage now.", "It is a [-critical -]{+crucial +}stage now."),
        ("We hope for peace.", "We hope for peace.", "We hope for peace."),
        ("We hope for peace in Asia.", "We hope for peace.", "We hope for peace[- in Asia-]."),
        ("局势处于关键阶段。", "局势处于重要阶段。", "局势处于[-关键-]{+重要+}阶段。"),
        ("a b c d e f", "x b y d e f", "[-a b c -]{+x b y +}d e f"),
        ("", "New.", "{+New.+}"),
    ],
)
def test_changed_words_are_marked(old: str, new: str, shown: str) -> None:
    assert _shown(old, new) == shown


@given(st.text(), st.text())
def test_nothing_of_either_wording_is_lost(old: str, new: str) -> None:
    changes = word_diff(old, new)
    assert "".join(c.text for c in changes if c.kind != "removed") == new.lstrip()
    kept = "".join(c.text for c in changes if c.kind != "added")
    assert "".join(kept.split()) == "".join(old.split())
