"""What is known of a span, and that the fitted weights point where a reader would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes import FakeEncoder
from rag.config import Settings
from rag.indexing.build import ingest
from rag.indexing.embedding import Encoder
from rag.indexing.store import Index, open_index
from rag.models.catalogue import CATALOGUE
from rag.retrieval.adapter import query_vectors
from rag.retrieval.bearing import SIGNALS, Bearing, bearings, fitted
from rag.retrieval.coverage import wanted_words
from rag.retrieval.rank import rank_exchanges
from rag.retrieval.search import search
from rag.retrieval.understand import understand
from rag.types import Filters

ANSWER = (
    "I have seen the reports of the last few days that several of you mentioned in the corridor before we began.\n\n"
    "The herring quota of 14,000 tonnes was agreed with Norway in Oslo after talks of three weeks, and both sides keep "
    "to it.\n\n"
    "As for the satellite, it serves weather forecasts for farmers in the northern provinces and has no other purpose "
    "at all."
)
TALK = f"""title: Press Conference
date: 2019-03-04
speaker: Lu Kang

Q: Which herring quota was agreed with Norway? And is the satellite military?

A: {ANSWER}

Q: Will the bridge over the river open this summer?

A: The bridge opens when the tests are done, and safety comes first.
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("bearing")
    (folder / "talk.txt").write_text(TALK, encoding="utf-8")
    settings = Settings(index=folder / "index", corpus=folder / "corpus", embedding="fake")
    ingest([folder / "talk.txt"], settings, FakeEncoder())
    with open_index(settings, FakeEncoder()) as opened:
        yield opened


def found(question: str, index: Index) -> list[Bearing]:
    query = understand(question, (), Filters(), index)
    ranked = sorted(rank_exchanges(query, index, FakeEncoder()), key=lambda item: index.exchange(item.exchange).ordinal)
    return bearings(ranked, wanted_words(query, index), query_vectors(query, FakeEncoder())[-1], index)


def test_the_span_that_answers_is_the_most_probable(index: Index) -> None:
    spans = found("herring quota agreed with Norway", index)
    assert [span.signals.opens for span in spans] == [1, 0, 0, 1]
    best = max(spans, key=lambda span: span.probability)
    assert "14,000" in best.span.text
    assert best.signals.held == pytest.approx(1)
    assert best.signals.aside > 0


def test_an_answer_to_two_questions_has_two_parts(index: Index) -> None:
    reports, quota, satellite, bridge = found("herring quota agreed with Norway", index)
    assert reports.signals.part == quota.signals.part == pytest.approx(1)
    assert satellite.signals.part == bridge.signals.part == 0
    assert reports.signals.answer == satellite.signals.answer == 1
    assert bridge.signals.answer == 0
    assert (satellite.signals.held, quota.signals.held) == (0, pytest.approx(1))


def test_substance_is_told_of_the_model_alone_that_it_was_learned_of(index: Index) -> None:
    model = fitted()
    vectors = index.vectors_of("span", index.exchanges_of(index.sources()[0].transcript)[0].id)
    assert not model.substance(vectors, index.meta.embedding_digest).any()
    assert model.encoder in {file.sha256 for file in CATALOGUE["all-MiniLM-L6-v2"].files}


@pytest.mark.models
def test_a_formula_has_less_substance_than_a_fact(encoder: Encoder) -> None:
    """Of both subjects the same: what the direction tells is not the subject."""
    pairs = [
        (
            "China stands ready to work with Norway to promote the sound and steady growth of bilateral relations.",
            "Norway agreed to a herring quota of 14,000 tonnes, which China will buy at the price of last year.",
        ),
        (
            "China and Sierra Leone are good friends and brothers who share weal and woe.",
            "China built the airport of Sierra Leone with a loan of 300 million dollars and has not asked for land.",
        ),
        (
            "We have repeated our position on the detention of Ms. Meng many times.",
            "Canada should release Ms. Meng at once, since she has broken no law of Canada.",
        ),
    ]
    model = fitted()
    for formula, fact in pairs:
        empty, full = model.substance(encoder.encode([formula, fact]), model.encoder)
        assert empty < full, fact


def test_a_question_of_which_nothing_speaks_does_not_fail(index: Index) -> None:
    assert all(0 < span.probability < 1 for span in found("zeppelins", index))
    assert all(0 < span.probability < 1 for span in found("???a", index))


def test_weights_are_those_of_the_signals_and_say_where_they_are_from() -> None:
    model = fitted()
    assert set(model.weights) == set(SIGNALS)
    assert 0 < model.threshold < 1
    assert model.provenance["command"] == "onrecord evaluate bearing --fit"
    for name in ("relevance", "moved", "best", "part", "held"):
        assert model.weights[name] > 0, f"more {name} is more bearing"


def test_little_is_told_of_what_lies_beside_a_subject_that_nothing_mentions(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.retrieval.search.FEW", 1)
    asked = "which herring quota of 14,000 tonnes was agreed after talks of three weeks that both sides keep to"

    def told(question: str) -> tuple[int, tuple[str, ...]]:
        found = search(understand(question, (), Filters(), index), index, FakeEncoder())
        return len(found.evidence), found.unmentioned

    assert told(asked) == (3, ())
    assert told(f"{asked}, with Zorbistan") == (1, ("zorbistan",))
