"""The wiring of a cross-encoder: a tiny one of random weights, made on disk, whose bias is set to what it shall say.

It shows that a named model is loaded, asked and heeded. How well a trained one judges is not shown: none is at hand.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from statements import span_of

from rag.config import Settings
from rag.errors import ModelError
from rag.generation.entailment import FAILURE, Entailment, agreed, load_entailment
from rag.generation.restate import VERSION, Context
from rag.types import Proposition

SPAN = span_of("We have noted relevant reports. We urge Norway to lift the ban.")
MADE = Proposition(
    span_digest="x",
    model="m",
    prompt_version=VERSION,
    sentences=("China urges Norway to lift the ban.",),
    parts=((32, len(SPAN.text)),),
    label="supported",
)


def cross_encoder(folder: Path, labels: tuple[str, ...], bias: tuple[float, ...]) -> Path:
    """A BERT of one layer and random weights, with a bias on its labels."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words += ["china", "urges", "norway", "to", "lift", "the", "ban", "we", "."]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(1)
    names = dict(enumerate(labels))
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        id2label=names,
        label2id={name: i for i, name in names.items()},
    )
    model = BertForSequenceClassification(config)
    model.classifier.bias.data = torch.tensor(bias)
    model.save_pretrained(folder)
    return folder


def settings(tmp_path: Path, folder: Path | None) -> Settings:
    return Settings(models=tmp_path / "models", nli=str(folder) if folder else None, threads=1)


@pytest.mark.parametrize(
    ("labels", "bias", "shown"),
    [
        (("contradiction", "entailment", "neutral"), (0.0, 9.0, 0.0), True),
        (("contradiction", "entailment", "neutral"), (9.0, 0.0, 0.0), False),
        (("ENTAILMENT", "NOT_ENTAILMENT"), (9.0, 0.0), True),
        (("LABEL_0",), (9.0,), True),
        (("LABEL_0",), (-9.0,), False),
    ],
)
def test_a_sentence_that_is_not_entailed_becomes_the_quote(
    tmp_path: Path, context: Context, labels: tuple[str, ...], bias: tuple[float, ...], shown: bool
) -> None:
    model = load_entailment(settings(tmp_path, cross_encoder(tmp_path / "nli", labels, bias)))
    assert model is not None
    found = agreed(MADE, SPAN, context, model)
    if shown:
        assert found == MADE
    else:
        assert (found.sentences, found.parts, found.label) == ((), (), "quote")
        assert found.failures == (FAILURE,)


def test_the_model_is_asked_about_the_words_that_the_sentence_stands_on(
    tmp_path: Path, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Entailment(cross_encoder(tmp_path / "nli", ("entailment", "neutral"), (9.0, 0.0)), 1)
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(model, "probability", lambda *texts: asked.append(texts) or 1.0)
    agreed(MADE, SPAN, context, model)
    assert asked == [("Li Ming, speaking for China: We urge Norway to lift the ban.", MADE.sentences[0])]


def test_without_the_setting_there_is_none(tmp_path: Path) -> None:
    assert load_entailment(settings(tmp_path, None)) is None


def test_a_model_of_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    folder = cross_encoder(tmp_path / "nli", ("good", "bad"), (0.0, 0.0))
    with pytest.raises(ModelError, match="good, bad"):
        load_entailment(settings(tmp_path, folder))
    with pytest.raises(ModelError, match="no model"):
        load_entailment(settings(tmp_path, tmp_path / "nowhere"))
