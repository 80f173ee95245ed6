"""The embedding model tuned to read question and statement as one text, and to say whether the one answers the other.

Embedded apart, two texts meet only as two points; read together, every word of one is seen beside every word of the
other (a cross-encoder). What the tuning changed is kept in `joint.npz`: for each product of the model two thin matrices
whose product is added to its weights (LoRA, Hu et al. 2021, arXiv:2106.09685), and the direction in which the vectors
of a question with what answers it lie. It is learned by `onrecord evaluate joint --fit`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from rag.indexing.embedding import Vectors

FILE = "joint.npz"
MOST = 400
"""Characters of a question that are read: what comes after them would leave the statement no room in the window."""
BETWEEN = " [SEP] "
"""Between question and statement, as the model separates two texts."""
DOWN, UP = ".down", ".up"
"""Ends of the names of the thin matrices in the file, after the name of the weights."""


class Tuning(NamedTuple):
    """What was learned, and of what."""

    base: str
    """SHA-256 (hex) of the embedding model's weights."""
    factors: Mapping[str, tuple[Vectors, Vectors]]
    """By the name of the weights [out, in]: float32 [rank, in] and [out, rank]."""
    direction: Vectors
    """float32 [dimension]; its length says how sure a vector along it is."""
    intercept: float

    def scores(self, vectors: Vectors) -> Vectors:
        """Log-odds that the statement answers the question, by their vectors [n, dimension] of length one: [n]."""
        return np.asarray(vectors @ self.direction + self.intercept, dtype=np.float32)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all that decides the scores."""
        found = hashlib.sha256(f"{self.base} {self.intercept:.6f}".encode())
        matrices = [matrix for _, pair in sorted(self.factors.items()) for matrix in pair]
        for matrix in (*matrices, self.direction):
            found.update(np.ascontiguousarray(matrix).tobytes())
        return found.hexdigest()


@lru_cache(maxsize=1)
def committed() -> Tuning:
    """The tuning that comes with the program."""
    with resources.files("rag.indexing").joinpath(FILE).open("rb") as file, np.load(file, allow_pickle=False) as kept:
        names = [key.removesuffix(DOWN) for key in kept.files if key.endswith(DOWN)]
        factors = {name: (kept[name + DOWN].astype(np.float32), kept[name + UP].astype(np.float32)) for name in names}
        return Tuning(str(kept["base"]), factors, kept["direction"].astype(np.float32), float(kept["intercept"]))


def write_tuning(tuning: Tuning, target: Path) -> None:
    """Write it as a file like the committed one; matrices in float16."""
    matrices = {
        name + end: matrix.astype(np.float16)
        for name, pair in tuning.factors.items()
        for end, matrix in zip((DOWN, UP), pair, strict=True)
    }
    np.savez_compressed(
        target,
        base=tuning.base,
        direction=tuning.direction.astype(np.float32),
        intercept=np.float32(tuning.intercept),
        **matrices,  # type: ignore[arg-type]  # names that are not those of its options
    )


def joined(question: str, statement: str) -> str:
    """The two as the tuned model reads them."""
    return f"{question[:MOST]}{BETWEEN}{statement}"
