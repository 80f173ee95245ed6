from __future__ import annotations

import datetime as dt

from rag.page.citing import day
from rag.page.coverage import coverage, examples, topics
from rag.types import Exchange, Span, Transcript


def conference(number: int, pairs: list[tuple[str, str]], date: dt.date | None = None) -> Transcript:
    text, exchanges = "", []
    for ordinal, (question, answer) in enumerate(pairs):
        start = len(text)
        text += f"{question}\n{answer}\n"
        middle = start + len(question)
        exchanges.append(
            Exchange(
                id=f"t{number}.{ordinal}",
                transcript=f"t{number}",
                ordinal=ordinal,
                kind="exchange",
                question=Span(start=start, end=middle),
                answer=Span(start=middle + 1, end=middle + 1 + len(answer)),
                speaker="Ada Ames",
            )
        )
    return Transcript(
        id=f"t{number}",
        name=f"t{number}",
        title=f"Conference {number}",
        date=date,
        speaker="Ada Ames" if number else None,
        institution="Ministry",
        url=None,
        digest="0" * 64,
        text=text,
        exchanges=tuple(exchanges),
    )


def test_months_without_conferences_are_counted_as_none():
    sources = [
        conference(n, [("Q", "A")], date).source
        for n, date in enumerate([dt.date(2019, 11, 5), dt.date(2020, 1, 7), dt.date(2020, 1, 8), None])
    ]
    held = coverage(sources, exchanges=4)
    assert [count for _, count in held.months] == [1, 0, 2]
    assert held.sentence() == "4 conferences · 4 exchanges · 5 November 2019 to 8 January 2020"
    assert held.newest(held.last) == f"Newest conference: {day(held.last)}, today"
    assert held.newest(held.last + dt.timedelta(days=1)).endswith(", 1 day ago")
    assert held.newest(held.last + dt.timedelta(days=70)).endswith(", 2 months ago")
    assert held.newest(held.last + dt.timedelta(days=800)).endswith(", 2 years ago")


def test_an_empty_index_is_covered_by_nothing():
    assert coverage([], exchanges=0).sentence() == "0 conferences · 0 exchanges"


def test_topics_stand_in_question_and_answer():
    common = ("What of trade with Ruritania?", "Trade with Ruritania is good.")
    asked_only = ("What of the talks in Borduria?", "I have no information.")
    rows = [conference(n, [common, asked_only]) for n in range(5)]
    rows += [conference(n, [("How are you?", "Fine.")] * 20) for n in range(5, 10)]
    assert topics(rows, 3) == ("Ruritania",)
    assert examples(rows, limit=2) == ("What was said about Ruritania?",)


def test_people_and_their_nations_are_no_topics():
    pair = ("Why did Minister Eva Novak meet the Japanese about Eva Novak?", "Eva Novak met the Japanese.")
    rows = [conference(n, [pair]) for n in range(5)]
    assert topics(rows, 3) == ()


def test_without_topics_short_questions_are_the_examples():
    rows = [conference(n, [("中方对此有何评论？", "我们注意到有关报道。"), ("长" * 200, "是。")]) for n in range(5)]
    assert examples(rows) == ("中方对此有何评论？",)
