"""Small records that the page's tests share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes import FakeEncoder
from rag.config import Settings
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

from .served import CHROMIUM_OPTIONS, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

SCRIPTED = Path(__file__).parent / "scripted_app.py"

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
        index="index.7",
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


CORPUS = {
    "2019-05-23.txt": """Title: Foreign Ministry Spokesperson Lu Kang's <b>Regular</b> Press Conference on May 23, 2019
Date: 2019-05-23
Speaker: Lu Kang
URL: https://www.example.org/t1666065.shtml

Reuters: Is it **true** that <script>window.hacked = "question"</script> suppliers will stop?

A: We noted <img src=x onerror="window.hacked='answer'"> the reports 😀 & *others*. China is opposed to it.

This is [a second paragraph](javascript:alert(1)) of the same answer. It goes on, so that there is something to say.

AFP: When will the talks go on?

Lu Kang: The two teams are in contact. We will release information in due course.
""",
    "2019-06-03.txt": """Title: Foreign Ministry Spokesperson Geng Shuang's Regular Press Conference on June 3, 2019
Date: 2019-06-03
Speaker: Geng Shuang
URL: javascript:alert(1)

Q: What is your comment on the reports?

A: Our position is consistent and clear. There is no change in it.
""",
}


@pytest.fixture(scope="session")
def scripted_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an index over two conferences that hold markup, made with the fake encoder."""
    from rag.indexing.build import build

    folder = tmp_path_factory.mktemp("scripted")
    settings = Settings(index=folder / "index", corpus=folder / "corpus", embedding="fake", llm="none")
    settings.corpus.mkdir()
    for name, text in CORPUS.items():
        (settings.corpus / name).write_text(text, encoding="utf-8")
    report = build(settings, FakeEncoder())
    assert {outcome.status for outcome in report.outcomes} == {"indexed"}
    return settings


@pytest.fixture(scope="session")
def scripted(scripted_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the page with scripted answers."""
    with served(scripted_settings, tmp_path_factory.mktemp("log") / "page.log", SCRIPTED) as address:
        yield address


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """A running Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield running
        running.close()


@pytest.fixture
def reader(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Makes a page in a browser context of its own: another reader each time. Fails on errors in the page's scripts."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def new(**options: object) -> Page:
        defaults = {"viewport": {"width": 1400, "height": 900}, "permissions": ["clipboard-read", "clipboard-write"]}
        context = browser.new_context(**{**defaults, **options})
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield new
    for context in contexts:
        context.close()
    assert errors == []
