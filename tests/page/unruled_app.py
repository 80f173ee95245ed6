"""The real page, on which the language model writes every sentence: none is made by rule."""

from __future__ import annotations

import rag.generation.reported
from rag.page.screen import main

rag.generation.reported.report = lambda *_: None

main()
