"""Settings: options over environment over file; nothing unknown passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import Settings, load_settings
from rag.errors import SettingsError


def test_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(environment={})
    assert (settings.index, settings.corpus, settings.port) == (Path("index"), Path("corpus"), 8501)


def test_options_win_over_environment_wins_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("onrecord.toml").write_text('index = "from-file"\ncorpus = "from-file"\nport = 1000\n')
    environment = {"ONRECORD_CORPUS": "from-environment", "ONRECORD_PORT": "2000", "HOME": "/elsewhere"}
    settings = load_settings({"port": 3000, "index": None}, environment)
    assert (settings.index, settings.corpus, settings.port) == (Path("from-file"), Path("from-environment"), 3000)


@pytest.mark.parametrize("place", ["option", "environment", "file"])
def test_unknown_key_is_an_error_that_lists_the_known(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if place == "file":
        Path("onrecord.toml").write_text("indx = 'x'\n")
    options = {"indx": "x"} if place == "option" else {}
    environment = {"ONRECORD_INDX": "x"} if place == "environment" else {}
    with pytest.raises(SettingsError, match=r"'indx'.*Known settings: .*corpus.*index"):
        load_settings(options, environment)


@pytest.mark.parametrize(
    ("key", "value"), [("port", "eighty"), ("port", "70000"), ("sentences", "0"), ("threads", "0")]
)
def test_malformed_value_names_the_setting(key: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"setting '{key}'"):
        load_settings({key: value}, {})


def test_file_that_is_not_toml(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"mine\.toml cannot be read as TOML"):
        load_settings({}, {}, file)


def test_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        load_settings({}, {}, tmp_path / "absent.toml")


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("host", "adds"),
    [
        *((host, True) for host in ("127.0.0.1", "localhost", "::1", "[::1]", "127.8.8.8")),
        *((host, False) for host in ("0.0.0.0", "::", "192.168.0.7", "onrecord.example.org", "")),
    ],
)
def test_the_page_adds_only_where_this_machine_alone_reaches_it_unless_it_is_said(host: str, adds: bool) -> None:
    assert load_settings({"host": host}, {}).page_adds is adds
    assert load_settings({"host": host, "page_adds": not adds}, {}).page_adds is not adds
