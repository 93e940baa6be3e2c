"""`publish`: recorded events and event logs to Kafka, as an upstream tool would send them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.adapters.event_logs import BrokenLogError, Format, format_of, read_ocel, read_xes
from service.adapters.kafka import send_in_order
from service.app.kafka_parts import connection_of
from service.cli.offline import SourceName, lines_of, source_of
from service.cli.serving import explained, settings_or_end
from service.cli.speech import answer, fail, open_rules, say, talk
from service.core.contracts.placing import key_of, structured
from service.core.event_log import OcelReading, Unread, XesReading
from service.core.mapping import CompiledSource, Mapped, map_record
from service.settings import RelayGuarantee, Settings

# So many events of a log that could not be taken are listed; all are counted.
MOST_LISTED = 50

Pair = tuple[bytes | None, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """How event logs are read; None and nothing where they say it themselves."""

    process: str | None = None
    instances: tuple[str, ...] = ()
    customer: str = "customer"
    keys: tuple[str, ...] = ()
    complete: bool = False


@dataclass(slots=True)
class Taken:
    """What was passed over in logs: events that are about no instance, and those that could not be read, by reason."""

    logs: int = 0
    passed_over: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def summary(self) -> dict[str, Any]:
        if not self.logs:
            return {}
        return {"passed_over": self.passed_over, "refused": dict(self.refused)}


def publish(  # noqa: PLR0913 - each is an option of the command
    topic: Annotated[str, typer.Argument(help="The Kafka topic to send to.")],
    files: Annotated[
        list[Path],
        typer.Argument(help="JSON lines, one record a line; or event logs: .xes, .jsonocel, .json; .gz too."),
    ],
    playbook: Annotated[Path | None, typer.Option(help="The playbook whose source gives each record its key.")] = None,
    source: SourceName = None,
    rate: Annotated[float | None, typer.Option(min=0.1, help="At most this many records a second.")] = None,
    *,
    process: Annotated[str | None, typer.Option(help="Event logs: the process that they are of.")] = None,
    instances: Annotated[
        list[str] | None, typer.Option("--instances", help="OCEL: a type of objects that are instances; repeatable.")
    ] = None,
    customer: Annotated[
        str, typer.Option(help="Event logs: the trace attribute, or type of objects, that is the customer.")
    ] = "customer",
    key: Annotated[
        list[str] | None, typer.Option("--key", help="XES: a trace attribute that feedback may name; repeatable.")
    ] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="Event logs: each instance is completed with its last event.")
    ] = False,
) -> None:
    """Send recorded events to Kafka in their order, as an upstream tool would; event logs as process events."""
    if (playbook is None) != (source is None):
        fail("--playbook and --source go together: the source gives the record's key.", 2)
    compiled = None if playbook is None else source_of(open_rules(playbook), source)
    for file in files:
        if not file.is_file():
            fail(f"{file}: there is no such file.")
    options = LogOptions(
        process=process,
        instances=tuple(instances or ()),
        customer=customer,
        keys=tuple(key or ()),
        complete=complete,
    )
    settings, taken = settings_or_end(database_url="-", embedded=True), Taken()
    with explained():
        try:
            formats = {file: format_of(file) for file in files}
            _hold_to(formats, options)
            pairs = _pairs(formats, compiled, options, taken)
            count = asyncio.run(_publish(settings, topic, pairs, rate))
        except BrokenLogError as error:
            fail(f"{error}. What was sent before stays, and will be a duplicate when the log is published again.")
    more = sum(taken.refused.values()) - MOST_LISTED
    if more > 0:
        say(f"... and {more} more that could not be taken.")
    say(f"Published {count} records to {topic}.")
    answer({"published": count, "topic": topic, **taken.summary()})


def _hold_to(formats: dict[Path, Format | None], options: LogOptions) -> None:
    for file, kind in formats.items():
        if kind is Format.XES and options.process is None:
            fail(f"{file}: name its process by --process.", 2)
        if kind is Format.OCEL and not options.instances:
            fail(f"{file}: name a type of objects that are instances by --instances.", 2)


def _pairs(
    formats: dict[Path, Format | None], source: CompiledSource | None, options: LogOptions, taken: Taken
) -> Iterator[Pair]:
    for file, kind in formats.items():
        if kind is None:
            for line in lines_of([file]):
                yield _key(source, line.value), line.value
        else:
            taken.logs += 1
            yield from _logged(file, kind, options, taken)


def _logged(file: Path, kind: Format, options: LogOptions, taken: Taken) -> Iterator[Pair]:
    for event in _events(file, kind, options):
        match event:
            case None:
                taken.passed_over += 1
            case Unread(place=place, reason=reason, detail=detail):
                taken.refused[reason.value] += 1
                if sum(taken.refused.values()) <= MOST_LISTED:
                    say(f"{file}: {place}: {reason.value}: {detail}")
            case _:
                yield key_of(event), structured(event)


def _events(file: Path, kind: Format, options: LogOptions) -> Iterator[Any]:
    if kind is Format.XES:
        how = XesReading(
            process=options.process or "", customer=options.customer, keys=options.keys, complete=options.complete
        )
        return read_xes(file, how)
    reading = OcelReading(
        instances=frozenset(options.instances),
        process=options.process,
        customer=options.customer,
        complete=options.complete,
    )
    return read_ocel(file, reading)


async def _publish(settings: Settings, topic: str, pairs: Iterator[Pair], rate: float | None) -> int:
    columns = (TextColumn("publish"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=talk, disable=not talk.is_terminal, transient=True) as bar:
        task = bar.add_task("publish", total=None)

        async def records() -> AsyncIterator[tuple[str, bytes | None, bytes | None]]:
            started = asyncio.get_running_loop().time()
            for count, (key, value) in enumerate(pairs):
                if rate is not None:
                    await asyncio.sleep(max(0.0, started + count / rate - asyncio.get_running_loop().time()))
                yield topic, key, value

        return await send_in_order(
            connection_of(settings),
            records(),
            idempotent=settings.relay_guarantee is RelayGuarantee.TRANSACTIONAL,
            sent=lambda count: bar.advance(task, count),
        )


def _key(source: CompiledSource | None, value: bytes) -> bytes | None:
    if source is None:
        return None
    first = map_record(source, value)[0]
    return first.key.encode() if isinstance(first, Mapped) and first.key is not None else None
