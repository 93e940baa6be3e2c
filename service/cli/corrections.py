"""`corrections`: what people said that feedback is about, as labelled lines to train by."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from service.adapters.labelled_lines import act_lines, labelled_lines
from service.adapters.postgres import PostgresDesk
from service.adapters.postgres.pool import Pool
from service.cli.operations import figures_of, with_database
from service.cli.speech import answer, fail, say
from service.core.event_log import instant_of


def corrections(
    since: Annotated[str | None, typer.Option(help="Said from this instant on (RFC 3339, with its zone).")] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; without it, standard output.")] = None,
    *,
    with_confirmed: Annotated[
        bool, typer.Option("--with-confirmed", help="Also what is in alerts that teams resolved as actionable.")
    ] = False,
    acts: Annotated[
        bool, typer.Option("--acts", help="All that was said and taken back, for `replay --corrections`.")
    ] = False,
) -> None:
    """Write what people said that feedback is about: {id, text, language, question, labels}, one a line."""
    at = instant_of(since)
    if since is not None and at is None:
        fail(f"--since: {since!r} is no instant; write one such as 2026-05-04T09:00:00Z.", 2)
    if acts and (with_confirmed or at is not None):
        fail("--acts takes neither --since nor --with-confirmed: a replay needs all of them.", 2)
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        fail(f"{out}: name a file in a folder that there is.", 2)

    async def run(pool: Pool) -> int:
        desk, (_, renamed) = PostgresDesk(pool), await figures_of(pool)
        lines = act_lines(desk) if acts else labelled_lines(desk, at, renamed, with_confirmed=with_confirmed)
        return await _printed(lines) if out is None else await _written(lines, out)

    count = with_database(run)
    if out is not None:
        say(f"Wrote {count} lines to {out}.")
        answer({"lines": count})


async def _printed(lines: AsyncIterator[dict[str, Any]]) -> int:
    count = 0
    async for line in lines:
        answer(line)
        count += 1
    return count


async def _written(lines: AsyncIterator[dict[str, Any]], path: Path) -> int:
    """Write a file that takes its place when it is whole."""
    part, count = path.with_name(f".{path.name}.{os.getpid()}.part"), 0
    try:
        with part.open("wb") as file:
            async for line in lines:
                file.write(orjson.dumps(line, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
                count += 1
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count
