"""Small transcripts in our text format, unlike each other as conferences are, and what must hold of any index."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from pathlib import Path

from rag.config import Settings
from rag.indexing.schema import DATABASE
from rag.indexing.words import count_in
from rag.types import Exchange, Span, Transcript

SPEAKERS = ("Lu Kang", "Hua Chunying", "Geng Shuang")
OUTLETS = ("Reuters", "AFP", "Kyodo News")
SUBJECTS = (
    "the fishing treaty with Norway",
    "tariffs on steel",
    "the border talks in Oslo",
    "visas for students",
    "the satellite launch",
    "panda conservation",
    "the bridge over the river",
    "the summit in Lima",
)
VERBS = ("welcomes", "opposes", "has noted", "supports", "is studying", "regrets")
REASONS = (
    "it serves both peoples",
    "the matter was settled in 1998",
    "dialogue is the only way out",
    "facts speak louder than words",
    "our experts are still in contact",
    "the rules apply to every country alike",
)


TRADE = "China and Norway settled the fishing dispute by negotiation in the spring of last year."
TREATY = "The treaty will enter into force as soon as both parliaments have approved the text."


def transcript_of(answer: str, question: str = "What is your comment?") -> Transcript:
    """A conference of one exchange with this answer."""
    text = f"Q: {question}\nA: {answer}\nThank you all."
    start = len(f"Q: {question}\nA: ")
    exchange = Exchange(
        id="t1-00000000.0",
        transcript="t1-00000000",
        ordinal=0,
        kind="exchange",
        question=Span(start=3, end=3 + len(question)),
        answer=Span(start=start, end=start + len(answer)),
        speaker="Lu Kang",
    )
    return Transcript(
        id="t1-00000000",
        name="t1",
        title="Press Conference",
        date=None,
        speaker="Lu Kang",
        institution="Ministry",
        url=None,
        digest="0" * 64,
        text=text,
        exchanges=(exchange,),
    )


def day(number: int) -> dt.date:
    """The day of conference `number`."""
    return dt.date(2019, 1, 1) + dt.timedelta(days=number)


def page(number: int, exchanges: int = 3, extra: str = "") -> str:
    """Transcript `number` in our text format: its own day, a speaker and outlets in turn, its own words."""
    chance = random.Random(number)
    date = day(number)
    lines = [
        f"Title: Spokesperson {SPEAKERS[number % 3]}'s Regular Press Conference on {date:%B} {date.day}, {date.year}",
        f"Date: {date}",
        f"Speaker: {SPEAKERS[number % 3]}",
        f"URL: https://www.example.org/{date.year}/t{1000000 + number}.txt",
        "Language: en",
        "",
    ]
    for ordinal in range(exchanges):
        subject = chance.choice(SUBJECTS)
        lines += [f"{OUTLETS[(number + ordinal) % 3]}: What is your comment on {subject}, case {number}-{ordinal}?", ""]
        sentences = [
            f"China {chance.choice(VERBS)} {subject} in case {number}-{ordinal}, because {chance.choice(REASONS)}."
        ]
        sentences += [
            f"On point {point} of {chance.choice(SUBJECTS)} the position of {chance.randrange(1900, 2019)} stands, "
            f"and {chance.choice(REASONS)}."
            for point in range(chance.randrange(1, 6))
        ]
        lines += ["A: " + " ".join(sentences), ""]
    return "\n".join(lines) + extra


def write_pages(folder: Path, numbers: range) -> Path:
    """Files of `page(number)` in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (folder / f"t{1000000 + number}.txt").write_text(page(number), encoding="utf-8")
    return folder


def assert_sound(settings: Settings) -> None:
    """Counts agree across tables, full text and vectors; nothing is orphaned; offsets lie inside their texts."""
    connection = sqlite3.connect(settings.index / DATABASE)

    def one(sql: str) -> int:
        return int(connection.execute(sql).fetchone()[0])

    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    for unit, table in (("exchange", "exchanges"), ("passage", "passages")):
        assert one(f"SELECT count(*) FROM {unit}_text") == one(f"SELECT count(*) FROM {table}")
        assert one(f"SELECT count(*) FROM {unit}_text WHERE rowid NOT IN (SELECT number FROM {table})") == 0
        connection.execute(f"INSERT INTO {unit}_text ({unit}_text) VALUES ('integrity-check')")
    for space, table in (("passage", "passages"), ("span", "spans")):
        assert one(f"SELECT count(*) FROM vectors WHERE space = '{space}'") == one(f"SELECT count(*) FROM {table}")
        assert (
            one(f"SELECT count(*) FROM {table} WHERE number NOT IN (SELECT item FROM vectors WHERE space = '{space}')")
            == 0
        )
        assert (
            one(
                f"SELECT count(*) FROM {table} u JOIN exchanges e ON e.number = u.exchange "
                "WHERE u.start < e.answer_start OR u.end > e.answer_end OR u.end <= u.start"
            )
            == 0
        )
    assert one("SELECT count(*) FROM transcripts WHERE number NOT IN (SELECT transcript FROM sources)") == 0
    counted = {table: sorted(connection.execute(f"SELECT * FROM {table}")) for table in ("words", "stems")}
    for table in counted:
        connection.execute(f"CREATE TEMP TABLE {table} ({table[:-1]} TEXT PRIMARY KEY, occurrences, transcripts)")
    for (text,) in connection.execute("SELECT text FROM transcripts").fetchall():
        count_in(connection, text)
    for table, rows in counted.items():
        assert sorted(connection.execute(f"SELECT * FROM temp.{table}")) == rows
    connection.close()


def assert_no_orphans(settings: Settings) -> None:
    """Every stored vector is used."""
    connection = sqlite3.connect(settings.index / DATABASE)
    unused = connection.execute(
        "SELECT count(*) FROM embeddings WHERE number NOT IN (SELECT embedding FROM vectors)"
    ).fetchone()[0]
    connection.close()
    assert unused == 0
