"""`position`: what was said on a topic in order of time."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.options import FromOption, JsonOption, LoadSettings, ToOption, period, with_settings

app = typer.Typer()


@app.command()
@with_settings
def position(
    topic: Annotated[list[str], typer.Argument(metavar="TOPIC", help="A name, a phrase or a question.")],
    as_json: JsonOption = False,
    limit: Annotated[int, typer.Option(min=1, help="Most lines; the others are counted.")] = 30,
    speaker: Annotated[str | None, typer.Option(help="Only what this spokesperson said.")] = None,
    first: FromOption = None,
    last: ToOption = None,
    *,
    settings: LoadSettings,
) -> None:
    """Show what was said on a topic in order of time, and how the wording changed."""
    from rag.indexing.embedding import load_encoder
    from rag.indexing.store import open_index
    from rag.position import position as position_on
    from rag.terminal.answers import print_position
    from rag.terminal.console import consoles
    from rag.types import Filters

    asked = period(first, last, ("--from", "--to"))
    chosen = settings()
    encoder = load_encoder(chosen)
    with open_index(chosen, encoder) as record:
        found = position_on(
            " ".join(topic),
            index=record,
            encoder=encoder,
            filters=Filters(period=asked if first or last else None, speaker=speaker),
            limit=limit,
        )
    if as_json:
        print(found.model_dump_json(by_alias=True, indent=2))
    else:
        print_position(found, consoles()[0])
