"""The process that adds transcripts, with the fake encoder; a text that says `WAIT HERE` holds it up."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1])]

import rag.indexing.embedding
from fakes import FakeEncoder
from rag.page import adding_work


class HeldUp(FakeEncoder):
    """Sleeps, or is killed, at the words that say so."""

    def encode(self, texts: Sequence[str]):
        said = "\n".join(texts)
        if "WAIT HERE" in said:
            time.sleep(600)
        if "KILL IT" in said:
            os.kill(os.getpid(), signal.SIGKILL)
        if "BREAK IT" in said:
            raise RuntimeError("a secret of the server")
        return super().encode(texts)


rag.indexing.embedding.load_encoder = lambda _settings: HeldUp()
sys.exit(adding_work.main())
