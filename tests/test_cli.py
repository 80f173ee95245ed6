"""The command line: usage, errors as one line, exit codes, and no network where none is needed."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.cli import main
from rag.config import Settings

REPOSITORY = Path(__file__).resolve().parent.parent
COMMANDS = (
    "build",
    "ingest",
    "status",
    "warm",
    "doctor",
    "backup",
    "restore",
    "ask",
    "show",
    "chat",
    "models pull",
    "models list",
    "fetch mfa",
    "evaluate retrieval",
)


def run(*arguments: str) -> int:
    """Run a command in this process; returns its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def one_line(errors: str) -> str:
    """The only line on standard error."""
    lines = errors.strip().splitlines()
    assert len(lines) == 1, errors
    assert "Traceback" not in errors
    return lines[0]


@pytest.mark.parametrize("command", [["onrecord"], [sys.executable, "-m", "rag"]])
def test_both_front_doors_list_the_commands(command: Sequence[str]) -> None:
    program = [str(Path(sys.executable).parent / "onrecord")] if command == ["onrecord"] else list(command)
    finished = subprocess.run([*program, "--help"], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    for name in {command.split()[0] for command in COMMANDS}:
        assert re.search(rf"^\s+{name}\s", finished.stdout, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_the_places(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*command.split(), "--help") == 0
    told = capsys.readouterr().out
    assert all(option in told for option in ("--index DIR", "--corpus DIR", "--settings FILE"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["ask"],
        ["ask", "x", "--from", "May 2019"],
        ["ask", "x", "--from", "2019-02-02", "--to", "2019-01-01"],
        ["status", "--nonsense"],
        ["chat", "--port", "eighty"],
    ],
)
def test_wrong_usage_exits_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 2
    assert "Usage: onrecord" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["status", "--settings", "/absent.toml"], "the settings file /absent.toml does not exist"),
        (["models", "pull", "qwen-9000"], "unknown model 'qwen-9000'"),
        (["chat", "--port", "99999"], "setting 'port'"),
    ],
)
def test_errors_are_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 1
    line = one_line(capsys.readouterr().err)
    assert line.startswith("onrecord: ")
    assert message in line


def test_commands_without_an_index_name_the_one_that_makes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["status"], ["show", "t1"]):
        assert run(*command, "--index", str(tmp_path / "none")) == 1
        assert "onrecord build" in one_line(capsys.readouterr().err)
    assert not (tmp_path / "none").exists()


def test_environment_and_file_reach_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONRECORD_NONSENSE", "1")
    assert run("models", "list") == 1
    assert "'nonsense'" in one_line(capsys.readouterr().err)
    monkeypatch.delenv("ONRECORD_NONSENSE")
    Path("onrecord.toml").write_text('llm = "qwen2.5-coder-0.5b"\nmodels = "mine"\n')
    assert run("models", "list", "--json") == 0
    listed = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert listed["qwen2.5-coder-0.5b"]["used"]
    assert listed["qwen2.5-coder-0.5b"]["path"] == "mine/qwen2.5-coder-0.5b"
    assert listed["qwen2.5-coder-1.5b"]["state"] == "missing"


def test_models_list_names_role_size_licence_and_state(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text(f'models = "{tmp_path}"\n')
    assert run("models", "list", "--settings", str(settings)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"\* qwen2\.5-coder-1\.5b +llm +1,117 MB +Apache-2\.0 +missing", lines[0])
    assert re.fullmatch(r"\* all-MiniLM-L6-v2 +embedding +92 MB +Apache-2\.0 +missing", lines[2])


def test_port_in_use_names_the_option(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run("chat", "--port", str(port), "--no-browser") == 1
    line = one_line(capsys.readouterr().err)
    assert f"port {port} is in use" in line
    assert "--port" in line


def test_host_that_is_not_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("chat", "--host", "192.0.2.1", "--no-browser") == 1
    assert "cannot listen on 192.0.2.1" in one_line(capsys.readouterr().err)
