"""`models pull` and `models list`."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.options import JsonOption, LoadSettings, with_settings

app = typer.Typer(help="Obtain and list the models.", no_args_is_help=True)


@app.command("pull")
@with_settings
def models_pull(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…]", help="Default: those in the settings.")
    ] = None,
    *,
    settings: LoadSettings,
) -> None:
    """Obtain models and check their digests. What is already there is left alone."""
    from rag.indexing.embedding import prepare
    from rag.models.pulling import pull
    from rag.terminal.console import consoles, progress_bar

    chosen = settings()
    _, errors = consoles()
    with progress_bar(errors, "Models", in_bytes=True) as advance:
        pull(names or [], chosen, advance, lambda line: errors.print(line, soft_wrap=True))
    if not names:
        prepare(chosen, lambda line: errors.print(line, soft_wrap=True))


@app.command("list")
@with_settings
def models_list(
    as_json: JsonOption = False,
    *,
    settings: LoadSettings,
) -> None:
    """List the models known by name, and your own ones that the settings name, with their state."""
    import json

    from rag.models import list_models
    from rag.terminal.console import consoles
    from rag.terminal.reports import print_models

    rows = list_models(settings())
    if as_json:
        print(json.dumps([row.model_dump(mode="json") for row in rows], indent=2))
    else:
        print_models(rows, consoles()[0])
