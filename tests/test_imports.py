"""Imports point one way, and each heavy library is imported in one file."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

LEVELS = (
    ("types", "config", "errors", "whole_files"),
    ("models",),
    ("corpus",),
    ("indexing",),
    ("retrieval",),
    ("generation",),
    ("answer", "position"),
    ("serving", "evaluation", "page", "overview", "options", "terminal", "page_server", "cli", "__main__", "app"),
)
"""Rooms from left to right; a room imports from its own level or from one further left."""
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}
HEAVY = ("faiss", "sentence_transformers", "llama_cpp", "torch", "openvino")
"""Each is imported in one file; streamlit, which a page of several parts needs in each, in one room."""


def _files() -> list[Path]:
    return sorted(file for file in (*(REPOSITORY / "rag").rglob("*.py"), REPOSITORY / "app.py") if file.is_file())


def _room(file: Path) -> str:
    parts = file.relative_to(REPOSITORY).with_suffix("").parts
    return parts[1] if parts[0] == "rag" else parts[0]


def _imported(file: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything the file imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: relative imports hide the room"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def test_every_room_has_a_level() -> None:
    assert {_room(file) for file in _files()} <= {*LEVEL, "__init__"}


@pytest.mark.parametrize("file", _files(), ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_imports_point_left(file: Path) -> None:
    wrong = []
    for line, name in _imported(file):
        head, _, rest = name.partition(".")
        if head == "rag" and LEVEL[rest.split(".")[0]] > LEVEL.get(_room(file), 0):
            wrong.append(f"{file.relative_to(REPOSITORY)}:{line} imports {name}")
    assert not wrong


@pytest.mark.parametrize("library", HEAVY)
def test_heavy_library_is_imported_in_one_file(library: str) -> None:
    files = {
        str(file.relative_to(REPOSITORY))
        for file in _files()
        if any(name.split(".")[0] == library for _, name in _imported(file))
    }
    assert len(files) <= 1, files


def test_streamlit_is_imported_in_one_room() -> None:
    assert {_room(file) for file in _files() if any(name.startswith("streamlit") for _, name in _imported(file))} <= {
        "page"
    }


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom rag.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    print(*sys.modules, file=sys.stderr)"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in finished.stderr.split()}
    assert "Usage: onrecord" in finished.stdout
    assert not loaded & {*HEAVY, "streamlit", "numpy", "pydantic", "httpx", "sqlite3", "bs4"}
