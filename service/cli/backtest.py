"""`backtest`: two playbooks over the same recorded events, one after the other, and what changes for whom."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from service.adapters.memory import MemoryStore
from service.app.backtesting import left_behind
from service.cli.offline import SourceName, lines_of, source_of, until_of
from service.cli.serving import USAGE
from service.cli.speech import AT_FAULT, answer, fail, offline_key, open_rules, say, talk
from service.core.backtest import Comparison, Gate, GateFault, Run, compare, compile_gate, judge, observe, report
from service.core.pipeline.rules import Rules
from service.core.pseudonym import PseudonymKey
from service.runtime.replay import read_lines, replay

_SHOWN = ("interrupts", "digests", "alerts", "newly_silent_customers", "orphans", "critical_untold")


def backtest(
    old: Annotated[Path, typer.Argument(help="The playbook that decides now: one YAML file, or a folder of them.")],
    new: Annotated[Path, typer.Argument(help="The playbook that is to decide.")],
    files: Annotated[list[Path], typer.Argument(help="JSON lines: one event a line.")],
    source: SourceName = None,
    until: Annotated[str, typer.Option(help="Run the clock on to an instant, or for a time such as 24h.")] = "24h",
    fail_if: Annotated[
        str | None,
        typer.Option(help="CEL over `old` and `new`; the command ends with 1 where it is true."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the comparison into this file as well.")] = None,
) -> None:
    """Run recorded events under two playbooks and say which teams hear more or less, and who is heard of no more."""
    sides = (open_rules(old), open_rules(new))
    end, gate = until_of(until), None if fail_if is None else _gate(fail_if, sides)
    for file in files:
        if not file.is_file():
            fail(f"{file}: there is no such file.")
    key = offline_key()
    before, after = (
        observe(asyncio.run(_run(name, rules, files, source, end, key)))
        for name, rules in zip(("old", "new"), sides, strict=True)
    )
    comparison = compare(before, after)
    found: dict[str, Any] = report(comparison)
    broken = gate is not None and _judge(gate, comparison, found)
    if out is not None:
        out.write_bytes(orjson.dumps(found, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n")
    if talk.is_terminal:
        talk.print(_table(comparison))
    answer(found)
    if broken:
        raise typer.Exit(AT_FAULT)


def _gate(expression: str, sides: tuple[Rules, Rules]) -> Gate:
    teams = sorted({team.id for rules in sides for team in rules.playbook.teams})
    gate = compile_gate(expression, teams)
    if isinstance(gate, GateFault):
        fail(f"--fail-if: {gate.message}.", USAGE)
    return gate


async def _run(
    name: str, rules: Rules, files: list[Path], source: str | None, until: datetime | timedelta, key: PseudonymKey
) -> Run:
    store = MemoryStore()
    with _progress() as bar:
        reading = bar.add_task(f"{name}: read", total=None)
        records = read_lines(lines_of(files), rules, key, source_of(rules, source))
        bar.update(reading, total=len(records), completed=len(records))
        deciding = bar.add_task(f"{name}: decide", total=len(records))
        ended = await replay(store, records, rules, until, lambda count: bar.advance(deciding, count))
    return left_behind(store, records, rules, ended)


def _judge(gate: Gate, comparison: Comparison, found: dict[str, Any]) -> bool:
    """Write down and say what the gate makes of the figures; what can not be judged does not pass."""
    judged = judge(gate, comparison.variables())
    found["gate"] = {
        "expression": gate.expression,
        "holds": judged.holds,
        "because": [{"expression": expression, "figures": dict(figures)} for expression, figures in judged.because],
    }
    for expression, figures in judged.because:
        told = ", ".join(f"{name} = {figure:g}" for name, figure in figures.items())
        say(f"Too much changes: {expression}{f' ({told})' if told else ''}.")
    if judged.holds is None:
        say(f"--fail-if could not be judged on these figures: {gate.expression}")
    return judged.holds is not False


def _table(comparison: Comparison) -> Table:
    table = Table(title="What changes, old -> new", title_justify="left")
    table.add_column("team", no_wrap=True)
    for name in _SHOWN:
        table.add_column(name.replace("_", " "), justify="right")
    for team in (None, *comparison.teams):
        before, after = (comparison.counts(side, team) for side in (comparison.old, comparison.new))
        table.add_row("all" if team is None else team, *(_step(before[name], after[name]) for name in _SHOWN))
    return table


def _step(before: int, after: int) -> str:
    return str(after) if before == after else f"{before} -> {after}"


@contextmanager
def _progress() -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=talk, disable=not talk.is_terminal, transient=True) as bar:
        yield bar
