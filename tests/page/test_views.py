from __future__ import annotations

import datetime as dt
import json

import pytest

from rag.page.places import Place
from rag.page.views import conference_view, filter_facts, place_view, searched_fact, turn_view, understood_notes
from rag.types import Filters, Period, Query, Searched

from .conftest import ANSWER, QUESTION, QUOTE, TEXT


def test_the_offsets_that_the_panel_gets_cut_out_the_quote(transcript):
    start = TEXT.index(QUOTE)
    view = place_view(transcript, Place(transcript=transcript.id, start=start, end=start + len(QUOTE)))
    shown = view["exchange"]
    assert shown["answer"][view["start"] - shown["start"] : view["end"] - shown["start"]] == view["quote"] == QUOTE
    assert shown["question"] == QUESTION
    assert shown["askedBy"] == "Reuters"


@pytest.mark.parametrize(
    ("start", "end"), [(3, 10), (0, len(TEXT)), (TEXT.index(ANSWER) - 1, TEXT.index(ANSWER) + 4), (10**8, 10**8 + 1)]
)
def test_what_is_not_inside_one_answer_is_never_highlighted(transcript, start, end):
    view = place_view(transcript, Place(transcript=transcript.id, start=start, end=end))
    assert view["quote"] is None
    assert view["exchange"] is None


def test_another_source_of_the_same_conference_does_not_lend_its_offsets(transcript):
    start = TEXT.index(QUOTE)
    view = place_view(transcript, Place(transcript="t2-00000000", start=start, end=start + len(QUOTE)))
    assert view["quote"] is None


def test_a_conference_holds_every_part_in_page_order(transcript):
    parts = conference_view(transcript)["parts"]
    assert [part["kind"] for part in parts] == ["exchange", "note"]
    assert parts[1]["text"] == "See you on Monday."


def test_a_turn_is_plain_json_with_its_passages(turn, transcript):
    view = turn_view(turn, lambda _: transcript)
    assert json.loads(json.dumps(view)) == view
    assert view["citations"][0]["passage"]["quote"] == QUOTE
    assert view["facts"] == ["Searched 1 conference, 23 May 2019", "1.2 s"]
    assert view["notes"] == ["Read as a question."]


def test_a_citation_whose_transcript_is_gone_keeps_its_quote(turn):
    (citation,) = turn_view(turn, lambda _: None)["citations"]
    assert citation["quote"] == QUOTE
    assert citation["passage"] is None


def test_a_citation_whose_transcript_has_changed_is_not_highlighted(turn, transcript):
    changed = transcript.model_copy(update={"text": TEXT.replace("opposed", "in fav")})
    (citation,) = turn_view(turn, lambda _: changed)["citations"]
    assert citation["passage"] is None


@pytest.mark.parametrize(
    ("searched", "fact"),
    [
        (Searched(transcripts=0), "Searched no conference: none is within these limits"),
        (
            Searched(transcripts=1450, first=dt.date(2018, 5, 2), last=dt.date(2020, 7, 31)),
            "Searched 1,450 conferences, 2 May 2018 – 31 July 2020",
        ),
    ],
)
def test_searched_fact(searched, fact):
    assert searched_fact(searched) == fact


def test_a_refusal_under_filters_says_how_to_search_everything(turn, transcript):
    refused = turn.answer.model_copy(update={"refused": True, "reason": "Nothing."})
    everywhere = turn.model_copy(update={"answer": refused})
    limited = everywhere.model_copy(update={"filters": Filters(speaker="Ada Ames")})
    assert turn_view(everywhere, lambda _: transcript)["reason"] == "Nothing."
    assert "clear what Search only is set to" in turn_view(limited, lambda _: transcript)["reason"]


def test_filter_facts():
    filters = Filters(period=Period(first=dt.date(2019, 1, 1)), speaker="Ada Ames", asked_by="Reuters")
    assert filter_facts(filters) == ["only since 1 January 2019", "only Ada Ames", "only asked by Reuters"]


def test_a_follow_up_says_what_it_was_taken_to_mean():
    query = Query(question="And Iran?", topic="Iran", standalone="What was said about Iran?")
    assert understood_notes(query) == ["Understood as: What was said about Iran?"]
