"""Hostile files: each input gets an outcome, nothing is written outside the corpus folder, nothing is raised."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from fakes import FakeEncoder
from rag.config import Settings
from rag.indexing.build import ingest
from rag.indexing.report import IngestReport

TEXT = """Title: Regular press conference on May 23, 2019
Date: 2019-05-23
Speaker: Lu Kang
{url}
Reuters: What is your comment on {name}?

A: We have noted the report on {name}. China is opposed to it.
"""


def transcript(name: str, url: str | None = None) -> bytes:
    return TEXT.format(name=name, url=f"URL: {url}\n" if url is not None else "").encode()


@pytest.fixture
def take(settings: Settings, tmp_path: Path):
    """Ingests into a corpus of the test's own, and checks that nothing was written beside it."""
    chosen = settings.model_copy(update={"corpus": tmp_path / "home" / "corpus", "embedding": "fake"})

    def ingested(*files: Path) -> IngestReport:
        before = {path for path in tmp_path.rglob("*") if path.is_file()}
        report = ingest(files, chosen, FakeEncoder())
        for path in {path for path in tmp_path.rglob("*") if path.is_file()} - before:
            assert path.is_relative_to(chosen.corpus / "ingested") or path.is_relative_to(chosen.index), path
        json.dumps([outcome.model_dump(mode="json") for outcome in report.outcomes])
        return report

    return ingested


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/../../../../escaped.txt",
        "https://../escaped.txt",
        "https://../../escaped.txt",
        "https://example.org/a/./b//c.txt",
        "https://example.org/" + "n" * 300 + ".txt",
        "https://example.org/" + "n/" * 3000 + "t.txt",
        "https://example.org/a\x00b.txt",
        "file:///etc/passwd.txt",
        "https://[::1/t.txt",
        "https://example.org:99999/t.txt",
    ],
)
def test_an_address_in_a_file_leads_nowhere_else(take, tmp_path, url):
    file = tmp_path / "upload" / "notes.txt"
    file.parent.mkdir()
    file.write_bytes(transcript("ferries", url))
    (outcome,) = take(file).outcomes
    assert outcome.status == "indexed" or outcome.detail


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", encoding="latin-1") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


NAMES = (
    "../escaped.txt",
    "/tmp/escaped.txt",
    "a/../../escaped.txt",
    "..\\escaped.txt",
    "<script>alert(1)</script>.txt",
    "two\nlines\x1b[31m.txt",
    "caf\xe9.txt",
    "plain",
    "plain/below.txt",
    "plain/below.txt/deeper.txt",
    "n" * 240 + ".txt",
    "n" * 400 + ".txt",
    "d/" * 2500 + "t.txt",
    "外交部.txt",
    "C:\\windows\\t.txt",
    "good.txt",
)


@pytest.mark.parametrize(("pack", "name"), [(zipped, "files.zip"), (tarred, "files.tar.gz")])
def test_every_name_in_an_archive_gets_an_outcome(take, tmp_path, pack, name):
    file = tmp_path / name
    file.write_bytes(pack({member: transcript(f"number {n}") for n, member in enumerate(NAMES)}))
    report = take(file)
    assert report.inputs == len(NAMES)
    assert {outcome.path.rpartition("!/")[2]: outcome.status for outcome in report.outcomes}["good.txt"] == "indexed"
    assert all(outcome.detail for outcome in report.outcomes if outcome.status == "skipped")
    again = take(file)
    assert (again.inputs, again.indexed) == (len(NAMES), 0)


@pytest.mark.parametrize("ending", ["html", "txt", "csv", "jsonl", "pdf", "docx", "xlsx"])
def test_a_zip_bomb_is_told(take, tmp_path, ending):
    file = tmp_path / "bomb.zip"
    bomb = zipped({"xl/workbook.xml": bytes(50_000_000)}) if ending == "xlsx" else bytes(60_000_000)
    file.write_bytes(zipped({f"bomb.{ending}": bomb, "good.txt": transcript("ferries")}))
    statuses = {outcome.path.rpartition("!/")[2]: outcome for outcome in take(file).outcomes}
    assert statuses["good.txt"].status == "indexed"
    (told,) = (outcome for name, outcome in statuses.items() if name != "good.txt")
    assert (told.status, bool(told.detail)) == ("skipped", True)
