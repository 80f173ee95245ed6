"""Records → the plain JSON that the page's components draw, as text only.

Offsets stay in Python's characters (code points); the components count the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rag.corpus.language import language_name
from rag.page.citing import Reference, counted, day, every_form
from rag.page.places import Place, as_it_was
from rag.page.turns import UNFINISHED, Turn
from rag.retrieval.counterparts import Counterpart
from rag.types import Answer, Citation, Evidence, Exchange, Filters, Query, Searched, Transcript

if TYPE_CHECKING:
    from rag.indexing.locate import Located
    from rag.indexing.versions import EarlierVersion

View = dict[str, Any]
Lookup = Callable[[str], Transcript | None]
"""Transcript id → transcript, None when the open index does not hold it."""


Others = Callable[[Transcript, Exchange], Counterpart | None]
"""An exchange of a transcript → the same exchange in another language, None where there is none for sure."""


def none(transcript: Transcript, exchange: Exchange) -> None:
    """No exchange has a counterpart: what is so in a record of one language."""


def exchange_view(transcript: Transcript, exchange: Exchange) -> View:
    """One exchange with the reporter's and the spokesperson's words apart."""
    question = exchange.question
    return {
        "id": exchange.id,
        "kind": exchange.kind,
        "askedBy": exchange.asked_by,
        "question": transcript.text[question.start : question.end] if question else None,
        "speaker": exchange.speaker or transcript.speaker,
        "answer": transcript.text[exchange.answer.start : exchange.answer.end],
        "start": exchange.answer.start,
    }


def head_view(transcript: Transcript) -> View:
    """What stands above any part of a transcript."""
    return {
        "id": transcript.id,
        "title": transcript.title,
        "date": day(transcript.date),
        "inferredYear": transcript.date_from == "neighbours",
        "speaker": transcript.speaker,
        "institution": transcript.institution,
        "url": transcript.url,
        "language": transcript.language,
        "exchanges": len(transcript.exchanges),
    }


def conference_view(transcript: Transcript) -> View:
    """The whole transcript in page order: exchanges, and the notes that are nobody's answer."""
    parts = [(exchange.answer.start, exchange_view(transcript, exchange)) for exchange in transcript.exchanges]
    parts += [
        (note.start, {"kind": note.kind, "text": transcript.text[note.start : note.end]}) for note in transcript.notes
    ]
    parts.sort(key=lambda part: part[0])
    return {"head": head_view(transcript), "parts": [part for _, part in parts]}


def place_view(transcript: Transcript, place: Place, others: Others = none) -> View:
    """A passage to show in the panel; without a quote, and so a highlight, unless it lies wholly inside one answer."""
    # Another source of the same conference has its own id and offsets: those say nothing about this text.
    exchange = _exchange_at(transcript, place) if place.transcript == transcript.id else None
    inside = exchange is not None
    quote = transcript.text[place.start : place.end] if inside and place.start is not None else None
    return {
        "place": str(place),
        "start": place.start if inside else None,
        "end": place.end if inside else None,
        "quote": quote,
        "head": head_view(transcript),
        "exchange": exchange_view(transcript, exchange) if exchange else None,
        "other": other_view(transcript, exchange, others) if exchange else None,
        "copies": every_form(Reference.of(transcript.source, exchange), quote),
    }


def other_view(transcript: Transcript, exchange: Exchange, others: Others) -> View | None:
    """The same exchange in another language, where it is surely the same."""
    other = others(transcript, exchange)
    if other is None:
        return None
    place = Place(transcript=other.transcript, start=other.start, end=other.end)
    return {"label": f"In {language_name(other.language)}", "place": str(place)}


def versions_view(located: Located, earlier: Sequence[EarlierVersion]) -> list[View]:
    """The other texts of a transcript, each to be read whole."""
    shown = located.transcript.id
    now = [{"label": "Read the text now on record", "place": shown}] if located.is_earlier else []
    return now + [
        {"label": f"Read the text until {day(version.replaced.date())}", "place": str(as_it_was(version.transcript.id))}
        for version in earlier
        if version.transcript.id != shown
    ]


def citation_view(citation: Citation, lookup: Lookup, others: Others = none) -> View:
    """A numbered citation with what its chip's tooltip says and the panel shows."""
    place = Place(transcript=citation.transcript, start=citation.start, end=citation.end)
    transcript = lookup(citation.transcript)
    view: View = {
        "n": citation.n,
        "place": str(place),
        "quote": citation.quote,
        "date": day(citation.date),
        "speaker": citation.speaker,
        "askedBy": citation.asked_by,
        "passage": None,
    }
    if transcript is not None:
        passage = place_view(transcript, place, others)
        view["passage"] = passage if passage["quote"] == citation.quote else None
    return view


def evidence_view(evidence: Evidence) -> View:
    """One line of the list of what was found."""
    span = evidence.span
    return {
        "place": str(Place(transcript=span.transcript, start=span.start, end=span.end)),
        "quote": span.text,
        "date": day(evidence.source.date),
        "order": evidence.source.date.isoformat() if evidence.source.date else "",
        "speaker": evidence.exchange.speaker or evidence.source.speaker,
        "alsoSaid": len(evidence.also_said),
    }


def turn_view(
    turn: Turn, lookup: Lookup, others: Others = none, *, status: str | None = None, reveal: bool = False
) -> View:
    """A question and the newest state of its answer.

    `status` says what is being waited for, or what the answer is made of; `reveal` moves a question that was just asked
    to the top of the screen.
    """
    answer = turn.answer
    view: View = {
        "id": turn.id,
        "question": turn.question,
        "state": turn.state,
        "busy": turn.state in UNFINISHED,
        "status": status,
        "reveal": reveal,
        "message": turn.message,
        "lead": [],
        "sentences": [],
        "citations": [],
        "evidence": [],
        "pending": 0,
        "refused": False,
        "reason": None,
        "nearest": [],
        "related": [],
        "facts": filter_facts(turn.filters),
        "notes": [],
    }
    if answer is None:
        return view
    return view | {
        "lead": [sentence.model_dump(mode="json") for sentence in answer.lead],
        "sentences": [sentence.model_dump(mode="json") for sentence in answer.sentences],
        "citations": [citation_view(citation, lookup, others) for citation in answer.citations],
        "evidence": [evidence_view(item) for item in answer.evidence],
        "pending": answer.pending if turn.state in UNFINISHED else 0,
        "refused": answer.refused,
        "reason": _reason(answer, turn.filters),
        "nearest": list(answer.nearest),
        "related": list(turn.surroundings.related) if turn.surroundings else [],
        "facts": [
            searched_fact(answer.searched),
            *filter_facts(answer.understood.filters),
            *_seconds(answer, turn),
        ],
        "notes": understood_notes(answer.understood),
    }


def _reason(answer: Answer, filters: Filters) -> str | None:
    """Why there is no answer, or less of one; where only a part was searched, how to search all of it."""
    if not (answer.refused and answer.reason and filter_facts(filters)):
        return answer.reason
    return f"{answer.reason} Only a part of the record was searched: to search all, clear what Search only is set to."


def told_fact(answer: Answer) -> str | None:
    """`15 sentences from 6 conferences, 10 December 2018 – 16 September 2019`; None of an answer without any."""
    if not answer.sentences:
        return None
    conferences = counted(len({citation.transcript for citation in answer.citations}), "conference")
    said = f"{counted(len(answer.sentences), 'sentence')} from {conferences}"
    days = sorted(citation.date for citation in answer.citations if citation.date)
    if not days:
        return said
    return f"{said}, {day(days[0])}" + ("" if days[0] == days[-1] else f" – {day(days[-1])}")


def searched_fact(searched: Searched) -> str:
    """`Searched 450 conferences, 2 May 2018 – 31 July 2020`."""
    if not searched.transcripts:
        return "Searched no conference: none is within these limits"
    count = counted(searched.transcripts, "conference")
    if searched.first is None or searched.last is None:
        return f"Searched {count}"
    if searched.first == searched.last:
        return f"Searched {count}, {day(searched.first)}"
    return f"Searched {count}, {day(searched.first)} – {day(searched.last)}"


def filter_facts(filters: Filters) -> list[str]:
    """The filters in force, each as a few words."""
    facts = []
    if filters.period and (filters.period.first or filters.period.last):
        first, last = filters.period.first, filters.period.last
        if first and last:
            facts.append(f"only {day(first)} – {day(last)}")
        else:
            facts.append(f"only since {day(first)}" if first else f"only until {day(last)}")
    if filters.speaker:
        facts.append(f"only {filters.speaker}")
    if filters.asked_by:
        facts.append(f"only asked by {filters.asked_by}")
    if filters.institution:
        facts.append(f"only {filters.institution}")
    if filters.language:
        facts.append(f"only transcripts in {language_name(filters.language)}")
    return facts


def understood_notes(query: Query) -> list[str]:
    """How the question was understood, where that is not plain from the question."""
    notes = list(query.notes)
    if query.standalone and not any(query.standalone in note for note in notes):
        notes.insert(0, f"Understood as: {query.standalone}")
    return notes


def conferences_found(evidence: Iterable[Evidence]) -> int:
    """In how many transcripts the evidence stands."""
    return len({item.span.transcript for item in evidence})


def _seconds(answer: Answer, turn: Turn) -> list[str]:
    if turn.state in UNFINISHED or not answer.timings:
        return []
    seconds = answer.timings.get("total", sum(answer.timings.values()))
    return [f"{seconds:.1f} s"]


def _exchange_at(transcript: Transcript, place: Place) -> Exchange | None:
    if place.start is None or place.end is None or place.end <= place.start:
        return None
    for exchange in transcript.exchanges:
        if exchange.answer.start <= place.start and place.end <= exchange.answer.end:
            return exchange
    return None
