"""Imports through the index and out again."""

from pathlib import Path

import pytest
from tables import HEADER, ROWS, table

from fakes import FakeEncoder
from rag.config import Settings
from rag.indexing.build import build, ingest
from rag.indexing.export import export_to
from rag.indexing.report import IngestReport
from rag.indexing.store import open_index
from rag.types import Transcript


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "corpus").mkdir()
    return Settings(index=tmp_path / "index", corpus=tmp_path / "corpus", embedding="fake")


def counts(report: IngestReport) -> tuple[int, int, int]:
    assert report.indexed + report.unchanged + report.skipped == report.inputs
    return report.indexed, report.unchanged, report.skipped


def transcripts(settings: Settings) -> list[Transcript]:
    with open_index(settings) as index:
        return [index.transcript(source.transcript) for source in index.sources()]


def test_a_table_is_ingested_once_and_corrected(settings: Settings, fake_encoder: FakeEncoder, tmp_path: Path) -> None:
    file = tmp_path / "cmfa.csv"
    file.write_bytes(table([*ROWS, ROWS[0]]))
    report = ingest([file], settings, fake_encoder)
    assert counts(report) == (2, 0, 1)
    assert [outcome.detail for outcome in report.outcomes if outcome.status == "skipped"] == ["it repeats row 2"]
    assert counts(ingest([file], settings, fake_encoder)) == (0, 2, 1)
    assert counts(build(settings, fake_encoder)) == (0, 2, 0)
    shorter = [*ROWS[:1], [*ROWS[1][:6], "Soon.", *ROWS[1][7:]], *ROWS[2:]]
    file.write_bytes(table(shorter))
    assert counts(ingest([file], settings, fake_encoder)) == (1, 1, 0)
    assert any("Soon." in transcript.text for transcript in transcripts(settings))
    assert not any("We shall see." in transcript.text for transcript in transcripts(settings))


def test_a_table_in_the_corpus_folder_is_read_once(settings: Settings, fake_encoder: FakeEncoder) -> None:
    (settings.corpus / "cmfa.csv").write_bytes(table([*ROWS, ROWS[0]]))
    assert counts(build(settings, fake_encoder)) == (2, 0, 1)
    assert counts(build(settings, fake_encoder)) == (0, 2, 1)
    (settings.corpus / "cmfa.csv").write_bytes(table(ROWS[:2]))
    report = build(settings, fake_encoder)
    assert len(transcripts(settings)) == 1
    assert len(report.removed) == 2


def test_what_is_exported_is_ingested_exactly(settings: Settings, fake_encoder: FakeEncoder, tmp_path: Path) -> None:
    (settings.corpus / "cmfa.csv").write_bytes(table(ROWS))
    (settings.corpus / "note.txt").write_text("Date: 2019-05-27\nSpeaker: Geng Shuang\n\nQ: Is it so?\n\nA: It is.\n")
    build(settings, fake_encoder)
    with open_index(settings) as index:
        assert export_to(index, tmp_path / "record.jsonl") == 3
    other = Settings(index=tmp_path / "other", corpus=tmp_path / "other-corpus", embedding="fake")
    assert counts(ingest([tmp_path / "record.jsonl"], other, fake_encoder)) == (3, 0, 0)
    assert transcripts(other) == transcripts(settings)
    with open_index(other) as index:
        export_to(index, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "record.jsonl").read_bytes()
    assert counts(ingest([tmp_path / "again.jsonl"], other, fake_encoder)) == (0, 3, 0)


def test_a_users_new_rules_are_applied_to_what_was_read(settings: Settings, fake_encoder: FakeEncoder) -> None:
    (settings.corpus / "briefing.txt").write_text("Title: Briefing\n\nPergunta: Is it open?\n\nSra. Lima: It is.\n")
    (settings.corpus / "table.csv").write_bytes(table(ROWS, ["n", "wann", *HEADER[2:]]))
    build(settings, fake_encoder)
    (settings.corpus / "columns.toml").write_text('date = ["wann"]\n')
    (settings.corpus / "institutions.toml").write_text(
        "[[institution]]\nname = 'Harbour Board'\nspeakers = ['Ana Lima']\n"
        "question = ['Pergunta']\nanswer = ['(?P<speaker>Sra\\. \\w+)']\n"
    )
    build(settings, fake_encoder)
    found = {transcript.institution: transcript for transcript in transcripts(settings)}
    assert len(transcripts(settings)) == 3
    assert [exchange.speaker for exchange in found["Harbour Board"].exchanges] == ["Ana Lima"]
