"""A sentence-transformers model run by PyTorch. The only file that imports either."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.indexing.embedding import WINDOW, Vectors, batches
from rag.types import Record

Factors = Mapping[str, tuple[Vectors, Vectors]]
"""By the name of weights [out, in]: float32 [rank, in] and [out, rank]."""
EXAMPLE = ["The first of two texts, of different length.", "The other."]
"""What is put through the model while its steps are recorded."""


class TorchModel:
    """Run in bfloat16 where the processor multiplies it natively: half as long, cosine to float32 0.999 or more."""

    def __init__(self, folder: Path, threads: int, precision: str | None = None, tuned: Factors | None = None) -> None:
        """Load the model in `folder`; `precision` is "float32", "bfloat16" or None for the faster.

        `tuned`: what is added to its weights, by their names: the product of the second matrix by the first.

        Raises:
            ModelError: it does not load; the message names `onrecord models pull`.
        """
        # Read by the hub client when it is imported: with it no request is ever tried.
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        torch.set_num_threads(threads)
        try:
            model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except Exception as error:
            raise ModelError(
                f"the embedding model in {folder} does not load ({error}). "
                "Run `onrecord models pull` to fetch it again."
            ) from error
        model.max_seq_length = self.window = min(WINDOW, model.max_seq_length or WINDOW)
        body: Any = model[0].auto_model
        weights = dict(body.named_parameters())
        with torch.no_grad():
            for name, (down, up) in (tuned or {}).items():
                weights[name] += torch.from_numpy(up @ down)
        if (precision or _best_precision()) == "bfloat16":
            model.bfloat16()
        self._model = model.eval()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, both special tokens included, uncut."""
        encoded = self._model.tokenizer(list(texts), truncation=False, padding=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text as the tokenizer writes them."""
        return list(self._model.tokenizer.tokenize(text))

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Float32 [len(texts), dimension], in the order of the texts."""
        parts = batches([min(length, self.window) for length in self.count_tokens(texts)])
        found = [
            # Prompts are in the texts: the model's default one is not to come before them.
            self._model.encode([texts[i] for i in part], prompt="", batch_size=len(part), show_progress_bar=False)
            for part in parts
        ]
        vectors = np.empty((len(texts), found[0].shape[1]), dtype=np.float32)
        vectors[np.concatenate(parts)] = np.concatenate(found)
        return vectors

    def tokenizer_json(self) -> str:
        """The tokenizer as the library `tokenizers` reads it.

        Raises:
            AttributeError: it is of a kind that cannot be written so.
        """
        return str(self._model.tokenizer.backend_tokenizer.to_str())

    def padding(self) -> tuple[int, str]:
        """Number and text of the token that fills a batch up."""
        return int(self._model.tokenizer.pad_token_id), str(self._model.tokenizer.pad_token)

    def recorded(self) -> tuple[Any, list[str]]:
        """The whole model, pooling and all, as a TorchScript trace, and the names of its inputs, int64 [n, tokens]."""
        import torch

        example = {
            name: value
            for name, value in self._model.tokenizer(EXAMPLE, padding=True, return_tensors="pt").items()
            if name in ("input_ids", "attention_mask", "token_type_ids")
        }
        names = list(example)
        model = self._model

        class Whole(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.model = model

            def forward(self, *inputs: Any) -> Any:
                return self.model(dict(zip(names, inputs, strict=True)))["sentence_embedding"]

        with torch.inference_mode(), warnings.catch_warnings(action="ignore"):  # that a branch is taken as it falls
            trace: Any = torch.jit.trace
            return trace(Whole(), tuple(example.values()), check_trace=False, strict=False), names


class TorchCrossEncoder:
    """A cross-encoder for natural language inference."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Load the model in `folder`.

        Raises:
            ModelError: it does not load, or none of several labels is entailment.
        """
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
        import torch
        from sentence_transformers import CrossEncoder

        torch.set_num_threads(threads)
        try:
            self._model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
        except Exception as error:
            raise ModelError(
                f"the cross-encoder in {folder} does not load ({error}). Mend the setting nli, or leave it out."
            ) from error
        labels = {int(i): str(name).lower() for i, name in self._model.config.id2label.items()}
        found = [i for i, name in labels.items() if name.startswith("entail")]
        if len(labels) > 1 and not found:
            raise ModelError(
                f"the cross-encoder in {folder} tells {', '.join(labels.values())}: none of these is entailment. "
                "Name one for natural language inference in the setting nli, or leave it out."
            )
        self._label = found[0] if found else None

    def entailment(self, premise: str, hypothesis: str) -> float:
        """Probability, 0 to 1, that `premise` entails `hypothesis`; a model of one output is one of entailment."""
        import torch

        several = self._label is not None
        activation: torch.nn.Module = torch.nn.Softmax(dim=-1) if several else torch.nn.Sigmoid()
        found = self._model.predict([(premise, hypothesis)], activation_fn=activation, show_progress_bar=False)[0]
        return float(found[self._label] if several else found)


def _best_precision() -> str:
    import torch

    capabilities = torch.cpu.get_capabilities()
    return "bfloat16" if any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16")) else "float32"


class Training(Record):
    """How a model is tuned; measured on graded spans that it was not tuned on (`rag.evaluation.joint`)."""

    rank: int = 16
    """Rows of the thin matrices."""
    scale: float = 2.0
    """What their product is multiplied by while they are learned."""
    epochs: int = 2
    batch: int = 32
    rate: float = 6e-4
    """Learning rate; it rises over the first `warming` steps and falls evenly to a fiftieth."""
    direction_rate: float = 5e-3
    """That of the direction."""
    warming: int = 100
    spread: float = 6.0
    """What vectors of length one are multiplied by before the direction is learned: about the mean ones' length."""
    window: int = 144
    """Tokens of a text that are read; one graded pair in two hundred has more."""


def tune(
    folder: Path,
    texts: Sequence[str],
    wanted: Sequence[float],
    training: Training,
    threads: int,
    advance: Callable[[int, int], None],
) -> tuple[Factors, Vectors, float]:
    """Learn low-rank corrections of a BERT's products so that texts can be told by one direction of their vectors.

    The mean cross-entropy of the probability against `wanted` is minimised by AdamW over batches of like length. The
    embeddings, biases and layer normalisations stay as they are. Only the embeddings have dropout, that of the model's
    configuration. Seeded; sums differ from one processor to another.

    Args:
        folder: a sentence-transformers model of a BERT with mean pooling and normalised vectors.
        texts: what is read.
        wanted: for each text a probability, 0 to 1.
        training: the settings.
        threads: processor threads.
        advance: called with (steps done, all steps).

    Returns:
        What is to be added to the weights; the direction, float32 [dimension]; and the intercept.

    Raises:
        ModelError: the model does not load.
    """
    import torch

    torch.manual_seed(0)
    draw = np.random.default_rng(0)
    loaded = TorchModel(folder, threads, "float32")._model
    body: Any = loaded[0].auto_model
    body.train()
    body.set_attn_implementation("eager")  # the gradient of the fused one in bfloat16 takes half of all time
    body.to(torch.bfloat16)  # what is learned stays in float32: 1.5 times as fast as casting at every product
    tokenizer = loaded.tokenizer
    for parameter in body.parameters():
        parameter.requires_grad_(False)

    class Corrected(torch.nn.Module):
        def __init__(self, product: torch.nn.Linear) -> None:
            super().__init__()
            self.product = product
            down = torch.randn(training.rank, product.in_features) / product.in_features**0.5
            self.down = torch.nn.Parameter(down)
            self.up = torch.nn.Parameter(torch.zeros(product.out_features, training.rank))

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            more: torch.Tensor = inputs @ self.down.to(inputs.dtype).t() @ self.up.to(inputs.dtype).t()
            return torch.add(self.product(inputs), more, alpha=training.scale)

    corrected: dict[str, Corrected] = {}
    for place, module in list(body.encoder.named_modules()):
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        for name, child in list(module.named_children()):
            if isinstance(child, torch.nn.Linear):
                corrected[f"encoder.{place}.{name}.weight"] = replaced = Corrected(child)
                setattr(module, name, replaced)
    head = torch.nn.Linear(int(body.config.hidden_size), 1)
    torch.nn.init.zeros_(head.weight)
    thin = [matrix for one in corrected.values() for matrix in (one.down, one.up)]
    optimizer = torch.optim.AdamW(
        [
            {"params": thin, "lr": training.rate},
            {"params": list(head.parameters()), "lr": training.direction_rate},
        ],
        weight_decay=0.01,
    )
    encoded = [tokenizer(text, truncation=True, max_length=training.window)["input_ids"] for text in texts]
    steps, step = training.epochs * -(-len(texts) // training.batch), 0
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda done: min((done + 1) / training.warming, max(0.02, 1 - done / steps))
    )
    for _ in range(training.epochs):
        for batch in _of_like_length(draw.permutation(len(texts)), [len(ids) for ids in encoded], training.batch, draw):
            inputs = tokenizer.pad({"input_ids": [encoded[i] for i in batch]}, return_tensors="pt")
            states = body(**inputs).last_hidden_state
            mask = inputs["attention_mask"].unsqueeze(-1)
            vectors = torch.nn.functional.normalize((states.float() * mask).sum(1), dim=1)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                head(training.spread * vectors).squeeze(-1), torch.tensor([wanted[i] for i in batch])
            )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_([*thin, *head.parameters()], 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            advance(step, steps)
    with torch.no_grad():
        factors = {name: (_float32(one.down), _float32(training.scale * one.up)) for name, one in corrected.items()}
        return factors, _float32(training.spread * head.weight[0]), float(head.bias[0])


def _float32(values: Any) -> Vectors:
    """A tensor as an array."""
    return np.asarray(values.numpy(), dtype=np.float32)


def _of_like_length(
    shuffled: NDArray[np.int64], lengths: Sequence[int], size: int, draw: np.random.Generator
) -> list[list[int]]:
    """The places in batches: of twenty batches' worth at a time the like ones together, the batches in any order."""
    batches = []
    for start in range(0, len(shuffled), 20 * size):
        part = sorted(shuffled[start : start + 20 * size].tolist(), key=lambda place: lengths[place])
        batches += [part[first : first + size] for first in range(0, len(part), size)]
    return [batches[place] for place in draw.permutation(len(batches))]
