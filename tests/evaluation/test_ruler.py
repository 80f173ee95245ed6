"""The metrics, against values worked out by hand from the rule in words."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from rag.evaluation.matching import Statement
from rag.evaluation.ruler import (
    LabelsError,
    Topic,
    difference,
    interval,
    judged_zero_beside,
    read_records,
    report,
    score_run,
    score_topic,
)

TEXTS = {name: f"{name} said one two three four five six seven eight nine ten." for name in "abcdefghijklm"}
TOPIC = Topic(qid="A01", type="topical", query="who said what")


def labelled(**grades: int) -> list[Statement]:
    return [Statement(qid="A01", grade=grade, transcript=name, answer=TEXTS[name]) for name, grade in grades.items()]


def ranked(names: str) -> list[tuple[str, str]]:
    return [(name, TEXTS[name]) for name in names]


def test_gain_discount_and_ideal() -> None:
    score = score_topic(TOPIC, labelled(a=3, b=2, c=1), set(), ranked("xbac".replace("x", "d")))
    gained = 3 / math.log2(3) + 7 / math.log2(4) + 1 / math.log2(5)
    ideal = 7 + 3 / math.log2(3) + 1 / math.log2(4)
    assert score.metrics["nDCG@10"] == pytest.approx(gained / ideal)
    assert score.metrics["hit@1"] == 0
    assert score.metrics["hit@5"] == 1
    assert score.metrics["MRR@10"] == pytest.approx(0.5)
    assert score.metrics["recall@10"] == 1
    assert score.unjudged == 1


def test_grade_one_is_no_hit() -> None:
    score = score_topic(TOPIC, labelled(a=1, b=3), set(), ranked("a"))
    assert (score.metrics["hit@1"], score.metrics["MRR@10"], score.metrics["recall@10"]) == (0, 0, 0)
    assert score.metrics["nDCG@10"] > 0


def test_recall_divides_by_at_most_ten() -> None:
    names = "abcdefghijkl"
    score = score_topic(TOPIC, labelled(**dict.fromkeys(names, 2)), set(), ranked(names))
    assert score.metrics["recall@10"] == pytest.approx(1.0)


def test_judged_irrelevant_is_not_unjudged() -> None:
    zero = {("d", TEXTS["d"][:12])}
    assert score_topic(TOPIC, labelled(a=3), zero, ranked("da")).unjudged == 0
    assert score_topic(TOPIC, labelled(a=3), set(), ranked("da")).unjudged == 1


def test_nothing_found_scores_nothing() -> None:
    score = score_topic(TOPIC, labelled(a=3), set(), [])
    assert set(score.metrics.values()) == {0.0}


def test_unanswerable_questions_are_not_averaged() -> None:
    other = Topic(qid="A02", type="unanswerable", query="how to bake")
    scores = score_run([TOPIC, other], labelled(a=3), [], lambda topic: ranked("a"))
    assert [score.qid for score in scores] == ["A01"]


def test_a_report_gives_intervals_by_type_and_paired_differences() -> None:
    topics = [Topic(qid=f"A{i:02}", type="topical" if i % 2 else "dated", query="q") for i in range(20)]
    statements = [Statement(qid=topic.qid, grade=3, transcript="a", answer=TEXTS["a"]) for topic in topics]
    good = report("good", score_run(topics, statements, [], lambda topic: ranked("a")), [0.01, 0.03])
    poor = report("poor", score_run(topics, statements, [], lambda topic: ranked("ba")))
    assert good.overall["hit@1"].mean == 1
    assert set(good.by_type) == {"topical", "dated"}
    assert good.latency_ms["p50"] == pytest.approx(20)
    gap = difference(poor, good).metrics
    assert gap["hit@1"].mean == -1
    assert gap["hit@5"].low == gap["hit@5"].high == 0


def test_the_bootstrap_interval_holds_the_mean_and_repeats() -> None:
    values = np.array([0.0, 1.0] * 26)
    first = interval(values)
    assert first == interval(values)
    assert first.low < first.mean == 0.5 < first.high
    assert 0.1 < first.high - first.low < 0.4


def test_labels_are_read_or_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "dev_qrels.jsonl"
    path.write_text(json.dumps({"qid": "A01", "grade": 3, "transcript": "t1", "answer": "x"}) + "\n\n", "utf-8")
    assert len(read_records(path, Statement)) == 1
    path.write_text('{"qid": "A01"}\n', "utf-8")
    with pytest.raises(LabelsError, match="line 1"):
        read_records(path, Statement)
    with pytest.raises(LabelsError, match="cannot be read"):
        read_records(tmp_path / "none.jsonl", Statement)
    assert judged_zero_beside(path) is None
    (tmp_path / "dev_judged_zero.jsonl").write_text("", "utf-8")
    assert judged_zero_beside(path) == tmp_path / "dev_judged_zero.jsonl"
