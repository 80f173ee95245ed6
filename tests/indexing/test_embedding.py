"""The real embedding model."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import numpy as np
import pytest
from small_corpus import TRADE, TREATY

from rag.config import Settings
from rag.errors import ModelError
from rag.indexing import openvino_model
from rag.indexing.embedding import Encoder, SentenceEncoder, Way, load_encoder
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
def test_openvino_tells_nobody_that_it_is_used(encoder: Encoder) -> None:
    pytest.importorskip("openvino")
    encoder.encode(["word"])
    assert sys.modules["openvino_telemetry"] is None
    assert not [name for name in sys.modules if name.startswith("openvino_telemetry.")]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exported")


def _run(way: Way, exported: Path, encoder: Encoder) -> SentenceEncoder:
    return SentenceEncoder("m", model_path(encoder.name, Settings()), 2, exported, way)


@pytest.mark.models
def test_every_way_to_run_it_gives_nearly_the_same_vectors(
    encoder: Encoder, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: connected.append(address))
    exact = _run("float32", exported, encoder)
    vectors = exact.encode(TEXTS)
    fast = _run("openvino", exported, encoder)
    assert (vectors * fast.encode(TEXTS)).sum(axis=1).min() >= 0.995
    assert [path.name for path in exported.iterdir()] == [exact.digest[:16]], "it was not run by OpenVINO"
    assert fast.digest == exact.digest
    assert fast.window == exact.window
    assert fast.count_tokens(TEXTS) == exact.count_tokens(TEXTS)
    assert (vectors * _run("bfloat16", exported, encoder).encode(TEXTS)).sum(axis=1).min() >= 0.999
    assert connected == [], "nothing is sent anywhere"


@pytest.mark.models
def test_an_exported_model_that_is_not_whole_is_made_again(encoder: Encoder, exported: Path) -> None:
    before = _run("openvino", exported, encoder).encode(TEXTS)
    for damaged in ("model.bin", "tokenizer.json", "facts.json"):
        file = next(exported.glob(f"*/{damaged}"))
        whole = file.read_bytes()
        file.write_bytes(whole[:-100])
        assert not openvino_model.is_made(exported, encoder.digest)
        file.write_bytes(whole if damaged != "facts.json" else whole[:-100])
    np.testing.assert_array_equal(_run("openvino", exported, encoder).encode(TEXTS), before)
    assert openvino_model.is_made(exported, encoder.digest)


@pytest.mark.models
def test_integers_are_left_where_they_would_change_the_vectors(
    encoder: Encoder, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run("openvino", exported, encoder).encode(TEXTS)
    assert _facts(exported).int8, "OpenVINO multiplies integers on every processor"
    monkeypatch.setattr(openvino_model, "ALIKE_INT8", 1.1)
    vectors = _run("openvino", tmp_path, encoder).encode(TEXTS)
    assert not _facts(tmp_path).int8
    assert (vectors * _run("float32", exported, encoder).encode(TEXTS)).sum(axis=1).min() >= 0.9999


@pytest.mark.models
def test_a_model_exported_otherwise_than_now_is_not_taken(
    encoder: Encoder, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run("openvino", exported, encoder).encode(TEXTS)
    assert openvino_model.is_made(exported, encoder.digest)
    monkeypatch.setattr(openvino_model, "VERSION", openvino_model.VERSION + 1)
    assert not openvino_model.is_made(exported, encoder.digest)


def _facts(exported: Path) -> openvino_model.Facts:
    (file,) = exported.glob("*/facts.json")
    return openvino_model.Facts.model_validate_json(file.read_bytes())


@pytest.mark.models
def test_pytorch_runs_it_where_openvino_cannot(encoder: Encoder, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    vectors = _run("openvino", tmp_path / "file", encoder).encode(TEXTS)
    assert (vectors * _run("float32", tmp_path, encoder).encode(TEXTS)).sum(axis=1).min() >= 0.999


def test_a_model_that_is_not_there_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="onrecord models pull"):
        load_encoder(Settings(models=tmp_path))


def test_a_model_that_does_not_load_names_the_command(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="onrecord models pull"):
        SentenceEncoder("broken", tmp_path, 1, None).encode(["text"])
