"""The README's commands run, its tables name what there is, and its messages are the program's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rag.config import Settings
from rag.models import CATALOGUE, model_path

REPOSITORY = Path(__file__).resolve().parent.parent
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")

COMMANDS = [
    line.removeprefix("$ ")
    for block in re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ ")
]
TARGETS = [command.split()[1] for command in COMMANDS if command.startswith("make ")]
"""What `make` does in full is run by hand and by `.ci/run`; here its steps are listed only."""


def section(heading: str) -> str:
    """The text below a heading of level two."""
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def first_cells(heading: str) -> list[tuple[str, ...]]:
    """The rows of a section's table."""
    rows = [line.strip("|").split("|") for line in section(heading).splitlines() if line.startswith("|")]
    return [tuple(cell.strip().strip("`") for cell in row) for row in rows[2:]]


def test_the_two_commands_are_there() -> None:
    assert TARGETS[:2] == ["run", "test"]


@pytest.mark.parametrize("target", TARGETS)
def test_make_targets_exist(target: str) -> None:
    finished = subprocess.run(
        ["make", "--dry-run", target], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr


@pytest.mark.models
def test_commands_run_in_order(tmp_path: Path, settings: Settings) -> None:
    for name in (settings.llm, settings.embedding):
        try:
            model_path(name, settings)
        except Exception as error:
            pytest.skip(str(error))
    shutil.copytree(REPOSITORY / "corpus", tmp_path / "corpus")
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command in COMMANDS:
        if not command.startswith("make "):
            finished = subprocess.run(
                command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            assert finished.returncode == 0, f"{command}\n{finished.stderr}"
            assert finished.stdout.strip(), command
            assert "Traceback" not in finished.stderr


def test_settings_table_is_complete_and_its_defaults_are_right() -> None:
    rows = {name: default for name, default, _ in first_cells("Settings")}
    assert list(rows) == list(Settings.model_fields)
    for name, default in rows.items():
        if name not in ("models", "threads"):
            assert str(getattr(Settings(), name)).lower() == default.lower(), name


def test_models_table_is_the_catalogue() -> None:
    rows = {row[0]: row for row in first_cells("Models")}
    assert set(rows) == set(CATALOGUE)
    for name, (_, _, size, licence, repository) in rows.items():
        model = CATALOGUE[name]
        assert (size, licence, repository) == (f"{model.size / 1e6:,.0f} MB", model.licence, model.repo)


def test_messages_are_the_program_s() -> None:
    sources = [REPOSITORY / "Makefile", *(REPOSITORY / "rag").rglob("*.py")]
    said = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    messages = [row[0] for row in first_cells("When something goes wrong")]
    assert messages
    assert [message for message in messages if message not in said] == []


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (REPOSITORY / target).exists(), target
