"""`scan-leaks`: looks for what must be nowhere in everything that the service keeps and sends."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.adapters.kafka.scanning import topics
from service.adapters.postgres.scanning import tables
from service.adapters.scanned_files import NeedlesError, log_lines, metrics_page, needles
from service.app.kafka_parts import connection_of
from service.app.pools import opened_pool
from service.cli.serving import USAGE, explained, settings_or_end
from service.cli.speech import AT_FAULT, answer, fail, say, talk
from service.core import publish
from service.core.leaks import Needle, Piece, Scanner, Tally
from service.core.outreach import ANSWERED_TOPIC, OUTCOMES_TOPIC
from service.settings import Settings

_OUTPUTS = frozenset(
    {publish.CLASSIFIED_TOPIC, publish.REVIEWS_TOPIC, publish.DEAD_LETTER_TOPIC, OUTCOMES_TOPIC, ANSWERED_TOPIC}
)
_SHOWN_EVERY = 500


def scan_leaks(
    needle_file: Annotated[
        Path | None, typer.Option("--needles", help='A file with {"class": ..., "value": ...} on each line.')
    ] = None,
    *,
    kafka: Annotated[bool, typer.Option("--kafka", help="Read every output topic too.")] = False,
    topic: Annotated[list[str] | None, typer.Option(help="Read this topic too, an input for example.")] = None,
    log: Annotated[list[Path] | None, typer.Option(help="Read this log file too.")] = None,
    metrics: Annotated[str | None, typer.Option(help="Read the metrics page at this address too.")] = None,
) -> None:
    """Look through every table for needles and sure identifiers; say where they are, and exit 1 if they are."""
    wanted = _needles(needle_file)
    logs, named = log or [], frozenset(topic or ())
    for path in logs:
        if not path.is_file():
            fail(f"{path}: there is no such file.", USAGE)
    tally = Tally(Scanner(wanted))
    with explained():
        reads_kafka = kafka or bool(named)
        settings = settings_or_end(embedded=True, **({} if reads_kafka else {"kafka_bootstrap_servers": "-"}))
        asyncio.run(_stores(tally, settings, named, outputs=kafka) if reads_kafka else _tables(tally, settings))
        for path in logs:
            _count_all(tally, log_lines(path))
        if metrics is not None:
            _count_all(tally, metrics_page(metrics))
    leaks = tally.leaks()
    for leak in leaks:
        say(f"{leak.place}: {leak.kind}, {leak.count} times, first in {leak.first}")
    say(f"Looked at {tally.pieces} values for {len(wanted)} needles; {len(leaks) or 'no'} places with leaks.")
    answer({"pieces": tally.pieces, "needles": len(wanted), "leaks": [asdict(leak) for leak in leaks]})
    raise typer.Exit(AT_FAULT if leaks else 0)


def _needles(path: Path | None) -> tuple[Needle, ...]:
    if path is None:
        return ()
    try:
        return needles(path)
    except (NeedlesError, OSError) as fault:
        fail(str(fault), USAGE)


async def _tables(tally: Tally, settings: Settings) -> None:
    async with opened_pool(settings.database_url.get_secret_value(), 1) as pool:
        await _count(tally, "tables", tables(pool))


async def _stores(tally: Tally, settings: Settings, named: Collection[str], *, outputs: bool) -> None:
    await _tables(tally, settings)
    wanted = topics(connection_of(settings), lambda name: name in named or (outputs and _is_output(name)))
    await _count(tally, "topics", wanted)


def _is_output(topic: str) -> bool:
    return topic in _OUTPUTS or topic.startswith(publish.queue_topic(""))


async def _count(tally: Tally, what: str, pieces: AsyncIterator[Piece]) -> None:
    columns = (TextColumn(what), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=talk, disable=not talk.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)
        async for piece in pieces:
            tally.add(piece)
            if tally.pieces % _SHOWN_EVERY == 0:
                bar.advance(task, _SHOWN_EVERY)


def _count_all(tally: Tally, pieces: Iterable[Piece]) -> None:
    for piece in pieces:
        tally.add(piece)
