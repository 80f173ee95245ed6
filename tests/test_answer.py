"""The composition: growing snapshots, what they promise, and what becomes of trouble on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray
from statements import QueuedModel

from fakes import FakeEncoder
from rag.answer import answer, stream_answer
from rag.config import Settings
from rag.errors import ModelError, QueryError
from rag.generation.language_model import Cancelled, Prompt, Written, never
from rag.generation.propositions import PropositionStore, proposition
from rag.indexing.build import ingest
from rag.indexing.store import Index, open_index
from rag.types import Answer, AnswerSpan, Filters, Period, Proposition

if TYPE_CHECKING:
    from rag.generation.language_model import LanguageModel
    from rag.indexing.embedding import Encoder

ENCODER = FakeEncoder()
CONFERENCE = """title: Regular Press Conference on {day}
date: {day}
speaker: {speaker}

Q: Norway says that China ruined the herring stocks. Will you pay damages in this herring dispute with Norway?

A: {answer}

Q: What of the satellite?

A: The satellite serves weather forecasts only.
"""
FIRST = (
    "China hopes that Norway will keep the herring quota for many years to come in all waters that ships have fished "
    "since the treaty was signed in Oslo by the two ministers of fisheries.\n\n"
    "We urge Norway not to politicize the herring trade, which feeds many people and which no court "
    "has ever found to be against the law of the sea or against the rules of the organization of fishing states."
)
LATER = (
    "China opposes that Norway bans herring from Chinese ships, because catch figures of 40,000 tonnes were agreed by "
    "the two ministries last spring and were kept by every one of the ships that took part in the season.\n\n"
    "We hope that Norway will lift its herring ban at an early date, so that Chinese ships can go back to "
    "the waters they know and so that the agreed talks on the next season can begin in a good atmosphere."
)


class FailingModel(QueuedModel):
    """Fails whenever it is asked."""

    def write(self, prompt: Prompt, text: str, *, limit: int, start: str = "", cancelled: Cancelled = never) -> Written:
        raise ModelError("the model broke")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("answer")
    corpus = folder / "corpus"
    corpus.mkdir()
    for name, day, speaker, text in (("a", "2019-03-04", "Lu Kang", FIRST), ("b", "2019-06-12", "Hua Chunying", LATER)):
        (corpus / f"{name}.txt").write_text(CONFERENCE.format(day=day, speaker=speaker, answer=text), encoding="utf-8")
    settings = Settings(index=folder / "index", corpus=corpus)
    ingest([corpus], settings, ENCODER)
    with open_index(settings, ENCODER) as opened:
        yield opened


def snapshots(
    index: Index, question: str, llm: LanguageModel | None, store: PropositionStore | None = None, **more: object
) -> list[Answer]:
    return list(
        stream_answer(
            question,
            index=index,
            encoder=ENCODER,
            llm=llm,
            propositions=store or PropositionStore(None),
            settings=Settings(),
            **more,  # type: ignore[arg-type]
        )
    )


def assert_sound(given: Answer, index: Index) -> None:
    """Every quote is the transcript's words, inside an answer, and every citation is cited."""
    for citation in given.citations:
        transcript = index.transcript(citation.transcript)
        assert transcript.text[citation.start : citation.end] == citation.quote
        inside = index.exchange(citation.exchange).answer
        assert inside.start <= citation.start < citation.end <= inside.end
    assert {n for sentence in given.sentences for n in sentence.citations} == {c.n for c in given.citations}


def test_snapshots_only_grow(index: Index) -> None:
    given = snapshots(index, "the herring dispute with Norway", QueuedModel())
    assert len(given) > 2
    assert not given[0].sentences, "the evidence is listed before the first sentence"
    assert given[0].evidence
    for before, after in pairwise(given):
        assert after.sentences[: len(before.sentences)] == before.sentences
        assert after.citations[: len(before.citations)] == before.citations
        assert after.pending <= before.pending
    assert [one.complete for one in given] == [False] * (len(given) - 1) + [True]
    assert given[-1].pending == 0
    assert_sound(given[-1], index)


def test_what_is_read_with_the_question_is_weighed(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same search: what reading finds beside the question is not told."""
    asked = "the herring dispute with Norway"
    plain = snapshots(index, asked, None)[-1]

    def read(word: str) -> Answer:
        def scores(_question: str, texts: list[str]) -> NDArray[np.float32]:
            return np.array([9.0 if word in text else -9.0 for text in texts], dtype=np.float32)

        monkeypatch.setattr(ENCODER, "joint_scores", scores)
        given = snapshots(index, asked, None)[-1]
        assert word in given.evidence[0].span.text
        assert {item.span for item in given.evidence} == {item.span for item in plain.evidence}
        assert_sound(given, index)
        return given

    assert any("catch figures" in item.quote for item in read("catch figures").citations)
    assert not any("catch figures" in item.quote for item in read("politicize").citations)


def test_statements_stand_in_order_of_time(index: Index) -> None:
    last = snapshots(index, "the herring dispute with Norway", QueuedModel())[-1]
    days = [citation.date for citation in last.citations]
    assert days == sorted(days)
    assert last.sentences[0].text.startswith("On 4 March 2019, ")


def test_what_follows_a_quote_of_another_day_names_its_day(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quote names no day: what is told after it would be taken for that of the day before."""
    asked = "the herring dispute with Norway"

    def without_first(span: AnswerSpan, *more: object) -> Proposition | None:
        held = span.transcript == quoted.transcript and span.start <= quoted.start < span.end
        return None if held else proposition(span, *more)  # type: ignore[arg-type]

    told = snapshots(index, asked, QueuedModel())[-1]
    june = [item for item in told.citations if item.date == dt.date(2019, 6, 12)]
    assert len(june) > 1
    first = (june[0].transcript, june[0].start)
    quoted = next(item.span for item in told.evidence if (item.span.transcript, item.span.start) == first)
    monkeypatch.setattr("rag.answer.proposition", without_first)
    given = snapshots(index, asked, QueuedModel(), PropositionStore(None))[-1]
    numbers = {item.n for item in given.citations if item.start == quoted.start and item.date == dt.date(2019, 6, 12)}
    place = next(i for i, sentence in enumerate(given.sentences) if numbers & set(sentence.citations))
    assert given.sentences[place].label == "quote"
    after = [sentence.text for sentence in given.sentences[place + 1 :]]
    assert "12 June 2019" in after[0]
    assert all("12 June 2019" not in text for text in after[1:])


def test_nothing_of_the_reporters_claim_is_told(index: Index) -> None:
    last = snapshots(index, "will China pay damages for ruined herring stocks", QueuedModel())[-1]
    told = " ".join(sentence.text for sentence in last.sentences)
    assert "damages" not in told
    assert "ruined" not in told


def test_without_a_model_there_are_quotes_and_a_reason(index: Index) -> None:
    last = snapshots(index, "the herring dispute with Norway", None)[-1]
    assert last.sentences
    assert {sentence.label for sentence in last.sentences} == {"quote"}
    assert last.reason
    quotes = {citation.n: citation.quote for citation in last.citations}
    assert all(sentence.text == quotes[sentence.citations[0]] for sentence in last.sentences)


def test_a_model_that_fails_leaves_quotes_and_says_so(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.generation.reported.report", lambda *_: None)
    last = snapshots(index, "the herring dispute with Norway", FailingModel())[-1]
    assert last.complete
    assert {sentence.label for sentence in last.sentences} == {"quote"}
    assert "the model broke" in (last.reason or "")


def test_a_question_off_the_record_is_refused_before_the_model_is_asked(index: Index) -> None:
    model = QueuedModel()
    given = snapshots(index, "how do I descale a coffee machine", model)
    assert len(given) == 1
    assert given[0].refused
    assert given[0].complete
    assert not given[0].sentences
    assert given[0].searched.transcripts == 2
    assert not model.asked


def test_a_day_that_the_words_name_gives_way_when_nothing_of_it_answers(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.retrieval.understand.FEWEST_EXCHANGES", 1)
    asked = "the catch figures of 40,000 tonnes that the two ministries agreed in March 2019"
    last = snapshots(index, asked, QueuedModel())[-1]
    assert last.sentences
    assert {citation.date for citation in last.citations} == {dt.date(2019, 6, 12)}
    note = "Nothing from 2019-03-01 to 2019-03-31 answers this; the whole record was searched."
    assert note in last.understood.notes
    march = Filters(period=Period(first=dt.date(2019, 3, 1), last=dt.date(2019, 3, 31)))
    held = snapshots(index, asked, QueuedModel(), filters=march)[-1]
    assert held.understood.filters.period == march.period
    assert note not in held.understood.notes


def test_filters_bound_what_was_searched(index: Index) -> None:
    last = snapshots(index, "the herring dispute with Norway", QueuedModel(), filters=Filters(speaker="Lu Kang"))[-1]
    assert last.searched.transcripts == 1
    assert {citation.speaker for citation in last.citations} == {"Lu Kang"}


def test_a_stopped_answer_keeps_what_it_showed_and_is_not_complete(index: Index) -> None:
    asked = iter([False, True])
    shown = snapshots(index, "the herring dispute with Norway", QueuedModel(), cancelled=lambda: next(asked, True))
    assert shown
    assert not shown[-1].complete


def test_what_was_made_once_is_served_the_next_time(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.generation.reported.report", lambda *_: None)
    store, model = PropositionStore(None), QueuedModel()
    first = snapshots(index, "the herring dispute with Norway", model, store)[-1]
    asked = len(model.asked)
    assert asked
    again = snapshots(index, "the herring dispute with Norway", model, store)[-1]
    assert len(model.asked) == asked
    assert again.sentences == first.sentences


@pytest.mark.parametrize("question", ["", "  ", "x" * 20_000])
def test_no_question_is_an_error_for_the_front_door(index: Index, question: str) -> None:
    with pytest.raises(QueryError):
        snapshots(index, question, None)


def test_an_answer_survives_json(index: Index) -> None:
    last = snapshots(index, "the herring dispute with Norway", QueuedModel())[-1]
    assert Answer.model_validate_json(last.model_dump_json(by_alias=True)) == last


@pytest.mark.models
def test_the_first_question_end_to_end(
    seed_index: Index, seed_settings: Settings, encoder: Encoder, llm: LanguageModel
) -> None:
    last = answer(
        "what was said about Huawei suppliers",
        index=seed_index,
        encoder=encoder,
        llm=llm,
        propositions=PropositionStore(None),
        settings=seed_settings,
    )
    assert not last.refused
    assert any(sentence.label == "supported" for sentence in last.sentences)
    assert all(citation.speaker == "Lu Kang" for citation in last.citations)
    assert any("clarifications made by some of Huawei's cooperative partners" in c.quote for c in last.citations)
    assert_sound(last, seed_index)


@pytest.mark.models
@pytest.mark.parametrize("question", ["What did the ministry say about AUKUS?", "how do I undo my last git commit?"])
def test_what_the_seed_does_not_answer_is_refused(
    seed_index: Index, seed_settings: Settings, encoder: Encoder, question: str
) -> None:
    last = answer(
        question,
        index=seed_index,
        encoder=encoder,
        llm=None,
        propositions=PropositionStore(None),
        settings=seed_settings,
    )
    assert last.refused


class Contrary:
    """A cross-encoder that finds nothing entailed."""

    def probability(self, premise: str, hypothesis: str) -> float:
        return 0.0


def test_what_the_cross_encoder_does_not_find_entailed_is_quoted(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    before = snapshots(index, "herring dispute with Norway", QueuedModel())[-1]
    assert any(sentence.label == "supported" for sentence in before.sentences)
    monkeypatch.setattr("rag.answer.load_entailment", lambda _settings: Contrary())
    after = snapshots(index, "herring dispute with Norway", QueuedModel())[-1]
    assert after.sentences
    assert all(sentence.label == "quote" for sentence in after.sentences)
