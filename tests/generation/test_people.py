"""A name for a "he" or a "this visit": only where nobody else can be meant."""

from __future__ import annotations

import pytest

from rag.generation.people import named_again, only_person, people, put_by_name


def test_people_are_known_by_their_titles() -> None:
    text = "President Olsen met State Councilor and Foreign Minister Li Ming. President Anna Olsen thanked Mr. Li."
    assert [person.full for person in people(text)] == ["President Olsen", "Foreign Minister Li Ming"]


@pytest.mark.parametrize(
    ("text", "before", "question", "expected"),
    [
        (
            "Under his leadership Norway will prosper.",
            "Norway has voted. We congratulate President Olsen on his reelection as president.",
            "",
            "Under President Olsen's leadership Norway will prosper.",
        ),
        ("We urge him to stop.", "Mr. Olsen keeps lying.", "", "We urge Mr. Olsen to stop."),
        (
            "We urge him to stop.",
            "",
            "Secretary of State Pompeo was in Norway.",
            "We urge Secretary of State Pompeo to stop.",
        ),
        ("We wish her well.", "", "Prime Minister Solberg won.", "We wish Prime Minister Solberg well."),
        (
            "We believe that this visit will help.",
            "",
            "President Olsen will visit China in May. What do you expect?",
            "We believe that President Olsen's visit will help.",
        ),
        (
            "During the visit, the two sides will sign a treaty.",
            "Foreign Minister Olsen will pay a visit to China.",
            "",
            "During Foreign Minister Olsen's visit, the two sides will sign a treaty.",
        ),
    ],
)
def test_who_is_meant_is_put_by_name(text: str, before: str, question: str, expected: str) -> None:
    put = put_by_name(text, before, question)
    assert put.text == expected
    assert put.back(len(put.text)) == len(text)


@pytest.mark.parametrize(
    ("text", "before", "question"),
    [
        ("We urge him to stop.", "President Olsen met Premier Hu.", ""),
        ("We urge him to stop.", "", "President Olsen said that a senator was lying."),
        ("We urge him to stop.", "President Olsen came. Then Simon Berg spoke.", ""),
        ("We urge him to stop.", "We told Pompeo so.", "President Olsen said that the bay is his."),
        ("We urge him to stop.", "", "He will meet President Olsen. Any comment?"),
        ("We urge him to stop.", "Ms. Olsen keeps lying.", ""),
        ("In his speech, Mr. Olsen thanked us.", "Premier Hu came to Oslo.", ""),
        ("He is a man in his nineties.", "The man was Norwegian.", ""),
        ("We thank the senior statesman in his nineties.", "President Olsen came.", ""),
        (
            "This visit is a normal exchange.",
            "",
            "During the visit to China by Per Berg, will he speak? Will Chairman Olsen's visit to China be discussed?",
        ),
        ("The minister paid the visit in May.", "", "President Olsen will visit China."),
        ("Mr. Olsen said that he will come.", "Premier Hu came to Oslo.", ""),
        ("The talks went well.", "President Olsen came.", ""),
    ],
)
def test_in_doubt_nothing_is_put_in(text: str, before: str, question: str) -> None:
    assert put_by_name(text, before, question).text == text


def test_a_question_about_several_people_names_nobody() -> None:
    assert only_person("Secretary of State Pompeo spoke in Norway.")
    assert only_person("Secretary of State Pompeo criticized President Olsen.") is None
    assert only_person("Council President Díaz-Canel met President Olsen.") is None


def test_a_later_sentence_gets_the_name_of_the_one_before() -> None:
    text = "We noted Mr. Olsen's speech. In the bay he said nothing. It was cold. We thank him."
    put = named_again(put_by_name(text, "", ""))
    assert (
        put.text == "We noted Mr. Olsen's speech. In the bay Mr. Olsen said nothing. It was cold. We thank Mr. Olsen."
    )
    assert put.back(len(put.text)) == len(text)
    assert put.back(put.text.index("It was")) == text.index("It was")
    plain = "The fishermen met. They went home."
    assert named_again(put_by_name(plain, "", "")).text == plain
