"""`build`, `ingest`, `fetch`, `warm`, `status`, and `doctor`, `backup`, `restore`: keeping the record."""

from __future__ import annotations

import contextlib
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rag.options import JsonOption, LoadSettings, SinceOption, UntilOption, period, with_settings

if TYPE_CHECKING:
    from rag.config import Settings

ARRANGING = "Arranging vectors"
app = typer.Typer()
fetch_app = typer.Typer(help="Fetch transcripts from the site that publishes them.", no_args_is_help=True)
app.add_typer(fetch_app, name="fetch")


@app.command()
@with_settings
def build(
    anew: Annotated[
        bool, typer.Option("--anew", help="Make a new index, whatever the present one says; sound vectors are kept.")
    ] = False,
    *,
    settings: LoadSettings,
) -> None:
    """Build the index from the corpus folder, or bring it up to date. Nothing is done twice."""
    from rag.indexing.build import build as build_index
    from rag.indexing.embedding import load_encoder
    from rag.terminal.console import consoles, progress_bars
    from rag.terminal.reports import print_report

    chosen = settings()
    out, errors = consoles()
    with progress_bars(errors, f"Indexing {chosen.corpus}", ARRANGING) as (advance, arranged):
        report = build_index(chosen, load_encoder(chosen), advance, arranged, anew=anew)
    print_report(report, out)


@app.command()
@with_settings
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, folders or archives.")],
    *,
    settings: LoadSettings,
) -> None:
    """Add transcripts to the index. Every input is reported as indexed, unchanged, or skipped with a reason."""
    from rag.indexing.build import ingest as ingest_paths
    from rag.indexing.embedding import load_encoder
    from rag.terminal.console import consoles, progress_bars
    from rag.terminal.reports import print_report

    chosen = settings()
    out, errors = consoles()
    with progress_bars(errors, "Ingesting", ARRANGING) as (advance, arranged):
        report = ingest_paths(paths, chosen, load_encoder(chosen), advance, arranged=arranged)
    print_report(report, out)
    if report.skipped == report.inputs:
        raise typer.Exit(1)


@app.command()
@with_settings
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines to write; - writes to standard output.")],
    *,
    settings: LoadSettings,
) -> None:
    """Write every transcript as one line of JSON, which `onrecord ingest` reads again."""
    import sys

    from rag.indexing.export import export as write
    from rag.indexing.export import export_to
    from rag.indexing.store import open_index
    from rag.terminal.console import consoles, progress_bar

    _, errors = consoles()
    with open_index(settings()) as record, progress_bar(errors, "Exporting") as advance:
        written = write(record, sys.stdout.buffer, advance) if str(file) == "-" else export_to(record, file, advance)
    errors.print(f"{written} transcripts exported", highlight=False)


@fetch_app.command("mfa")
@with_settings
def fetch_mfa(
    lang: Annotated[Literal["en", "zh"], typer.Option(help="Language of the transcripts.")] = "en",
    since: SinceOption = None,
    until: UntilOption = None,
    recheck: Annotated[
        bool, typer.Option("--recheck", help="Ask again for what is held, and take corrections.")
    ] = False,
    base: Annotated[str | None, typer.Option(metavar="URL", help="Scheme and host of a mirror.")] = None,
    *,
    settings: LoadSettings,
) -> None:
    """Save the press conferences that China's foreign ministry lists and the corpus folder lacks, and ingest them."""
    from rag.corpus import fetch
    from rag.indexing.build import ingest as ingest_paths
    from rag.indexing.embedding import load_encoder
    from rag.indexing.pages import pages_on_record
    from rag.terminal.console import consoles, progress_bar, progress_bars
    from rag.terminal.reports import print_fetch, print_report

    asked = period(since, until, ("--since", "--until"))
    chosen = settings(fetch_base=base)
    out, errors = consoles()
    with progress_bar(errors, f"Fetching from {chosen.fetch_base}") as advance:
        fetched = fetch.fetch_mfa(chosen, lang, asked, recheck=recheck, known=pages_on_record(chosen), progress=advance)
    print_fetch(fetched, out)
    if not fetched.files:
        return
    with progress_bars(errors, "Ingesting", ARRANGING) as (advance, arranged):
        report = ingest_paths(fetched.files, chosen, load_encoder(chosen), advance, arranged=arranged)
    print_report(report, out)


@app.command()
@with_settings
def warm(
    *,
    settings: LoadSettings,
) -> None:
    """Put every statement on record into reported speech ahead of the questions. Ctrl+C stops; the next run goes on."""
    from rag.errors import ModelError
    from rag.generation.llm import load_llm
    from rag.generation.propositions import FILE, PropositionStore, most_retrieved_first
    from rag.generation.propositions import warm as make
    from rag.indexing.store import open_index
    from rag.overview import spans_with_context
    from rag.terminal.console import consoles, progress_bar

    chosen = settings()
    _, errors = consoles()
    with open_index(chosen) as record:
        llm = load_llm(chosen)
        if llm is None:
            raise ModelError("the settings ask for no language model. Name one in the setting llm.")
        store = PropositionStore(chosen.index / FILE)
        spans = record.counts().spans
        with contextlib.suppress(KeyboardInterrupt), progress_bar(errors, "Restating") as advance:
            make(most_retrieved_first(spans_with_context(record), store), spans, llm, store, advance)
        print(f"{store.count(llm.digest):,} statements are restated and checked; there are {spans:,} spans on record.")


@app.command()
@with_settings
def doctor(
    as_json: JsonOption = False,
    *,
    settings: LoadSettings,
) -> None:
    """Check everything that must hold of the index and the corpus folder, and say how to mend what does not."""
    import json

    from rag.indexing.invariants import examine
    from rag.terminal.console import consoles, progress_bar
    from rag.terminal.reports import print_checks

    chosen = settings()
    out, errors = consoles()
    files = _other_files(chosen)
    others = {
        "the file of propositions": (files["propositions"], f"rm {shlex.quote(str(files['propositions']))}"),
        "the file of conversations": (files["conversations"], "onrecord restore FILE --force"),
    }
    with progress_bar(errors, f"Examining {chosen.index}") as advance:
        checks = examine(chosen, others, advance)
    if as_json:
        print(json.dumps([check.model_dump() for check in checks], indent=2))
    else:
        print_checks(checks, out)
    if any(check.findings for check in checks):
        raise typer.Exit(1)


@app.command()
@with_settings
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; one that is there is replaced.")],
    *,
    settings: LoadSettings,
) -> None:
    """Write index, corpus, propositions and conversations to one file. Everything may be in use meanwhile."""
    from rag.indexing.backup import back_up
    from rag.terminal.console import consoles, progress_bar
    from rag.terminal.reports import print_backup

    chosen = settings()
    out, errors = consoles()
    with progress_bar(errors, f"Backing up to {file}", in_bytes=True) as advance:
        manifest = back_up(chosen, _other_files(chosen), file, advance)
    print_backup(f"{file} holds", manifest, out)


@app.command()
@with_settings
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `onrecord backup` wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace an index and a corpus folder that are not empty.")
    ] = False,
    *,
    settings: LoadSettings,
) -> None:
    """Put a backup in the place of index and corpus, once all of it was found whole. All of it is done, or nothing."""
    from rag.indexing.restore import restore as put_back
    from rag.terminal.console import consoles, progress_bar
    from rag.terminal.reports import print_backup

    chosen = settings()
    out, errors = consoles()
    with progress_bar(errors, f"Restoring {file}", in_bytes=True) as advance:
        manifest = put_back(file, chosen, _other_files(chosen), force=force, progress=advance)
    print_backup(f"Restored from {file}:", manifest, out)
    now = chosen.model_dump(mode="json")
    for name, value in manifest.settings.items():
        if name in now and now[name] != value:
            print(f"The setting {name} was {value!r} when the backup was made; now it is {now[name]!r}.")


def _other_files(settings: Settings) -> dict[str, Path]:
    """The SQLite files beside the index's own, by their names in a backup."""
    from rag.generation.propositions import FILE
    from rag.page.conversations import file_beside

    return {"propositions": settings.index / FILE, "conversations": file_beside(settings.index)}


@app.command()
@with_settings
def status(
    as_json: JsonOption = False,
    *,
    settings: LoadSettings,
) -> None:
    """Say what the index holds: transcripts, exchanges, passages, dates, models, size."""
    import json

    from rag.indexing.store import open_index
    from rag.overview import overview
    from rag.terminal.console import consoles
    from rag.terminal.reports import print_overview

    chosen = settings()
    with open_index(chosen) as record:
        found = overview(record, chosen)
    if as_json:
        print(json.dumps(found.model_dump(mode="json"), indent=2))
    else:
        print_overview(found, consoles()[0])
