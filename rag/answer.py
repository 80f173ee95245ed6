"""Question in, `Answer` out: the composition of retrieval and generation.

The same `Answer` feeds the chat page, the command line and whatever else serves readers. It is streamed as growing
snapshots: what one snapshot shows, every later one shows too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from rag.errors import ModelError
from rag.generation import synthesis
from rag.generation.entailment import agreed, load_entailment
from rag.generation.propositions import PropositionStore, proposition, span_digest
from rag.generation.restate import Context, context_of
from rag.generation.select import Statement, arrange, compose
from rag.generation.standing import stand_alone
from rag.generation.trim import own, trimmed
from rag.retrieval import reading
from rag.retrieval.rank import is_readable
from rag.retrieval.search import search, searched_in, widened
from rag.retrieval.understand import understand
from rag.types import Answer, AnswerSpan, Evidence, Exchange, Filters, Proposition, Query, Source

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.generation.language_model import LanguageModel
    from rag.indexing.embedding import Encoder
    from rag.indexing.store import Index

NO_MODEL = "There is no language model, so these are the transcript's own words. `onrecord models pull` obtains one."
MODEL_FAILED = "The language model failed ({error}), so what follows are the transcript's own words."
UNMENTIONED = "None of these statements, nor the questions they answer, mentions: {}."
WORDS_ONLY = "The embedding model does not know Chinese: Chinese was searched by words only."
SILENT = "Nothing on record bears on this question."


def stream_answer(
    question: str,
    *,
    index: Index,
    encoder: Encoder,
    llm: LanguageModel | None,
    propositions: PropositionStore,
    settings: Settings,
    history: Sequence[str] = (),
    filters: Filters | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Answer]:
    """Answer `question` in growing snapshots; the last one has `complete` set unless it was cancelled.

    Args:
        question: as typed.
        index: what is searched.
        encoder: the model the index was built with.
        llm: restates spans; without one the spans are quoted.
        propositions: what was restated before.
        settings: how many sentences are shown.
        history: earlier questions of the conversation, oldest first.
        filters: set by the reader; each wins over what the question names.
        cancelled: asked between tokens; True ends the answer with what it has.

    Raises:
        QueryError: the question is empty or far too long.
        ModelError: the settings name a cross-encoder that does not load.
    """
    clock = _Clock()
    judge = load_entailment(settings)
    # One state of the index for everything that is read: an update in between cannot mix two.
    with index.snapshot():
        limits = filters or Filters()
        query = widened(understand(question, history, limits, index), limits, index, encoder)
        found = search(query, index, encoder)
        readable = is_readable(query, encoder)
        weighed = reading.read(found.evidence, query, encoder) if readable else None
        evidence, least = (found.evidence, None) if weighed is None else (weighed, reading.fitted().threshold)
        statements = arrange(evidence, limit=settings.sentences, place=partial(_place, index), least=least)
        statements, contexts = stand_alone(statements, [_context(item.evidence, index) for item in statements])
        searched = searched_in(query, index)
        version = index.meta.version
    if not readable:
        query = query.model_copy(update={"notes": (*query.notes, WORDS_ONLY)})
    if found.unmentioned:
        query = query.model_copy(update={"notes": (*query.notes, UNMENTIONED.format(", ".join(found.unmentioned)))})
    answer = Answer(
        question=question,
        understood=query,
        searched=searched,
        evidence=evidence,
        nearest=found.nearest,
        pending=len(statements),
        timings={"search": clock.seconds()},
        models={"embedding": encoder.name} | ({"llm": llm.name} if llm else {}),
        index=version,
    )
    if not statements:
        yield _ended(answer.model_copy(update={"refused": True, "reason": SILENT}), clock)
        return
    if llm is None:
        answer = answer.model_copy(update={"reason": NO_MODEL})
    yield answer
    for done, (statement, context) in enumerate(zip(statements, contexts, strict=True), start=1):
        made: Proposition | None = None
        if llm is not None:
            try:
                made = proposition(statement.evidence.span, context, llm, propositions, cancelled)
            except ModelError as error:
                llm, answer = None, answer.model_copy(update={"reason": MODEL_FAILED.format(error=error)})
        if made is not None and judge is not None:
            made = agreed(made, statement.evidence.span, context, judge)
        made = _trimmed(made, statement.evidence, weighed or (), query, encoder)
        if cancelled():
            return
        answer = _longer(answer, statement, made, pending=len(statements) - done, clock=clock)
        if answer.pending:
            yield answer
    if llm is not None and synthesis.wanted(settings, llm):
        yield answer
        answer = _led(answer, contexts, llm, cancelled)
        if cancelled():
            return
    yield _ended(answer, clock)
    propositions.count_retrieved(
        [span_digest(statement.evidence.span, context) for statement, context in zip(statements, contexts, strict=True)]
    )


def answer(
    question: str,
    *,
    index: Index,
    encoder: Encoder,
    llm: LanguageModel | None,
    propositions: PropositionStore,
    settings: Settings,
    history: Sequence[str] = (),
    filters: Filters | None = None,
) -> Answer:
    """The whole answer at once; see `stream_answer`."""
    *_, last = stream_answer(
        question,
        index=index,
        encoder=encoder,
        llm=llm,
        propositions=propositions,
        settings=settings,
        history=history,
        filters=filters,
    )
    return last


class _Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    def seconds(self) -> float:
        return round(time.perf_counter() - self._began, 4)


def _place(index: Index, span: AnswerSpan) -> tuple[Exchange, Source]:
    exchange = index.exchange(span.exchange)
    return exchange, index.source(exchange.transcript)


def _context(evidence: Evidence, index: Index) -> Context:
    exchange = evidence.exchange
    return context_of(exchange, evidence.source, index.transcript(exchange.transcript).text)


def _trimmed(
    made: Proposition | None, evidence: Evidence, weighed: Sequence[Evidence], query: Query, encoder: Encoder
) -> Proposition | None:
    """What was restated, without the sentences that do not bear on the question, of evidence that was weighed as it is:
    a span begun earlier, or worded as it was on another day, has the probability of another text.
    """
    if made is None or len(made.parts) < 2 or evidence not in weighed:
        return made
    text = evidence.span.text
    bearing = reading.chances(evidence, [text[start:end] for start, end in own(made.parts)], query, encoder)
    return trimmed(made, text, bearing, reading.fitted().threshold) if bearing else made


def _longer(answer: Answer, statement: Statement, made: Proposition | None, *, pending: int, clock: _Clock) -> Answer:
    """`answer` with one more statement."""
    part = compose(_opening(statement, answer), made, first=len(answer.citations) + 1)
    timings = {"first_sentence": clock.seconds()} | answer.timings
    return answer.model_copy(
        update={
            "sentences": answer.sentences + part.sentences,
            "citations": answer.citations + part.citations,
            "pending": pending,
            "timings": timings,
        }
    )


def _opening(statement: Statement, answer: Answer) -> Statement:
    """The statement, naming its day where the one that opened the day was shown as a quote, which names none."""
    days = {citation.n: citation.date for citation in answer.citations}
    named = {days[sentence.citations[0]] for sentence in answer.sentences if sentence.label == "supported"}
    return statement if statement.evidence.source.date in named else statement.model_copy(update={"leads": True})


def _led(answer: Answer, contexts: Sequence[Context], llm: LanguageModel, cancelled: Callable[[], bool]) -> Answer:
    """`answer` with a lead over its sentences; without one where the model fails: the sentences are there already."""
    speakers = [context.speaker for context in contexts if context.speaker]
    with suppress(ModelError):
        lead = synthesis.synthesis(answer.sentences, speakers, contexts[0].country, llm, cancelled)
        return answer.model_copy(update={"lead": lead})
    return answer


def _ended(answer: Answer, clock: _Clock) -> Answer:
    """The last snapshot, checked as a whole: copies made on the way are not."""
    ended = answer.model_copy(update={"complete": True, "timings": answer.timings | {"total": clock.seconds()}})
    return Answer.model_validate(ended.model_dump())
