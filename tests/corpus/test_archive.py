"""The whole archive, counted: run with `-s` to see the counts."""

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from rag.corpus import count_paragraphs, iter_inputs, read_transcript, settle_dates
from rag.corpus.html import read_html
from rag.corpus.paragraphs import Document
from rag.errors import ReadError
from rag.types import Exchange, Transcript

pytestmark = pytest.mark.archive

ENGLISH, CHINESE = "mfa-en-2018-2020.tar.xz", "mfa-zh-2016-2020.tar.xz"
LABEL = re.compile(r"(?:^|[\s。？！”.])(?:Q|A|Follow-up|Journalist|问|答|追问|记者)\s*[:：]", re.MULTILINE)
SPEAKERS = {
    ENGLISH: {"Lu Kang", "Geng Shuang", "Hua Chunying", "Zhao Lijian"},
    CHINESE: {"陆慷", "耿爽", "华春莹", "赵立坚"},
}


@dataclass
class Read:
    transcripts: list[Transcript]
    refused: Counter[str]
    bold: dict[str, dict[str, float]]
    """Page name -> paragraph -> share of it set in bold on the page."""
    bodies: dict[str, str]
    """Page name -> the text of its body, taken from the page by other means than the reader's."""


class Body(HTMLParser):
    """The text of the element that holds a page's body, by Python's own parser and by counting `div`s."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "div" and (self._depth or given.get("id") == "News_Body_Txt_A" or given.get("class") == "content"):
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "div" and self._depth > 0

    def handle_data(self, data: str) -> None:
        self.text += data if self._depth else ""


@cache
def read_archive(path: Path) -> Read:
    found = Read([], Counter(), {}, {})
    parsed: list[Document] = []

    def read_and_keep(text: str, url: str | None, path: str) -> Document:
        parsed.append(read_html(text, url, path))
        return parsed[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.corpus.reading.read_html", read_and_keep)
        for given in iter_inputs([path]):
            assert given.data is not None, given.error
            try:
                transcript = read_transcript(given.data, given.path)
            except ReadError as error:
                found.refused[str(error)] += 1
            else:
                found.transcripts.append(transcript)
                paragraphs = parsed.pop().paragraphs
                body = Body()
                body.feed(given.data.decode("utf-8", "replace"))
                found.bodies[transcript.name] = body.text
                found.bold[transcript.name] = {paragraph.text: paragraph.boldness() for paragraph in paragraphs}
    found.transcripts = settle_dates(found.transcripts)
    return found


@pytest.fixture(params=[ENGLISH, CHINESE])
def archive(request: pytest.FixtureRequest, shared_folder: Path) -> tuple[str, Read]:
    return request.param, read_archive(shared_folder / "archive" / request.param)


def without_space(text: str) -> str:
    """What can be seen of a text."""
    return re.sub(r"[\s\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad\x00-\x1f\x7f]", "", text)


def test_no_letter_of_a_body_is_lost(archive: tuple[str, Read]) -> None:
    _, read = archive
    lost = [one.name for one in read.transcripts if without_space(one.text) != without_space(read.bodies[one.name])]
    assert lost == []


def answer(transcript: Transcript, exchange: Exchange) -> str:
    return transcript.text[exchange.answer.start : exchange.answer.end]


def letters(words: str) -> str:
    """The words without white space and punctuation, which differ between copies."""
    return "".join(re.findall(r"\w", words))


def question(transcript: Transcript, exchange: Exchange) -> str:
    return transcript.text[exchange.question.start : exchange.question.end] if exchange.question else ""


def test_every_page_is_read_and_every_listing_told_apart(archive: tuple[str, Read]) -> None:
    name, read = archive
    kinds = Counter(exchange.kind for transcript in read.transcripts for exchange in transcript.exchanges)
    notes = Counter(note.kind for transcript in read.transcripts for note in transcript.notes)
    print(print(f"\n{name}: {len(read.transcripts)} transcripts, {dict(kinds)}, {dict(notes)}, {dict(read.refused)}"))
    assert (len(read.transcripts), sum(read.refused.values())) == {ENGLISH: (450, 13), CHINESE: (800, 67)}[name]
    assert all("listing" in reason for reason in read.refused)
    assert (
        kinds
        == {
            ENGLISH: {"exchange": 4116, "opening": 193, "addition": 40},
            CHINESE: {"exchange": 6139, "opening": 268, "addition": 64, "remarks": 25},
        }[name]
    )
    assert notes == {ENGLISH: {"note": 78}, CHINESE: {"note": 89}}[name]
    assert len({transcript.id for transcript in read.transcripts}) == len(read.transcripts)


def test_every_paragraph_belongs_to_one_part(archive: tuple[str, Read]) -> None:
    name, read = archive
    counts: Counter[str] = Counter()
    for transcript in read.transcripts:
        counts += count_paragraphs(transcript)
        on_page = "".join("".join(paragraph.split()) for paragraph in read.bold[transcript.name])
        assert set(on_page) == set("".join(transcript.text.split()))
    print(f"\n{name}: {sum(counts.values())} paragraphs, {dict(counts)}")
    assert counts["unanswered"] == 0


def test_every_date_is_known_and_fits_its_neighbours(archive: tuple[str, Read]) -> None:
    name, read = archive
    print(f"\n{name}: dates from {dict(Counter(transcript.date_from for transcript in read.transcripts))}")
    days = [transcript.date for transcript in sorted(read.transcripts, key=lambda t: t.name) if transcript.date]
    assert len(days) == len(read.transcripts)
    put_up_late = [(before, after) for before, after in pairwise(days) if after < before]
    assert len(put_up_late) == {ENGLISH: 0, CHINESE: 2}[name]
    assert all(before - after <= dt.timedelta(days=2) for before, after in put_up_late)
    if name == ENGLISH:
        assert all(day.weekday() < 5 for day in days)
        by_name = {transcript.name: transcript.date for transcript in read.transcripts}
        assert by_name["t1593756"] == dt.date(2018, 9, 10)
        assert by_name["t1567808"] == dt.date(2018, 6, 11)
        assert by_name["t1686638"] == dt.date(2019, 8, 6)
        assert by_name["t1687014"] == dt.date(2019, 8, 7)


def test_speakers(archive: tuple[str, Read]) -> None:
    name, read = archive
    unnamed = [transcript.name for transcript in read.transcripts if transcript.speaker is None]
    speakers = Counter(exchange.speaker for transcript in read.transcripts for exchange in transcript.exchanges)
    print(f"\n{name}: answers by {dict(speakers)}; pages that name nobody: {unnamed}")
    assert set(speakers) - {None} == SPEAKERS[name]
    assert len(unnamed) == {ENGLISH: 0, CHINESE: 6}[name]


def test_segmentation_agrees_with_the_pages_bold_type(archive: tuple[str, Read]) -> None:
    """The editors set questions in bold: an independent witness of what is a question, apart from a few slips."""
    name, read = archive
    slips = []
    for transcript in read.transcripts:
        asked = {
            line for exchange in transcript.exchanges for line in question(transcript, exchange).split("\n") if line
        }
        for line, share in read.bold[transcript.name].items():
            is_asked = any(line.endswith(words) for words in asked)
            if (share > 0.5) != is_asked and re.search(r"\w", line):
                slips.append((transcript.name, line[:60]))
    print(f"\n{name}: {len(slips)} paragraphs of another voice than their type tells: {slips}")
    assert len(slips) <= {ENGLISH: 5, CHINESE: 16}[name]


def test_no_question_is_left_in_an_answer(archive: tuple[str, Read]) -> None:
    name, read = archive
    suspects = []
    for transcript in read.transcripts:
        for exchange in transcript.exchanges:
            words = answer(transcript, exchange)
            bold = [line for line in words.split("\n") if read.bold[transcript.name].get(line, 0) > 0.5 and "?" in line]
            if LABEL.search(words) or LABEL.search(question(transcript, exchange)) or bold:
                suspects.append((exchange.id, words[:60]))
    print(f"\n{name}: {len(suspects)} answers or questions with a label or a bold question inside: {suspects}")
    assert not suspects


def test_questions_lost_by_a_careless_reading_are_found(shared_folder: Path) -> None:
    pages = {
        transcript.name: transcript for transcript in read_archive(shared_folder / "archive" / ENGLISH).transcripts
    }
    galwan = pages["t1790521"].exchanges[-1]
    assert galwan.kind == "addition"
    assert "Galwan Valley" in answer(pages["t1790521"], galwan)
    saury = pages["t1682558"]
    commission = next(exchange for exchange in saury.exchanges if "Fisheries Commission" in answer(saury, exchange))
    assert question(saury, commission) == "Yes please."
    assert commission.follow_up


def test_the_conference_published_twice_reads_alike(shared_folder: Path) -> None:
    """The second page is a revised translation: other words, the same exchanges."""
    pages = {
        transcript.name: transcript for transcript in read_archive(shared_folder / "archive" / ENGLISH).transcripts
    }
    first, second = pages["t1659619"], pages["t1660057"]
    assert first.date == second.date
    assert len(first.exchanges) == len(second.exchanges)
    for one, other in zip(first.exchanges, second.exchanges, strict=True):
        assert SequenceMatcher(None, letters(answer(first, one)), letters(answer(second, other))).quick_ratio() > 0.8


def test_the_seed_is_part_of_its_page(shared_folder: Path) -> None:
    pages = {
        transcript.name: transcript for transcript in read_archive(shared_folder / "archive" / ENGLISH).transcripts
    }
    page = pages["t1666065"]
    (found,) = iter_inputs([Path(__file__).parents[2] / "corpus"])
    seed = read_transcript(found.data or b"", found.path)
    assert seed.id == page.id
    on_page = {letters(answer(page, exchange)) for exchange in page.exchanges}
    assert {letters(answer(seed, exchange)) for exchange in seed.exchanges} <= on_page
