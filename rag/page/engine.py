"""What one server holds for all its readers: the index, the models as they load, the questions in progress."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.config import Settings
from rag.errors import ModelError, OnRecordError
from rag.page.adding_job import Adding
from rag.page.archive import Archive
from rag.page.awaited_model import AwaitedModel
from rag.page.conversations import Conversations, file_beside
from rag.page.jobs import Jobs
from rag.page.places import Place
from rag.page.surroundings import Surroundings, surroundings
from rag.page.turns import Turn
from rag.types import Answer, Exchange, Filters, Transcript

if TYPE_CHECKING:
    from rag.generation.language_model import LanguageModel, Prompt
    from rag.indexing.embedding import Encoder
    from rag.indexing.locate import Located
    from rag.indexing.versions import EarlierVersion
    from rag.position import Position
    from rag.retrieval.counterparts import Counterpart

log = logging.getLogger(__name__)

EMBEDDING_LOADS = "The embedding model is loading; answers wait for it."
LLM_LOADS = "The language model is loading; new sentences wait for it."
LLM_READS = "The language model is reading its instructions; new sentences wait for it."
_LOOK_SECONDS = 0.1


class Engine:
    """Made once per server. The models load in the background; the page is usable meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.conversations = Conversations(file_beside(settings.index))
        self.jobs = Jobs(self._answers, self.conversations.save, self._surroundings)
        self._position = lru_cache(maxsize=64)(self._read_position)
        self.adding = Adding(settings)
        self.loading: str | None = EMBEDDING_LOADS
        """What is being loaded, in words for the reader; None when that is over."""
        self.model_trouble: str | None = None
        """Why answers are quotes only, or why there are none."""
        self._encoder: Encoder | None = None
        self._llm: LanguageModel | None = None
        self._searchable = threading.Event()
        self._archive: Archive | None = None
        self._opening = threading.Lock()
        self._loader = threading.Thread(target=self._load, name="models", daemon=True)

    @property
    def searchable(self) -> bool:
        """Whether questions can be searched for: the embedding model has loaded, or never will."""
        return self._searchable.is_set()

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
                before, self._archive = self._archive, None
                self._archive = Archive(self.settings, before)
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

    def located(self, place: Place) -> Located | None:
        """What a link shows; None when nothing of its id is or was on record, or there is no index any more."""
        from rag.indexing.locate import locate

        try:
            return locate(self.archive().index, place.transcript, place.start, place.end)
        except (KeyError, OnRecordError):
            return None

    def versions(self, transcript_id: str) -> tuple[EarlierVersion, ...]:
        """The earlier texts of a transcript, whichever of its texts the id is of; the newest first."""
        try:
            index = self.archive().index
            return tuple(index.earlier_versions(index.source(transcript_id).transcript))
        except (KeyError, OnRecordError):
            return ()

    def counterpart(self, transcript: Transcript, exchange: Exchange) -> Counterpart | None:
        """The same exchange in another language, where that is sure; None when there is no index any more."""
        try:
            return self.archive().counterpart(transcript, exchange)
        except (KeyError, OnRecordError):
            return None

    def ask(self, turn: Turn, reader: str) -> None:
        """Keep a question and start answering it; the turns before it in its conversation are its context."""
        history = self.turns(turn.conversation)
        self.conversations.begin(turn, reader)
        self.jobs.start(turn, history)

    def _answers(self, turn: Turn, history: tuple[Turn, ...], cancelled: Callable[[], bool]) -> Iterator[Answer]:
        from rag.answer import stream_answer
        from rag.generation.propositions import FILE, PropositionStore

        if self._encoder is None:
            yield self._found_by_words(turn, history)
        while not self._searchable.wait(_LOOK_SECONDS):
            if cancelled():
                return
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

    def _found_by_words(self, turn: Turn, history: tuple[Turn, ...]) -> Answer:
        """What can be listed without the embedding model."""
        from rag.retrieval.search import search_by_words, searched_in
        from rag.retrieval.understand import understand

        index = self.archive().index
        with index.snapshot():
            query = understand(turn.question, tuple(earlier.question for earlier in history), turn.filters, index)
            return Answer(
                question=turn.question,
                understood=query,
                searched=searched_in(query, index),
                evidence=search_by_words(query, index),
            )

    def _surroundings(self, answer: Answer) -> Surroundings | None:
        return surroundings(answer, self.archive().index, self._encoder) if self._encoder else None

    def position(self, topic: str, filters: Filters, limit: int) -> Position | None:
        """What was said on a topic in order of time; None while the embedding model loads.

        Raises:
            ModelError: it did not load.
            OnRecordError: the topic cannot be searched for, or there is no index any more.
        """
        if not self._searchable.is_set():
            return None
        if self._encoder is None:
            raise ModelError(self.model_trouble or "The embedding model did not load.")
        return self._position(self.archive().version, topic, filters, limit)

    def _read_position(self, _version: str, topic: str, filters: Filters, limit: int) -> Position:
        from rag.position import position

        if self._encoder is None:
            raise ModelError("the embedding model has not loaded")
        return position(topic, index=self.archive().index, encoder=self._encoder, filters=filters, limit=limit)

    def _load(self) -> None:
        from rag.indexing.embedding import load_encoder

        try:
            encoder = load_encoder(self.settings)
            encoder.encode(["the first call is the slow one"])
            encoder.joint_scores("so it is", ["here"])
            self._encoder = encoder
            self._load_llm()
        except OnRecordError as error:
            what = "There are no answers: " if self._encoder is None else "Answers are quotes only: "
            self.model_trouble = what + str(error)
        except Exception:
            log.exception("a model did not load")
            self.model_trouble = "A model did not load; the server's log has the details."
        finally:
            self.loading = None
            self._searchable.set()

    def _load_llm(self) -> None:
        """Load the language model. Questions are answered meanwhile as far as that goes without it."""
        from rag.generation.llm import load_llm
        from rag.models import NO_LLM, model_digest, model_path

        if self.settings.llm == NO_LLM:
            self.model_trouble = "The settings name no language model: answers are quotes."
            return
        path = model_path(self.settings.llm, self.settings)
        awaited = AwaitedModel(path.stem, model_digest(path))
        self._llm = awaited
        self.loading = LLM_LOADS
        self._searchable.set()
        try:
            llm = load_llm(self.settings)
            if llm is None:
                raise ModelError(f"{path} did not load")
            self.loading = LLM_READS
            awaited.arrived(llm)
            self._llm = llm
            for prompt in self._prompts():
                llm.prepare(prompt)
        except BaseException as error:
            self._llm = None
            awaited.failed(str(error))
            raise

    def _prompts(self) -> tuple[Prompt, ...]:
        """What the model is told with every sentence of this index: read ahead, since reading takes it seconds."""
        from rag.generation.restate import SUPPORT_PROMPT, country_of, prompt

        with contextlib.suppress(OnRecordError):
            institutions = self.archive().index.institutions()
            if institutions:
                return (prompt(country_of(institutions[0])), SUPPORT_PROMPT)
        return ()


_engines: dict[Settings, Engine] = {}
_making = threading.Lock()


def shared_engine(settings: Settings) -> Engine:
    """The process's one engine of these settings."""
    with _making:
        if settings not in _engines:
            _engines[settings] = Engine(settings)
        return _engines[settings]
