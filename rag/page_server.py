"""Starts the chat page: checks the address, runs streamlit over `app.py`, says where the page is."""

from __future__ import annotations

import errno
import importlib.resources
import os
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from pathlib import Path
from types import FrameType
from typing import NoReturn

import httpx

from rag.config import ENVIRONMENT_PREFIX, Settings
from rag.errors import ServeError

START_SECONDS = 60
POLL_SECONDS = 0.1
UPLOAD_MEGABYTES = 200
"""Most of one uploaded file, which is held in memory."""


def serve(settings: Settings, browser: bool) -> int:
    """Serve the page until it is stopped; returns streamlit's exit code.

    Raises:
        ServeError: the port is in use, the host is not an address of this machine, or the page did not start.
    """
    _check_address(settings.host, settings.port)
    # Settings reach the page as the environment variables that they could have come from.
    given = {
        f"{ENVIRONMENT_PREFIX}{key}".upper(): str(value)
        for key, value in settings.model_dump(exclude_none=True).items()
    }
    server = subprocess.Popen(_command(settings), env={**os.environ, **given})  # noqa: S603
    # A script's background commands ignore SIGINT, and so would this: Ctrl+C stops it however it was started.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        address = _address(settings)
        _wait_until_up(server, address)
        print(f"OnRecord is at {address}  (Ctrl+C stops it)", flush=True)
        if browser and sys.stdout.isatty():
            webbrowser.open(address)
        return server.wait()
    finally:
        server.terminate()
        server.wait()


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def _check_address(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As servers do: a port that a stopped server has just left is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ServeError(
                f"port {port} is in use. Choose another: onrecord chat --port {port % 65535 + 1}"
            ) from error
        raise ServeError(
            f"the chat cannot listen on {host}, port {port}: {error.strerror}. Mend --host or --port."
        ) from error


def _command(settings: Settings) -> list[str]:
    options = {
        "server.address": settings.host,
        "server.port": settings.port,
        "server.headless": "true",
        # It looks at every module after every run: while models load these are thousands.
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "logger.hideWelcomeMessage": "true",
        "logger.level": "warning",
        # Streamlit takes uploads whether or not the page asks for any.
        "server.maxUploadSize": UPLOAD_MEGABYTES if settings.page_adds else 1,
    }
    command = [sys.executable, "-m", "rag.page.process", str(_page())]
    return command + [f"--{name}={value}" for name, value in options.items()]


def _page() -> Path:
    page = Path(str(importlib.resources.files("rag"))).parent / "app.py"
    if not page.is_file():
        raise ServeError(f"the chat page {page} is missing: OnRecord runs from its checkout (make run)")
    return page


def _address(settings: Settings) -> str:
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
    host = everywhere.get(settings.host, f"[{settings.host}]" if ":" in settings.host else settings.host)
    return f"http://{host}:{settings.port}"


def _wait_until_up(server: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False, timeout=2) as client:
        while time.monotonic() < deadline:
            if server.poll() is not None:
                raise ServeError(f"the chat page stopped at once (exit code {server.returncode}); its words are above")
            try:
                if client.get(f"{address}/_stcore/health").is_success:
                    return
            except httpx.TransportError:
                time.sleep(POLL_SECONDS)
    raise ServeError(f"the chat page did not answer within {START_SECONDS} s at {address}")
