"""References that nothing in a span explains: which are seen, and how a report shows them."""

from __future__ import annotations

import pytest

from rag.generation.references import dangling, told_open, unexplained, unnamed
from rag.generation.reported import report


@pytest.mark.parametrize(
    ("sentence", "phrases"),
    [
        ("We applaud them and extend our thanks.", ["them"]),
        ("The competent authority will deal with it in accordance with the law.", ["it"]),
        ("We strongly oppose that and have lodged representations.", ["that"]),
        ("Many of them praised the harbour.", ["them"]),
        ("So far 27 of them have left.", ["them"]),
        ("On the contrary, it was the first to leave.", ["it"]),
        ("Last but not least, it has won the support of the fishermen.", ["it"]),
        ("Instead of working, they went fishing.", ["they"]),
        ("We will continue to play a constructive role to this end.", ["to this end"]),
        ("Norway has an open attitude in this regard.", ["in this regard"]),
    ],
)
def test_a_reference_without_anything_to_mean_is_seen(sentence: str, phrases: list[str]) -> None:
    assert dangling(sentence) == phrases


@pytest.mark.parametrize(
    "sentence",
    [
        "Norway built a harbour and uses it well.",
        "The fishermen know that their boats are old.",
        "We urge Norway to return the boats to them.",
        "In their talks, the ministers agreed on a plan.",
        "Not long ago, during their talks in Oslo, the ministers agreed on a plan.",
        "About 14,000 have found work away from their home.",
        "We made it very clear that the ban must end.",
        "We find it hard to believe that.",
        "The ministers met and agreed to work to this end.",
        'He said "we applaud them and thank them".',
        "We oppose the ban.",
        "At present, it is important that the ban ends.",
        "For some time, it seems that the ban is forgotten.",
        "To sum up, it all depends on the weather.",
        "As everyone knows, it has become a custom that the fleet leaves in May.",
        "The ministry gave some information on that.",
    ],
)
def test_a_reference_that_may_be_explained_is_left(sentence: str) -> None:
    assert dangling(sentence) == []


def test_a_later_visit_must_take_up_something() -> None:
    assert unexplained("We believe that this visit will help.", "The two sides are in touch.") == ["this visit"]
    assert unexplained("We believe that this visit will help.", "Minister Olsen will arrive on Monday.") == []
    assert unexplained("Minister Olsen attended that meeting.", "") == ["that meeting"]
    assert unexplained("He said that meeting rooms are free.", "") == []
    assert unexplained("This year the talks went well.", "The two sides are in touch.") == []


def test_somebody_must_be_named_before_a_he() -> None:
    assert unnamed("We thank him for his work.")
    assert not unnamed("We thank Mr. Olsen for his work.")
    assert not unnamed("During his visit, President Olsen will go to Bergen.")
    assert not unnamed("This politician lies, and nobody believes his words.")


def test_what_stands_open_is_told_between_quotation_marks() -> None:
    told = report("We applaud them and extend our thanks to them.", "Li Ming", "China")
    assert told
    assert told[0].sentence == "China applauds “them” and extends its thanks to them."
    assert told_open("China applauds them.", "them")
    assert not told_open(told[0].sentence, "them")
