"""Options that every command takes, and the settings they make."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.types import Period

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _day_option(name: str, help: str) -> Any:
    return typer.Option(name, formats=["%Y-%m-%d"], metavar="DATE", help=help)


FromOption = Annotated[datetime | None, _day_option("--from", "Only from this day on.")]
ToOption = Annotated[datetime | None, _day_option("--to", "Only up to this day.")]
SinceOption = Annotated[datetime | None, _day_option("--since", "Only from this day on.")]
UntilOption = Annotated[datetime | None, _day_option("--until", "Only up to this day.")]


LoadSettings = Callable[..., "Settings"]
"""Makes the settings of a command; keywords are settings by name, and None leaves one as it is."""


def _common(
    index: Annotated[Path | None, typer.Option("--index", metavar="DIR", help="Folder of the index.")] = None,
    corpus: Annotated[Path | None, typer.Option("--corpus", metavar="DIR", help="Folder of the transcripts.")] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="FILE", help="Settings file instead of onrecord.toml.")
    ] = None,
) -> LoadSettings:
    """The options that every command takes, as what makes its settings."""

    def load(**options: Any) -> Settings:
        from rag.config import load_settings

        return load_settings({"index": index, "corpus": corpus, **options}, file=settings)

    return load


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that all take; what it takes as `settings` makes the settings of them."""
    own = inspect.signature(command, eval_str=True)
    shared = inspect.signature(_common, eval_str=True).parameters
    options = [parameter for name, parameter in own.parameters.items() if name != "settings"]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        settings = _common(**{name: given.pop(name) for name in shared})
        command(**given, settings=settings)

    parameters = [*options, *shared.values()]
    run.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def period(first: datetime | None, last: datetime | None, names: tuple[str, str]) -> Period:
    """The period between two options of these names.

    Raises:
        typer.BadParameter: it ends before it begins.
    """
    from rag.types import Period

    if first and last and last < first:
        raise typer.BadParameter(f"{names[1]} lies before {names[0]}")
    return Period(first=first.date() if first else None, last=last.date() if last else None)
