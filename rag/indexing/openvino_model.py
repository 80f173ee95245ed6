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
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.indexing.embedding import Vectors, batches
from rag.indexing.int8 import LEVELS, Rounding, examples
from rag.models.digests import file_digest
from rag.types import Record

if TYPE_CHECKING:
    from tokenizers import Encoding

    from rag.indexing.torch_model import TorchModel

log = logging.getLogger(__name__)

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # "not to be found", to the import system

ALIKE = 0.9999
"""Least cosine between a vector by OpenVINO and by PyTorch in float32: one index serves both."""
ALIKE_INT8 = 0.999
"""Mean one that is enough for products in 8-bit integers: rankings stay the same (README.md)."""
VERSION = 1
"""Raised when a model is exported otherwise than before."""
TRIED = (
    "What was said about Huawei?",
    "The spokesperson said that the two sides will hold consultations on trade, 2019.",
    "中方注意到有关报道。我们对此坚决反对。",
    "",
    "The relevant parties should respect facts and stop making irresponsible remarks. " * 30,
)
"""Texts, from none to one longer than the window, that both must embed alike."""
FIELDS = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
"""Inputs of a model, and what the tokenizer calls them."""
FACTS, MODEL, TOKENIZER = "facts.json", "model.xml", "tokenizer.json"


class Facts(Record):
    """What is noted beside an exported model."""

    source: str
    """SHA-256 (hex) of the weights that it was made from."""
    openvino: str
    """Version that made it."""
    version: int
    """`VERSION` of the way it was made."""
    int8: bool
    """Whether it has products in 8-bit integers."""
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
        inputs = []
        for name in self._inputs:
            values = np.full(shape, self._padding if name == "input_ids" else 0, dtype=np.int64)
            for row, one in zip(values, encoded, strict=True):
                row[: len(one.ids)] = getattr(one, FIELDS[name])
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
        made_so = (facts.source, facts.openvino, facts.version) == (digest, metadata.version("openvino"), VERSION)
        return made_so and all(file_digest(folder / name) == one for name, one in facts.files.items())
    except (OSError, ValueError):
        return False


def _export(folder: Path, digest: str, source: TorchModel, threads: int) -> None:
    """Write the fastest model whose vectors stay alike on this processor into `folder`, at once, never half.

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
    facts = Facts(
        source=digest,
        openvino=metadata.version("openvino"),
        version=VERSION,
        int8=False,
        window=source.window,
        inputs=tuple(inputs),
        padding=source.padding(),
        precision="f32",
        files={},
    )
    able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    precisions = ["bf16", "f32"] if "BF16" in able else ["f32"]
    ways = [facts.model_copy(update={"precision": precision}) for precision in precisions]
    if "INT8" in able:
        ways.insert(0, ways[0].model_copy(update={"int8": True}))
    folder.parent.mkdir(parents=True, exist_ok=True)
    for way in ways:
        made = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
        try:
            _write(made, _with_int8(converted, source, way.inputs, threads) if way.int8 else converted, source, way)
            model = OpenVinoModel(made, threads)
            if model.count_tokens(TRIED) != source.count_tokens(TRIED):
                raise ValueError("its tokenizer differs from that of its source")
            found = _cosines(model, source)
            if found.mean() >= ALIKE_INT8 if way.int8 else found.min() >= ALIKE:
                shutil.rmtree(folder, ignore_errors=True)
                made.replace(folder)
                return
        finally:
            shutil.rmtree(made, ignore_errors=True)
    raise ValueError(f"its vectors differ from those of its source (cosine {found.min():.5f})")


def _write(made: Path, model: Any, source: TorchModel, facts: Facts) -> None:
    import openvino

    openvino.save_model(model, made / MODEL, compress_to_fp16=False)
    (made / TOKENIZER).write_text(source.tokenizer_json(), encoding="utf-8")
    whole = facts.model_copy(update={"files": {file.name: file_digest(file) for file in sorted(made.iterdir())}})
    (made / FACTS).write_text(whole.model_dump_json(), encoding="utf-8")


def _with_int8(model: Any, source: TorchModel, names: Sequence[str], threads: int) -> Any:
    """A copy of a model that multiplies what comes out of its layer normalisations in 8-bit integers.

    These are seven twelfths of a BERT's matrix products. Such inputs have bounds, whatever the text is; others have
    none: with all products rounded, vectors of texts unlike the examples have a cosine of 0.99 to those in float32.
    """
    import openvino
    from openvino import opset13 as ops
    from tokenizers import Tokenizer

    watched, rounded = model.clone(), model.clone()
    groups = list(_normalised(watched))
    for products in groups:
        watched.add_outputs(products[0].input_value(0))
    compiled = openvino.Core().compile_model(
        watched, "CPU", {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
    )
    tokenizer = Tokenizer.from_str(source.tokenizer_json())
    tokenizer.enable_truncation(source.window)
    tokenizer.no_padding()
    seen: list[list[NDArray[np.float32]]] = [[] for _ in groups]
    for one in tokenizer.encode_batch(examples()):
        found = compiled([np.array([getattr(one, FIELDS[name])], dtype=np.int64) for name in names])
        for number, inputs in enumerate(seen, start=len(model.outputs)):
            inputs.append(found[number][0].copy())

    def constant(values: NDArray[np.float64], *shape: int) -> Any:
        return ops.constant(values.astype(np.float32).reshape(shape))

    bounds = constant(np.zeros(1), 1, 1, 1), constant(np.array([LEVELS]), 1, 1, 1)
    for products, inputs in zip(_normalised(rounded), seen, strict=True):
        rounding = Rounding.of(np.concatenate(inputs), [one.input_value(1).get_node().data for one in products])
        scaled = ops.multiply(products[0].input_value(0), constant(1 / rounding.step, 1, 1, -1))
        shifted = ops.add(scaled, constant(-rounding.lowest / rounding.step, 1, 1, -1))
        levels = ops.fake_quantize(shifted, *bounds, *bounds, LEVELS + 1)
        for old, new in zip(products, rounding.products, strict=True):
            weights = ops.multiply(ops.convert(ops.constant(new.rounded), "f32"), constant(new.scale, -1, 1))
            (reader,) = old.output(0).get_target_inputs()
            reader.replace_source_output(ops.matmul(levels, weights, False, True).output(0))
            bias = reader.get_node().input(1)
            values = bias.get_source_output().get_node().data.reshape(-1) + new.shift
            bias.replace_source_output(constant(values, 1, 1, -1).output(0))
    rounded.validate_nodes_and_infer_types()
    return rounded


def _normalised(model: Any) -> Iterable[list[Any]]:
    """The products, bias added, of the output of a layer normalisation with weights: for each output, those of it."""
    groups: dict[str, list[Any]] = {}
    for node in model.get_ordered_ops():
        if node.get_type_name() != "MatMul" or not node.get_attributes()["transpose_b"]:
            continue
        inputs = node.input_value(0).get_node()
        readers = [reader.get_node() for reader in node.output(0).get_target_inputs()]
        if (
            _is(node.input_value(1).get_node(), "Constant")
            and _is(inputs, "Add", "Multiply", "MVN")
            and len(readers) == 1
            and _is(readers[0], "Add")
            and _is(readers[0].input_value(1).get_node(), "Constant")
        ):
            groups.setdefault(inputs.get_friendly_name(), []).append(node)
    return groups.values()


def _is(node: Any, *types: str) -> bool:
    """Whether `node` is of the first type, made from one of the second, and so on."""
    for name in types:
        if node.get_type_name() != name:
            return False
        node = node.input_value(0).get_node() if node.get_input_size() else None
    return True


def _cosines(model: OpenVinoModel, source: TorchModel) -> Vectors:
    """Between the vectors that both give of the same texts, float32 [2 * len(TRIED)]: in one batch and one by one."""
    cosines = []
    for texts in (TRIED, *([text] for text in TRIED)):
        pair = [one.embed(texts) for one in (model, source)]
        unit = [vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in pair]
        cosines.append((unit[0] * unit[1]).sum(axis=1))
    return np.concatenate(cosines)
