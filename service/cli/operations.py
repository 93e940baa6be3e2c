"""`export` and `dead-letters`: what people do to a running service from a terminal."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from service.adapters.kafka import original_record, send_in_order
from service.adapters.playbook_files import load_text
from service.adapters.postgres import PostgresArchive, PostgresAudit, PostgresDesk, PostgresShelf, open_pool
from service.adapters.postgres.pool import Pool
from service.adapters.result_files import write_results
from service.app.kafka_parts import connection_of
from service.cli.serving import explained, settings_or_end
from service.cli.speech import answer, at_the_terminal, fail, say
from service.core.describe import instant
from service.core.pipeline.audited import of_requeue
from service.core.playbook.model import Metrics
from service.core.playbook.taxonomy import renamed
from service.core.records.renamed import Renamed
from service.ports import Letter
from service.settings import RelayGuarantee, Settings

dead_letters = typer.Typer(help="Look at what was refused, and send it again.", no_args_is_help=True)


def export(out: Annotated[Path, typer.Option(help="The folder to write into.")]) -> None:
    """Write every decision in the database as `replay --out` writes it."""
    out.mkdir(parents=True, exist_ok=True)

    async def run(pool: Pool) -> dict[str, Any]:
        metrics, renamed = await figures_of(pool)
        return await write_results(PostgresArchive(pool), PostgresDesk(pool), out, metrics=metrics, renamed=renamed)

    result = with_database(run)
    say(f"Wrote feedback, notices, alerts, reviews, scorecards, rejected and summary to {out}.")
    answer(result)


@dead_letters.command("list")
def list_letters(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the latest first.")] = 50,
) -> None:
    """List dead letters, one JSON object a line."""

    async def run(pool: Pool) -> None:
        for letter in await PostgresDesk(pool).dead_letters(None, limit):
            answer(_shown(letter))

    with_database(run)


@dead_letters.command("show")
def show_letter(number: Annotated[int, typer.Argument(help="Its number in the list.")]) -> None:
    """Show one dead letter with its redacted payload."""

    async def run(pool: Pool) -> None:
        letter = await _letter(pool, number)
        answer({**_shown(letter), "payload": letter.letter.payload})

    with_database(run)


@dead_letters.command("requeue")
def requeue_letter(number: Annotated[int, typer.Argument(help="Its number in the list.")]) -> None:
    """Send the original of a dead letter again, from where it lies in Kafka, while Kafka has it."""
    settings = settings_or_end(embedded=True)

    async def run(pool: Pool) -> None:
        letter = (await _letter(pool, number)).letter
        if not letter.sha256:
            fail(f"What dead letter {number} held was erased, and is not sent again.")
        connection = connection_of(settings)
        found = await original_record(connection, letter.topic, letter.partition, letter.offset)
        if found is None:
            fail(f"Kafka no longer has {letter.topic} [{letter.partition}] at {letter.offset}; publish it anew.")
        place = (letter.topic, letter.partition, letter.offset)
        # Before it is sent: what is sent again and not told of would be worse than the other way round.
        await PostgresAudit(pool).write(of_requeue(at_the_terminal(), number, *place, datetime.now(UTC)))

        async def again() -> AsyncIterator[tuple[str, bytes | None, bytes | None]]:
            yield letter.topic, found.key, found.value

        await send_in_order(connection, again(), idempotent=_is_idempotent(settings))
        say(f"Sent {letter.topic} [{letter.partition}] at {letter.offset} again.")
        answer({"requeued": number, "topic": letter.topic})

    with_database(run)


async def figures_of(pool: Pool) -> tuple[Metrics, Renamed]:
    """Return what the active playbook says of figures; before there is one, nothing was decided that they are of."""
    shelf = PostgresShelf(pool)
    active = await shelf.active()
    loaded = None if active is None else load_text(active[1]).playbook
    return (Metrics(), {}) if loaded is None else (loaded.metrics, renamed(loaded.taxonomy))


def _is_idempotent(settings: Settings) -> bool:
    return settings.relay_guarantee is RelayGuarantee.TRANSACTIONAL


def with_database(run: Callable[[Pool], Any]) -> Any:  # noqa: ANN401 - whatever the command asks for
    dsn = settings_or_end(kafka_bootstrap_servers="-", embedded=True).database_url.get_secret_value()

    async def within() -> Any:  # noqa: ANN401 - as above
        async with _opened(dsn) as pool:
            return await run(pool)

    with explained():
        return asyncio.run(within())


@asynccontextmanager
async def _opened(dsn: str) -> AsyncIterator[Pool]:
    pool = await open_pool(dsn, size=2)
    try:
        yield pool
    finally:
        await pool.close()


async def _letter(pool: Pool, number: int) -> Letter:
    found = await PostgresDesk(pool).dead_letter(number)
    if found is None:
        fail(f"There is no dead letter {number}; `feedback-router dead-letters list` shows their numbers.")
    return found


def _shown(letter: Letter) -> dict[str, Any]:
    one = letter.letter
    return {
        "number": letter.number,
        "topic": one.topic,
        "partition": one.partition,
        "offset": one.offset,
        "stage": one.rejected.stage.value,
        "reason": one.rejected.reason,
        "detail": one.rejected.detail,
        "sha256": one.sha256,
        "length": one.length,
        "at": instant(one.at),
    }
