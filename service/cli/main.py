"""`feedback-router`: the commands, and how their errors become exit codes."""

from typing import Annotated

import typer

from service import __version__
from service.cli import (
    audit,
    backtest,
    bench,
    causes,
    channels,
    corrections,
    demo,
    keys,
    leaks,
    models,
    ocel,
    offline,
    operations,
    publishing,
    serving,
    simulation,
    training,
)

app = typer.Typer(
    name="feedback-router",
    help="Turns customer feedback into decisions that the owning team hears of exactly once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("check")(offline.check)
app.command("explain")(offline.explain)
app.command("replay")(offline.replay_command)
app.command("backtest")(backtest.backtest)
app.command("demo")(demo.demo_command)
app.command("serve")(serving.serve_command)
app.command("migrate")(serving.migrate_command)
app.command("publish")(publishing.publish)
app.command("export")(operations.export)
app.command("export-ocel")(ocel.export_ocel)
app.command("corrections")(corrections.corrections)
app.command("simulate-volume")(simulation.simulate_volume)
app.command("simulate-causes")(causes.simulate_causes)
app.command("train")(training.train_command)
app.command("evaluate")(training.evaluate_command)
app.command("scan-leaks")(leaks.scan_leaks)
app.command("bench")(bench.bench)
app.add_typer(operations.dead_letters, name="dead-letters")
app.add_typer(models.models, name="models")
app.add_typer(keys.keys, name="keys")
app.add_typer(audit.audit, name="audit")
app.add_typer(channels.channels, name="channels")


@app.callback(invoke_without_command=True)
def _version(*, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command that the arguments name."""
    app()
