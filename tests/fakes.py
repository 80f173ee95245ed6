"""Deterministic stand-ins for logic tests; behaviour of models is tested with the real ones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class FakeEncoder:
    """Embeds a text by the words in it (feature hashing): texts that share words are near each other."""

    name = "fake"
    dimension = 256
    window = 256
    reads_chinese = True

    @property
    def digest(self) -> str:
        """SHA-256 (hex) that stands for the weights."""
        return hashlib.sha256(self.name.encode()).hexdigest()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Words, and two for the special tokens."""
        return [len(_words(text)) + 2 for text in texts]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Float32 [len(texts), 256], unit rows."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in _words(text):
                vectors[row, int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % self.dimension] += 1
            if not vectors[row].any():
                vectors[row, 0] = 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Questions as passages."""
        return self.encode(texts)

    def joint_scores(self, question: str, statements: Sequence[str]) -> NDArray[np.float32] | None:
        """None: it is not tuned."""


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+|\d+", text.lower())
