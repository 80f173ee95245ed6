"""The labelled pairs: that the checks are as good as the README says, on conferences kept apart."""

from __future__ import annotations

import pytest
from conftest import REPOSITORY

from rag.evaluation.pairs import Checked, calibration, calibration_table, check_pairs, pairs_table, read_pairs
from rag.generation.restate import calibrated

PAIRS = REPOSITORY / "tests" / "data" / "span_sentence_pairs.jsonl"


def test_the_set_is_large_balanced_and_split_by_conference() -> None:
    pairs = read_pairs(PAIRS)
    assert len(pairs) >= 300
    assert 0.4 <= sum(pair.right for pair in pairs) / len(pairs) <= 0.6
    kinds = [pair.kind for pair in pairs if not pair.right]
    assert len(set(kinds)) == 10
    assert min(kinds.count(kind) for kind in kinds) >= 15
    assert not {p.page for p in pairs if p.split == "train"} & {p.page for p in pairs if p.split == "test"}


@pytest.mark.archive
def test_what_passes_the_checks_is_right(archive_pages: dict[str, bytes]) -> None:
    pairs = read_pairs(PAIRS)
    checked = check_pairs(pairs, archive_pages.items())
    assert len(checked) >= 0.9 * len(pairs)
    held_apart = [c for c in checked if c.pair.split == "test"]
    shown = [c for c in held_apart if c.accepted]
    assert sum(c.pair.right for c in shown) >= 0.97 * len(shown)
    assert sum(not c.failures for c in held_apart if c.pair.right) >= 0.8 * sum(c.pair.right for c in held_apart)
    reporter = [c for c in checked if c.pair.kind == "reporter"]
    assert all(c.failures for c in reporter), "a reporter's claim never passes"
    assert "caught by kind" in pairs_table(checked)


def test_the_calibration_of_a_score_that_is_right_already_changes_nothing() -> None:
    pairs = [pair.model_copy(update={"split": "train"}) for pair in read_pairs(PAIRS)]
    right, wrong = [p for p in pairs if p.right][:160], [p for p in pairs if not p.right][:160]
    scored = [
        Checked(pair=pair, failures=(), score=score)
        for score, share in ((0.2, 32), (0.5, 80), (0.8, 128))
        for pair in (*right[:share], *wrong[: 160 - share])
    ]
    intercept, slope = calibration(scored)
    assert intercept == pytest.approx(0, abs=0.05)
    assert slope == pytest.approx(1, abs=0.05)
    assert "intercept" in calibration_table(
        [*scored, *(c.model_copy(update={"pair": c.pair.model_copy(update={"split": "test"})}) for c in scored)]
    )


def test_a_higher_score_is_a_higher_probability() -> None:
    found = [calibrated(score) for score in (0.0, 0.3, 0.6, 0.9, 1.0)]
    assert found == sorted(found)
    assert all(0 < chance < 1 for chance in found)
