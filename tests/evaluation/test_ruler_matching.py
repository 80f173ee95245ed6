"""The rule that says which labelled statement a retrieved answer belongs to."""

from __future__ import annotations

from rag.evaluation.matching import Statement, belongs, match, overlap

LONG = "The two sides agreed to meet again in spring and to keep in close touch until the matter is settled for good."


def statement(answer: str, grade: int = 3, transcript: str = "t1") -> Statement:
    return Statement(qid="Q1", grade=grade, transcript=transcript, answer=answer)


def test_a_part_of_a_labelled_answer_belongs_to_it() -> None:
    assert match([("t1", "keep in close touch")], [statement(LONG)]) == [0]


def test_another_conference_does_not_match() -> None:
    assert match([("t2", LONG)], [statement(LONG)]) == [None]


def test_the_conference_published_twice_counts_as_one() -> None:
    assert match([("t1660057", LONG)], [statement(LONG, transcript="t1659619")]) == [0]


def test_quotation_marks_and_white_space_do_not_matter() -> None:
    assert match([("t1", "He  said “so”\nand ‘left’.")], [statement("He said \"so\" and 'left'. Thank you.")]) == [0]


def test_sixty_percent_of_the_shingles_are_enough() -> None:
    words = [f"word{i}" for i in range(17)]  # ten shingles of eight
    six = " ".join([*words[:13], "a", "b", "c", "d"])
    five = " ".join([*words[:12], "a", "b", "c", "d", "e"])
    assert overlap(six, " ".join(words)) == 0.6
    assert match([("t1", six)], [statement(" ".join(words))]) == [0]
    assert match([("t1", five)], [statement(" ".join(words))]) == [None]


def test_a_short_answer_needs_all_its_words() -> None:
    assert overlap("touch close in keep", LONG) == 1.0
    assert overlap("touch close in Lima", LONG) == 0.0


def test_a_statement_counts_once_and_the_second_part_keeps_its_rank() -> None:
    assert match([("t1", "agreed to meet again"), ("t1", "keep in close touch")], [statement(LONG)]) == [0, None]
    assert belongs("t1", "keep in close touch", [statement(LONG)])


def test_of_equal_overlaps_the_higher_grade_is_taken() -> None:
    assert match([("t1", "in close touch")], [statement(LONG, 1), statement(LONG + " Yes.", 3)]) == [1]
