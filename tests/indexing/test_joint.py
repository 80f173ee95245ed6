"""Question and statement read together by the tuned embedding model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.config import Settings
from rag.indexing import joint, openvino_model
from rag.indexing.embedding import EXPORTED, Encoder, SentenceEncoder
from rag.indexing.joint import MOST, Tuning, committed, joined, write_tuning
from rag.models import model_path
from rag.models.catalogue import CATALOGUE

QUESTION = "how much herring may be caught this year"
QUOTA = "The herring quota of 14,000 tonnes was agreed with Norway and both sides keep to it."
FORMULA = "China stands ready to work with all parties to promote the sound development of relations."
SATELLITE = "The satellite serves weather forecasts for farmers and has no other purpose."
ABOUT = (
    (QUESTION, QUOTA, FORMULA),
    (
        "what of the arbitration award on the south china sea",
        "The award is null and void, and China neither accepts nor recognizes it.",
        "The Foreign Minister will visit Fiji and Samoa at the invitation of their governments.",
    ),
    (
        "when will the tariffs on soybeans be lifted",
        "The additional tariffs on soybeans will be removed on 1 May if the US keeps its promise.",
        "The Foreign Minister will visit Fiji and Samoa at the invitation of their governments.",
    ),
    (
        "why was the consul expelled",
        "The consul engaged in activities incompatible with his status, and was asked to leave within 72 hours.",
        "As for your second question, the expo in Shanghai welcomes companies of all countries.",
    ),
)
"""Question, what answers it, what does not."""


def test_the_committed_tuning_is_of_the_default_model() -> None:
    tuning = committed()
    weights = {file.sha256 for file in CATALOGUE["all-MiniLM-L6-v2"].files if file.path.endswith(".safetensors")}
    assert {tuning.base} == weights
    assert tuning.direction.shape == (384,)
    ranks = {down.shape[0] for down, _ in tuning.factors.values()}
    assert len(ranks) == 1
    assert all(up.shape[1] == down.shape[0] for down, up in tuning.factors.values())


def test_a_written_tuning_is_the_same_but_for_rounding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(7)
    factors = {
        name: (draw.standard_normal((2, 5)).astype(np.float32), draw.standard_normal((3, 2)).astype(np.float32))
        for name in ("one.weight", "two.weight")
    }
    tuning = Tuning("ab12", factors, draw.standard_normal(4).astype(np.float32), 0.25)
    write_tuning(tuning, tmp_path / joint.FILE)
    monkeypatch.setattr("rag.indexing.joint.resources.files", lambda _: tmp_path)
    read = committed.__wrapped__()
    assert (read.base, read.intercept, set(read.factors)) == ("ab12", 0.25, set(factors))
    np.testing.assert_array_equal(read.direction, tuning.direction)
    for name, pair in factors.items():
        for before, after in zip(pair, read.factors[name], strict=True):
            np.testing.assert_allclose(after, before, rtol=1e-3)
    digests = {
        read.digest,
        read._replace(base="ab13").digest,
        read._replace(intercept=0.5).digest,
        read._replace(direction=2 * read.direction).digest,
        read._replace(factors={}).digest,
    }
    assert len(digests) == 5


@pytest.mark.models
@pytest.mark.parametrize(("question", "answers", "beside"), ABOUT)
def test_what_answers_scores_above_what_does_not(encoder: Encoder, question: str, answers: str, beside: str) -> None:
    scores = encoder.joint_scores(question, [answers, beside])
    assert scores is not None
    assert scores[0] > scores[1] + 1


@pytest.mark.models
def test_scores_stand_in_the_order_of_the_statements(encoder: Encoder) -> None:
    statements = [FORMULA, QUOTA, "", SATELLITE * 20, "\ud83d <b>[SEP]</b>", QUOTA]
    scores = encoder.joint_scores(QUESTION, statements)
    assert scores is not None
    assert (scores.shape, scores.dtype) == ((6,), np.float32)
    assert np.isfinite(scores).all()
    assert scores[1] == pytest.approx(scores[5], abs=0.05)
    alone = [encoder.joint_scores(QUESTION, [one]) for one in statements]
    np.testing.assert_allclose(np.concatenate([one for one in alone if one is not None]), scores, atol=0.1)
    nothing = encoder.joint_scores(QUESTION, [])
    assert nothing is not None
    assert nothing.shape == (0,)


@pytest.mark.models
def test_a_long_question_leaves_room_for_the_statement(encoder: Encoder) -> None:
    scores = encoder.joint_scores(f"{QUESTION}, {'and what else ' * 300}", [QUOTA, FORMULA])
    assert scores is not None
    assert scores[0] > scores[1]
    assert len(joined("x" * 9000, QUOTA)) < MOST + len(QUOTA) + 10


@pytest.mark.models
def test_a_model_that_was_not_tuned_has_no_scores(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    other = committed()._replace(base="0" * 64)
    monkeypatch.setattr("rag.indexing.joint.committed", lambda: other)
    assert encoder.joint_scores(QUESTION, [QUOTA]) is None


@pytest.mark.models
def test_pytorch_and_openvino_read_alike(encoder: Encoder, tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    settings = Settings(index=tmp_path / "index", corpus=tmp_path)
    folder = model_path(settings.embedding, settings)
    plain = SentenceEncoder(settings.embedding, folder, 2, tmp_path / "exported", "float32")
    statements = [statement for _, *pair in ABOUT for statement in pair]
    one, other = encoder.joint_scores(QUESTION, statements), plain.joint_scores(QUESTION, statements)
    assert one is not None
    assert other is not None
    np.testing.assert_allclose(one, other, atol=0.25)
    assert not list(tmp_path.glob("exported/*")), "PyTorch was asked for"
    assert openvino_model.is_made(settings.models / EXPORTED, committed().digest)


@pytest.mark.models
def test_tuning_learns_what_lies_between_question_and_statement(encoder: Encoder, tmp_path: Path) -> None:
    """Whether both name the same colour: no direction of vectors made of each alone tells that."""
    from rag.indexing.torch_model import TorchModel, Training, tune

    settings = Settings(index=tmp_path / "index", corpus=tmp_path)
    folder = model_path(settings.embedding, settings)
    colours = ("red", "green", "blue", "white", "black", "yellow")
    texts = [joined(f"is it {one}", f"The flag is {other}.") for one in colours for other in colours]
    same = np.eye(len(colours), dtype=bool).ravel()
    steps: list[tuple[int, int]] = []
    training = Training(epochs=60, batch=12, rate=5e-4, direction_rate=1e-2, warming=10)
    factors, direction, intercept = tune(folder, texts, same.astype(float), training, 2, lambda *at: steps.append(at))
    assert steps[-1] == (180, 180)
    tuning = Tuning("", factors, direction, intercept)
    tuned = tuning.scores(TorchModel(folder, 2, "float32", factors).embed(texts))
    plain = tuning.scores(TorchModel(folder, 2, "float32").embed(texts))
    assert tuned[same].min() > tuned[~same].max()
    assert plain[same].min() < plain[~same].max()
