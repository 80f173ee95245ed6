from __future__ import annotations

import pytest

from rag.page.places import Place, query_string, read_place


@pytest.mark.parametrize(
    "place",
    [
        Place(transcript="t1666065-ad3f87d4", start=10, end=25),
        Place(transcript="t1666065-ad3f87d4"),
        Place(transcript="page: 3:4 -00000000", start=0, end=1),
        Place(transcript="外交部-00000000", start=5, end=9),
    ],
)
def test_an_address_is_read_back_as_it_was_written(place):
    assert read_place(str(place)) == place


def test_an_address_without_offsets_names_a_transcript():
    assert read_place("t1:3-") == Place(transcript="t1:3-")


@pytest.mark.parametrize("text", ["", None, "x" * 301])
def test_what_cannot_be_an_address_is_none(text):
    assert read_place(text) is None


def test_a_place_has_both_offsets_or_neither():
    with pytest.raises(ValueError, match="both offsets"):
        Place(transcript="t1", start=3)


def test_a_query_string_holds_only_what_has_a_value():
    assert query_string(c="a b", open=None) == "?c=a+b"
