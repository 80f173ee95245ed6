import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.corpus import iter_inputs, read_transcript
from rag.corpus.formats.conference import Conference, Entry
from rag.corpus.formats.own import read_own
from rag.errors import ReadError
from rag.types import Transcript

WORDS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=60)


def conference(*entries: Entry) -> Transcript:
    import datetime as dt

    made = Conference(dt.date(2019, 5, 23), list(entries), None, False, None, None, None).transcript()
    assert made
    return made


ONE = conference(Entry("Is it so?", "It is.\nIt was.", "Reuters", "Lu Kang"), Entry("", "More.", None, "Lu Kang"))


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=6))
def test_what_is_written_is_read_exactly(rows: list[tuple[str, str, str]]) -> None:
    entries = [Entry(question, answer, asked or None, "Lu Kang") for question, answer, asked in rows]
    transcript = conference(*entries, Entry("", "At least one answer.", None, None))
    line = transcript.model_dump_json().encode()
    assert read_own(line) == transcript
    assert read_own(line).model_dump_json().encode() == line


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_anything_else_is_a_read_error(data: bytes) -> None:
    with pytest.raises(ReadError):
        read_transcript(data, "x.json")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": "../../etc/passwd"}, "id"),
        ({"digest": "abc"}, "SHA-256"),
        ({"url": "javascript:alert(1)"}, "no web address"),
        ({"exchanges": []}, "no exchange"),
        ({"text": "Is it so?\nIt is."}, "nothing stands|belongs|ends inside"),
        ({"text": ONE.text + "\nAnd a line that is of no part."}, "belongs to no part"),
        ({"language": 3}, "language"),
        ({"more": 1}, "more"),
        ({"exchanges": [{**ONE.exchanges[0].model_dump(), "ordinal": 7}]}, "is not number 0"),
        ({"exchanges": [{**ONE.exchanges[0].model_dump(), "answer": {"start": 0, "end": 5}}]}, "overlap"),
        ({"exchanges": [{**ONE.exchanges[0].model_dump(), "answer": {"start": 900, "end": 905}}]}, "nothing stands"),
    ],
)
def test_a_transcript_that_contradicts_itself_is_refused(change: dict[str, object], reason: str) -> None:
    line = json.dumps({**json.loads(ONE.model_dump_json()), **change}).encode()
    with pytest.raises(ReadError, match=reason):
        read_own(line)


def test_every_line_is_an_input(tmp_path: Path) -> None:
    other = conference(Entry("Another?", "Another.", None, "Lu Kang"))
    file = tmp_path / "record.jsonl"
    file.write_text(f"\ufeff{ONE.model_dump_json()}\n\nno json\n{other.model_dump_json()}", encoding="utf-8")
    inputs = list(iter_inputs([file]))
    assert [found.path.removeprefix(str(file)) for found in inputs] == [
        f"!/{ONE.id}.json",
        "!/line 3.json",
        f"!/{other.id}.json",
    ]
    assert read_transcript(inputs[0].data or b"", inputs[0].path) == ONE
    with pytest.raises(ReadError, match="schema"):
        read_transcript(inputs[1].data or b"", inputs[1].path)


def test_a_line_without_end_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    from rag.corpus.formats import own

    monkeypatch.setattr(own, "LONGEST_LINE", 1000)
    members = list(own.iter_lines(io.BytesIO(b"x" * 3500 + b"\n" + ONE.model_dump_json().encode()[:-5])))
    assert [member.name for member in members] == ["line 1", "line 2.json"]
