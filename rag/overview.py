"""What an index holds, in figures."""

from __future__ import annotations

from collections.abc import Iterator

from rag.config import Settings
from rag.errors import ModelError
from rag.generation.propositions import FILE, PropositionStore
from rag.generation.restate import Context, context_of
from rag.generation.standing import standing
from rag.indexing.embedding import run_by
from rag.indexing.store import Index
from rag.models import NO_LLM, model_digest, model_path
from rag.types import AnswerSpan, Period, Record


class Overview(Record):
    """What `onrecord status` says."""

    index: str
    transcripts: int
    exchanges: int
    passages: int
    spans: int
    """Pieces of answers that can be cited."""
    dates: Period
    embedding: str
    embedding_digest: str
    dimension: int
    embedding_run_by: str
    """OpenVINO or PyTorch."""
    llm: str
    llm_trouble: str | None
    """Why answers are quotes only."""
    propositions: int
    """Spans that the LLM has restated already."""
    size: int
    """Bytes on disk."""


def overview(index: Index, settings: Settings) -> Overview:
    """Count what the open index holds."""
    counts, meta = index.counts(), index.meta
    propositions, trouble = 0, None
    if settings.llm == NO_LLM:
        trouble = "the settings ask for none"
    else:
        try:
            digest = model_digest(model_path(settings.llm, settings))
            propositions = PropositionStore(settings.index / FILE).count(digest)
        except ModelError as error:
            trouble = str(error)
    return Overview(
        index=str(settings.index),
        transcripts=counts.transcripts,
        exchanges=counts.exchanges,
        passages=counts.passages,
        spans=counts.spans,
        dates=index.date_range(),
        embedding=meta.embedding,
        embedding_digest=meta.embedding_digest,
        dimension=meta.dimension,
        embedding_run_by=run_by(),
        llm=settings.llm,
        llm_trouble=trouble,
        propositions=propositions,
        size=sum(file.stat().st_size for file in settings.index.rglob("*") if file.is_file()),
    )


def spans_with_context(index: Index) -> Iterator[tuple[AnswerSpan, Context]]:
    """Every span on record as it is told, with what is needed to restate it, the newest transcripts first."""
    for source in index.sources():
        transcript = index.transcript(source.transcript)
        for exchange in transcript.exchanges:
            context = context_of(exchange, source, transcript.text)
            offset = exchange.answer.start
            yield from ((standing(span, context.answer, offset), context) for span in index.spans_of(exchange.id))
