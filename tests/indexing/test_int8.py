"""Rounding of matrix products to 8-bit integers."""

import numpy as np

from rag.indexing.int8 import LEVELS, Rounding, examples


def _product(inputs: np.ndarray, rounding: Rounding, number: int) -> np.ndarray:
    levels = np.clip(np.round((inputs - rounding.lowest) / rounding.step), 0, LEVELS)
    one = rounding.products[number]
    return levels @ one.rounded.T.astype(float) * one.scale + one.shift


def test_products_stay_what_they_are_where_one_feature_is_far_larger_than_the_others() -> None:
    chance = np.random.default_rng(0)
    inputs = chance.normal(size=(600, 64)).astype(np.float32)
    inputs[:, 3] = 40 + 10 * inputs[:, 3]
    weights = [chance.normal(size=(outputs, 64)).astype(np.float32) for outputs in (32, 16)]
    for weight in weights:
        weight[:, 3] /= 20
    rounding = Rounding.of(inputs[:300], weights)
    for number, weight in enumerate(weights):
        exact = inputs @ weight.T
        seen, unseen = (_product(part, rounding, number) for part in (inputs[:300], inputs[300:]))
        np.testing.assert_allclose(seen.mean(axis=0), exact[:300].mean(axis=0), atol=1e-4)
        lost = ((unseen - exact[300:]) ** 2).sum() / ((exact[300:] - exact[300:].mean(axis=0)) ** 2).sum()
        assert lost < 0.001


def test_a_feature_or_an_output_that_is_always_zero_breaks_nothing() -> None:
    inputs = np.random.default_rng(0).normal(size=(100, 8)).astype(np.float32)
    inputs[:, 2] = 0
    weight = np.ones((4, 8), dtype=np.float32)
    weight[1] = 0
    weight[:, 5] = 0
    rounding = Rounding.of(inputs, [weight])
    found = _product(inputs, rounding, 0)
    assert np.isfinite(found).all()
    assert abs(found[:, 1]).max() < 1e-6
    np.testing.assert_allclose(found[:, 0], inputs @ weight[0], atol=0.1)


def test_examples_are_alone_and_as_long_as_passages() -> None:
    lengths = [len(text.split()) for text in examples() if text.isascii()]
    assert min(lengths) < 10
    assert max(lengths) > 150
