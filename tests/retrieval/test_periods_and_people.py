"""Periods, spokespersons and outlets on the labelled questions of our own, and the cases that need care."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from rag.evaluation.understanding import OWN_QUESTIONS
from rag.retrieval.people import find_outlet, find_speakers
from rag.retrieval.periods import find_period
from rag.types import Period

COVERAGE = Period(first=dt.date(2018, 5, 2), last=dt.date(2020, 7, 3))
SPEAKERS = ["Geng Shuang", "Lu Kang", "Hua Chunying", "Zhao Lijian"]
OUTLETS = ["Reuters", "AFP", "CNN", "BBC", "Bloomberg", "The Paper", "NHK", "Kyodo News", "Kyodo"]
TODAY = dt.date(2020, 7, 15)
QUESTIONS = [json.loads(line) for line in OWN_QUESTIONS.read_text(encoding="utf-8").splitlines()]


def derived(question: str) -> dict[str, str]:
    found = {}
    if period := find_period(question, COVERAGE, TODAY):
        found |= {"from": str(period.period.first)} if period.period.first else {}
        found |= {"to": str(period.period.last)} if period.period.last else {}
    speakers = find_speakers(question, SPEAKERS)
    if len(speakers) == 1:
        found["speaker"] = speakers[0].name
    if outlet := find_outlet(question, OUTLETS):
        found["asked_by"] = outlet.name
    return found


@pytest.mark.parametrize("question", QUESTIONS, ids=[question["qid"] for question in QUESTIONS])
def test_what_a_question_names(question: dict[str, object]) -> None:
    assert derived(str(question["query"])) == (question["filter"] or {})


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("what was said last month", dt.date(2020, 6, 1), dt.date(2020, 6, 30)),
        ("what was said last week on trade", dt.date(2020, 7, 6), dt.date(2020, 7, 12)),
        ("statements this year", dt.date(2020, 1, 1), dt.date(2020, 12, 31)),
    ],
)
def test_relative_periods_are_counted_from_today(question: str, first: dt.date, last: dt.date) -> None:
    found = find_period(question, COVERAGE, TODAY)
    assert found is not None
    assert found.period == Period(first=first, last=last)


def test_days_that_do_not_exist_are_no_period() -> None:
    assert find_period("what was said on 31 June 2019", COVERAGE, TODAY) is None


def test_two_spokespersons_are_both_found_in_order() -> None:
    found = find_speakers("Lu Kang and Geng Shuang on Sudan", SPEAKERS)
    assert [named.name for named in found] == ["Lu Kang", "Geng Shuang"]


def test_a_family_name_that_two_share_names_nobody() -> None:
    assert find_speakers("Mr Geng on trade", [*SPEAKERS, "Geng Yansheng"]) == []


def test_chinese_names_are_found_whole() -> None:
    assert [named.name for named in find_speakers("华春莹怎么说", ["华春莹"])] == ["华春莹"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("the envoy's talks in Beijing January 2019 and their purpose", {"from": "2019-01-01", "to": "2019-01-31"}),
        ("boycott of Beijing 2022", {}),
        ("first days of Jan 2020, the general's death", {"from": "2020-01-01", "to": "2020-01-07"}),
    ],
)
def test_readings_that_are_easily_missed(question: str, expected: dict[str, str]) -> None:
    assert derived(question) == expected
