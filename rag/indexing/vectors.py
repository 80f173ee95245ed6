"""How vectors are stored, and which of them can be believed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

STORED = np.float16
"""Half the bytes of float32; the cosine between two unit vectors moves by less than 0.001."""
LENGTH_OFF = 0.01
"""By which the length of a stored unit vector may differ from one: rounding moves it by less than 0.001."""
BATCH = 10_000


def is_sound(vectors: Sequence[bytes], dimension: int) -> NDArray[np.bool_]:
    """Bool [n]: whether each stored vector has `dimension` finite numbers and length one."""
    size = dimension * np.dtype(STORED).itemsize
    sound = np.array([len(vector) == size for vector in vectors], dtype=np.bool_)
    whole = b"".join(vector for vector, right in zip(vectors, sound, strict=True) if right)
    lengths = np.linalg.norm(np.frombuffer(whole, dtype=STORED).reshape(-1, dimension).astype(np.float32), axis=1)
    # A comparison with what is not a number is false.
    sound[sound] = np.abs(lengths - 1) < LENGTH_OFF
    return sound
