"""The order is settled first, the same is said once, and citations are numbered as they appear."""

from __future__ import annotations

import datetime as dt

from statements import evidence_of

from rag.generation.restate import VERSION
from rag.generation.select import Statement, arrange, compose
from rag.types import Evidence, Proposition, Sentence

MAY, JUNE, JULY = dt.date(2019, 5, 23), dt.date(2019, 6, 1), dt.date(2019, 7, 2)
BAN = "We urge Norway to lift the ban on fishing in the northern waters."


def _made(statement: Statement, *sentences: str) -> Proposition:
    """Each sentence stands on the whole span."""
    whole = (0, len(statement.evidence.span.text))
    return Proposition(
        span_digest="x",
        model="m",
        prompt_version=VERSION,
        sentences=sentences,
        parts=(whole,) * len(sentences),
        label="supported" if sentences else "quote",
    )


def test_order_follows_time_and_the_latest_is_marked() -> None:
    late, early = evidence_of("The second boat sank.", JULY, 2), evidence_of("Talks on cod went well.", MAY, 1)
    statements = arrange([late, early], limit=8)
    assert [s.evidence for s in statements] == [early, late]
    assert [s.latest for s in statements] == [False, True]
    first = compose(statements[0], _made(statements[0], "Li Ming said that talks on cod went well."), 1)
    last = compose(statements[1], _made(statements[1], "Li Ming said that the second boat sank."), 2)
    assert first.sentences[0].text == "On 23 May 2019, Li Ming said that talks on cod went well."
    assert last.sentences[0].text == "Most recently, on 2 July 2019, Li Ming said that the second boat sank."


def test_what_was_said_later_and_is_not_told_leaves_nothing_to_be_the_latest() -> None:
    first = evidence_of("The herring quota was agreed in Oslo by both ministers.", dt.date(2019, 1, 5), 1, score=0.9)
    then = evidence_of("The herring quota was halved after the storms of May.", dt.date(2019, 6, 5), 2, score=0.9)
    later = evidence_of("The quota of herring has been lifted for boats of wood.", dt.date(2019, 9, 5), 3, score=0.65)
    beside = later.model_copy(update={"score": 0.1})
    assert [s.latest for s in arrange([first, then, beside], 9, least=0.7)] == [False, True]
    assert [s.latest for s in arrange([first, then, later], 9, least=0.7)] == [False, False]


def test_a_single_day_has_no_latest() -> None:
    statements = arrange(
        [evidence_of("The second boat sank.", MAY, 1), evidence_of("Talks on cod went well.", MAY, 1, 900)], 8
    )
    assert [(s.leads, s.latest) for s in statements] == [(True, False), (False, False)]


def test_the_same_said_twice_is_one_sentence_with_both_citations() -> None:
    again = BAN.replace("We urge", "Once again, we urge")
    statements = arrange(
        [evidence_of(BAN, JUNE, 1), evidence_of("Talks on cod went well.", JULY, 3), evidence_of(again, MAY, 2)], 8
    )
    merged = next(s for s in statements if s.same)
    assert len(statements) == 2
    assert merged.evidence.source.date == JUNE, "the newest wording is restated"
    part = compose(merged, _made(merged, "China urges Norway to lift the ban on fishing in the northern waters."), 3)
    assert part.sentences[0].citations == (3, 4)
    assert [c.date for c in part.citations] == [JUNE, MAY]


def test_other_figures_are_not_the_same() -> None:
    one, other = (
        evidence_of("The north lost 14 boats in heavy storms.", MAY, 1),
        evidence_of("The north lost 15 boats in heavy storms.", JUNE, 2),
    )
    assert len(arrange([one, other], 8)) == 2


def test_what_retrieval_folded_is_cited_beside_it() -> None:
    other = evidence_of(BAN, MAY, 2)
    folded = evidence_of(BAN, JUNE, 1).model_copy(update={"also_said": (other.span,)})
    (statement,) = arrange([folded], 8, lambda span: (other.exchange, other.source))
    assert [e.span for e in statement.same] == [other.span]


def test_boilerplate_and_questions_yield_to_substance() -> None:
    boilerplate = evidence_of("Our position on fishing is consistent and clear.", MAY, 1)
    thrown_back = evidence_of("Who gave Norway the right?", MAY, 1, 300)
    substance = evidence_of(BAN, MAY, 1, 600)
    assert [s.evidence for s in arrange([boilerplate, thrown_back, substance], 8)] == [substance]
    assert [s.kind for s in arrange([boilerplate], 8)] == ["boilerplate"]


def test_a_refusal_to_comment_is_reported_as_such() -> None:
    (statement,) = arrange([evidence_of("I'm not aware of that.", MAY, 1)], 8)
    part = compose(statement, _made(statement, "Li Ming had no information to give."), 1)
    assert part.sentences[0].text == "Asked on 23 May 2019, Li Ming had no information to give."


def test_at_most_the_limit_and_the_best_are_kept() -> None:
    evidence = [evidence_of(f"Boat {n} left harbour {n} for cod and herring.", MAY, n) for n in range(9)]
    assert {s.evidence.span.text for s in arrange(evidence, 3)} == {e.span.text for e in evidence[:3]}


def test_what_is_not_likely_to_bear_on_the_question_is_left_out() -> None:
    catches = ("cod", "herring", "squid", "prawns")
    evidence = [
        evidence_of(f"The {fish} catch of the northern fleet fell by {n} tonnes.", MAY, n, score=score)
        for n, (fish, score) in enumerate(zip(catches, (0.95, 0.7, 0.56, 0.52), strict=True))
    ]
    assert [s.evidence.score for s in arrange(evidence, 8)] == [0.95, 0.7]
    assert [s.evidence.score for s in arrange(evidence[1:], 8)] == [0.7, 0.56]


def test_nothing_in_nothing_out() -> None:
    assert arrange([], 8) == ()


def test_a_quote_is_the_words_and_nothing_else() -> None:
    item: Evidence = evidence_of("Our two countries are friends.", MAY, 1)
    (statement,) = arrange([item], 8)
    for made in (None, _made(statement)):
        part = compose(statement, made, 5)
        assert part.sentences == (Sentence(text=item.span.text, label="quote", citations=(5,)),)
        assert part.citations[0].quote == item.span.text


def test_each_sentence_cites_the_words_it_stands_on() -> None:
    words = "Two boats left the northern harbour for cod. Their crews of 14 men came home in heavy storms."
    again = "As I said, two boats left the northern harbour for cod. Norway has not answered our questions."
    newest, older = evidence_of(words, JUNE, 1), evidence_of(again, MAY, 2)
    statement = Statement(evidence=newest, same=(older,))
    edge = words.index(" Their")
    made = _made(statement, "Two boats left.", "The crews came home.").model_copy(
        update={"parts": ((0, edge), (edge + 1, len(words)))}
    )
    part = compose(statement, made, 1)
    assert [s.citations for s in part.sentences] == [(1, 2), (3,)]
    assert [c.quote for c in part.citations] == [words[:edge], again[: again.index(" Norway")], words[edge + 1 :]]
    for citation, item in zip(part.citations, (newest, older, newest), strict=True):
        at = citation.start - item.span.start
        assert item.span.text[at : at + len(citation.quote)] == citation.quote


def test_the_day_is_that_of_telling_and_not_of_what_is_told() -> None:
    (statement,) = arrange([evidence_of("I saw a release by the Ministry of Fisheries on the net.", MAY)], 8)
    (seen,) = compose(statement, _made(statement, "Li Ming saw a release by the Ministry of Fisheries."), 1).sentences
    assert seen.text == "On 23 May 2019, Li Ming said that the spokesperson saw a release by the Ministry of Fisheries."
    (urged,) = compose(statement, _made(statement, "Li Ming urged Norway to lift the ban."), 1).sentences
    assert urged.text == "On 23 May 2019, Li Ming urged Norway to lift the ban."


def test_a_page_without_a_date_has_no_lead() -> None:
    (statement,) = arrange([evidence_of(BAN, None, 1)], 8)
    assert (
        compose(statement, _made(statement, "China urges Norway to lift it."), 1).sentences[0].text
        == "China urges Norway to lift it."
    )
