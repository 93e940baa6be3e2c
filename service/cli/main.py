"""`feedback-router`: the commands, and how their errors become exit codes."""

from typing import Annotated

import typer

from service import __version__
from service.cli.commands import Commands

app = typer.Typer(
    name="feedback-router",
    cls=Commands,
    help="Turns customer feedback into decisions that the owning team hears of exactly once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _version(*, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command that the arguments name."""
    app()
