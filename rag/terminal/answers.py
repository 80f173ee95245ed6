"""How answers and transcripts look in a terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.status import Status
from rich.text import Text

from rag.corpus.language import language_name
from rag.terminal.console import day, plain, print_line
from rag.types import Answer, Citation, Exchange, Note, Searched, Sentence

if TYPE_CHECKING:
    from rag.indexing.locate import Located
    from rag.indexing.versions import EarlierVersion
    from rag.position import Position, Wording
    from rag.retrieval.counterparts import Counterpart


def print_answer(snapshots: Iterable[Answer], out: Console, errors: Console) -> Answer:
    """Print sentences as they come, then their quotes. Returns the complete answer."""
    status = Status("Searching the record …", console=errors)
    shown = noted = 0
    answer: Answer | None = None
    if errors.is_terminal:
        status.start()
    try:
        for answer in snapshots:
            for note in answer.understood.notes[noted:]:
                print_line(out, plain(note), style="dim")
            noted = len(answer.understood.notes)
            for sentence in answer.sentences[shown:]:
                print_line(out, _told(sentence, answer.citations))
            shown = len(answer.sentences)
            if answer.pending:
                status.update(f"Putting statements into reported speech, {answer.pending} to go …")
    finally:
        status.stop()
    if answer is None:
        raise RuntimeError("no answer came")
    _print_ending(answer, out)
    return answer


def _print_ending(answer: Answer, out: Console) -> None:
    """What stands below the sentences."""
    if answer.lead:
        print_line(out, "In short: " + " ".join(_told(sentence, answer.citations) for sentence in answer.lead))
    if answer.reason:
        print_line(out, plain(answer.reason))
    if answer.refused:
        print_line(out, searched_words(answer.searched))
        if answer.nearest:
            print_line(out, "Nearest questions on record:")
            for question in answer.nearest:
                print_line(out, f"- {plain(question)}", indent=2)
    for citation in answer.citations:
        _print_citation(citation, out)


def searched_words(searched: Searched) -> str:
    """What was searched, in words."""
    conferences = f"{searched.transcripts:,} transcript{'' if searched.transcripts == 1 else 's'}"
    if searched.first is None or searched.last is None:
        return f"Searched: {conferences}."
    if searched.first == searched.last:
        return f"Searched: {conferences} of {day(searched.first)}."
    return f"Searched: {conferences}, {day(searched.first)} to {day(searched.last)}."


def print_position(found: Position, out: Console) -> None:
    """Print when a topic was addressed, then its lines in order of time with what changed in their wordings."""
    for note in found.understood.notes:
        print_line(out, plain(note), style="dim")
    print_line(out, searched_words(found.searched))
    when = found.timeline
    if not when.exchanges:
        print_line(out, "Nothing on record bears on this topic.")
        return
    counts = f"{when.exchanges:,} exchange{'s' * (when.exchanges > 1)} in {when.conferences:,} conference"
    print_line(out, f"Addressed in {counts}{'s' * (when.conferences > 1)}, {_days(when.first, when.last)}.")
    for line in found.lines:
        out.print()
        times = f", on {line.occasions} occasions" if line.occasions > 1 else ""
        print_line(out, f"{_days(line.first, line.last)}{times}", style="bold")
        for wording in line.wordings:
            _print_wording(wording, out)
    left = [f"{found.left_out:,} lines less near to the topic"] if found.left_out else []
    left += [f"{number:,} {_EMPTY[kind]}" for kind, number in found.empty.items()]
    if left:
        out.print()
        print_line(out, f"Left out: {', '.join(left)}.", style="dim")


_EMPTY = {"declined": "that declined to answer", "boilerplate": "that say nothing", "rhetoric": "of questions only"}


def _days(first: dt.date | None, last: dt.date | None) -> str:
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def _print_wording(wording: Wording, out: Console) -> None:
    """The words, changed ones as `[-removed-]{+added+}`, and below them where they were said."""
    styles = {"same": ("", "", ""), "removed": ("[-", "-]", "strike"), "added": ("{+", "+}", "bold")}
    text = Text("" if wording.changes else plain(wording.text))
    for change in wording.changes:
        before, after, style = styles[change.kind]
        text.append(f"{before}{plain(change.text)}{after}", style=style)
    out.print(Padding(text, (0, 0, 0, 2), expand=False))
    for citation in wording.occasions:
        facts = [day(citation.date), citation.speaker, citation.url or citation.transcript]
        print_line(out, plain(f"[{citation.n}] {', '.join(fact for fact in facts if fact)}"), style="dim", indent=4)


def print_located(
    found: Located, before: Sequence[EarlierVersion], others: Mapping[str, Counterpart], out: Console
) -> None:
    """Print a transcript with its question and answer labels; of a passage, its exchange and where it stands.

    `others`: by exchange id, the same exchange in another language.
    """
    transcript = found.transcript
    print_line(out, plain(transcript.title), style="bold")
    facts = (day(transcript.date), transcript.speaker, transcript.institution, transcript.url, transcript.id)
    print_line(out, plain(" · ".join(fact for fact in facts if fact)), style="dim")
    if found.note:
        print_line(out, found.note)
    for version in before:
        print_line(out, plain(f"Replaced on {day(version.replaced)}: onrecord show --earlier {version.transcript.id}"))
    parts: list[Exchange | Note] = sorted((*transcript.exchanges, *transcript.notes), key=_start)
    start, end = found.start, found.end
    if start is not None and end is not None:
        parts = [part for part in transcript.exchanges if part.answer.start <= start < end <= part.answer.end]
        words = transcript.text[start:end] if parts else ""
        print_line(out, f"“{plain(words)}”" if words else "This place is not inside one answer.", style="bold")
        parts = parts or sorted((*transcript.exchanges, *transcript.notes), key=_start)
    for part in parts:
        out.print()
        if isinstance(part, Note):
            print_line(out, plain(transcript.text[part.start : part.end]), style="dim")
            continue
        if part.question:
            asked = transcript.text[part.question.start : part.question.end]
            print_line(out, f"{plain(part.asked_by or 'Q')}: {plain(asked)}", style="italic")
        said = transcript.text[part.answer.start : part.answer.end]
        print_line(out, f"{plain(part.speaker or 'A')}: {plain(said)}")
        if other := others.get(part.id):
            place = f"{other.transcript}:{other.start}-{other.end}"
            print_line(out, plain(f"In {language_name(other.language)}: onrecord show {place}"), style="dim")


def _start(part: Exchange | Note) -> int:
    if isinstance(part, Note):
        return part.start
    return part.question.start if part.question else part.answer.start


def _told(sentence: Sentence, citations: Sequence[Citation]) -> str:
    numbers = "".join(f"[{n}]" for n in sentence.citations)
    if sentence.label != "quote":
        return f"{plain(sentence.text)} {numbers}"
    quoted = citations[sentence.citations[0] - 1]
    return f"{plain(quoted.speaker or 'The spokesperson')}, {day(quoted.date)}: “{plain(sentence.text)}” {numbers}"


def _print_citation(citation: Citation, out: Console) -> None:
    facts = [day(citation.date), citation.speaker, f"asked by {citation.asked_by}" if citation.asked_by else None]
    out.print()
    print_line(
        out, plain(f"[{citation.n}] {', '.join(fact for fact in facts if fact)} — {citation.title}"), style="bold"
    )
    print_line(out, f"“{plain(citation.quote)}”", indent=4)
    print_line(out, plain(citation.url or citation.transcript), style="dim", indent=4)
