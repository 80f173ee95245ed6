"""The records that flow through OnRecord: frozen, JSON in and JSON out.

Two ideas are enforced here by type rather than by care:

* The reporter's words and the spokesperson's words never share a field. A `Citation` and an `Evidence` hold
  an `AnswerSpan`, and an `AnswerSpan` can only be cut from an exchange's answer (`Transcript.answer_span`).
* A quote is never stored apart from its place: `start` and `end` are half-open character offsets into the
  transcript's stored text, and `text[start:end]` is the quote, exactly.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Record(BaseModel):
    """Base of every record: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Span(Record):
    """Half-open range of characters `[start, end)` in a transcript's stored text."""

    start: int = Field(ge=0)
    end: int = Field(gt=0)

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"empty or reversed span: start {self.start}, end {self.end}")
        return self

    def contains(self, other: Span) -> bool:
        """Whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end


ExchangeKind = Literal["exchange", "opening", "addition", "remarks"]
"""exchange: question and answer; opening: an announcement before the first question; addition: asked after the
conference and appended to the page; remarks: a statement published without any question."""

NoteKind = Literal["note", "unanswered"]
"""note: a scheduling line, separator or editor's remark; unanswered: a question with no answer on the page."""


class Exchange(Record):
    """One reporter's question (context only) and the spokesperson's answer (the official position)."""

    id: str
    """`<transcript id>.<ordinal>`"""
    transcript: str
    ordinal: int = Field(ge=0)
    kind: ExchangeKind
    question: Span | None
    """The reporter's words without their label; None for openings and remarks."""
    answer: Span
    """The spokesperson's words without their label."""
    asked_by: str | None = None
    """The outlet that asked, when the page names it."""
    speaker: str | None
    """Who answered."""
    follow_up: bool = False
    """Whether the question continues the previous exchange."""

    @model_validator(mode="after")
    def _question_before_answer(self) -> Self:
        if self.question and self.question.end > self.answer.start:
            raise ValueError(f"exchange {self.id}: question and answer overlap")
        return self


class Note(Span):
    """Text of the page that is nobody's official answer; kept and shown, never retrieved."""

    kind: NoteKind


class Source(Record):
    """What a reader needs to know of a transcript without its text."""

    transcript: str
    """Content-derived id, stable over rebuilds."""
    name: str
    """The source's own name for the page, for example `t1666065`."""
    title: str
    date: dt.date | None
    speaker: str | None
    institution: str
    language: str
    """ISO 639-1 code."""
    url: str | None


class Transcript(Record):
    """One press conference (or published remark) as stored."""

    id: str
    name: str
    title: str
    date: dt.date | None
    date_from: Literal["header", "title", "page", "neighbours", "unknown"] = "unknown"
    """Where the date was read; `neighbours` means that the year (for a page without any date, the day) was inferred
    from pages of neighbouring number."""
    speaker: str | None
    institution: str
    language: str = "en"
    url: str | None
    digest: str
    """SHA-256 (hex) of the bytes that were read."""
    text: str
    exchanges: tuple[Exchange, ...]
    notes: tuple[Note, ...] = ()

    @property
    def source(self) -> Source:
        """The transcript without its text."""
        return Source(
            transcript=self.id,
            name=self.name,
            title=self.title,
            date=self.date,
            speaker=self.speaker,
            institution=self.institution,
            language=self.language,
            url=self.url,
        )


class AnswerSpan(Span):
    """One to three consecutive sentences of one answer, with their words.

    The only thing that can be cited. Made by `rag.indexing.spans` from an exchange's answer.
    """

    transcript: str
    exchange: str
    text: str

    @model_validator(mode="after")
    def _text_fits(self) -> Self:
        if len(self.text) != self.end - self.start:
            raise ValueError(f"span {self.start}-{self.end} has {len(self.text)} characters of text")
        return self

    def part(self, start: int, end: int) -> AnswerSpan:
        """The characters `[start, end)` of this span's text as a span of its own."""
        return AnswerSpan(
            start=self.start + start,
            end=self.start + end,
            transcript=self.transcript,
            exchange=self.exchange,
            text=self.text[start:end],
        )


class Passage(Record):
    """A sentence-aligned piece of one answer, small enough for the embedding model's window."""

    id: str
    """`<exchange id>.<start>-<end>`"""
    exchange: str
    transcript: str
    start: int
    end: int
    text: str


class Period(Record):
    """Closed range of days; None leaves a side open."""

    first: dt.date | None = None
    last: dt.date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.first and self.last and self.last < self.first:
            raise ValueError(f"the period ends ({self.last}) before it begins ({self.first})")
        return self


class Filters(Record):
    """What limits a search. Explicit filters (from a screen or option) win over understood ones."""

    period: Period | None = None
    speaker: str | None = None
    asked_by: str | None = None
    institution: str | None = None
    language: str | None = None


class Query(Record):
    """A question as understood."""

    question: str
    """As typed."""
    topic: str
    """What is searched for: the question without its period, spokesperson and pleasantries."""
    filters: Filters = Filters()
    standalone: str | None = None
    """The full question a follow-up was taken to mean; None when it stood alone."""
    context: str | None = None
    """Topic of the previous question, when this one leans on it; searched beside `topic`."""
    latest: bool = False
    """Whether the newest statements were asked for."""
    notes: tuple[str, ...] = ()
    """Plain sentences on how the question was understood or a filter widened, for the reader."""


class Evidence(Record):
    """One answer span found for a query, with where it stands and why it was found."""

    span: AnswerSpan
    exchange: Exchange
    source: Source
    score: float
    """Probability (0 to 1) that the span bears on the question (`rag.retrieval.bearing`, `rag.retrieval.reading`)."""
    ranks: dict[str, int] = {}
    """Rank of the exchange in each retriever that returned it, counted from 1."""
    also_said: tuple[AnswerSpan, ...] = ()
    """Near-identical statements folded into this one."""


Label = Literal["supported", "quote"]
"""supported: put into reported speech, by rule or by the model, and passed every check; quote: the transcript's own
words."""


class Proposition(Record):
    """What was made of one span, by rule or by the model: stored, so that it is made once."""

    span_digest: str
    model: str
    """SHA-256 of the model file."""
    prompt_version: str
    sentences: tuple[str, ...]
    """Empty when every attempt failed its checks: the span is then shown as a quote."""
    parts: tuple[tuple[int, int], ...] = ()
    """For each sentence the characters `[start, end)` of the span's text that it stands on; they are what is cited."""
    label: Label
    support: float | None = None
    """The model's own support score, 0 to 1, of a sentence it wrote; None for one made by rule, and for a quote."""
    failures: tuple[str, ...] = ()
    """Checks that rejected an attempt, in order."""

    @model_validator(mode="after")
    def _parted(self) -> Self:
        if len(self.parts) != len(self.sentences):
            raise ValueError(f"{len(self.sentences)} sentences stand on {len(self.parts)} parts of their span")
        return self


class Citation(Record):
    """A numbered quote. `text[start:end]` of the transcript is `quote`, exactly."""

    n: int = Field(ge=1)
    quote: str
    transcript: str
    exchange: str
    start: int
    end: int
    title: str
    date: dt.date | None
    speaker: str | None
    asked_by: str | None
    url: str | None

    @classmethod
    def of(cls, n: int, span: AnswerSpan, exchange: Exchange, source: Source) -> Self:
        """The citation of an answer span: the only way one is made, so that no question can be cited."""
        return cls(
            n=n,
            quote=span.text,
            transcript=span.transcript,
            exchange=span.exchange,
            start=span.start,
            end=span.end,
            title=source.title,
            date=source.date,
            speaker=exchange.speaker or source.speaker,
            asked_by=exchange.asked_by,
            url=source.url,
        )


class Sentence(Record):
    """One sentence of an answer, with the numbers of the citations it stands on."""

    text: str
    label: Label
    citations: tuple[int, ...] = Field(min_length=1)


class Searched(Record):
    """What was searched, for the reader and for refusals."""

    transcripts: int
    first: dt.date | None = Field(default=None, alias="from")
    last: dt.date | None = Field(default=None, alias="to")


class Answer(Record):
    """What is shown for a question. Streaming yields growing answers; the last one has `complete` set.

    `refused` says that nothing on record was found to bear on the question; an answer is never both
    refused and cited.
    """

    question: str
    understood: Query
    sentences: tuple[Sentence, ...] = ()
    lead: tuple[Sentence, ...] = ()
    """A short synthesis of the sentences, shown above them; written last, by models that can (`Settings.synthesis`)."""
    citations: tuple[Citation, ...] = ()
    refused: bool = False
    reason: str | None = None
    """Why the answer was refused, or why it is quotes only, in words for the reader."""
    nearest: tuple[str, ...] = ()
    """For a refusal: questions on record that come nearest."""
    searched: Searched
    evidence: tuple[Evidence, ...] = ()
    """What retrieval found, listed before the first sentence is written."""
    pending: int = 0
    """How many evidence spans are still to be restated."""
    complete: bool = False
    timings: dict[str, float] = {}
    """Seconds by step."""
    models: dict[str, str] = {}
    """Model names by role."""
    index: str | None = None
    """The state of the index that it was made from; None of answers older than this field."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        numbers = [citation.n for citation in self.citations]
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(f"citations are not numbered 1, 2, 3 in order: {numbers}")
        cited = {n for sentence in (*self.lead, *self.sentences) for n in sentence.citations}
        if not cited <= set(numbers):
            raise ValueError(f"sentences cite {sorted(cited)} but the citations are {numbers}")
        if self.refused and self.sentences:
            raise ValueError("an answer is either refused or has sentences")
        return self
