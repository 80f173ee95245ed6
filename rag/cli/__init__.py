"""The command `onrecord`.

Everything heavy is imported inside the command that needs it, so that `onrecord --help` answers at once. Errors that
were raised on purpose become one line on standard error and exit code 1 here and nowhere deeper; wrong usage exits
with 2.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from rag.cli import asking, exploring, keeping, models
from rag.errors import OnRecordError
from rag.evaluation import cli as evaluation

app = typer.Typer(
    name="onrecord",
    help="Answers “what was said about X?” from press-conference transcripts, every sentence tied to its exact words.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(asking.app)
app.add_typer(exploring.app)
app.add_typer(keeping.app)
app.add_typer(models.app, name="models")
app.add_typer(evaluation.app, name="evaluate")


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
    from rag.terminal.console import plain

    print(f"onrecord: {plain(' '.join(message.split()))}", file=sys.stderr)
    sys.exit(1)
