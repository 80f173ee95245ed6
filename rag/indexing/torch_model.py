"""A sentence-transformers model run by PyTorch. The only file that imports either."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelError
from rag.indexing.embedding import WINDOW, Vectors, batches

EXAMPLE = ["The first of two texts, of different length.", "The other."]
"""What is put through the model while its steps are recorded."""


class TorchModel:
    """Run in bfloat16 where the processor multiplies it natively: half as long, cosine to float32 0.999 or more."""

    def __init__(self, folder: Path, threads: int, precision: str | None = None) -> None:
        """Load the model in `folder`; `precision` is "float32", "bfloat16" or None for the faster.

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
