"""Adding transcripts from the page: one job at a time for the whole server, seen alike by all its readers."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Literal, NamedTuple

from rag.config import Settings
from rag.errors import IndexBusyError, IndexWriteError
from rag.indexing.report import IngestReport, Outcome
from rag.page import adding_work
from rag.page.adding_work import Event, FetchOrder, Order, Stage
from rag.page.conversations import new_id
from rag.types import Record

log = logging.getLogger(__name__)

ENDS_WITHIN = 5.0
"""Seconds that a cancelled process has to end by itself."""
_LONGEST_NAME = 120

State = Literal["running", "cancelling", "done", "cancelled", "failed"]
RUNNING: frozenset[State] = frozenset({"running", "cancelling"})


class Upload(NamedTuple):
    """A file as a browser sent it: its name may be anything."""

    name: str
    content: IO[bytes]


class Added(Record):
    """How far a job is, or how it ended."""

    id: str
    state: State = "running"
    stage: Stage | None = None
    """None while its process starts."""
    done: int = 0
    total: int = 0
    """Inputs, or transcripts listed; 0 while that is not known."""
    report: IngestReport = IngestReport(outcomes=())
    """What became of the inputs so far; paths are as uploaded."""
    notes: tuple[str, ...] = ()
    trouble: str | None = None
    left: tuple[str, ...] = ()
    """Names of uploaded files that a job which ended early did not come to."""


class Adding:
    """The server's job."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._outcomes: list[Outcome] = []
        self._added: Added | None = None
        self._process: subprocess.Popen[str] | None = None

    @property
    def added(self) -> Added | None:
        """The job that runs or ran last; None before the first one."""
        with self._lock:
            if self._added is None:
                return None
            return self._added.model_copy(update={"report": IngestReport(outcomes=tuple(self._outcomes))})

    @property
    def running(self) -> bool:
        """Whether transcripts are being added now."""
        added = self.added
        return added is not None and added.state in RUNNING

    def upload(self, files: Iterable[Upload]) -> None:
        """Start to ingest uploaded files.

        Raises:
            IndexBusyError: a job is running.
            IndexWriteError: the disk is full.
        """
        self._claim()
        folder = Path(tempfile.mkdtemp(prefix="onrecord-upload-"))
        try:
            paths = tuple(_save(upload, folder / str(number)) for number, upload in enumerate(files))
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            self._end(f"the files could not be saved on the server: {error.strerror}. Free some space and try again.")
            raise IndexWriteError("the files could not be saved on the server") from error
        self._start(Order(settings=self._settings, files=paths), folder)

    def fetch(self, order: FetchOrder) -> None:
        """Start to fetch and ingest what the ministry's site lists and the corpus folder lacks.

        Raises:
            IndexBusyError: a job is running.
        """
        self._claim()
        self._start(Order(settings=self._settings, fetch=order), None)

    def cancel(self) -> None:
        """End the job; what it has added stays."""
        with self._lock:
            process = self._process
            if process is None or self._added is None or self._added.state != "running":
                return
            self._added = self._added.model_copy(update={"state": "cancelling"})
        process.terminate()
        killer = threading.Timer(ENDS_WITHIN, process.kill)
        killer.daemon = True
        killer.start()

    def _claim(self) -> None:
        with self._lock:
            if self._added and self._added.state in RUNNING:
                raise IndexBusyError("transcripts are being added already. Wait until that is done, or cancel it.")
            self._outcomes = []
            self._added = Added(id=new_id())

    def _start(self, order: Order, folder: Path | None) -> None:
        threading.Thread(target=self._run, args=(order, folder), name="adding", daemon=True).start()

    def _run(self, order: Order, folder: Path | None) -> None:
        try:
            with subprocess.Popen(  # noqa: S603
                adding_work.COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
            ) as process:
                with self._lock:
                    self._process = process
                assert process.stdin is not None  # noqa: S101
                assert process.stdout is not None  # noqa: S101
                process.stdin.write(order.model_dump_json() + "\n")
                process.stdin.flush()
                for line in process.stdout:
                    self._take(Event.model_validate(json.loads(line)), folder)
            self._end(
                f"the process that adds transcripts was ended by the system (signal {-process.returncode}). "
                "What is listed as indexed stays; is the memory of this computer used up?"
                if process.returncode < 0
                else None,
                order.files,
            )
        except Exception:
            log.exception("adding transcripts failed")
            self._end("Adding failed; the server's log has the details.", order.files)
        finally:
            if folder:
                shutil.rmtree(folder, ignore_errors=True)

    def _take(self, event: Event, folder: Path | None) -> None:
        with self._lock:
            if self._added is None:
                return
            if event.outcome:
                self._outcomes.append(event.outcome.model_copy(update={"path": _shown(event.outcome.path, folder)}))
            changes: dict[str, object] = {
                name: value
                for name in ("stage", "done", "total", "trouble")
                if (value := getattr(event, name)) is not None
            }
            if event.note:
                changes["notes"] = (*self._added.notes, *event.note.splitlines())
            self._added = self._added.model_copy(update=changes)

    def _end(self, trouble: str | None, files: Sequence[Path] = ()) -> None:
        with self._lock:
            self._process = None
            if self._added is None:
                return
            cancelled = self._added.state == "cancelling"
            trouble = None if cancelled else self._added.trouble or trouble
            state: State = "cancelled" if cancelled else "failed" if trouble else "done"
            reached = {outcome.path.partition("!/")[0] for outcome in self._outcomes}
            left = [file.name for file in files if file.name not in reached] if state != "done" else []
            self._added = self._added.model_copy(update={"state": state, "trouble": trouble, "left": tuple(left)})


def safe_name(name: str) -> str:
    """The last part of a file's name as a browser sent it, fit for any file system; the ending stays."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = "".join(character for character in last if character.isprintable())
    clean = clean.encode("utf-8", "ignore").decode().strip(" .") or "file"
    stem, dot, ending = clean.rpartition(".")
    if not dot or len(ending.encode()) > 10:
        return _cut(clean, _LONGEST_NAME)
    return f"{_cut(stem, _LONGEST_NAME)}.{ending}"


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode("utf-8", "ignore")


def _save(upload: Upload, folder: Path) -> Path:
    """Each in a folder of its own, so that two of one name keep it: the name is the transcript's."""
    folder.mkdir()
    path = folder / safe_name(upload.name)
    with path.open("wb") as file:
        shutil.copyfileobj(upload.content, file)
    return path


def _shown(path: str, folder: Path | None) -> str:
    """An outcome's path as the reader knows the file."""
    if folder is None or not path.startswith(f"{folder}/"):
        return path
    return path[len(f"{folder}/") :].partition("/")[2]
