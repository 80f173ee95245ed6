"""What all tests share: settings in a temporary folder, the real archive, the real models, fakes for logic.

Real parts that are not there skip the test with a printed reason. `TESTS_REQUIRED=archive,browser,models` (as
`.ci/run` sets it) turns those skips into failures, and fails a run in which no test of a required mark passed.
"""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes import FakeEncoder
from rag.config import Settings
from rag.errors import ModelError
from rag.models import model_path

if TYPE_CHECKING:
    from rag.generation.language_model import LanguageModel
    from rag.indexing.embedding import Encoder
    from rag.indexing.store import Index

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
REQUIRED = {mark for mark in os.environ.get("TESTS_REQUIRED", "").split(",") if mark}
PASSED_MARKS: set[str] = set()

SMALL_ARCHIVE_EVERY = 40
"""Every 40th English page: twelve conferences from two years, without choosing any."""


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own ONRECORD_… variables do not reach the tests, but for where the models lie."""
    for key in list(os.environ):
        if key.startswith("ONRECORD_") and key != "ONRECORD_MODELS":
            monkeypatch.delenv(key)


def _settings(index: Path) -> Settings:
    models = os.environ.get("ONRECORD_MODELS")
    own = {"models": Path(models)} if models else {}
    return Settings(index=index, corpus=REPOSITORY / "corpus", **own)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with an empty index folder of the test's own and the repository's corpus."""
    return _settings(tmp_path / "index")


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """`../shared`, or a skip."""
    if not SHARED.is_dir():
        pytest.skip(f"the archive is not there ({SHARED})")
    return SHARED


def _pages(archive: Path) -> dict[str, bytes]:
    """Transcript pages of an archive by path, sorted; listing pages (`default…`, `index…`) are left out."""
    with tarfile.open(archive) as pages:
        members = sorted((member for member in pages if member.isfile()), key=lambda member: member.name)
        found = {member.name: pages.extractfile(member).read() for member in members}  # type: ignore[union-attr]
    return {name: data for name, data in found.items() if Path(name).name.startswith("t")}


@pytest.fixture(scope="session")
def archive_pages(shared_folder: Path) -> dict[str, bytes]:
    """The English archive's transcript pages: path in the archive -> bytes as served."""
    return _pages(shared_folder / "archive" / "mfa-en-2018-2020.tar.xz")


@pytest.fixture(scope="session")
def chinese_pages(shared_folder: Path) -> dict[str, bytes]:
    """The Chinese archive's transcript pages: path in the archive -> bytes as served."""
    return _pages(shared_folder / "archive" / "mfa-zh-2016-2020.tar.xz")


@pytest.fixture
def fake_encoder() -> FakeEncoder:
    """Embeds by the words a text holds: texts that share words are near. Deterministic, instant."""
    return FakeEncoder()


def _require_model(name: str, settings: Settings) -> None:
    try:
        model_path(name, settings)
    except ModelError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """The real embedding model, or a skip when it has not been pulled."""
    settings = _settings(tmp_path_factory.mktemp("encoder"))
    _require_model(settings.embedding, settings)
    from rag.indexing.embedding import load_encoder

    return load_encoder(settings)


@pytest.fixture(scope="session")
def llm(tmp_path_factory: pytest.TempPathFactory) -> LanguageModel:
    """The real language model, or a skip when it has not been pulled."""
    settings = _settings(tmp_path_factory.mktemp("llm"))
    _require_model(settings.llm, settings)
    from rag.generation.llm import load_llm

    return load_llm(settings)


@pytest.fixture(scope="session")
def seed_settings(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Settings:
    """Settings of an index built from `corpus/` with the real embedding model."""
    from rag.indexing.build import build

    settings = _settings(tmp_path_factory.mktemp("seed") / "index")
    build(settings, encoder)
    return settings


@pytest.fixture(scope="session")
def seed_index(seed_settings: Settings) -> Index:
    """The index of `seed_settings`, open."""
    from rag.indexing.store import open_index

    return open_index(seed_settings)


@pytest.fixture(scope="session")
def small_archive_settings(
    tmp_path_factory: pytest.TempPathFactory, archive_pages: dict[str, bytes], encoder: Encoder
) -> Settings:
    """Settings of an index over twelve real conferences, made with the real embedding model."""
    from rag.indexing.build import ingest

    folder = tmp_path_factory.mktemp("small_archive")
    for path in list(archive_pages)[::SMALL_ARCHIVE_EVERY]:
        target = folder / "pages" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(archive_pages[path])
    # Ingesting copies the originals into the corpus folder: not into the repository's.
    settings = _settings(folder / "index").model_copy(update={"corpus": folder / "corpus"})
    ingest([folder / "pages"], settings, encoder)
    return settings


@pytest.fixture(scope="session")
def small_archive_index(small_archive_settings: Settings) -> Index:
    """The index of `small_archive_settings`, open."""
    from rag.indexing.store import open_index

    return open_index(small_archive_settings)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium, or a skip. `CHROMIUM` names one elsewhere."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium is installed (apt-get install chromium), or name one in CHROMIUM")
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    marks = {mark.name for mark in item.iter_markers()} & REQUIRED
    if report.skipped and marks and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"required here, but skipped: {report.longrepr[2]}"
    if report.when == "call" and report.passed:
        PASSED_MARKS.update(marks)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    absent = REQUIRED - PASSED_MARKS
    if absent and session.testscollected:
        print(f"\nrequired here, but no test passed with the marks: {', '.join(sorted(absent))}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
