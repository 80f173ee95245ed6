"""What the tests of generation share."""

from __future__ import annotations

import pytest

from rag.generation.restate import Context


@pytest.fixture
def context() -> Context:
    return Context(speaker="Li Ming", country="China", answer="The talks went well. Mr. Olsen came to Beijing.")
