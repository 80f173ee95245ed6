"""An embedding model run by OpenVINO, made from the PyTorch one on this machine. The only file that imports it.

Neither PyTorch nor sentence-transformers is loaded to run it. OpenVINO reports to its maker over the network that it
was imported, and each use of its converter, by a package of its own (`openvino_telemetry`), and does without where that
one is missing: for this process it is.
"""

from __future__ import annotations

import importlib.util
import logging
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.indexing.embedding import Vectors, batches
from rag.models.digests import file_digest
from rag.types import Record

if TYPE_CHECKING:
    from tokenizers import Encoding

    from rag.indexing.torch_model import TorchModel

log = logging.getLogger(__name__)

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # "not to be found", to the import system

ALIKE = 0.9999
"""Least cosine between a vector by OpenVINO and by PyTorch in float32: one index serves both."""
TRIED = (
    "What was said about Huawei?",
    "The spokesperson said that the two sides will hold consultations on trade, 2019.",
    "中方注意到有关报道。我们对此坚决反对。",
    "",
    "The relevant parties should respect facts and stop making irresponsible remarks. " * 30,
)
"""Texts, from none to one longer than the window, that both must embed alike."""
FACTS, MODEL, TOKENIZER = "facts.json", "model.xml", "tokenizer.json"


class Facts(Record):
    """What is noted beside an exported model."""

    source: str
    """SHA-256 (hex) of the weights that it was made from."""
    openvino: str
    """Version that made it."""
    window: int
    inputs: tuple[str, ...]
    padding: tuple[int, str]
    """Number and text of the token that fills a batch up."""
    precision: str
    """OpenVINO's name of the fastest in which the vectors stay alike on this processor."""
    files: dict[str, str]
    """SHA-256 (hex) of each file."""


def is_installed() -> bool:
    """Whether OpenVINO is; it comes with `pip install onrecord[fast]`."""
    return importlib.util.find_spec("openvino") is not None


class OpenVinoModel:
    """A model in a folder that `export` has made."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Load it; raises OSError, ValueError or RuntimeError when it is not whole."""
        import openvino
        from tokenizers import Tokenizer

        facts = Facts.model_validate_json((folder / FACTS).read_bytes())
        self.window = facts.window
        self._inputs = facts.inputs
        self._uncut = Tokenizer.from_file(str(folder / TOKENIZER))
        self._uncut.no_truncation()
        self._uncut.no_padding()
        self._cut = Tokenizer.from_file(str(folder / TOKENIZER))
        self._cut.enable_truncation(facts.window)
        self._cut.no_padding()
        self._padding, _ = facts.padding
        # One batch for each thread: threads that share a batch wait for one another, a quarter of their time.
        compiled = openvino.Core().compile_model(
            folder / MODEL,
            "CPU",
            {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": threads, "INFERENCE_PRECISION_HINT": facts.precision},
        )
        self._dimension = int(compiled.output(0).get_partial_shape()[1].get_length())
        self._requests = openvino.AsyncInferQueue(compiled, threads)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, both special tokens included, uncut."""
        return [len(encoding.ids) for encoding in self._uncut.encode_batch_fast(list(texts))]

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text as the tokenizer writes them."""
        return list(self._uncut.encode(text, add_special_tokens=False).tokens)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Float32 [len(texts), dimension], in the order of the texts."""
        encoded = self._cut.encode_batch_fast(list(texts))
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)

        def keep(request: Any, batch: list[int]) -> None:
            vectors[batch] = request.get_output_tensor(0).data

        self._requests.set_callback(keep)
        for batch in batches([len(one.ids) for one in encoded]):
            self._requests.start_async(self._inputs_of([encoded[i] for i in batch]), batch)
        self._requests.wait_all()
        return vectors

    def _inputs_of(self, encoded: Sequence[Encoding]) -> list[NDArray[np.int64]]:
        """What the model takes of some texts, each int64 [len(encoded), tokens of the longest], filled up."""
        shape = len(encoded), max(len(one.ids) for one in encoded)
        fields = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
        inputs = []
        for name in self._inputs:
            values = np.full(shape, self._padding if name == "input_ids" else 0, dtype=np.int64)
            for row, one in zip(values, encoded, strict=True):
                row[: len(one.ids)] = getattr(one, fields[name])
            inputs.append(values)
        return inputs


def open_model(cache: Path, digest: str, threads: int, make: Callable[[], TorchModel]) -> OpenVinoModel | None:
    """The model whose weights have the SHA-256 `digest`, run by OpenVINO; None when it cannot be, and PyTorch must.

    Args:
        cache: folder of exported models; one is made in it when it is missing, of other weights, damaged, or made by
            another version. That takes some seconds.
        digest: of the source.
        threads: processor threads.
        make: gives the source in float32.
    """
    folder = cache / digest[:16]
    try:
        if not is_made(cache, digest):
            _export(folder, digest, make(), threads)
        return OpenVinoModel(folder, threads)
    except Exception as error:
        # Whatever stands in the way of the faster route, the other one is there.
        log.warning("the embedding model is run by PyTorch, not by OpenVINO: %s", error)
        return None


def is_made(cache: Path, digest: str) -> bool:
    """Whether the model of these weights is there, whole, and made by the installed version."""
    folder = cache / digest[:16]
    try:
        facts = Facts.model_validate_json((folder / FACTS).read_bytes())
        made_so = (facts.source, facts.openvino) == (digest, metadata.version("openvino"))
        return made_so and all(file_digest(folder / name) == one for name, one in facts.files.items())
    except (OSError, ValueError):
        return False


def _export(folder: Path, digest: str, source: TorchModel, threads: int) -> None:
    """Write the model into `folder` at once, never half.

    Raises:
        ValueError: it does not embed as its source does.
        Exception: it cannot be recorded, converted or written.
    """
    import openvino
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    recorded, inputs = source.recorded()
    frontend = FrontEndManager().load_by_framework("pytorch")
    decoder = TorchScriptPythonDecoder(recorded)  # the frontend holds no reference of its own
    converted = frontend.convert(frontend.load(decoder))
    for given in converted.inputs:
        given.get_node().set_partial_shape(openvino.PartialShape([-1, -1]))
        given.get_node().set_element_type(openvino.Type.i64)
    converted.validate_nodes_and_infer_types()
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
    try:
        openvino.save_model(converted, made / MODEL, compress_to_fp16=False)
        (made / TOKENIZER).write_text(source.tokenizer_json(), encoding="utf-8")
        facts = Facts(
            source=digest,
            openvino=metadata.version("openvino"),
            window=source.window,
            inputs=tuple(inputs),
            padding=source.padding(),
            precision="f32",
            files={file.name: file_digest(file) for file in sorted(made.iterdir())},
        )
        (made / FACTS).write_text(facts.model_dump_json(), encoding="utf-8")
        if "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            faster = facts.model_copy(update={"precision": "bf16"})
            (made / FACTS).write_text(faster.model_dump_json(), encoding="utf-8")
            if _least_cosine(OpenVinoModel(made, threads), source) < ALIKE:
                (made / FACTS).write_text(facts.model_dump_json(), encoding="utf-8")
        model = OpenVinoModel(made, threads)
        if not (least := _least_cosine(model, source)) >= ALIKE:
            raise ValueError(f"its vectors differ from those of its source (cosine {least:.5f})")
        if model.count_tokens(TRIED) != source.count_tokens(TRIED):
            raise ValueError("its tokenizer differs from that of its source")
        shutil.rmtree(folder, ignore_errors=True)
        made.replace(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _least_cosine(model: OpenVinoModel, source: TorchModel) -> float:
    """Between the vectors that both give of the same texts, in one batch and one by one."""
    least = 1.0
    for texts in (TRIED, *([text] for text in TRIED)):
        pair = [one.embed(texts) for one in (model, source)]
        unit = [vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in pair]
        least = min(least, float((unit[0] * unit[1]).sum(axis=1).min()))
    return least
