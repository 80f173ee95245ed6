"""Options that every command takes, and the settings they make."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.types import Period

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


def load(index: Path | None, corpus: Path | None, file: Path | None, **options: Any) -> Settings:
    """The settings of a command. `options` are settings by name; None leaves one as it is."""
    from rag.config import load_settings

    return load_settings({"index": index, "corpus": corpus, **options}, file=file)


def period(first: datetime | None, last: datetime | None, names: tuple[str, str]) -> Period:
    """The period between two options of these names.

    Raises:
        typer.BadParameter: it ends before it begins.
    """
    from rag.types import Period

    if first and last and last < first:
        raise typer.BadParameter(f"{names[1]} lies before {names[0]}")
    return Period(first=first.date() if first else None, last=last.date() if last else None)
