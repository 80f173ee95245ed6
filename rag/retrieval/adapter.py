"""Moves the vector of a question as readers type it towards where the statements that answer it lie.

The embedding model was trained on other questions and other texts: that "kicked out" is "expelled" here and "the EU
trade chief" a name, it cannot know. One matrix on the question's side (a linear query adapter) learns it, without a
vector of the index being made anew and at the cost of one product. It is fitted by `onrecord evaluate adapter --fit`
and kept in `adapter.npz` with the digest of the model that it is of; another model's vectors stay as they are.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from rag.indexing.embedding import Vectors

FILE = "adapter.npz"


class Adapter(NamedTuple):
    """The matrix and what it is of."""

    encoder: str
    """SHA-256 (hex) of the embedding model (`rag.indexing.embedding.Encoder.digest`)."""
    matrix: Vectors
    """float32 [dimension, dimension]: what of a vector is added to it, times the vector."""

    def adapted(self, vectors: Vectors, encoder: str) -> Vectors:
        """Questions' vectors [n, dimension] moved, of length one again; as they are when of another model."""
        if encoder != self.encoder:
            return vectors
        moved = vectors + vectors @ self.matrix
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


@lru_cache(maxsize=1)
def fitted() -> Adapter:
    """The committed matrix."""
    with resources.files("rag.retrieval").joinpath(FILE).open("rb") as file, np.load(file, allow_pickle=False) as kept:
        return Adapter(str(kept["encoder"]), kept["matrix"].astype(np.float32))
