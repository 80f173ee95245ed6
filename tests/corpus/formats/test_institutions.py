from pathlib import Path

import pytest

from rag.corpus import count_paragraphs, read_transcript
from rag.corpus.formats.institutions import load_institutions
from rag.errors import SettingsError
from rag.types import Transcript

STATE = """Department Press Briefing – March 13, 2023

2:09 p.m. EST

MR PRICE: Good afternoon. I have one announcement today.

We welcome the agreement that was reached this morning.

With that, I’m happy to take questions.

QUESTION: Thank you. Was the department told in advance?

MR PRICE: We were in close touch with our partners: the talks took two weeks.

They were long.

QUESTION: But was the Secretary told?

UNDER SECRETARY DOE: Yes, he was.

QUESTION: And who told him?

MR PRICE: I did.

(The briefing was concluded at 2:51 p.m.)
"""

WHITE_HOUSE = """James S. Brady Press Briefing Room

2:46 P.M. EST

     MS. JEAN-PIERRE:  Okay, good afternoon.  I have two things at the top.

Questions about the budget go to my colleague.

Q    Thanks, Karine.  Will the bill be signed today?

And when?

MS. JEAN-PIERRE:  I don’t have a time for you.

Q    Today?

MR. O’NEIL:  Yes.

END                 3:12 P.M. EST
"""


def read(text: str, path: str = "briefing.txt", **extra: object) -> Transcript:
    transcript = read_transcript(text.encode(), path, **extra)  # type: ignore[arg-type]
    count_paragraphs(transcript)
    return transcript


def told(transcript: Transcript) -> list[tuple[str, str | None, str, str | None]]:
    text = transcript.text
    return [
        (e.kind, e.question and text[e.question.start : e.question.end], text[e.answer.start : e.answer.end], e.speaker)
        for e in transcript.exchanges
    ]


def test_a_briefing_with_names_in_capitals() -> None:
    transcript = read(STATE)
    assert transcript.institution == "United States Department of State"
    assert str(transcript.date) == "2023-03-13"
    assert transcript.title == "Department Press Briefing – March 13, 2023"
    assert told(transcript) == [
        (
            "opening",
            None,
            "Good afternoon. I have one announcement today.\nWe welcome the agreement that was reached this morning.\n"
            "With that, I’m happy to take questions.",
            "Ned Price",
        ),
        (
            "exchange",
            "Thank you. Was the department told in advance?",
            "We were in close touch with our partners: the talks took two weeks.\nThey were long.",
            "Ned Price",
        ),
        ("exchange", "But was the Secretary told?", "Yes, he was.", "Under Secretary Doe"),
        ("exchange", "And who told him?", "I did.", "Ned Price"),
    ]
    assert [transcript.text[n.start : n.end] for n in transcript.notes] == [
        "2:09 p.m. EST",
        "(The briefing was concluded at 2:51 p.m.)",
    ]


def test_questions_without_a_colon() -> None:
    transcript = read(WHITE_HOUSE, "2023-03-10 briefing.txt")
    assert transcript.institution == "White House"  # its known press secretary answers
    assert str(transcript.date) == "2023-03-10"
    assert [(kind, question, speaker) for kind, question, _, speaker in told(transcript)] == [
        ("opening", None, "Karine Jean-Pierre"),
        ("exchange", "Thanks, Karine. Will the bill be signed today?\nAnd when?", "Karine Jean-Pierre"),
        ("exchange", "Today?", "Mr. O’Neil"),
    ]
    assert [transcript.text[n.start : n.end] for n in transcript.notes][-1] == "END 3:12 P.M. EST"


def test_a_header_names_the_institution() -> None:
    text = WHITE_HOUSE.replace("JEAN-PIERRE", "SMITH").replace("O’NEIL", "SMITH")
    assert read(text).institution == "unknown"
    assert read(f"Institution: Port Authority\nDate: 2023-03-10\n\n{text}").institution == "Port Authority"
    assert read(f"Institution: State Department\n\n{STATE}").institution == "United States Department of State"


def test_the_address_names_the_institution() -> None:
    header = "Title: Briefing\nURL: https://www.state.gov/briefings/x/\n\n"
    transcript = read(header + WHITE_HOUSE.replace("JEAN-PIERRE", "SMITH").replace("Q    ", "QUESTION: "))
    assert transcript.institution == "United States Department of State"


def test_capital_outlets_of_the_ministry_are_not_taken_for_answers() -> None:
    text = "CCTV: Will the talks go on?\n\nLu Kang: They will.\n\nBBC NEWS: When?\n\nLu Kang: Soon."
    transcript = read(text)
    assert [(e.asked_by, e.speaker) for e in transcript.exchanges] == [("CCTV", "Lu Kang"), ("BBC NEWS", "Lu Kang")]
    assert transcript.institution.startswith("Ministry of Foreign Affairs")


def test_another_institution_is_taught_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "institutions.toml").write_text(
        """
[[institution]]
name = "Harbour Board"
titles = ['Harbour Board']
speakers = ["Ana Lima"]
question = ['Pergunta']
answer = ['(?P<speaker>Sra\\. \\w+)']
""",
        encoding="utf-8",
    )
    text = "Harbour Board briefing, 2 May 2024\n\nPergunta: Is the port open?\n\nSra. Lima: It is.\n"
    transcript = read(text, institutions=load_institutions(tmp_path))
    assert (transcript.institution, str(transcript.date)) == ("Harbour Board", "2024-05-02")
    assert told(transcript) == [("exchange", "Is the port open?", "It is.", "Ana Lima")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[institution]]\nname = 'X'\n", "answer"),
        ("[[institution]]\nanswer = ['(']\n", "no regular expression"),
        ("[[institution]]\nanswer = ['A']\nquestions = ['Q']\n", "questions"),
        ("[[institution", "cannot be read"),
    ],
)
def test_a_wrong_file_of_institutions_is_told(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "institutions.toml").write_text(text)
    with pytest.raises(SettingsError, match=reason):
        load_institutions(tmp_path)


def test_wrapped_lines_under_a_long_title() -> None:
    title = "Press Briefing by Press Secretary Jen Psaki and by the Director of the Office of Budgets, February 8, 2022"
    transcript = read(
        f"{title}\n\nMS. PSAKI:  Okay.\n\nQ    Is it so that the\nlines go on?\n\nMS. PSAKI:  They\ndo.\n"
    )
    assert (transcript.institution, str(transcript.date)) == ("White House", "2022-02-08")
    assert told(transcript)[1][1:3] == ("Is it so that the lines go on?", "They do.")
