from __future__ import annotations

import numpy as np

from rag.evaluation.reranking import GRADES, _pairs_right, _Question, pairwise
from rag.evaluation.ruler import GradedQuestion, read_records


def test_the_weights_find_what_decides_the_order() -> None:
    """Of three signals the first decides, the second speaks against, the third is noise, each on a scale of its own."""
    draw = np.random.default_rng(1)
    questions = []
    for _ in range(60):
        signals = draw.normal(size=(20, 3)) * (1.0, 10.0, 100.0)
        value = signals[:, 0] - 0.1 * signals[:, 1]
        questions.append(_Question(signals, np.digitize(value, (0.5, 1.5))))
    weights = pairwise(questions)
    assert weights[0] > 0 > weights[1]
    assert abs(100 * weights[2]) < 0.2 * weights[0]
    assert np.mean([_pairs_right(item.signals @ weights, item.grades) for item in questions]) > 0.98


def test_questions_without_two_grades_are_passed_over() -> None:
    one = _Question(np.ones((3, 2)), np.zeros(3, dtype=int))
    two = _Question(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([3, 0]))
    assert pairwise([one, two])[0] > 0 > pairwise([one, two])[1]


def test_the_graded_questions_are_our_own_and_each_has_an_answer() -> None:
    graded: list[GradedQuestion] = read_records(GRADES, GradedQuestion)
    assert len({item.qid for item in graded}) == len(graded) >= 200
    for item in graded:
        assert set(item.exchanges.values()) <= {1, 2, 3}
        assert max(item.exchanges.values()) >= 2
