"""`ask`, `show` and `chat`: reading the record."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import OnRecordError
from rag.options import FromOption, JsonOption, LoadSettings, ToOption, period, with_settings

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.generation.language_model import LanguageModel

app = typer.Typer()


@app.command()
@with_settings
def ask(
    question: Annotated[list[str], typer.Argument(metavar="QUESTION", help="What was said about …?")],
    as_json: JsonOption = False,
    speaker: Annotated[str | None, typer.Option(help="Only what this spokesperson said.")] = None,
    first: FromOption = None,
    last: ToOption = None,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Only transcripts in it: en or zh.")] = None,
    institution: Annotated[str | None, typer.Option(help="Only transcripts of this institution.")] = None,
    *,
    settings: LoadSettings,
) -> None:
    """Answer a question from the record, each sentence with the words it stands on."""
    from rag.answer import stream_answer
    from rag.generation.propositions import FILE, PropositionStore
    from rag.indexing.embedding import load_encoder
    from rag.indexing.store import open_index
    from rag.terminal.answers import print_answer
    from rag.terminal.console import consoles
    from rag.types import Filters

    asked = period(first, last, ("--from", "--to"))
    chosen = settings()
    out, errors = consoles()
    encoder = load_encoder(chosen)
    with open_index(chosen, encoder) as record:
        _must_be_known("language", language, record.languages())
        _must_be_known("institution", institution, record.institutions())
        snapshots = stream_answer(
            " ".join(question),
            index=record,
            encoder=encoder,
            llm=_language_model(chosen),
            propositions=PropositionStore(chosen.index / FILE),
            settings=chosen,
            filters=Filters(
                period=asked if first or last else None, speaker=speaker, language=language, institution=institution
            ),
        )
        if as_json:
            *_, answer = snapshots
            print(answer.model_dump_json(by_alias=True, indent=2))
        else:
            print_answer(snapshots, out, errors)


def _must_be_known(option: str, value: str | None, known: list[str]) -> None:
    if value is not None and value.casefold() not in {name.casefold() for name in known}:
        raise OnRecordError(f"--{option} {value}: no such transcript is on record; there are: {', '.join(known)}")


def _language_model(settings: Settings) -> LanguageModel | None:
    """The LLM, or None with the reason on standard error: the record still answers with its own words."""
    from rag.errors import ModelError
    from rag.generation.llm import load_llm

    try:
        return load_llm(settings)
    except ModelError as error:
        print(f"onrecord: quotes only: {error}", file=sys.stderr)
        return None


@app.command()
@with_settings
def show(
    place: Annotated[
        str,
        typer.Argument(
            metavar="TRANSCRIPT",
            help="Id or name of a transcript, for example t1666065; with :START-END, as in a link, one passage of it.",
        ),
    ],
    earlier: Annotated[
        bool, typer.Option("--earlier", help="The earlier version of this very id, not what replaced it.")
    ] = False,
    as_json: JsonOption = False,
    *,
    settings: LoadSettings,
) -> None:
    """Print one transcript, or the exchange of a passage, reporters and spokesperson told apart."""
    from rag.indexing.locate import Located, locate
    from rag.indexing.store import open_index
    from rag.page.places import read_place
    from rag.retrieval.counterparts import counterparts
    from rag.terminal.answers import print_located
    from rag.terminal.console import consoles

    asked = read_place(place)
    with open_index(settings()) as record:
        try:
            if asked is None:
                raise KeyError(place)
            found = locate(record, asked.transcript, asked.start, asked.end)
        except KeyError:
            named = record.named(place)
            if len(named) > 1:
                ids = ", ".join(source.transcript for source in named)
                raise OnRecordError(f"several transcripts are named {place}: {ids}") from None
            if not named:
                raise OnRecordError(f"no transcript {place!r} is on record (see: onrecord status)") from None
            found = locate(record, named[0].transcript)
        if earlier:
            version = record.earlier(asked.transcript if asked else place)
            if version is None:
                raise OnRecordError(f"{place!r} is not the id of an earlier version (see: onrecord show {place})")
            found = Located(version.transcript, None, None, version.replaced, is_earlier=True)
        others = {} if found.is_earlier else counterparts(record, found.transcript)
        before = [] if found.is_earlier else record.earlier_versions(found.transcript.id)
    if as_json:
        print(found.transcript.model_dump_json(indent=2))
    else:
        print_located(found, before, others, consoles()[0])


@app.command()
@with_settings
def chat(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    *,
    settings: LoadSettings,
) -> None:
    """Serve the chat page on this machine."""
    from rag.page_server import serve

    raise SystemExit(serve(settings(host=host, port=port), browser))
