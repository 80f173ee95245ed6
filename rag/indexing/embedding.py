"""Text to vectors, with a sentence-transformers model from a local folder. The only file that imports it.

torch runs a BERT-sized model about twice as fast in bfloat16 as in float32 on a CPU that has the
instructions, with vectors that agree to a cosine of 0.999 or better (`benchmarks/embedding.py`); elsewhere
bfloat16 is emulated and slower, so float32 is used.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.config import Settings
from rag.errors import ModelError
from rag.models import model_digest, model_path

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]
"""Called with (done, total)."""

WINDOW = 256
"""Tokens of one text that are read, both special tokens included; longer input is cut by the model."""
BATCH_TOKENS = 4096
"""Tokens of one batch, padding included: enough to keep the cores busy, small enough to stay in their cache."""


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """Name of the model as the settings give it."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the weights."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def window(self) -> int:
        """Most tokens of one text that are read, special tokens included."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, uncut."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Float32 [len(texts), dimension], L2-normalised rows in the order of the texts."""


class SentenceEncoder:
    """A sentence-transformers model. Loaded when first used, so that making one costs nothing; thread-safe."""

    def __init__(self, name: str, folder: Path, threads: int, precision: str | None = None) -> None:
        """`precision`: "float32" or "bfloat16"; None takes bfloat16 where the processor has it."""
        self.name = name
        self.window = WINDOW
        self._folder = folder
        self._threads = threads
        self._precision = precision
        self._lock = threading.Lock()

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the weights.

        Raises:
            ModelError: the folder has none.
        """
        return model_digest(self._folder)

    @cached_property
    def dimension(self) -> int:
        """Length of a vector; loads the model."""
        with self._lock:
            return int(self._encode([""]).shape[1])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, both special tokens included, uncut."""
        if not texts:
            return []
        with self._lock:
            encoded = self._model.tokenizer(
                [_readable(text) for text in texts], truncation=False, padding=False, verbose=False
            )
        return [len(ids) for ids in encoded["input_ids"]]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Float32 [len(texts), dimension], L2-normalised; texts are cut at the window."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        lengths = [min(length, self.window) for length in self.count_tokens(texts)]
        with self._lock:
            for batch in _batches(lengths):
                vectors[batch] = self._encode([_readable(texts[i]) for i in batch])
        # bfloat16 keeps 8 bits of mantissa: normalising in float32 keeps the rows at length one.
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors

    def _encode(self, texts: list[str]) -> Vectors:
        """Float32 [len(texts), dimension] as the model gives them, in one batch."""
        return np.asarray(
            self._model.encode(texts, batch_size=len(texts), convert_to_numpy=True, show_progress_bar=False),
            dtype=np.float32,
        )

    @cached_property
    def _model(self) -> SentenceTransformer:
        # Read by the hub client when it is imported: with it no request is ever tried.
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        torch.set_num_threads(self._threads)
        try:
            model = SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)
        except Exception as error:
            raise ModelError(
                f"the embedding model in {self._folder} does not load ({error}). "
                "Run `onrecord models pull` to fetch it again."
            ) from error
        model.max_seq_length = min(WINDOW, model.max_seq_length or WINDOW)
        self.window = model.max_seq_length
        if (self._precision or _best_precision()) == "bfloat16":
            model.bfloat16()
        return model.eval()


def _readable(text: str) -> str:
    """`text` with halves of surrogate pairs, which tokenizers refuse, replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Indices of texts, longest first, in batches of texts of like length: little is spent on padding."""
    batches: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if not batches or lengths[batches[-1][0]] * (len(batches[-1]) + 1) > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(i)
    return batches


def _best_precision() -> str:
    """bfloat16 where the processor multiplies it natively, else float32."""
    import torch

    capabilities = torch.cpu.get_capabilities()
    return "bfloat16" if any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16")) else "float32"


def load_encoder(settings: Settings) -> Encoder:
    """The encoder that the settings name; its weights are read when it is first used.

    Raises:
        ModelError: the model is not there; the message names `onrecord models pull`.
    """
    return SentenceEncoder(settings.embedding, model_path(settings.embedding, settings), settings.threads)
