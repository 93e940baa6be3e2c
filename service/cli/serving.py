"""`serve` and `migrate`: the commands that run on PostgreSQL and Kafka."""

import asyncio
import os
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Annotated, Any

import typer

from service.adapters.kafka import TopicsMissingError, TransactionsRefusedError
from service.adapters.postgres.revision import pending
from service.app import PlaybookError, SchemaBehindError, serve
from service.app.joining import processes_of
from service.app.logs import log_to_stderr
from service.cli.speech import OUT_OF_REACH, answer, fail, say
from service.embedded.broker import start_broker
from service.embedded.postgres import start_postgres
from service.embedded.server import EmbeddedUnavailable
from service.ports import OutOfReachError
from service.runtime.fellows import FellowEndedError
from service.settings import RelayGuarantee, Role, Settings, SettingsError, read_settings

USAGE = 2


def serve_command(
    roles: Annotated[
        list[Role] | None, typer.Option("--role", help="A role of this process; all when none is named.")
    ] = None,
    processes: Annotated[
        str | None,
        typer.Option(help="Processes on this machine, or auto: one for each core that may be used. 1 when not set."),
    ] = None,
    *,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="Bring a throw-away PostgreSQL and broker along.")
    ] = False,
) -> None:
    """Run the service: worker, ticker, relay and API in one process, or the roles that are named.

    Of several processes the first has these roles, and each further one decides beside it.
    """
    given = {} if processes is None else {"processes": processes}
    with explained():
        asyncio.run(_serve(roles or list(Role), given, embedded=embedded))


def migrate_command(
    *, check: Annotated[bool, typer.Option("--check", help="Only say whether the schema is up to date.")] = False
) -> None:
    """Bring the database's schema up to date."""
    with explained():
        dsn = settings_or_end(kafka_bootstrap_servers="-", embedded=True).database_url.get_secret_value()
        if check:
            behind = asyncio.run(pending(dsn))
            say("The schema is behind: run `feedback-router migrate`." if behind else "The schema is up to date.")
            answer({"up_to_date": not behind})
            raise typer.Exit(int(behind))
        # No other command needs Alembic, and `serve` would carry it along.
        from service.adapters.postgres import migrate  # noqa: PLC0415

        asyncio.run(migrate.upgrade(dsn))
        say("The schema is up to date.")
        answer({"up_to_date": True})


def settings_or_end(**given: Any) -> Settings:  # noqa: ANN401 - whatever a setting takes
    """Read the environment, or end with every fault of it."""
    try:
        return read_settings(os.environ, **given)
    except SettingsError as faults:
        fail(f"The environment is at fault:\n{faults}", USAGE)


@contextmanager
def explained() -> Iterator[None]:
    """Turn the errors that a person can do something about into a sentence and an exit code."""
    try:
        yield
    except (PlaybookError, SchemaBehindError) as fault:
        fail(str(fault))
    except (OutOfReachError, TopicsMissingError, TransactionsRefusedError, EmbeddedUnavailable) as trouble:
        fail(f"A needed service is out of reach: {trouble}", OUT_OF_REACH)
    except FellowEndedError as failed:
        # As a shell has it: 128 and the number of the signal.
        fail(f"Stopped: {failed}; its log says why.", failed.status if failed.status > 0 else 128 - failed.status)


@asynccontextmanager
async def embedded_services() -> AsyncIterator[dict[str, object]]:
    """Start PostgreSQL and a broker for as long as the block lasts; yield the settings that name them."""
    postgres = await asyncio.to_thread(start_postgres, fsync=False)
    try:
        broker = await asyncio.to_thread(start_broker)
        try:
            yield {
                "embedded": True,
                "database_url": postgres.dsn,
                "kafka_bootstrap_servers": broker.bootstrap_servers,
                "relay_guarantee": RelayGuarantee.AT_LEAST_ONCE,
                "trust_end_offsets": False,
            }
        finally:
            await asyncio.to_thread(broker.stop)
    finally:
        await asyncio.to_thread(postgres.stop)


async def _serve(roles: Collection[Role], given: Mapping[str, object], *, embedded: bool) -> None:
    async with AsyncExitStack() as stack:
        servers = await stack.enter_async_context(embedded_services()) if embedded else {}
        settings = settings_or_end(**servers, **given)
        log_to_stderr(settings.log_level, process=1 if processes_of(settings, roles) > 1 else None)
        await serve(settings, roles)
