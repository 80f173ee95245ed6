"""Models whose vectors all point one way."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.indexing.centring import ALL_ONE_WAY, PASSAGES, QUESTIONS, UNCENTRED, centre_of, unit
from rag.indexing.embedding import Encoder, SentenceEncoder, Vectors

DIMENSION = 64


class Leaning:
    """A model that hashes words, and whose vectors all lean one way."""

    window = 256

    def __init__(self, lean: float) -> None:
        self._lean = lean

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]

    def tokens(self, text: str) -> list[str]:
        return ["[UNK]"] * len(text)

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w{5,}", text.lower()):
                vectors[row, int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % (DIMENSION - 1)] += 1
        vectors = unit(vectors)
        vectors[:, -1] = self._lean
        return vectors


def leaning(tmp_path: Path, lean: float) -> SentenceEncoder:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    made = SentenceEncoder("leaning", tmp_path, 1, None)
    made.__dict__["_model"] = Leaning(lean)
    return made


def unrelated(encoder: Encoder) -> float:
    cosines = encoder.encode_questions(QUESTIONS) @ encoder.encode(PASSAGES).T
    return float(cosines[~np.eye(len(QUESTIONS), dtype=bool)].mean())


def test_what_all_vectors_share_is_taken_out(tmp_path: Path) -> None:
    leans = leaning(tmp_path, 2.0)
    raw = unit(leans._model.embed(QUESTIONS))
    assert float((raw @ raw.T).min()) > 0.7
    assert abs(unrelated(leans)) < 0.2
    np.testing.assert_allclose(np.linalg.norm(leans.encode(PASSAGES), axis=1), 1, atol=1e-5)
    before = leaning(tmp_path, 0.0).encode(PASSAGES) @ leaning(tmp_path, 0.0).encode_questions(QUESTIONS).T
    after = leans.encode(PASSAGES) @ leans.encode_questions(QUESTIONS).T
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.9, "near and far stay so"


def test_vectors_that_point_every_way_are_left_alone(tmp_path: Path) -> None:
    straight = leaning(tmp_path, 0.0)
    assert unrelated(straight) < ALL_ONE_WAY
    np.testing.assert_allclose(straight.encode(PASSAGES), unit(straight._model.embed(PASSAGES)), atol=1e-6)


@pytest.mark.models
def test_the_default_model_is_not_centred(encoder: Encoder) -> None:
    assert isinstance(encoder, SentenceEncoder)
    assert encoder.weights_digest in UNCENTRED
    centre = centre_of(encoder.encode_questions, encoder.encode, chinese=encoder.reads_chinese)
    assert not centre.question.any()
    assert not centre.passage.any()
