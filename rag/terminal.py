"""How answers, transcripts and progress look in a terminal.

Transcripts, questions and model output are untrusted here: they are printed as text, without control characters and
without rich's markup.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TransferSpeedColumn,
)
from rich.progress import TimeRemainingColumn as Remaining
from rich.status import Status
from rich.text import Text

from rag.corpus.language import language_name
from rag.types import Answer, Citation, Exchange, Note, Searched, Sentence

if TYPE_CHECKING:
    from rag.corpus.fetch import FetchReport
    from rag.indexing.backup import Manifest
    from rag.indexing.invariants import Check
    from rag.indexing.locate import Located
    from rag.indexing.report import IngestReport
    from rag.indexing.versions import EarlierVersion
    from rag.models import ListedModel
    from rag.overview import Overview
    from rag.position import Position, Wording
    from rag.retrieval.counterparts import Counterpart

WIDEST = 100
"""Columns; longer lines are hard to read."""
UNWRAPPED = 1_000_000
"""Columns; a pipe gets one line per paragraph."""
BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

Advance = Callable[[int, int], None]


def consoles() -> tuple[Console, Console]:
    """Consoles on standard output (results) and standard error (progress, notes)."""
    out = Console(highlight=False, markup=False, emoji=False)
    out.width = min(out.width, WIDEST) if out.is_terminal else UNWRAPPED
    return out, Console(stderr=True, highlight=False, markup=False, emoji=False)


def plain(text: str) -> str:
    """Untrusted text without control characters, escape sequences and direction overrides; line breaks stay."""
    return "".join(
        character
        for character in text.replace("\t", " ")
        if character == "\n" or (unicodedata.category(character) not in ("Cc", "Cs") and character not in BIDI_CONTROLS)
    )


class _Rate(ProgressColumn):
    """How many are done in a second, or in a minute when that is more than none."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed:,.0f}/s" if speed >= 10 else f"{speed * 60:,.0f}/min", style="progress.data.speed")


@contextmanager
def progress_bar(errors: Console, label: str, in_bytes: bool = False) -> Iterator[Advance]:
    """A bar on standard error with rate and remaining time, moved by calling (done, total)."""
    amount, rate = (DownloadColumn(), TransferSpeedColumn()) if in_bytes else (MofNCompleteColumn(), _Rate())
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), amount, rate, Remaining())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


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
                _line(out, plain(note), style="dim")
            noted = len(answer.understood.notes)
            for sentence in answer.sentences[shown:]:
                _line(out, _told(sentence, answer.citations))
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
        _line(out, "In short: " + " ".join(_told(sentence, answer.citations) for sentence in answer.lead))
    if answer.reason:
        _line(out, plain(answer.reason))
    if answer.refused:
        _line(out, searched_words(answer.searched))
        if answer.nearest:
            _line(out, "Nearest questions on record:")
            for question in answer.nearest:
                _line(out, f"- {plain(question)}", indent=2)
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


def day(date: dt.date | None) -> str:
    """`23 May 2019`, or `undated`."""
    return f"{date.day} {date:%B %Y}" if date else "undated"


def print_position(found: Position, out: Console) -> None:
    """Print when a topic was addressed, then its lines in order of time with what changed in their wordings."""
    for note in found.understood.notes:
        _line(out, plain(note), style="dim")
    _line(out, searched_words(found.searched))
    when = found.timeline
    if not when.exchanges:
        _line(out, "Nothing on record bears on this topic.")
        return
    counts = f"{when.exchanges:,} exchange{'s' * (when.exchanges > 1)} in {when.conferences:,} conference"
    _line(out, f"Addressed in {counts}{'s' * (when.conferences > 1)}, {_days(when.first, when.last)}.")
    for line in found.lines:
        out.print()
        times = f", on {line.occasions} occasions" if line.occasions > 1 else ""
        _line(out, f"{_days(line.first, line.last)}{times}", style="bold")
        for wording in line.wordings:
            _print_wording(wording, out)
    left = [f"{found.left_out:,} lines less near to the topic"] if found.left_out else []
    left += [f"{number:,} {_EMPTY[kind]}" for kind, number in found.empty.items()]
    if left:
        out.print()
        _line(out, f"Left out: {', '.join(left)}.", style="dim")


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
        _line(out, plain(f"[{citation.n}] {', '.join(fact for fact in facts if fact)}"), style="dim", indent=4)


def print_located(
    found: Located, before: Sequence[EarlierVersion], others: Mapping[str, Counterpart], out: Console
) -> None:
    """Print a transcript with its question and answer labels; of a passage, its exchange and where it stands.

    `others`: by exchange id, the same exchange in another language.
    """
    transcript = found.transcript
    _line(out, plain(transcript.title), style="bold")
    facts = (day(transcript.date), transcript.speaker, transcript.institution, transcript.url, transcript.id)
    _line(out, plain(" · ".join(fact for fact in facts if fact)), style="dim")
    if found.note:
        _line(out, found.note)
    for version in before:
        _line(out, plain(f"Replaced on {day(version.replaced)}: onrecord show --earlier {version.transcript.id}"))
    parts: list[Exchange | Note] = sorted((*transcript.exchanges, *transcript.notes), key=_start)
    start, end = found.start, found.end
    if start is not None and end is not None:
        parts = [part for part in transcript.exchanges if part.answer.start <= start < end <= part.answer.end]
        words = transcript.text[start:end] if parts else ""
        _line(out, f"“{plain(words)}”" if words else "This place is not inside one answer.", style="bold")
        parts = parts or sorted((*transcript.exchanges, *transcript.notes), key=_start)
    for part in parts:
        out.print()
        if isinstance(part, Note):
            _line(out, plain(transcript.text[part.start : part.end]), style="dim")
            continue
        if part.question:
            asked = transcript.text[part.question.start : part.question.end]
            _line(out, f"{plain(part.asked_by or 'Q')}: {plain(asked)}", style="italic")
        said = transcript.text[part.answer.start : part.answer.end]
        _line(out, f"{plain(part.speaker or 'A')}: {plain(said)}")
        if other := others.get(part.id):
            place = f"{other.transcript}:{other.start}-{other.end}"
            _line(out, plain(f"In {language_name(other.language)}: onrecord show {place}"), style="dim")


def print_fetch(report: FetchReport, out: Console) -> None:
    """Print what was not obtained and why, one line each, then the counts."""
    for fault in report.faults:
        _line(out, plain(f"not read  {fault.url}: {fault.reason}"))
    for outcome in report.outcomes:
        if outcome.reason:
            _line(out, plain(f"{outcome.state:9} {outcome.url}: {outcome.reason}"))
    counts = ", ".join(f"{count:,} {state}" for state, count in report.counts.items())
    _line(out, f"{len(report.outcomes):,} transcripts listed on {report.listings:,} pages: {counts}")


def print_report(report: IngestReport, out: Console) -> None:
    """Print what needs saying of single inputs, then the counts, which add up to the inputs."""
    for outcome in report.outcomes:
        if outcome.detail:
            out.print(Text(plain(f"{outcome.status:9} {outcome.path}: {outcome.detail}")), soft_wrap=True)
    for path in report.removed:
        out.print(Text(plain(f"removed   {path}: the file is gone")), soft_wrap=True)
    counts = f"{report.indexed:,} indexed, {report.unchanged:,} unchanged, {report.skipped:,} skipped"
    out.print(Text(f"{counts}: {report.inputs:,} input{'' if report.inputs == 1 else 's'}."))


def print_checks(checks: Sequence[Check], out: Console) -> None:
    """Print each invariant with what is wrong and how to mend it, then the sum."""
    for check in checks:
        out.print(Text(f"{'wrong' if check.findings else 'ok':6} {check.name}"), soft_wrap=True)
        for finding in check.findings:
            out.print(Text(plain(f"       {finding.wrong}")), soft_wrap=True)
            out.print(Text(plain(f"       mend with: {finding.mend}")), soft_wrap=True)
    wrong = sum(bool(check.findings) for check in checks)
    out.print(Text(f"{len(checks)} invariants, {wrong or 'none'} broken."))


def print_backup(what: str, manifest: Manifest, out: Console) -> None:
    """Print what a backup holds."""
    files = sum(member.path.startswith("corpus/") for member in manifest.members)
    size = sum(member.size for member in manifest.members)
    counts = f"{manifest.transcripts:,} transcripts, {files:,} corpus files, {size / 1e6:,.1f} MB unpacked"
    out.print(Text(plain(f"{what} {counts}, as of {manifest.made:%Y-%m-%d %H:%M} UTC.")), soft_wrap=True)


def print_overview(found: Overview, out: Console) -> None:
    """Print what an index holds, one fact a line."""
    dates = f"{day(found.dates.first)} to {day(found.dates.last)}" if found.dates.first else "none"
    restated = f"{found.propositions:,} statements restated of {found.spans:,} spans"
    rows = (
        ("index", f"{found.index}, {found.size / 1e6:,.1f} MB"),
        ("transcripts", f"{found.transcripts:,}"),
        ("exchanges", f"{found.exchanges:,}"),
        ("passages", f"{found.passages:,}"),
        ("dates", dates),
        ("embedding", f"{found.embedding}, {found.dimension} dimensions, {found.embedding_digest[:12]}…"),
        ("run by", found.embedding_run_by),
        ("LLM", f"{found.llm}, {f'quotes only: {found.llm_trouble}' if found.llm_trouble else restated}"),
    )
    for name, fact in rows:
        out.print(Text(f"{name:12} {fact}"), soft_wrap=True)


def print_models(models: Sequence[ListedModel], out: Console) -> None:
    """Print a table of models; the ones that the settings ask for are marked."""
    widths = [max(len(row.name) for row in models), max(len(row.role) for row in models), 11, 12]
    for row in models:
        cells = (row.name, row.role, f"{row.size / 1e6:,.0f} MB", row.licence or "")
        words = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        out.print(Text(f"{'*' if row.used else ' '} {words}{row.state}"), soft_wrap=True)
    out.print(Text("\n* asked for by the settings", style="dim"))


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
    _line(out, plain(f"[{citation.n}] {', '.join(fact for fact in facts if fact)} — {citation.title}"), style="bold")
    _line(out, f"“{plain(citation.quote)}”", indent=4)
    _line(out, plain(citation.url or citation.transcript), style="dim", indent=4)


def _line(out: Console, text: str, style: str = "", indent: int = 0) -> None:
    out.print(Padding(Text(text, style=style), (0, 0, 0, indent), expand=False))
