"""The command `onrecord`.

Everything heavy is imported inside the command that needs it, so that `onrecord --help` answers at once. Errors that
were raised on purpose become one line on standard error and exit code 1 here and nowhere deeper; wrong usage exits
with 2.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from rag.errors import OnRecordError

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.generation.llm import LanguageModel

app = typer.Typer(
    name="onrecord",
    help="Answers “what was said about X?” from press-conference transcripts, every sentence tied to its exact words.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
fetch_app = typer.Typer(help="Fetch transcripts from the site that publishes them.", no_args_is_help=True)
app.add_typer(fetch_app, name="fetch")
models_app = typer.Typer(help="Obtain and list the models.", no_args_is_help=True)
app.add_typer(models_app, name="models")

IndexOption = Annotated[Path | None, typer.Option("--index", metavar="DIR", help="Folder of the index.")]
CorpusOption = Annotated[Path | None, typer.Option("--corpus", metavar="DIR", help="Folder of the transcripts.")]
SettingsOption = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="Settings file instead of onrecord.toml.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _day_option(name: str, help: str) -> Any:
    return typer.Option(name, formats=["%Y-%m-%d"], metavar="DATE", help=help)


FromOption = Annotated[datetime | None, _day_option("--from", "Only from this day on.")]
ToOption = Annotated[datetime | None, _day_option("--to", "Only up to this day.")]
SinceOption = Annotated[datetime | None, _day_option("--since", "Only from this day on.")]
UntilOption = Annotated[datetime | None, _day_option("--until", "Only up to this day.")]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit. `arguments` are those after the program's name; None takes the process's own."""
    try:
        app(args=list(arguments) if arguments is not None else None, prog_name="onrecord")
    except OnRecordError as error:
        _fail(str(error))
    except BrokenPipeError:
        # The reader of a pipe (head, less) has seen enough.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    sys.exit(0)


def _fail(message: str) -> NoReturn:
    print(f"onrecord: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(1)


def _settings(index: Path | None, corpus: Path | None, file: Path | None, **options: Any) -> Settings:
    from rag.config import load_settings

    return load_settings({"index": index, "corpus": corpus, **options}, file=file)


@app.command()
def build(
    index: IndexOption = None,
    corpus: CorpusOption = None,
    settings: SettingsOption = None,
) -> None:
    """Build the index from the corpus folder, or bring it up to date. Nothing is done twice."""
    from rag.indexing.build import build as build_index
    from rag.indexing.embedding import load_encoder
    from rag.terminal import consoles, print_report, progress_bar

    chosen = _settings(index, corpus, settings)
    out, errors = consoles()
    with progress_bar(errors, f"Indexing {chosen.corpus}") as advance:
        report = build_index(chosen, load_encoder(chosen), advance)
    print_report(report, out)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, folders or archives.")],
    index: IndexOption = None,
    corpus: CorpusOption = None,
    settings: SettingsOption = None,
) -> None:
    """Add transcripts to the index. Every input is reported as indexed, unchanged, or skipped with a reason."""
    from rag.indexing.build import ingest as ingest_paths
    from rag.indexing.embedding import load_encoder
    from rag.terminal import consoles, print_report, progress_bar

    chosen = _settings(index, corpus, settings)
    out, errors = consoles()
    with progress_bar(errors, "Ingesting") as advance:
        report = ingest_paths(paths, chosen, load_encoder(chosen), advance)
    print_report(report, out)
    if report.skipped == report.inputs:
        raise typer.Exit(1)


@fetch_app.command("mfa")
def fetch_mfa(
    lang: Annotated[Literal["en", "zh"], typer.Option(help="Language of the transcripts.")] = "en",
    since: SinceOption = None,
    until: UntilOption = None,
    recheck: Annotated[
        bool, typer.Option("--recheck", help="Ask again for what is held, and take corrections.")
    ] = False,
    base: Annotated[str | None, typer.Option(metavar="URL", help="Scheme and host of a mirror.")] = None,
    index: IndexOption = None,
    corpus: CorpusOption = None,
    settings: SettingsOption = None,
) -> None:
    """Save the press conferences that China's foreign ministry lists and the corpus folder lacks, and ingest them."""
    from rag.corpus import fetch
    from rag.indexing.build import ingest as ingest_paths
    from rag.indexing.embedding import load_encoder
    from rag.terminal import consoles, print_fetch, print_report, progress_bar
    from rag.types import Period

    if since and until and until < since:
        raise typer.BadParameter("--until lies before --since")
    period = Period(first=since.date() if since else None, last=until.date() if until else None)
    chosen = _settings(index, corpus, settings, fetch_base=base)
    out, errors = consoles()
    with progress_bar(errors, f"Fetching from {chosen.fetch_base}") as advance:
        fetched = fetch.fetch_mfa(chosen, lang, period, recheck=recheck, progress=advance)
    print_fetch(fetched, out)
    if not fetched.files:
        return
    with progress_bar(errors, "Ingesting") as advance:
        report = ingest_paths(fetched.files, chosen, load_encoder(chosen), advance)
    print_report(report, out)


@app.command()
def status(
    as_json: JsonOption = False,
    index: IndexOption = None,
    corpus: CorpusOption = None,
    settings: SettingsOption = None,
) -> None:
    """Say what the index holds: transcripts, exchanges, passages, dates, models, size."""
    import json

    from rag.indexing.store import open_index
    from rag.overview import overview
    from rag.terminal import consoles, print_overview

    chosen = _settings(index, corpus, settings)
    with open_index(chosen) as record:
        found = overview(record, chosen)
    if as_json:
        print(json.dumps(found.model_dump(mode="json"), indent=2))
    else:
        print_overview(found, consoles()[0])


@app.command()
def ask(
    question: Annotated[list[str], typer.Argument(metavar="QUESTION", help="What was said about …?")],
    as_json: JsonOption = False,
    speaker: Annotated[str | None, typer.Option(help="Only what this spokesperson said.")] = None,
    first: FromOption = None,
    last: ToOption = None,
    index: IndexOption = None,
    corpus: CorpusOption = None,
    settings: SettingsOption = None,
) -> None:
    """Answer a question from the record, each sentence with the words it stands on."""
    from rag.answer import stream_answer
    from rag.generation.propositions import FILE, PropositionStore
    from rag.indexing.embedding import load_encoder
    from rag.indexing.store import open_index
    from rag.terminal import consoles, print_answer
    from rag.types import Filters, Period

    if first and last and last < first:
        raise typer.BadParameter("--to lies before --from")
    period = Period(first=first.date() if first else None, last=last.date() if last else None)
    chosen = _settings(index, corpus, settings)
    out, errors = consoles()
    encoder = load_encoder(chosen)
    with open_index(chosen, encoder) as record:
        snapshots = stream_answer(
            " ".join(question),
            index=record,
            encoder=encoder,
            llm=_language_model(chosen),
            propositions=PropositionStore(chosen.index / FILE),
            settings=chosen,
            filters=Filters(period=period if first or last else None, speaker=speaker),
        )
        if as_json:
            *_, answer = snapshots
            print(answer.model_dump_json(by_alias=True, indent=2))
        else:
            print_answer(snapshots, out, errors)


def _language_model(settings: Settings) -> LanguageModel | None:
    """The LLM, or None with the reason on standard error: the record still answers with its own words."""
    from rag.errors import ModelError
    from rag.generation.llm import load_llm
    from rag.models import NO_LLM

    if settings.llm == NO_LLM:
        return None
    try:
        return load_llm(settings)
    except ModelError as error:
        print(f"onrecord: quotes only: {error}", file=sys.stderr)
        return None


@app.command()
def show(
    transcript: Annotated[str, typer.Argument(help="Id or name of a transcript, for example t1666065.")],
    as_json: JsonOption = False,
    index: IndexOption = None,
    corpus: CorpusOption = None,
    settings: SettingsOption = None,
) -> None:
    """Print one transcript, reporters and spokesperson told apart."""
    from rag.indexing.store import open_index
    from rag.terminal import consoles, print_transcript

    with open_index(_settings(index, corpus, settings)) as record:
        try:
            found = record.transcript(transcript)
        except KeyError:
            named = record.named(transcript)
            if len(named) > 1:
                ids = ", ".join(source.transcript for source in named)
                raise OnRecordError(f"several transcripts are named {transcript}: {ids}") from None
            if not named:
                raise OnRecordError(f"no transcript {transcript!r} is on record (see: onrecord status)") from None
            found = record.transcript(named[0].transcript)
    if as_json:
        print(found.model_dump_json(indent=2))
    else:
        print_transcript(found, consoles()[0])


@app.command()
def chat(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    index: IndexOption = None,
    corpus: CorpusOption = None,
    settings: SettingsOption = None,
) -> None:
    """Serve the chat page on this machine."""
    from rag.page_server import serve

    raise SystemExit(serve(_settings(index, corpus, settings, host=host, port=port), browser))


@models_app.command("pull")
def models_pull(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…]", help="Default: those in the settings.")
    ] = None,
    index: IndexOption = None,
    corpus: CorpusOption = None,
    settings: SettingsOption = None,
) -> None:
    """Obtain models and check their digests. What is already there is left alone."""
    from rag.models.pulling import pull
    from rag.terminal import consoles, progress_bar

    chosen = _settings(index, corpus, settings)
    _, errors = consoles()
    with progress_bar(errors, "Models", in_bytes=True) as advance:
        pull(names or [], chosen, advance, lambda line: errors.print(line, soft_wrap=True))


@models_app.command("list")
def models_list(
    as_json: JsonOption = False,
    index: IndexOption = None,
    corpus: CorpusOption = None,
    settings: SettingsOption = None,
) -> None:
    """List the models known by name, and your own ones that the settings name, with their state."""
    import json

    from rag.models import list_models
    from rag.terminal import consoles, print_models

    rows = list_models(_settings(index, corpus, settings))
    if as_json:
        print(json.dumps([row.model_dump(mode="json") for row in rows], indent=2))
    else:
        print_models(rows, consoles()[0])
