"""`onrecord chat` really serves the page, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@contextmanager
def chat(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, running in `folder`, and the first line it printed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "rag", "chat", "--port", str(port), *options]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "ONRECORD_LLM": "none"}
    with subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        assert server.stdout
        line = ""
        while line := server.stdout.readline():
            if line.startswith("OnRecord is at"):
                break
        try:
            yield server, line
        finally:
            server.kill()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_chat_prints_its_address_serves_the_page_and_stops(tmp_path: Path, stop: signal.Signals) -> None:
    with chat(tmp_path) as (server, line):
        address = line.split()[3]
        assert address.startswith("http://127.0.0.1:")
        with httpx.Client(trust_env=False) as client:
            assert client.get(address).headers["content-type"].startswith("text/html")
        server.send_signal(stop)
        assert server.wait(30) == 0
        host, port = address.removeprefix("http://").split(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), timeout=5)


def test_chat_stops_where_it_was_started_in_the_background_of_a_script(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # what a shell does there, and what a child inherits
    try:
        with chat(tmp_path) as (server, line):
            assert line
            server.send_signal(signal.SIGINT)
            assert server.wait(30) == 0
    finally:
        signal.signal(signal.SIGINT, before)
