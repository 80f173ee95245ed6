"""The rule first, then the model under checks, then the quote."""

from __future__ import annotations

import datetime as dt

import pytest
from statements import QueuedModel, evidence_of

from rag.generation import restate as room
from rag.generation.restate import Context, calibrated, context_of, country_of, prompt, restate

SHARED_WE = "Our shared duty is to settle the fishing dispute, and 14 boats must leave."
FAITHFUL = "Li Ming said that “our shared duty is to settle the fishing dispute, and 14 boats must leave”."


def test_the_rule_needs_no_model(context: Context) -> None:
    model = QueuedModel()
    made = restate("We urge Norway to lift the ban.", context, "x", model)
    assert made is not None
    assert made.sentences == ("China urges Norway to lift the ban.",)
    assert (made.label, made.support, made.failures) == ("supported", None, ())
    assert not model.asked


def test_the_model_is_asked_for_what_the_rule_leaves(context: Context) -> None:
    model = QueuedModel(FAITHFUL, support=0.99)
    made = restate(SHARED_WE, context, "x", model)
    assert made is not None
    assert (made.sentences, made.label, made.support) == ((FAITHFUL,), "supported", calibrated(0.99))
    assert made.failures == ("no rule",)


def test_a_failing_sentence_is_retried_once(context: Context) -> None:
    model = QueuedModel("Norway and China should settle it.", FAITHFUL)
    made = restate(SHARED_WE, context, "x", model)
    assert made is not None
    assert made.sentences == (FAITHFUL,)


def test_two_failures_leave_the_quote(context: Context) -> None:
    model = QueuedModel("Li Ming said that 15 boats must leave.", "We must settle it.", FAITHFUL)
    made = restate(SHARED_WE, context, "x", model)
    assert made is not None
    assert (made.sentences, made.label) == ((), "quote")
    assert {"number", "person"} <= set(made.failures)
    assert len(model.replies) == 1, "there is no third attempt"


def test_a_sentence_the_model_does_not_support_is_not_shown(context: Context) -> None:
    made = restate(SHARED_WE, context, "x", QueuedModel(FAITHFUL, FAITHFUL, support=0.05))
    assert made is not None
    assert made.label == "quote"
    assert made.failures == ("no rule", "support", "support")


def test_a_cancelled_restatement_is_none(context: Context) -> None:
    assert restate(SHARED_WE, context, "x", QueuedModel(FAITHFUL), cancelled=lambda: True) is None


def test_other_languages_stay_quotes(context: Context) -> None:
    made = restate("中方对此表示反对。", context.model_copy(update={"language": "zh"}), "x", QueuedModel())
    assert made is not None
    assert made.label == "quote"


def test_no_question_is_in_the_prompt(context: Context) -> None:
    model = QueuedModel(FAITHFUL)
    restate(SHARED_WE, context, "x", model)
    assert model.asked[0][1] == f"Li Ming: {SHARED_WE}"
    assert "{text}" in prompt("China").form


def test_the_version_follows_the_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    before = room._version()
    monkeypatch.setattr(room, "_SYSTEM", room._SYSTEM + " Be brief.")
    assert room._version() != before


def test_whom_we_stands_for() -> None:
    assert country_of("Ministry of Foreign Affairs of the People's Republic of China") == "China"
    assert country_of("Department of Fisheries") == "the ministry"


def test_a_name_from_the_answer_stands_for_he_and_the_quote_stays_as_it_was(context: Context) -> None:
    text = "We urge him to stop. Norway has many harbours."
    asked = context.model_copy(update={"answer": f"Mr. Olsen keeps lying. {text}"})
    made = restate(text, asked, "d", QueuedModel())
    assert made
    assert made.sentences == ("China urges Mr. Olsen to stop.", "Li Ming said that Norway has many harbours.")
    assert [text[start:end] for start, end in made.parts] == ["We urge him to stop.", "Norway has many harbours."]


def test_a_name_is_not_put_into_words_told_as_they_were_said(context: Context) -> None:
    text = "Norway has many harbours. Why does he lie?"
    asked = context.model_copy(update={"question": "Mr. Olsen spoke. Any comment?"})
    made = restate(text, asked.model_copy(update={"answer": text}), "d", QueuedModel("No.", "No."))
    assert made
    assert made.label == "quote"
    assert "quotation" in made.failures


def test_a_question_that_goes_on_from_the_one_before_names_nobody() -> None:
    item = evidence_of("We thank him.", dt.date(2019, 5, 23))
    text = " " * 5000
    assert context_of(item.exchange, item.source, text).question == text[1:90]
    assert context_of(item.exchange.model_copy(update={"follow_up": True}), item.source, text).question == ""
