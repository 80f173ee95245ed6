"""Small records that the page's tests share."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.page.turns import Turn
from rag.types import (
    Answer,
    AnswerSpan,
    Citation,
    Evidence,
    Exchange,
    Note,
    Query,
    Searched,
    Sentence,
    Span,
    Transcript,
)

QUESTION = "Is it true that the ministry <script>alert(1)</script> denied it?"
ANSWER = "We have noted the **reports** 😀.\nChina is opposed to it. We will see."
TEXT = f"Q: {QUESTION}\nA: {ANSWER}\nSee you on Monday."
QUOTE = "China is opposed to it."


@pytest.fixture
def transcript() -> Transcript:
    answer = TEXT.index(ANSWER)
    return Transcript(
        id="t1-00000000",
        name="t1",
        title="Spokesperson A's Regular Press Conference on May 23, 2019",
        date=dt.date(2019, 5, 23),
        speaker="Ada Ames",
        institution="Ministry",
        url="https://example.org/t1",
        digest="0" * 64,
        text=TEXT,
        exchanges=(
            Exchange(
                id="t1-00000000.0",
                transcript="t1-00000000",
                ordinal=0,
                kind="exchange",
                question=Span(start=3, end=3 + len(QUESTION)),
                answer=Span(start=answer, end=answer + len(ANSWER)),
                asked_by="Reuters",
                speaker="Ada Ames",
            ),
        ),
        notes=(Note(start=TEXT.index("See you"), end=len(TEXT), kind="note"),),
    )


@pytest.fixture
def answer(transcript: Transcript) -> Answer:
    exchange = transcript.exchanges[0]
    start = TEXT.index(QUOTE)
    span = AnswerSpan(start=start, end=start + len(QUOTE), transcript=transcript.id, exchange=exchange.id, text=QUOTE)
    return Answer(
        question="What was said?",
        understood=Query(question="What was said?", topic="said", notes=("Read as a question.",)),
        sentences=(Sentence(text="Ada Ames said that China was opposed to it.", label="supported", citations=(1,)),),
        citations=(Citation.of(1, span, exchange, transcript.source),),
        searched=Searched(transcripts=1, first=transcript.date, last=transcript.date),
        evidence=(Evidence(span=span, exchange=exchange, source=transcript.source, score=1.0),),
        complete=True,
        timings={"search": 0.5, "total": 1.25},
        models={"llm": "tiny"},
    )


@pytest.fixture
def turn(answer: Answer) -> Turn:
    return Turn(
        id="turn-1",
        conversation="c-1",
        question=answer.question,
        asked_at=dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC),
        state="done",
        answer=answer,
    )
