"""Matrix products in 8-bit integers: how inputs and weights are rounded so that the results stay what they are.

An input is rounded to one of 256 levels of its own feature, a weight to one of 255 of its output. Where a feature is
far larger than the others the weights for it take a part of its size over (Xiao et al., "SmoothQuant", ICML 2023,
section 4), and what rounding moves the mean result by is taken off the bias (Nagel et al., "Data-Free Quantization",
ICCV 2019, section 4.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.indexing.centring import CHINESE_PASSAGES, CHINESE_QUESTIONS, PASSAGES, QUESTIONS

Floats = NDArray[np.float64]
LEVELS = 255
"""The highest of an input, the lowest being 0: unsigned, as processors multiply them."""
MARGIN = 1.2
"""Width of the levels of a feature, of that seen in the examples; what lies outside is cut off."""
SHARE = 0.85
"""Of a feature's size that the weights take over. With 0.5 the feed-forward products of all-MiniLM-L6-v2 lose three
times as much (0.0009 to 0.0011 of the variance of their results, not 0.0003)."""


def examples() -> list[str]:
    """Texts that show how large each feature becomes: sentences alone, and many joined to the length of a passage.

    Real passages, or random words, in their place give vectors that are as near (0.9995 to 0.9996).
    """
    texts: list[str] = []
    for sentences in ([*QUESTIONS, *PASSAGES], [*CHINESE_QUESTIONS, *CHINESE_PASSAGES]):
        texts += sentences
        texts += [" ".join(sentences[start:] + sentences[:start]) for start in range(0, len(sentences), 4)]
    return texts


class Product(NamedTuple):
    """What stands in for `x @ weights.T`: `levels @ rounded.T * scale + shift`."""

    rounded: NDArray[np.int8]
    """[outputs, features]."""
    scale: Floats
    """[outputs]."""
    shift: Floats
    """[outputs], to be added to the bias."""


class Rounding(NamedTuple):
    """How the inputs of some products are rounded: `levels = clip(round((x - lowest) / step), 0, LEVELS)`."""

    lowest: Floats
    """[features]."""
    step: Floats
    """[features]."""
    products: list[Product]

    @classmethod
    def of(cls, inputs: NDArray[np.float32], weights: Sequence[NDArray[np.float32]]) -> Rounding:
        """For inputs like these, [examples, features], and the weights that they meet, [outputs, features] each."""
        seen = inputs.astype(np.float64)
        middle = (seen.max(axis=0) + seen.min(axis=0)) / 2
        reach = np.maximum(MARGIN * (seen.max(axis=0) - seen.min(axis=0)) / 2, np.finfo(np.float32).tiny)
        largest = np.maximum(np.abs(np.concatenate(weights)).max(axis=0), np.finfo(np.float32).tiny)
        left = reach**SHARE * largest ** (SHARE - 1)
        reach = left * (reach / left).max()
        lowest, step = middle - reach, 2 * reach / LEVELS
        levels = np.clip(np.round((seen - lowest) / step), 0, LEVELS)
        products = []
        for weight in weights:
            scaled = weight * step
            scale = np.maximum(np.abs(scaled).max(axis=1), np.finfo(np.float32).tiny) / np.iinfo(np.int8).max
            rounded = np.round(scaled / scale[:, None])
            shift = weight @ seen.mean(axis=0) - rounded @ levels.mean(axis=0) * scale
            products.append(Product(rounded.astype(np.int8), scale, shift))
        return cls(lowest, step, products)
