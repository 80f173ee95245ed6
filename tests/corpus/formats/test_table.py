import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from tables import HEADER, PAGE, ROWS, table

from rag.corpus import count_paragraphs, iter_inputs, load_columns, read_transcript
from rag.errors import ReadError
from rag.types import Transcript


def spreadsheet(rows: list[list[object]], header: list[str] = HEADER) -> bytes:
    book = Workbook()
    for row in [header, *rows]:
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(tmp_path: Path, data: bytes, name: str = "cmfa.csv") -> tuple[list[Transcript], dict[str, str]]:
    """The transcripts of a table, and the reasons by row of what was not used."""
    file = tmp_path / name
    file.write_bytes(data)
    transcripts, reasons = [], {}
    for found in iter_inputs([file], load_columns(tmp_path)):
        assert found.data is not None
        try:
            transcripts.append(read_transcript(found.data, found.path))
            count_paragraphs(transcripts[-1])
        except ReadError as error:
            reasons[found.path.removeprefix(f"{file}").removeprefix("!/")] = str(error)
    return transcripts, reasons


def told(transcript: Transcript) -> list[tuple[str, str | None, str, str | None]]:
    text = transcript.text
    return [
        (
            e.kind,
            e.question and text[e.question.start : e.question.end],
            text[e.answer.start : e.answer.end],
            e.asked_by,
        )
        for e in transcript.exchanges
    ]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (table(ROWS), "cmfa.csv"),
        (table(ROWS, delimiter=";", encoding="utf-8-sig"), "cmfa.csv"),
        (table(ROWS, delimiter="\t", encoding="utf-16"), "cmfa.tsv"),
        (b"sep=|\r\n" + table(ROWS, delimiter="|"), "cmfa.csv"),
        (spreadsheet([list(row) for row in ROWS]), "cmfa.xlsx"),
    ],
    ids=["csv", "semicolons and BOM", "UTF-16 tabs", "sep line", "xlsx"],
)
def test_rows_become_conferences(tmp_path: Path, data: bytes, name: str) -> None:
    transcripts, reasons = read(tmp_path, data, name)
    assert reasons == {}
    page, day = transcripts
    assert (page.name, str(page.date), page.speaker, page.url) == ("t1666065", "2019-05-23", "Lu Kang", PAGE)
    assert page.id == "t1666065-" + page.id[-8:]
    assert page.institution == day.institution == "Ministry of Foreign Affairs of the People's Republic of China"
    assert told(page) == [
        ("exchange", "Is it so?", "It is.\nIt was.", "Reuters"),
        ("exchange", "And then?", "We shall see.", None),
    ]
    assert told(day) == [("opening", None, "An announcement.", None), ("exchange", "Why?", "Because.", "AFP")]


def test_a_page_has_the_same_id_from_table_and_site(tmp_path: Path) -> None:
    (transcript, _), _ = read(tmp_path, table(ROWS))
    page = b"<html><title>Conference on May 23, 2019</title><div id=News_Body_Txt_A><p>Q: So?<p>A: So.</div></html>"
    assert read_transcript(page, "t1666065.shtml", PAGE).id == transcript.id


def test_nothing_is_lost_silently(tmp_path: Path) -> None:
    rows = [
        *ROWS,
        ROWS[0],
        ["6", "2019-13-45", "", "Lu Kang", "", "When?", "Then.", "", "", ""],
        ["7", "", "", "Lu Kang", "", "When?", "Then.", "", "", ""],
        ["8", "2019-05-27", "", "Lu Kang", "", "", "", "", "", ""],
        ["9", "2019-05-28", "", "Lu Kang", "", "A question that nobody answered?", "NA", "", "", ""],
        ["10", "2019-05-24", "", "Lu Kang", "", "Unanswered, on a day with answers?", "", "", "", ""],
        ["", "", "", "", "", "", "", "", "", ""],
        ["11", "2019-05-29", "", "Lu Kang", "", "Q?", "A.", "", "", "", "an eleventh cell"],
        ["12", "2019-05-30", "", "", "", "Who?", "Nobody knows.", "", "", ""],
    ]
    transcripts, reasons = read(tmp_path, table(rows))
    assert {row: reason.split(";")[0] for row, reason in reasons.items()} == {
        "row 6": "it repeats row 2",
        "row 7": "'2019-13-45' is not a date",
        "row 8": "it has no date",
        "row 9": "it has neither a question nor an answer",
        "row 10": "it has a question, and its day no answer",
        "row 13": "it has 11 cells where the header has 10",
    }
    assert [transcript.speaker for transcript in transcripts] == ["Lu Kang", "Lu Kang", None]
    noted = [(transcripts[1].text[note.start : note.end], note.kind) for note in transcripts[1].notes]
    assert noted == [("Unanswered, on a day with answers?", "unanswered")]


def test_conferences_that_share_a_listing_stay_apart(tmp_path: Path) -> None:
    listing = "https://www.mfa.gov.cn/eng/xwfw/"
    rows = [["", f"2003-05-2{day}", "", "Kong Quan", "", f"Q{day}?", f"A{day}.", listing, "", ""] for day in range(5)]
    transcripts, reasons = read(tmp_path, table(rows))
    assert len({transcript.id for transcript in transcripts}) == len(transcripts) == 5
    assert reasons == {}


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["23/05/2019", "24/05/2019"], ["2019-05-23", "2019-05-24"]),
        (["05/06/2019", "05/23/2019"], ["2019-05-06", "2019-05-23"]),
        (["6.5.2019", "23.5.2019"], ["2019-05-06", "2019-05-23"]),
        (["20190523", "May 24, 2019"], ["2019-05-23", "2019-05-24"]),
        (["2019/5/23", "2019-05-24T00:00:00Z"], ["2019-05-23", "2019-05-24"]),
        (["2019年5月23日", "07/07/2019"], ["2019-05-23", "2019-07-07"]),
        (["05/06/2019", "07/08/2019"], []),
        (["23/05/2019", "05/23/2019", "03/04/2019"], ["2019-05-23", "2019-05-23"][:0]),
    ],
)
def test_days_are_read_as_the_column_writes_them(tmp_path: Path, cells: list[str], days: list[str]) -> None:
    rows = [["", cell, "", "Lu Kang", "", f"Q{n}?", f"A{n}.", "", "", ""] for n, cell in enumerate(cells)]
    transcripts, reasons = read(tmp_path, table(rows))
    assert [str(transcript.date) for transcript in transcripts] == days
    assert len(transcripts) + len(reasons) == len(rows)


def test_a_wrong_mapping_lists_the_columns_and_a_file_mends_it(tmp_path: Path) -> None:
    header = ["Datum", "Wer", "Frage", "Antwort"]
    data = table([["2019-05-23", "Lu Kang", "Wie?", "So."]], header)
    transcripts, reasons = read(tmp_path, data)
    assert transcripts == []
    assert "no column for date and speaker and question and answer" in reasons[""]
    assert "Columns found: Datum, Wer, Frage, Antwort" in reasons[""]
    (tmp_path / "columns.toml").write_text(
        'date = ["datum"]\nspeaker = ["wer"]\nquestion = ["frage"]\nanswer = ["antwort"]\n'
        '[institutions]\ncmfa = "A Board"\n'
    )
    transcripts, reasons = read(tmp_path, data)
    assert reasons == {}
    assert [transcript.institution for transcript in transcripts] == ["A Board"]


def test_formulas_are_not_computed(tmp_path: Path) -> None:
    rows: list[list[object]] = [list(ROWS[0]), ["5", "2019-05-25", "", "Lu Kang", "", "Sum?", "=1+1", "", "", ""]]
    transcripts, reasons = read(tmp_path, spreadsheet(rows), "cmfa.xlsx")
    assert len(transcripts) == 1
    assert list(reasons.values()) == ["it has a question, and its day no answer"]


def test_other_sheets_are_reported(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["about", "this file"])  # type: ignore[union-attr]
    data = book.create_sheet("data")
    for row in [HEADER, *ROWS]:
        data.append(row)
    out = io.BytesIO()
    book.save(out)
    transcripts, reasons = read(tmp_path, out.getvalue(), "cmfa.xlsx")
    assert len(transcripts) == 2
    assert list(reasons) == ["sheet Sheet"]
    assert "Columns found: about, this file" in reasons["sheet Sheet"]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<x/>")
        made.writestr("xl/sharedStrings.xml", b"<si/>" * 8_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.csv"),
        (b"\x00\x01\x02" * 50, "a.csv"),
        (HEADER[0].encode(), "a.csv"),
        (table([]), "a.csv"),
        (table(ROWS)[:-3] + b'"unclosed', "a.csv"),
        (b"no spreadsheet", "a.xlsx"),
        (spreadsheet([])[:500], "a.xlsx"),
        (bomb(), "a.xlsx"),
    ],
)
def test_hostile_tables_are_read_errors(tmp_path: Path, data: bytes, name: str) -> None:
    transcripts, reasons = read(tmp_path, data, name)
    assert transcripts == []
    assert len(reasons) == 1


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 3000), byte=st.integers(0, 255))
def test_a_damaged_spreadsheet_never_breaks_the_walk(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int
) -> None:
    data = bytearray(SPREADSHEET)
    data[place % len(data)] = byte
    read(tmp_path_factory.mktemp("damaged"), bytes(data), "cmfa.xlsx")


SPREADSHEET = spreadsheet([list(row) for row in ROWS])


def test_a_table_in_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as made:
        made.writestr("data/cmfa.csv", table(ROWS))
    paths = [found.path.removeprefix(str(tmp_path)) for found in iter_inputs([tmp_path / "all.zip"])]
    assert [path.rpartition("/")[0] for path in paths] == ["/all.zip!/data/cmfa.csv"] * 2
