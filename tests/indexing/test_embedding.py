"""The real embedding model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_corpus import TRADE, TREATY

from rag.config import Settings
from rag.errors import ModelError
from rag.indexing.embedding import Encoder, SentenceEncoder, load_encoder
from rag.models import model_path

TEXTS = [TRADE, "", TREATY, f"{TRADE} {TREATY}", "word " * 2000, "中方注意到有关报道。", "\ud83d\ude00 😀", TRADE]


@pytest.mark.models
def test_vectors_are_unit_rows_in_the_order_of_the_texts(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    cosines = vectors @ vectors[0]
    assert cosines[-1] == pytest.approx(1, abs=1e-3)
    assert cosines[3] > cosines[2]
    for i, text in enumerate(TEXTS):
        assert float(encoder.encode([text])[0] @ vectors[i]) > 0.999


@pytest.mark.models
def test_text_beyond_the_window_is_not_read(encoder: Encoder) -> None:
    assert encoder.window == 256
    lengths = encoder.count_tokens(["word", "word " * 2000])
    assert lengths == [3, 2002]
    inside, longer = encoder.encode(["word " * 254, "word " * 254 + "lighthouse " * 50])
    assert float(inside @ longer) > 0.999


@pytest.mark.models
def test_nothing_to_embed(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)
    assert encoder.count_tokens([]) == []


@pytest.mark.models
def test_bfloat16_agrees_with_float32(encoder: Encoder) -> None:
    folder = model_path(encoder.name, Settings())
    exact, fast = (SentenceEncoder("m", folder, 2, precision).encode(TEXTS) for precision in ("float32", "bfloat16"))
    assert (exact * fast).sum(axis=1).min() >= 0.999


def test_a_model_that_is_not_there_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="onrecord models pull"):
        load_encoder(Settings(models=tmp_path))


def test_a_model_that_does_not_load_names_the_command(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="onrecord models pull"):
        SentenceEncoder("broken", tmp_path, 1).encode(["text"])
