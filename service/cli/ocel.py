"""`export-ocel`: what happened to process instances, and what was said of them, for tools of process mining."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.adapters.ocel_file import write_ocel
from service.adapters.postgres import tracks_at_once
from service.adapters.postgres.pool import Pool
from service.cli.operations import with_database
from service.cli.speech import answer, fail, say, talk
from service.core.event_log import instant_of
from service.ports import Span

Instant = Annotated[str | None, typer.Option(help="An instant in RFC 3339, with its zone.")]


def export_ocel(
    out: Annotated[Path, typer.Option(help="The file to write; it is replaced when the log is whole.")],
    process: Annotated[str | None, typer.Option(help="Of this process alone, by its id in the playbook.")] = None,
    since: Instant = None,
    until: Instant = None,
) -> None:
    """Write process steps and negative feedback from the database as an OCEL 2.0 log in JSON, without any text."""
    span = Span(process=process, since=_instant("--since", since), until=_instant("--until", until))
    if out.is_dir() or not out.parent.is_dir():
        fail(f"{out}: name a file in a folder that there is.", 2)

    async def run(pool: Pool) -> dict[str, Any]:
        columns = (TextColumn("export"), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=talk, disable=not talk.is_terminal, transient=True) as bar:
            task = bar.add_task("export", total=None)
            async with tracks_at_once(pool) as tracks:
                return await write_ocel(tracks, span, out, lambda count: bar.advance(task, count))

    result = with_database(run)
    events, objects = sum(result["events"].values()), sum(result["objects"].values())
    say(f"Wrote {events} events and {objects} objects to {out}.")
    answer(result)


def _instant(option: str, text: str | None) -> datetime | None:
    at = instant_of(text)
    if text is not None and at is None:
        fail(f"{option}: {text!r} is no instant; write one such as 2026-05-04T09:00:00Z.", 2)
    return at
