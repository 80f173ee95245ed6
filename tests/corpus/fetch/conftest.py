"""A fetch that does not dawdle: no rate limit, short timeouts and pauses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fetch_site import Site

from rag.config import Settings
from rag.corpus.fetch import FetchReport, fetch_mfa

Fetch = Callable[..., FetchReport]


@pytest.fixture
def fetch(tmp_path: Path) -> Fetch:
    """`fetch(site, language, period, settings={…}, …)` into the test's own corpus folder."""

    def run(site: Site, *arguments: object, settings: dict[str, object] | None = None, **keys: object) -> FetchReport:
        quick = {"fetch_rate": 0, "fetch_timeout": 0.5, "fetch_attempts": 3, "corpus": tmp_path / "corpus"}
        built = Settings(**{"fetch_base": site.base, **quick, **(settings or {})})
        return fetch_mfa(built, *arguments, backoff=0.01, **keys)

    return run


@pytest.fixture
def fetched(tmp_path: Path) -> Path:
    """The folder that `fetch` writes."""
    return tmp_path / "corpus" / "fetched"
