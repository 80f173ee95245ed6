"""Where models lie on this machine, and whether they are the right bytes. Nothing here touches the network."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Literal

from rag.config import Settings
from rag.errors import ModelError
from rag.models.catalogue import CATALOGUE, CatalogueModel, ModelFile, Role
from rag.models.digests import file_digest, model_digest
from rag.types import Record
from rag.whole_files import write_whole

NO_LLM = "none"
"""The value of `settings.llm` that asks for verbatim quotes only."""

State = Literal["missing", "damaged", "present"]


class ListedModel(Record):
    """A model as `onrecord models list` shows it."""

    name: str
    role: Role
    size: int
    """Bytes; 0 for an own model that is not there."""
    licence: str | None
    """None for a user's own model."""
    state: State
    used: bool
    """Whether the settings ask for it."""
    path: str


def wanted(settings: Settings) -> tuple[tuple[Role, str], ...]:
    """Roles and names (or paths) of the models that the settings ask for."""
    llm = settings.llm if settings.llm != NO_LLM else None
    named: tuple[tuple[Role, str | None], ...] = (
        ("llm", llm),
        ("embedding", settings.embedding),
    )
    return tuple((role, name) for role, name in named if name)


def model_path(name: str, settings: Settings) -> Path:
    """Where the model lies, its bytes checked: a GGUF file for an LLM, a folder for an embedding model.

    `name` is a name in the catalogue or the path of a user's own model. An own model is recorded with the digest seen
    first. A large file is not hashed twice as long as it does not change.

    Raises:
        ModelError: the model is unknown, missing, damaged, of another role than the setting that names it, or an own
            model that changed since it was first seen.
    """
    model = CATALOGUE.get(name)
    if model is None:
        return own_model(name, settings)
    for role, asked in wanted(settings):
        if asked == name and role != model.role:
            raise ModelError(
                f"the setting {role} names {name}, which is a model of role {model.role}. Mend the setting."
            )
    folder = settings.models / name
    for file in model.files:
        state = file_state(folder / file.path, file)
        if state != "present":
            raise ModelError(f"the model {name} is {state} at {folder / file.path}. Run: onrecord models pull {name}")
    return folder / model.files[0].path if model.role == "llm" else folder


def list_models(settings: Settings) -> tuple[ListedModel, ...]:
    """The catalogue, then the user's own models that the settings name."""
    used = {name for _, name in wanted(settings)}
    known = [
        ListedModel(
            name=model.name,
            role=model.role,
            size=model.size,
            licence=model.licence,
            state=_model_state(model, settings),
            used=model.name in used,
            path=str(settings.models / model.name),
        )
        for model in CATALOGUE.values()
    ]
    return (*known, *(_listed_own(role, name) for role, name in wanted(settings) if name not in CATALOGUE))


def missing_files(model: CatalogueModel, settings: Settings) -> tuple[ModelFile, ...]:
    """Files of the model that are not there or not the pinned bytes."""
    folder = settings.models / model.name
    return tuple(file for file in model.files if file_state(folder / file.path, file) != "present")


def file_state(path: Path, file: ModelFile) -> State:
    """Whether the pinned bytes are at `path`."""
    try:
        if not path.is_file():
            return "missing"
        right = path.stat().st_size == file.size and file_digest(path) == file.sha256
    except OSError:
        return "damaged"
    return "present" if right else "damaged"


def own_model(name: str, settings: Settings) -> Path:
    """The path of a user's own model, its digest compared with the one seen first.

    Raises:
        ModelError: nothing is there, or it changed since it was first seen; the message names both digests.
    """
    path = Path(name).expanduser()
    if not path.exists():
        if os.sep in name or path.suffix == ".gguf":
            raise ModelError(f"there is no model at {path}. Mend the setting that names it.")
        raise ModelError(f"unknown model {name!r}. Known: {', '.join(CATALOGUE)}; or give the path of your own.")
    digest = model_digest(path)
    place = str(path.resolve())
    record = settings.models / "own" / f"{hashlib.sha256(place.encode()).hexdigest()[:16]}.json"
    try:
        if not record.is_file():
            write_whole(record, json.dumps({"path": place, "sha256": digest}).encode())
        seen = json.loads(record.read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the record of your model {path} cannot be kept in {record}: {error}") from error
    if seen != digest:
        raise ModelError(
            f"the model {path} has changed: its SHA-256 was {seen} when first seen and is {digest} now. "
            f"If you replaced it on purpose, run: rm '{record}'"
        )
    return path


def _model_state(model: CatalogueModel, settings: Settings) -> State:
    states = {file_state(settings.models / model.name / file.path, file) for file in model.files}
    if "missing" in states:
        return "missing"
    return "damaged" if "damaged" in states else "present"


def _listed_own(role: Role, name: str) -> ListedModel:
    path = Path(name).expanduser()
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return ListedModel(
        name=path.name,
        role=role,
        size=sum(file.stat().st_size for file in files),
        licence=None,
        state="present" if path.exists() else "missing",
        used=True,
        path=str(path),
    )
