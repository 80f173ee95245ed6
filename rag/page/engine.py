"""What one server holds for all its readers: the index, the models as they load, the questions in progress."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rag.config import Settings
from rag.errors import ModelError, OnRecordError
from rag.page.adding_job import Adding
from rag.page.archive import Archive
from rag.page.conversations import Conversations
from rag.page.jobs import Jobs
from rag.page.turns import Turn
from rag.types import Answer, Transcript

if TYPE_CHECKING:
    from rag.generation.language_model import LanguageModel
    from rag.indexing.embedding import Encoder

log = logging.getLogger(__name__)


class Engine:
    """Made once per server. The models load in the background; the page is usable meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        folder = settings.index.absolute()
        self.conversations = Conversations(folder.with_name(f"{folder.name}.conversations.sqlite"))
        self.jobs = Jobs(self._answers, self.conversations.save)
        self.adding = Adding(settings)
        self.loading: str | None = "The embedding model is loading."
        """What is being loaded, in words for the reader; None when that is over."""
        self.model_trouble: str | None = None
        """Why answers are quotes only, or why there are none."""
        self._encoder: Encoder | None = None
        self._llm: LanguageModel | None = None
        self._loaded = threading.Event()
        self._archive: Archive | None = None
        self._opening = threading.Lock()
        self._loader = threading.Thread(target=self._load, name="models", daemon=True)

    def load_models(self) -> None:
        """Start loading the models. Called when the first screen is drawn: their imports would delay it by seconds."""
        with contextlib.suppress(RuntimeError):
            self._loader.start()

    def archive(self) -> Archive:
        """The index as it is on disk now: one that was changed meanwhile is opened again.

        Raises:
            OnRecordError: there is no index, or it does not fit the settings; the message says what to do.
        """
        with self._opening:
            if self._archive is None or self._archive.outdated():
                self._archive = None
                self._archive = Archive(self.settings)
            return self._archive

    def turns(self, conversation: str) -> tuple[Turn, ...]:
        """A conversation's turns, those in progress in their newest state."""
        return tuple(self.jobs.turn(turn.id) or turn for turn in self.conversations.turns(conversation))

    def turn(self, turn_id: str) -> Turn | None:
        """One turn in its newest state."""
        return self.jobs.turn(turn_id) or self.conversations.turn(turn_id)

    def transcript(self, transcript_id: str) -> Transcript | None:
        """A transcript of the index; None when there is none, or no index any more."""
        try:
            return self.archive().transcript(transcript_id)
        except OnRecordError:
            return None

    def ask(self, turn: Turn, reader: str) -> None:
        """Keep a question and start answering it; the turns before it in its conversation are its context."""
        history = self.turns(turn.conversation)
        self.conversations.begin(turn, reader)
        self.jobs.start(turn, history)

    def _answers(self, turn: Turn, history: tuple[Turn, ...], cancelled: Callable[[], bool]) -> Iterator[Answer]:
        from rag.answer import stream_answer
        from rag.generation.propositions import FILE, PropositionStore

        self._loaded.wait()
        if self._encoder is None:
            raise ModelError(self.model_trouble or "The embedding model did not load.")
        yield from stream_answer(
            turn.question,
            index=self.archive().index,
            encoder=self._encoder,
            llm=self._llm,
            propositions=PropositionStore(self.settings.index / FILE),
            settings=self.settings,
            history=tuple(earlier.question for earlier in history),
            filters=turn.filters,
            cancelled=cancelled,
        )

    def _load(self) -> None:
        from rag.generation.llm import load_llm
        from rag.indexing.embedding import load_encoder

        try:
            encoder = load_encoder(self.settings)
            encoder.encode(["the first call is the slow one"])
            self._encoder = encoder
            self.loading = "The language model is loading."
            self._llm = load_llm(self.settings)
            if self._llm is None:
                self.model_trouble = "The settings name no language model: answers are quotes."
        except OnRecordError as error:
            what = "There are no answers: " if self._encoder is None else "Answers are quotes only: "
            self.model_trouble = what + str(error)
        except Exception:
            log.exception("a model did not load")
            self.model_trouble = "A model did not load; the server's log has the details."
        finally:
            self.loading = None
            self._loaded.set()
