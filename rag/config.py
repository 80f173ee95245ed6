"""One `Settings`, built at the entry point and passed in; never read at import.

Order of precedence: command options, then `ONRECORD_…` environment variables, then `onrecord.toml` in the
working directory. An unknown key is an error in each of the three.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.errors import SettingsError

ENVIRONMENT_PREFIX = "ONRECORD_"
SETTINGS_FILE = "onrecord.toml"


class Settings(BaseModel):
    """Everything a user can set. Paths may be relative to the working directory."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    index: Path = Path("index")
    """Folder that `build` writes."""
    corpus: Path = Path("corpus")
    """Folder of transcripts as they were obtained."""
    models: Path = Field(default_factory=lambda: user_cache_path("onrecord") / "models")
    """Folder of model files, shared by every checkout of one user."""
    llm: str = "qwen2.5-coder-1.5b"
    """Name of a model in the catalogue (`onrecord models list`), a path to a GGUF file, or "none"."""
    embedding: str = "all-MiniLM-L6-v2"
    """Name of a model in the catalogue, or a path to a sentence-transformers folder."""
    nli: str | None = None
    """Path of a sentence-transformers cross-encoder for natural language inference. When set, a restated sentence that
    it does not find entailed is shown as the quote."""
    threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    """CPU threads for the models."""
    context: int = Field(default=2048, ge=512)
    """Context window of the LLM in tokens."""
    sentences: int = Field(default=14, ge=1, le=30)
    """Most statements told in one answer; each takes one sentence or two."""
    synthesis: bool | None = None
    """Whether a short lead over the sentences begins an answer. When not set: with a model of 6.5 billion parameters or
    more."""
    fetch_base: str = "https://www.fmprc.gov.cn"
    """Scheme and host that `fetch` reads from: the ministry's site, or a mirror of it."""
    fetch_rate: float = Field(default=1.0, ge=0)
    """Most requests per second that `fetch` sends; 0 sets no limit."""
    fetch_timeout: float = Field(default=30.0, gt=0)
    """Seconds that `fetch` waits for a connection or for the next bytes of a page."""
    fetch_attempts: int = Field(default=4, ge=1, le=20)
    """How often `fetch` asks for a page that fails in a way that may pass."""
    fetch_limit: int = Field(default=5_000_000, ge=1)
    """Most bytes of one fetched page."""
    fetch_contact: str | None = None
    """Mail or web address told to the fetched site in the User-Agent, so that its keeper can reach you."""
    host: str = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65535)
    page_adds: bool = Field(default_factory=lambda set_before: _is_this_machine(set_before.get("host", "")))
    """Whether the page lets its readers add transcripts. When not set: only where `host` is reached from this machine
    alone."""


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def load_settings(
    options: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Merge options over environment over file.

    Raises:
        SettingsError: a key is unknown, a value is malformed or the file is not TOML.
    """
    merged: dict[str, Any] = {}
    path = file or Path(SETTINGS_FILE)
    if path.is_file():
        try:
            merged.update(tomllib.loads(path.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise SettingsError(f"{path} cannot be read as TOML: {error}. Mend the file or delete it.") from error
    elif file is not None:
        raise SettingsError(f"the settings file {file} does not exist")
    for key, value in (os.environ if environment is None else environment).items():
        if key.startswith(ENVIRONMENT_PREFIX):
            merged[key.removeprefix(ENVIRONMENT_PREFIX).lower()] = value
    merged.update({key: value for key, value in (options or {}).items() if value is not None})
    try:
        return Settings(**merged)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        known = ", ".join(sorted(Settings.model_fields))
        raise SettingsError(f"setting {name!r}: {first['msg']}. Known settings: {known}.") from error
