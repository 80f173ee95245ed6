"""The page's process: Streamlit, and beside its start what the first screen needs.

    python -m rag.page.process app.py --server.port=8501 …

The options are those of `streamlit run`. What is imported and read here would otherwise be waited for by the first
reader, whose browser is busy with Streamlit's own scripts for that time.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading

from rag.config import load_settings
from rag.errors import OnRecordError
from rag.page.engine import shared_engine

_NEEDED = ("rag.indexing.store", "pandas")
"""Imported by the first screen; pandas by Streamlit."""


def main() -> None:
    """Serve the page until the process is ended."""
    threading.Thread(target=_get_ready, name="ready", daemon=True).start()
    from streamlit.web.cli import main as streamlit

    streamlit(args=["run", *sys.argv[1:]], prog_name="streamlit")


def _get_ready() -> None:
    for module in _NEEDED:
        importlib.import_module(module)
    # What is wrong with the settings or the index is told by the page.
    with contextlib.suppress(OnRecordError):
        archive = shared_engine(load_settings()).archive()
        _ = (archive.coverage, archive.outlets, archive.examples)


if __name__ == "__main__":
    main()
