"""Text to vectors, with a sentence-transformers model from a local folder.

OpenVINO runs a BERT-sized model more than three times as fast on a CPU as PyTorch does in float32, and gives nearly
the same vectors (mean cosine 0.999 or more, `benchmarks/embedding.py`); it is used when it is installed. PyTorch runs
it otherwise, in bfloat16 where the processor has the instructions.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.config import Settings
from rag.indexing import joint
from rag.indexing.centring import UNCENTRED, Centre, centre_of, unit
from rag.indexing.prompts import Prompts, embedding_digest, read_prompts
from rag.models import model_digest, model_path

if TYPE_CHECKING:
    from rag.indexing.torch_model import TorchModel

Vectors = NDArray[np.float32]
Way = Literal["openvino", "float32", "bfloat16"]
"""OpenVINO, or PyTorch in a precision."""
Progress = Callable[[int, int], None]
"""Called with (done, total)."""

WINDOW = 256
"""Tokens of one text that are read, both special tokens included; longer input is cut by the model."""
EXPORTED = "openvino"
"""Folder, below that of the models, of those made for OpenVINO."""
BATCH_TOKENS = 1024
"""Tokens of one batch, padding included: enough to keep the cores busy, small enough to stay in their cache."""


CHINESE = (
    "外交部发言人表示，中方对此有何评论？我们注意到有关报道，希望各方通过对话协商解决分歧，维护地区和平与稳定。国际社会应当"
    "加强合作，共同应对疫情、气候变化和贸易保护主义的挑战，坚持多边主义，反对单边制裁。"
)
"""Everyday words of the record, by which it is measured whether a tokenizer knows Chinese."""
UNKNOWN = ("[UNK]", "<unk>")
"""What tokenizers write for what they do not know."""
MOST_UNKNOWN = 0.1
"""Share of the tokens of `CHINESE` that a model for it may not know. The default English model does not know 0.62."""
MOST_TOKENS = 1.5
"""Tokens for a character of `CHINESE`. A tokenizer of bytes that was made for other languages takes two or three."""


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """Name of the model as the settings give it."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of what decides the vectors: the weights and prompts."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def window(self) -> int:
        """Most tokens of one passage that are read, special tokens included, the prompt left out."""

    @property
    def reads_chinese(self) -> bool:
        """Whether the model's tokens tell Chinese words apart; vectors of Chinese say nothing when not."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, uncut."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Passages: float32 [len(texts), dimension], L2-normalised rows in the order of the texts."""

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """The same of questions, which some models are to be told from passages."""

    def joint_scores(self, question: str, statements: Sequence[str]) -> Vectors | None:
        """Log-odds that each statement answers the question, read together with it: float32 [len(statements)].

        None with a model that is not tuned for it (`rag.indexing.joint`).
        """


class Model(Protocol):
    """A model in memory, run in one of the ways."""

    window: int
    """Most tokens of one text that are read, special tokens included."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, uncut."""

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text as the tokenizer writes them."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Float32 [len(texts), dimension], in the order of the texts, of which there is one at least.

        They go through the model in `batches`, cut at the window.
        """


class SentenceEncoder:
    """A sentence-transformers model. Loaded when first used, so that making one costs nothing; thread-safe."""

    def __init__(self, name: str, folder: Path, threads: int, exported: Path | None, way: Way | None = None) -> None:
        """`exported`: where models made for OpenVINO are kept; `way`: None takes the fastest that is there."""
        self.name = name
        self._folder = folder
        self._threads = threads
        self._exported = exported
        self._way = way
        self._lock = threading.Lock()

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of weights and prompts, however they are run.

        Raises:
            ModelError: the folder has no weights, or its prompts cannot be read.
        """
        return embedding_digest(self._folder)

    @cached_property
    def weights_digest(self) -> str:
        """SHA-256 (hex) of the weights alone.

        Raises:
            ModelError: the folder has none.
        """
        return model_digest(self._folder)

    @cached_property
    def dimension(self) -> int:
        """Length of a vector; loads the model."""
        with self._lock:
            return int(self._model.embed([""]).shape[1])

    @cached_property
    def window(self) -> int:
        """Most tokens of one passage that are read, the prompt left out; loads the model."""
        with self._lock:
            bare, prompted = self._model.count_tokens(["", self._prompts.passage])
            return self._model.window - (prompted - bare)

    @cached_property
    def reads_chinese(self) -> bool:
        """Whether the tokenizer knows Chinese, measured on a text; loads the model."""
        with self._lock:
            return self._knows_chinese

    @cached_property
    def _knows_chinese(self) -> bool:
        tokens = self._model.tokens(CHINESE)
        unknown = sum(token in UNKNOWN for token in tokens)
        return unknown <= MOST_UNKNOWN * len(tokens) and len(tokens) <= MOST_TOKENS * len(CHINESE)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, both special tokens included, uncut."""
        if not texts:
            return []
        with self._lock:
            return self._model.count_tokens([_readable(text) for text in texts])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Passages: float32 [len(texts), dimension], L2-normalised; texts are cut at the window."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._lock:
            return unit(self._passages(texts) - self._centre.passage)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """The same of questions."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._lock:
            return unit(self._questions(texts) - self._centre.question)

    def joint_scores(self, question: str, statements: Sequence[str]) -> Vectors | None:
        """Log-odds that each statement answers the question: float32 [len(statements)]; None with another model."""
        tuning = joint.committed()
        if self.weights_digest != tuning.base:
            return None
        if not statements:
            return np.empty(0, dtype=np.float32)
        texts = [joint.joined(_readable(question), _readable(statement)) for statement in statements]
        with self._lock:
            return tuning.scores(unit(self._joint_model.embed(texts)))

    def _passages(self, texts: Sequence[str]) -> Vectors:
        # bfloat16 keeps 8 bits of mantissa: normalising in float32 keeps the rows at length one.
        return unit(self._model.embed([self._prompts.passage + _readable(text) for text in texts]))

    def _questions(self, texts: Sequence[str]) -> Vectors:
        return unit(self._model.embed([self._prompts.question + _readable(text) for text in texts]))

    @cached_property
    def _centre(self) -> Centre:
        if self.weights_digest in UNCENTRED:
            nothing = np.zeros(1, dtype=np.float32)
            return Centre(nothing, nothing)
        return centre_of(self._questions, self._passages, chinese=self._knows_chinese)

    @cached_property
    def _prompts(self) -> Prompts:
        return read_prompts(self._folder)

    @cached_property
    def _model(self) -> Model:
        from rag.indexing.torch_model import TorchModel

        return self._opened(lambda: self.weights_digest, lambda way: TorchModel(self._folder, self._threads, way))

    @cached_property
    def _joint_model(self) -> Model:
        from rag.indexing.torch_model import TorchModel

        tuning = joint.committed()
        return self._opened(
            lambda: tuning.digest, lambda way: TorchModel(self._folder, self._threads, way, tuning.factors)
        )

    def _opened(self, digest: Callable[[], str], load: Callable[[str | None], TorchModel]) -> Model:
        """The model whose weights have this digest, run in the way that was asked for; `load` gives it by PyTorch."""
        from rag.indexing import openvino_model

        if self._exported and self._way in (None, "openvino") and openvino_model.is_installed():
            found = openvino_model.open_model(self._exported, digest(), self._threads, lambda: load("float32"))
            if found:
                return found
        return load(None if self._way in (None, "openvino") else self._way)


def _readable(text: str) -> str:
    """`text` with halves of surrogate pairs, which tokenizers refuse, replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Indices of texts of so many tokens, longest first, in batches of like length: little is spent on padding."""
    parted: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if not parted or lengths[parted[-1][0]] * (len(parted[-1]) + 1) > BATCH_TOKENS:
            parted.append([])
        parted[-1].append(i)
    return parted


def run_by() -> str:
    """What runs the embedding model here, in words for the reader."""
    from rag.indexing import openvino_model

    if openvino_model.is_installed():
        return "OpenVINO"
    return "PyTorch; OpenVINO is faster: pip install 'onrecord[fast]'"


def prepare(settings: Settings, announce: Callable[[str], None]) -> None:
    """Make what the fastest way to run the embedding model needs, when it is not made yet; it takes some seconds.

    Raises:
        ModelError: the model is not there.
    """
    from rag.indexing import openvino_model

    encoder, tuning = load_encoder(settings), joint.committed()
    digests = {encoder.weights_digest, *([tuning.digest] if tuning.base == encoder.weights_digest else [])}
    made = settings.models / EXPORTED
    if openvino_model.is_installed() and not all(openvino_model.is_made(made, digest) for digest in digests):
        announce(f"Preparing {settings.embedding} for this processor …")
        encoder.encode([""])
        encoder.joint_scores("", [""])


def load_encoder(settings: Settings) -> SentenceEncoder:
    """The encoder that the settings name; its weights are read when it is first used.

    Raises:
        ModelError: the model is not there; the message names `onrecord models pull`.
    """
    folder = model_path(settings.embedding, settings)
    return SentenceEncoder(settings.embedding, folder, settings.threads, settings.models / EXPORTED)
