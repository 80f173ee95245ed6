"""`onrecord doctor`: each way of breaking an index is found, and the command that it names mends it."""

from __future__ import annotations

import json
import shlex
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from small_corpus import page, write_pages
from typer.testing import CliRunner, Result

from fakes import FakeEncoder
from rag.cli import app
from rag.config import Settings
from rag.generation.propositions import FILE, PropositionStore
from rag.indexing.build import build, ingest
from rag.indexing.invariants import INVARIANTS, examine
from rag.indexing.lock import exclusive
from rag.indexing.schema import DATABASE, NEXT_DATABASE
from rag.page.conversations import Conversations, file_beside
from rag.types import Proposition

ENCODER = FakeEncoder()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of six conferences, one of them corrected, and what belongs to it."""
    folder = tmp_path_factory.mktemp("whole")
    settings = Settings(index=folder / "index", corpus=folder / "corpus")
    write_pages(settings.corpus, range(5))
    build(settings, ENCODER)
    (settings.corpus / "t1000001.txt").write_text(page(1).replace("China ", "Beijing "), encoding="utf-8")
    (folder / "t1000007.txt").write_text(page(7), encoding="utf-8")
    ingest([folder / "t1000007.txt"], settings, ENCODER)
    build(settings, ENCODER)
    store = PropositionStore(settings.index / FILE)
    store.put(Proposition(span_digest="a", model="b", prompt_version="c", sentences=(), label="quote"))
    store.close()
    Conversations(file_beside(settings.index))
    return folder


@pytest.fixture
def settings(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The same, to be broken."""
    folder = tmp_path / "broken"
    # With the times of the files: the index knows its corpus by them.
    shutil.copytree(whole, folder)
    monkeypatch.setattr("rag.indexing.embedding.load_encoder", lambda settings: FakeEncoder())
    monkeypatch.setenv("ONRECORD_EMBEDDING", "fake")
    return Settings(index=folder / "index", corpus=folder / "corpus", embedding="fake")


def run(settings: Settings, *arguments: str) -> Result:
    places = ["--index", str(settings.index), "--corpus", str(settings.corpus)]
    return CliRunner().invoke(app, [*arguments, *places])


def wrong(settings: Settings) -> dict[str, set[str]]:
    """What is broken, to the commands that mend it, as the command tells it."""
    result = run(settings, "doctor", "--json")
    checks = json.loads(result.output)
    broken = {c["name"]: {finding["mend"] for finding in c["findings"]} for c in checks if c["findings"]}
    assert result.exit_code == bool(broken)
    return broken


def sql(*statements: str) -> Callable[[Settings], None]:
    def act(settings: Settings) -> None:
        connection = sqlite3.connect(settings.index / DATABASE, isolation_level=None)
        for statement in statements:
            connection.execute(statement)
        connection.close()

    return act


def file(name: str, change: Callable[[Path], object], pattern: bool = False) -> Callable[[Settings], None]:
    def act(settings: Settings) -> None:
        path = settings.index.parent / name
        change(next(settings.index.parent.rglob(name)) if pattern else path)

    return act


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def damage_pages(path: Path) -> None:
    """Overwrite the middle of a database: its header stays."""
    data = bytearray(path.read_bytes())
    data[20 * 4096 : 24 * 4096] = b"\xaa" * (4 * 4096)
    path.write_bytes(bytes(data))


BUILD, ANEW = "onrecord build", "onrecord build --anew"
Broken = tuple[Callable[[Settings], None], str, str]
BREAKS: dict[str, Broken] = {
    "no database at all": (file(f"index/{DATABASE}", lambda p: p.write_bytes(b"rubbish" * 999)), "is whole", ANEW),
    "damaged pages": (file(f"index/{DATABASE}", damage_pages), "the database is whole", ANEW),
    "an index of a table": (
        sql(
            "PRAGMA writable_schema = 1",
            "UPDATE sqlite_master SET sql = 'CREATE INDEX sources_by_id ON sources (url)' WHERE name = 'sources_by_id'",
        ),
        "the database is whole",
        ANEW,
    ),
    "another format": (sql("UPDATE meta SET value = '1' WHERE key = 'format'"), "fits the settings", BUILD),
    "another model": (
        sql("UPDATE meta SET value = '\"other\"' WHERE key IN ('embedding', 'embedding_digest')"),
        "fits the settings",
        BUILD,
    ),
    "another reading": (sql("UPDATE meta SET value = '\"old\"' WHERE key = 'reading'"), "fits the settings", BUILD),
    "an exchange without transcript": (
        sql("UPDATE exchanges SET transcript = 999 WHERE number = 2"),
        "refer to rows that are there",
        ANEW,
    ),
    "a vector without embedding": (
        sql("UPDATE vectors SET embedding = 99999 WHERE item = 9"),
        "refer to rows that are there",
        ANEW,
    ),
    "a transcript without exchanges": (
        sql("DELETE FROM exchanges WHERE transcript = 3"),
        "counts agree",
        ANEW,
    ),
    "a full-text row too few": (sql("DELETE FROM exchange_text WHERE rowid = 3"), "counts agree", ANEW),
    "a full-text row too many": (
        sql("INSERT INTO passage_text (rowid, title, question, answer) VALUES (9999, 'a', 'b', 'c')"),
        "counts agree",
        ANEW,
    ),
    "a vector too few": (sql("DELETE FROM vectors WHERE space = 'span' AND item = 4"), "counts agree", ANEW),
    "a vector too many": (sql("INSERT INTO vectors VALUES ('span', 9999, 1)"), "counts agree", ANEW),
    "a vector of an unknown space": (sql("INSERT INTO vectors VALUES ('none', 1, 1)"), "counts agree", ANEW),
    "a span without vector": (sql("INSERT INTO spans VALUES (9999, 3, 80, 90)"), "counts agree", ANEW),
    "full text that lost its words": (
        sql("DELETE FROM exchange_text_data WHERE id > 10"),
        "full-text indexes are whole",
        ANEW,
    ),
    "a short vector": (
        sql("UPDATE embeddings SET vector = zeroblob(10) WHERE number = 2"),
        "right shape",
        ANEW,
    ),
    "a vector of zeros": (
        sql("UPDATE embeddings SET vector = zeroblob(length(vector)) WHERE number = 2"),
        "right shape",
        ANEW,
    ),
    "a vector that is no number": (
        sql("UPDATE embeddings SET vector = CAST(x'007e' || substr(vector, 3) AS BLOB) WHERE number = 2"),
        "right shape",
        ANEW,
    ),
    "a vector of nothing": (
        sql("INSERT INTO embeddings (digest, vector) SELECT x'00', vector FROM embeddings WHERE number = 1"),
        "right shape",
        ANEW,
    ),
    "a removed item that is there": (
        sql("INSERT INTO removed SELECT 1, space, item FROM vectors LIMIT 1"),
        "removed items are gone",
        ANEW,
    ),
    "text that was changed": (
        sql("UPDATE transcripts SET text = substr(text, 1, 100) WHERE number = 3"),
        "offsets quote exactly",
        ANEW,
    ),
    "an answer that begins too late": (
        sql("UPDATE exchanges SET answer_start = answer_start + 5 WHERE number = 3"),
        "offsets quote exactly",
        ANEW,
    ),
    "a span moved by one": (sql("UPDATE spans SET start = start + 1 WHERE number = 5"), "are cut from", ANEW),
    "a passage outside its answer": (sql("UPDATE passages SET start = 0 WHERE number = 1"), "are cut from", ANEW),
    "one letter of a text": (
        sql("UPDATE transcripts SET text = replace(text, 'the', 'teh') WHERE number = 3"),
        "every vector is of its text",
        ANEW,
    ),
    "another word in the full text": (
        sql("UPDATE passage_text SET answer = 'something else' WHERE rowid = 3"),
        "full text is that of the transcripts",
        ANEW,
    ),
    "two vectors exchanged": (
        sql("UPDATE vectors SET embedding = embedding % 5 + 1 WHERE embedding <= 5"),
        "every vector is of its text",
        ANEW,
    ),
    "a wrong count of a word": (sql("UPDATE words SET occurrences = 99 WHERE word = 'china'"), "word counts", ANEW),
    "a stem that nothing has": (sql("INSERT INTO stems VALUES ('zzzzzz', 1, 1)"), "word counts", ANEW),
    "an earlier version of nothing": (
        sql("UPDATE earlier SET source_path = 'none', source_id = 'none'"),
        "earlier versions",
        BUILD,
    ),
    "an earlier version that says nothing": (sql("UPDATE earlier SET transcript = '{}'"), "earlier versions", BUILD),
    "an earlier version without file": (
        file("*.version.json", Path.unlink, pattern=True),
        "earlier versions are kept",
        BUILD,
    ),
    "no file of vectors": (file("index/span.faiss", Path.unlink), "vector files", BUILD),
    "a damaged file of vectors": (file("index/passage.faiss", flip), "vector files", BUILD),
    "a file of vectors cut short": (
        file("index/passage.faiss", lambda p: p.write_bytes(p.read_bytes()[:-100])),
        "vector files",
        BUILD,
    ),
    "a transcript without source": (sql("DELETE FROM sources WHERE transcript = 3"), "has its source", ANEW),
    "a digest that no source has": (
        sql("UPDATE transcripts SET digest = '0' || substr(digest, 2) WHERE number = 3"),
        "has its source",
        ANEW,
    ),
    "a false digest over all sources": (
        sql("UPDATE meta SET value = '\"abc\"' WHERE key = 'corpus_digest'"),
        "has its source",
        ANEW,
    ),
    "a corpus file that was changed": (
        file("corpus/t1000002.txt", lambda p: p.write_text(page(2).replace("China", "Chile"))),
        "corpus files are those that were read",
        BUILD,
    ),
    "a corpus file that is gone": (file("corpus/t1000002.txt", Path.unlink), "corpus files are those", BUILD),
    "a corpus file that was not read": (
        file("corpus/t1000009.txt", lambda p: p.write_text(page(9))),
        "corpus files are those",
        BUILD,
    ),
    "an earlier version's file that was damaged": (
        file("*.version.json", lambda p: p.write_bytes(b"{"), pattern=True),
        "superseded files",
        "rm",
    ),
    "a file half written in the index folder": (
        file("index/span.faiss.99.tmp", lambda p: p.write_bytes(b"half")),
        "half done",
        BUILD,
    ),
    "a rebuild half done": (file(f"index/{NEXT_DATABASE}", lambda p: p.write_bytes(b"")), "half done", BUILD),
    "a copy half written in the corpus folder": (
        file("corpus/ingested/.x.99.tmp", lambda p: p.write_bytes(b"half")),
        "half done",
        BUILD,
    ),
    "damaged propositions": (
        file(f"index/{FILE}", lambda p: p.write_bytes(b"no database" * 500)),
        "propositions",
        "rm",
    ),
    "a proposition that is no record": (
        lambda settings: _in(settings.index / FILE, "UPDATE propositions SET record = '{'"),
        "propositions",
        "rm",
    ),
}


def _in(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)


def test_a_whole_index_is_sound(settings: Settings) -> None:
    before = {path: path.read_bytes() for path in settings.index.parent.rglob("*") if path.is_file()}
    result = run(settings, "doctor")
    assert result.exit_code == 0, result.output
    assert "none broken" in result.output
    assert {path: path.read_bytes() for path in settings.index.parent.rglob("*") if path.is_file()} == before


def test_text_that_the_model_does_not_know_is_sound(settings: Settings) -> None:
    class English(FakeEncoder):
        reads_chinese = False

    chinese = (
        "Title: 2019年5月23日外交部发言人陆慷主持例行记者会\nLanguage: zh\n\n问：有何评论？\n\n答：中方表示欢迎。\n"
    )
    (settings.corpus / "t1000020.txt").write_text(chinese, encoding="utf-8")
    build(settings, English())
    assert wrong(settings) == {}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_found_and_mended_by_the_command_that_is_named(settings: Settings, name: str) -> None:
    act, check, command = BREAKS[name]
    act(settings)
    found = wrong(settings)
    (named,) = (mends for about, mends in found.items() if check in about)
    assert any(mend.startswith(command) for mend in named), found
    # One command at a time, the strongest first, as a reader would.
    mends = sorted({mend for mends in found.values() for mend in mends}, key=lambda mend: (mend != ANEW, mend))
    for mend in mends[:1] if mends[0] == ANEW else mends:
        for part in mend.split(" && "):
            words = shlex.split(part)
            if words[0] == "rm":
                Path(words[1]).unlink()
            else:
                result = run(settings, *words[1:])
                assert result.exit_code == 0, result.output
    assert wrong(settings) == {}


def test_every_invariant_is_broken_by_some_test() -> None:
    names = [*INVARIANTS, "the file of propositions can be read"]
    assert [name for name in names if not any(check in name for _, check, _ in BREAKS.values())] == []


def test_damaged_conversations_are_found(settings: Settings) -> None:
    file_beside(settings.index).write_bytes(b"no database" * 500)
    assert wrong(settings) == {"the file of conversations can be read": {"onrecord restore FILE --force"}}


def test_what_is_being_written_is_not_judged(settings: Settings) -> None:
    with exclusive(settings.index):
        result = run(settings, "doctor")
    assert "another process is writing" in str(result.exception)


def test_progress_is_told_to_the_end(settings: Settings) -> None:
    told: list[tuple[int, int]] = []
    examine(settings, progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert all(done <= total for done, total in told)
    assert told[-1][0] == told[-1][1] > 20
