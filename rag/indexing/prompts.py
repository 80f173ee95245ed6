"""What an embedding model wants written before a text: one thing before a question, another before a passage.

Models such as those of the E5 family are trained with them and find less without. sentence-transformers keeps them in
`config_sentence_transformers.json` of the model's folder, and from version 5 its `encode_query` takes the prompt named
"query" and its `encode_document` the first that is there of "document", "passage" and "corpus"; without one it writes
nothing, whatever the default prompt is. So it is done here, but that an empty prompt hides none of the next name (the
library's own empty "document" hides a model's "passage").
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from rag.errors import ModelError
from rag.indexing.centring import UNCENTRED, VERSION
from rag.models import model_digest
from rag.types import Record

CONFIG = "config_sentence_transformers.json"
QUESTION_NAMES = ("query",)
PASSAGE_NAMES = ("document", "passage", "corpus")


class Prompts(Record):
    """What is written before texts; empty for most models."""

    question: str = ""
    passage: str = ""


def read_prompts(folder: Path) -> Prompts:
    """The prompts of the sentence-transformers model in `folder`.

    Raises:
        ModelError: the configuration cannot be read, or the model leaves its prompts out of the pooling, which is not
            supported.
    """
    stated = _read(folder / CONFIG).get("prompts") or {}
    if not isinstance(stated, dict) or not all(isinstance(text, str | None) for text in stated.values()):
        raise ModelError(f"the prompts in {folder / CONFIG} are not texts. Mend the file.")
    prompts = Prompts(question=_first(stated, QUESTION_NAMES), passage=_first(stated, PASSAGE_NAMES))
    if prompts != Prompts():
        for pooling in sorted(folder.glob("*_Pooling/config.json")):
            if _read(pooling).get("include_prompt") is False:
                raise ModelError(
                    f"the embedding model in {folder} leaves its prompts out of the pooling, which is not supported. "
                    "Name another model in the setting embedding."
                )
    return prompts


def embedding_digest(folder: Path) -> str:
    """SHA-256 (hex) of what decides an embedding model's vectors: its weights, its prompts and how they are centred.

    It is that of the weights for the models of the catalogue, which have no prompts and are not centred.

    Raises:
        ModelError: the folder holds no weights, or its prompts cannot be read.
    """
    weights, prompts = model_digest(folder), read_prompts(folder)
    if prompts == Prompts() and weights in UNCENTRED:
        return weights
    stated = f"{weights}\0{prompts.question}\0{prompts.passage}\0{VERSION}"
    return hashlib.sha256(stated.encode()).hexdigest()


def _first(stated: dict[str, str | None], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := stated.get(name))), "")


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{file} of the embedding model cannot be read ({error}). Run `onrecord models pull` to fetch it again."
        ) from error
    return found if isinstance(found, dict) else {}
