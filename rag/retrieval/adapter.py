"""Moves the vector of a question as readers type it towards where the statements that answer it lie.

The embedding model was trained on other questions and other texts: that "kicked out" is "expelled" here and "the EU
trade chief" a name, it cannot know. One matrix on the question's side (a linear query adapter) learns it, without a
vector of the index being made anew and at the cost of one product. It is fitted by `onrecord evaluate adapter --fit`
and kept in `adapter.npz` with the digest of the model that it is of; another model's vectors stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rag.retrieval.lexical import spelt_out
from rag.types import Query

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder, Vectors

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


def searched_texts(query: Query) -> list[str]:
    """What is searched for: the topic, and for a follow-up also the topic with what it leans on."""
    return [query.topic, f"{query.topic} {query.context}"] if query.context else [query.topic]


def query_vectors(query: Query, encoder: Encoder, by: Adapter | None = None) -> Vectors:
    """Float32 [n, dimension] of `searched_texts`, the last moved by an adapter, the committed one when None.

    A follow-up without what it leans on ("and Iran?") stays as it is: the adapter learned from whole questions.
    """
    *fragment, whole = plain_vectors([query], encoder)[0]
    return np.stack([*fragment, *(by or fitted()).adapted(whole[None], encoder.digest)])


def plain_vectors(queries: Sequence[Query], encoder: Encoder) -> list[Vectors]:
    """For each query float32 [n, dimension] of `searched_texts`, as the embedding model makes them."""
    if not queries:
        return []
    texts = [searched_texts(query) for query in queries]
    vectors = encoder.encode_questions([spelt_out(text) for of_query in texts for text in of_query])
    return np.split(vectors, np.cumsum([len(of_query) for of_query in texts])[:-1])
