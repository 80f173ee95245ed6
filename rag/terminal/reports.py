"""How what was done to the record, and what it holds, looks in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from rag.terminal.console import day, plain, print_line

if TYPE_CHECKING:
    from rag.corpus.fetch import FetchReport
    from rag.indexing.backup import Manifest
    from rag.indexing.invariants import Check
    from rag.indexing.report import IngestReport
    from rag.models import ListedModel
    from rag.overview import Overview


def print_fetch(report: FetchReport, out: Console) -> None:
    """Print what was not obtained and why, one line each, then the counts."""
    for fault in report.faults:
        print_line(out, plain(f"not read  {fault.url}: {fault.reason}"))
    for outcome in report.outcomes:
        if outcome.reason:
            print_line(out, plain(f"{outcome.state:9} {outcome.url}: {outcome.reason}"))
    counts = ", ".join(f"{count:,} {state}" for state, count in report.counts.items())
    print_line(out, f"{len(report.outcomes):,} transcripts listed on {report.listings:,} pages: {counts}")


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
