import contextlib
import io
import zipfile
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.corpus import count_paragraphs, iter_inputs, read_transcript
from rag.errors import ReadError
from rag.types import Transcript

TITLE = "Foreign Ministry Spokesperson Lu Kang's Regular Press Conference on May 23, 2019"


def read(data: bytes, path: str) -> Transcript:
    transcript = read_transcript(data, path)
    count_paragraphs(transcript)
    return transcript


def told(transcript: Transcript) -> list[tuple[str | None, str]]:
    text = transcript.text
    return [
        (e.question and text[e.question.start : e.question.end], text[e.answer.start : e.answer.end])
        for e in transcript.exchanges
    ]


# DOCX


def docx(*paragraphs: str | list[tuple[str, bool]]) -> bytes:
    """A document; a paragraph may be given as runs of (text, bold)."""
    made = Document()
    for runs in paragraphs:
        added = made.add_paragraph()
        for text, bold in [(runs, False)] if isinstance(runs, str) else runs:
            added.add_run(text).bold = bold or None
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_document_with_labels() -> None:
    transcript = read(
        docx(TITLE, "Reuters: Is it so?", "A: It is.", "It was.", "Q: And then?", "A: We\u00a0shall see."), "a.docx"
    )
    assert (transcript.title, str(transcript.date), transcript.speaker) == (TITLE, "2019-05-23", "Lu Kang")
    assert transcript.institution.startswith("Ministry of Foreign Affairs")
    assert told(transcript) == [("Is it so?", "It is.\nIt was."), ("And then?", "We shall see.")]
    assert transcript.exchanges[0].asked_by == "Reuters"


def test_a_document_with_our_header() -> None:
    transcript = read(docx("Title: Briefing", "Date: 2019-05-23", "Institution: A Board", "Q: So?", "A: So."), "a.docx")
    assert (transcript.title, str(transcript.date), transcript.institution) == ("Briefing", "2019-05-23", "A Board")


def test_bold_questions_without_labels() -> None:
    asked = [("Will the talks go on as was announced?", True)]
    again = [("And when will they begin again?", True)]
    transcript = read(docx(TITLE, asked, "They will.", again, "Soon."), "a.docx")
    assert told(transcript) == [
        ("Will the talks go on as was announced?", "They will."),
        ("And when will they begin again?", "Soon."),
    ]


def test_bold_by_style_line_breaks_tables_and_deletions() -> None:
    made = Document()
    made.add_paragraph(TITLE)
    made.add_paragraph("").add_run("Q: In a\nbroken line?")
    made.add_table(1, 1).cell(0, 0).text = "A: In a table."
    added = made.add_paragraph("Kept")
    deleted = added._p.makeelement("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}del", {})
    run = added.add_run("removed")._r
    added._p.append(deleted)
    deleted.append(run)
    run[0].tag = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}delText"
    out = io.BytesIO()
    made.save(out)
    assert told(read(out.getvalue(), "a.docx")) == [("In a\nbroken line?", "In a table.\nKept")]


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


ENTITIES = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaaaaaaaaaa">""" + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 50) for n in range(8)
)
W = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.mark.parametrize(
    "data",
    [
        docx(),
        docx("No label at all."),
        docx(TITLE, "Q: So?", "A: So.")[:-200],
        zipped({"a.txt": b"x"}),
        zipped({"word/document.xml": b"<w:p"}),
        zipped({"word/document.xml": b"<w:p " + W + b">" + b" " * 60_000_000 + b"</w:p>"}),
        zipped({"word/document.xml": ENTITIES + b"]><w:p " + W + b"><w:r><w:t>&h;</w:t></w:r></w:p>"}),
        zipped(
            {
                "word/document.xml": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><w:p '
                + W
                + b"><w:r><w:t>Q: a? A: &f;</w:t></w:r></w:p>"
            }
        ),
    ],
    ids=["empty", "no label", "cut", "no document", "no XML", "bomb", "entities", "file entity"],
)
def test_hostile_documents_are_read_errors(data: bytes) -> None:
    with pytest.raises(ReadError):
        read_transcript(data, "a.docx")


# PDF


def pdf(*pages: list[tuple[float, str, bool]], extra: bytes = b"") -> bytes:
    """A PDF of lines (height on the page in points, text, bold), written by hand."""
    objects = [b"", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"]
    objects.append(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>")
    kids = []
    for lines in pages:
        drawn = b"".join(
            b"BT /F%d 11 Tf 72 %.1f Td (%s) Tj ET\n"
            % (2 if bold else 1, y, text.encode("cp1252").replace(b"(", rb"\(").replace(b")", rb"\)"))
            for y, text, bold in lines
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn))
        kids.append(len(objects) + 1)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R" % len(objects)
            + b"/Resources<</Font<</F1 3 0 R/F2 4 0 R>>>>>>"
        )
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    out = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, extra, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, table) + trailer


def page(number: int, *paragraphs: list[str]) -> list[tuple[float, str, bool]]:
    """Lines 14 points apart, paragraphs 24, between a running head and a page number."""
    lines = [(800.0, f"Archive of briefings, sheet {number}", False)]
    height = 760.0
    for paragraph in paragraphs:
        for text in paragraph:
            lines.append((height, text, False))
            height -= 14
        height -= 10
    return [*lines, (30.0, f"- {number} -", False)]


LONG = "This sentence is long enough to fill a line of the page and goes on in the"


def test_paragraphs_are_put_together_again() -> None:
    data = pdf(
        page(1, [TITLE], ["Q: " + LONG, "next line?"], ["A: " + LONG, "next one. " + LONG[:59], "co-", "operation of"]),
        page(2, ["two pages.", "Q: Asked right", "below?", "A: Answered."], ["Another paragraph."]),
    )
    transcript = read(data, "a.pdf")
    assert (transcript.title, str(transcript.date), transcript.speaker) == (TITLE, "2019-05-23", "Lu Kang")
    assert told(transcript) == [
        (f"{LONG} next line?", f"{LONG} next one. {LONG[:59]} co-operation of two pages."),
        ("Asked right below?", "Answered.\nAnother paragraph."),
    ]


def test_a_letterhead_is_passed_over_and_bold_is_seen() -> None:
    lines = [
        (800.0, "Home > Press", False),
        (780.0, TITLE, True),
        (740.0, "Will the talks go on as was announced?", True),
        (720.0, "They will.", False),
        (690.0, "And when will they begin again?", True),
        (670.0, "Soon.", False),
    ]
    transcript = read(pdf(lines), "a.pdf")
    assert transcript.title == TITLE
    assert told(transcript) == [
        ("Will the talks go on as was announced?", "They will."),
        ("And when will they begin again?", "Soon."),
    ]


def test_a_briefing_of_another_institution() -> None:
    lines = [
        (800.0, "Department Press Briefing, March 13, 2023", False),
        (760.0, "MR PRICE: Good afternoon.", False),
        (746.0, "QUESTION: Is it so?", False),
        (732.0, "MR PRICE: It is.", False),
    ]
    transcript = read(pdf(lines), "a.pdf")
    assert (transcript.institution, transcript.speaker) == ("United States Department of State", "Ned Price")
    assert told(transcript) == [(None, "Good afternoon."), ("Is it so?", "It is.")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf([]), "scan"),
        (pdf(page(1, ["No label."]))[:300], "damaged|scan"),
        (b"%PDF-1.4\n", "damaged"),
        (pdf(page(1, ["Q: So?", "A: So."]), extra=b"/Encrypt<</Filter/Standard/V 1/R 2/O(x)/U(y)/P -4>>"), "PDF"),
    ],
)
def test_hostile_pdfs_are_read_errors(data: bytes, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        read_transcript(data, "a.pdf")


PDF = pdf(page(1, [TITLE], ["Q: " + LONG, "next line?"], ["A: So."]))
DOCX = docx(TITLE, "Q: So?", "A: So.")


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 100_000), byte=st.integers(0, 255), cut=st.integers(0, 100_000), whole=st.booleans())
@pytest.mark.parametrize(("data", "path"), [(PDF, "a.pdf"), (DOCX, "a.docx")])
def test_damage_is_a_read_error_or_harmless(
    data: bytes, path: str, place: int, byte: int, cut: int, whole: bool
) -> None:
    damaged = bytearray(data)
    damaged[place % len(data)] = byte
    with contextlib.suppress(ReadError):
        read(bytes(damaged) if whole else bytes(damaged[: cut % len(data)]), path)


def test_a_users_rules_are_no_transcripts(tmp_path: Path) -> None:
    for name in ("institutions.toml", "columns.toml"):
        (tmp_path / name).write_text("")
    (tmp_path / "a.docx").write_bytes(DOCX)
    assert [Path(found.path).name for found in iter_inputs([tmp_path])] == ["a.docx"]
