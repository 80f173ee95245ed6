"""What a model wants written before questions and passages."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from small_corpus import TRADE, TREATY

from fakes import FakeEncoder
from rag.config import Settings
from rag.errors import IndexMismatchError, ModelError
from rag.indexing.build import build
from rag.indexing.embedding import Encoder, SentenceEncoder, Way
from rag.indexing.prompts import CONFIG, Prompts, embedding_digest, read_prompts
from rag.indexing.store import open_index
from rag.models import model_digest, model_path


def _folder(folder: Path, config: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / CONFIG).write_text(config, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("prompts", "expected"),
    [
        ({"query": "query: ", "passage": "passage: "}, Prompts(question="query: ", passage="passage: ")),
        (
            {"query": "query: ", "document": "", "passage": "passage: "},
            Prompts(question="query: ", passage="passage: "),
        ),
        ({"document": "d: ", "passage": "p: ", "corpus": "c: "}, Prompts(passage="d: ")),
        ({"query": "Find: ", "clustering": "Group: "}, Prompts(question="Find: ")),
        ({"query": "", "document": ""}, Prompts()),
        ({}, Prompts()),
    ],
)
def test_prompts_by_name(tmp_path: Path, prompts: dict[str, str], expected: Prompts) -> None:
    folder = _folder(tmp_path, json.dumps({"prompts": prompts, "default_prompt_name": "clustering"}))
    assert read_prompts(folder) == expected


@pytest.mark.models
def test_the_digest_of_a_model_of_the_catalogue_is_that_of_its_weights(encoder: Encoder, tmp_path: Path) -> None:
    folder = model_path(encoder.name, Settings())
    assert embedding_digest(folder) == model_digest(folder) == encoder.digest
    assert embedding_digest(_folder(tmp_path, "{}")) != model_digest(tmp_path), "the way it is centred is part of it"


def test_a_folder_without_configuration_has_none(tmp_path: Path) -> None:
    assert read_prompts(tmp_path) == Prompts()


def test_each_prompt_changes_the_digest(tmp_path: Path) -> None:
    stated = [{}, {"query": "a"}, {"document": "a"}, {"query": "a", "document": "b"}, {"query": "ab"}]
    digests = {embedding_digest(_folder(tmp_path, json.dumps({"prompts": prompts}))) for prompts in stated}
    assert len(digests) == len(stated)


@pytest.mark.parametrize("config", ["{", '{"prompts": ["query: "]}', '{"prompts": {"query": 1}}'])
def test_a_configuration_that_says_nothing_sensible_is_told(tmp_path: Path, config: str) -> None:
    with pytest.raises(ModelError, match=CONFIG):
        read_prompts(_folder(tmp_path, config))


def test_prompts_that_pooling_leaves_out_are_refused(tmp_path: Path) -> None:
    folder = _folder(tmp_path, json.dumps({"prompts": {"query": "query: "}}))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"include_prompt": false}')
    with pytest.raises(ModelError, match="pooling"):
        read_prompts(folder)


class Prompted(FakeEncoder):
    """The same weights with prompts."""

    digest = "1" * 64


def test_an_index_built_without_the_prompts_is_a_mismatch(tmp_path: Path, fake_encoder: FakeEncoder) -> None:
    settings = Settings(index=tmp_path / "index", corpus=tmp_path / "corpus", embedding="fake", llm="none")
    settings.corpus.mkdir()
    (settings.corpus / "t1.txt").write_text("Q: What of trade?\n\nA: Trade goes on.\n", encoding="utf-8")
    build(settings, fake_encoder)
    with pytest.raises(IndexMismatchError, match=r"prompts.*onrecord build"):
        open_index(settings, Prompted())


@pytest.fixture(scope="module")
def prompted(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real model with prompts, a default one among them that is never to be applied."""
    folder = tmp_path_factory.mktemp("prompted")
    for file in model_path(encoder.name, Settings()).iterdir():
        if file.name != CONFIG:
            (folder / file.name).symlink_to(file)
    prompts = {"query": "query: ", "passage": "passage of a transcript: ", "other": "other: "}
    (folder / CONFIG).write_text(json.dumps({"prompts": prompts, "default_prompt_name": "other"}), encoding="utf-8")
    return folder


@pytest.mark.models
@pytest.mark.parametrize("way", ["float32", "openvino"])
def test_prompts_stand_before_what_is_embedded(
    encoder: Encoder, prompted: Path, way: Way, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = SentenceEncoder("prompted", prompted, 2, tmp_path_factory.mktemp("exported"), way)
    texts = [TRADE, TREATY, ""]
    # The fixture is run by OpenVINO, whose 8-bit products move a vector a little where the other way does not.
    least = 0.9999 if way == "openvino" else 0.998
    for embedded, prompt in ((made.encode_questions, "query: "), (made.encode, "passage of a transcript: ")):
        plain = encoder.encode([f"{prompt}{text}" for text in texts])
        assert (embedded(texts) * plain).sum(axis=1).min() >= least
    assert (made.encode(texts) * encoder.encode(texts)).sum(axis=1).min() < 0.99
    assert made.window == encoder.window - 5, "room is left for the passage's prompt"
    assert made.digest not in (made.weights_digest, encoder.digest)
    assert made.weights_digest == encoder.digest
    np.testing.assert_array_equal(encoder.encode(texts), encoder.encode_questions(texts))
