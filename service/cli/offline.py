"""Commands that need no service: `check`, `explain`, `replay`. The same core as live, on a store in memory."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import orjson
import typer
from pydantic import TypeAdapter, ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.adapters.labelled_lines import read_act
from service.adapters.memory import MemoryDesk, MemoryStore
from service.adapters.playbook_files import format_faults
from service.adapters.result_files import summary, write_results
from service.cli.speech import answer, fail, offline_key, open_playbook, open_rules, say, talk
from service.core.corrections import CorrectionAct
from service.core.mapping import CompiledSource
from service.core.pipeline.rules import Rules
from service.core.playbook.fields import Duration
from service.runtime.explain import Explainer
from service.runtime.replay import Line, read_lines, replay
from service.runtime.suite import run_case

PlaybookPath = Annotated[Path, typer.Argument(help="A playbook: one YAML file, or a folder of them.")]
SourceName = Annotated[
    str | None, typer.Option("--source", help="Read raw payloads of this source of the playbook, not CloudEvents.")
]
_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)
_INSTANT: TypeAdapter[datetime] = TypeAdapter(datetime)


def check(playbook: PlaybookPath) -> None:
    """List every fault of a playbook with its place, then run the playbook's own tests."""
    rules, warnings = open_playbook(playbook)
    for line in format_faults(warnings).splitlines():
        say(f"warning: {line}")
    failed = asyncio.run(_run_cases(rules))
    count = len(rules.playbook.tests)
    looked_at = f", {len(warnings)} warning{'' if len(warnings) == 1 else 's'}" if warnings else ""
    say(f"{playbook}: no faults{looked_at}; {count - failed} of {count} tests passed.")
    answer({"playbook": rules.digest, "tests": count, "failed": failed, "warnings": len(warnings)})
    if failed:
        raise typer.Exit(1)


def explain(
    playbook: PlaybookPath,
    file: Annotated[Path | None, typer.Argument(help="JSON lines; without it, standard input.")] = None,
    source: SourceName = None,
    at: Annotated[
        str | None, typer.Option(help="Decide at this instant (RFC 3339) instead of the event's own.")
    ] = None,
) -> None:
    """Take one event, or several in order, through every stage and say what each decided, and why."""
    rules = open_rules(playbook)
    moment = _instant(at) if at is not None else None
    lines = list(lines_of([file] if file is not None else []))
    asyncio.run(_explain(rules, lines, source_of(rules, source), moment))


def replay_command(
    playbook: PlaybookPath,
    files: Annotated[list[Path], typer.Argument(help="JSON lines: one event a line.")],
    source: SourceName = None,
    out: Annotated[Path | None, typer.Option(help="Write every decision into this folder.")] = None,
    until: Annotated[str, typer.Option(help="Run the clock on to an instant, or for a time such as 24h.")] = "24h",
    corrections: Annotated[
        Path | None, typer.Option(help="What people said that feedback is about, as `corrections --acts` writes it.")
    ] = None,
) -> None:
    """Run recorded events in the order of their times under a virtual clock, timers and reviews included."""
    rules = open_rules(playbook)
    end = until_of(until)
    for file in files:
        if not file.is_file():
            fail(f"{file}: there is no such file.")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    acts = () if corrections is None else _acts(corrections)
    asyncio.run(_replay(rules, files, source_of(rules, source), end, out, acts))


async def _run_cases(rules: Rules) -> int:
    failed = 0
    key = offline_key()
    for case in rules.playbook.tests:
        outcome = await run_case(case, rules, key, MemoryStore)
        failed += bool(outcome.differences)
        for difference in outcome.differences:
            say(f"test {case.name!r}: {difference}")
    return failed


async def _explain(rules: Rules, lines: list[Line], source: CompiledSource | None, at: datetime | None) -> None:
    store = MemoryStore()
    explainer = Explainer(store, rules, MemoryDesk(store))
    for record in read_lines(lines, rules, offline_key(), source):
        answer(await explainer.explain(record, at))


async def _replay(
    rules: Rules,
    files: list[Path],
    source: CompiledSource | None,
    until: datetime | timedelta,
    out: Path | None,
    acts: Sequence[CorrectionAct],
) -> None:
    store = MemoryStore()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=talk, disable=not talk.is_terminal, transient=True) as bar:
        reading = bar.add_task("read", total=None)
        records = read_lines(lines_of(files), rules, offline_key(), source)
        bar.update(reading, total=len(records), completed=len(records))
        deciding = bar.add_task("decide", total=len(records))
        ended = await replay(store, records, rules, until, lambda count: bar.advance(deciding, count), acts)
    if ended.refused:
        say(f"{ended.refused} of {len(acts)} corrections did not find what they are of.")
    if out is not None:
        result = await write_results(
            store, MemoryDesk(store), out, metrics=rules.playbook.metrics, renamed=rules.renamed
        )
        say(f"Wrote feedback, notices, alerts, reviews, scorecards, rejected and summary to {out}.")
    else:
        alerts = [None async for _ in store.alerts()]
        reviews = [None async for _ in store.reviews()]
        result = summary(await store.books(), alerts=len(alerts), reviews=len(reviews))
    answer({"playbook": rules.digest, **result})


def _acts(path: Path) -> Sequence[CorrectionAct]:
    """Read the file of corrections, or end at its first line that is none."""
    if not path.is_file():
        fail(f"{path}: there is no such file.")
    found = []
    for line in lines_of([path]):
        try:
            found.append(read_act(orjson.loads(line.value)))
        except ValueError:
            fail(f"{path}, line {line.number}: not as `corrections --acts` writes it.")
    return found


def lines_of(files: list[Path]) -> Iterator[Line]:
    """Read the lines of files, or of standard input when there are none; blank lines are no events."""
    for file in files:
        with file.open("rb") as stream:
            for number, value in enumerate(stream, start=1):
                if value.strip():
                    yield Line(file=file.name, number=number, value=value.rstrip(b"\r\n"))
    if not files:
        for number, value in enumerate(sys.stdin.buffer, start=1):
            if value.strip():
                yield Line(file="-", number=number, value=value.rstrip(b"\r\n"))


def source_of(rules: Rules, name: str | None) -> CompiledSource | None:
    if name is None:
        return None
    if name not in rules.sources:
        fail(f"The playbook has no source {name!r}; it has {', '.join(sorted(rules.sources)) or 'none'}.")
    return rules.sources[name]


def until_of(text: str) -> datetime | timedelta:
    """Read how far a clock runs on, or end as a wrong use."""
    try:
        return _DURATION.validate_python(text)
    except ValidationError:
        return _instant(text)


def _instant(text: str) -> datetime:
    try:
        found = _INSTANT.validate_python(text)
    except ValidationError:
        fail(f"{text!r} is neither an instant such as 2026-05-04T09:12:31Z nor a time such as 24h.", code=2)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
