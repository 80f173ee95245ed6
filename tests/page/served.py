"""Starts the page for a browser test, and opens it in Chromium."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from rag.config import Settings

REPOSITORY = Path(__file__).resolve().parents[2]
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def served(settings: Settings, log: Path, page: Path = REPOSITORY / "app.py", port: int | None = None) -> Iterator[str]:
    """Run the page under Streamlit with these settings; gives its address. `log` gets what it prints."""
    port = port or _free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ONRECORD_")}
    environment |= {f"ONRECORD_{k}".upper(): str(v) for k, v in settings.model_dump(exclude_none=True).items()}
    command = [sys.executable, "-m", "rag.page.process", str(page), f"--server.port={port}"]
    options = ["--server.headless=true", "--server.address=127.0.0.1", "--browser.gatherUsageStats=false"]
    # Looking after each run whether any of thousands of modules has changed keeps the models from loading.
    options.append("--server.fileWatcherType=none")
    with log.open("ab") as output:
        server = subprocess.Popen(
            command + options, env=environment, cwd=REPOSITORY, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(server, address, log)
            yield address
        finally:
            server.kill()
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        try:
            with urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the page did not start: {log.read_text()}")
