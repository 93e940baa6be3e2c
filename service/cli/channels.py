"""`channels`: how the channels of the active playbook do, and a test of one from here."""

import asyncio
import os
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

import typer

from service.adapters.channels import Couriers, certificates, open_posting
from service.adapters.playbook_files import load_text
from service.adapters.postgres import PostgresDesk, PostgresShelf
from service.adapters.postgres.pool import Pool
from service.cli.operations import with_database
from service.cli.serving import settings_or_end
from service.cli.speech import answer, fail, say
from service.core.deliver import of_test
from service.core.describe import instant
from service.core.playbook.channels import Channel
from service.core.playbook.model import Playbook
from service.core.records.deliveries import Attempt, ChannelState
from service.core.records.words import Attempted
from service.ports import ChannelCounts, Parcel
from service.settings import Settings

channels = typer.Typer(help="Look at the channels that teams are told by, and test one.", no_args_is_help=True)


@channels.command("list")
def list_channels() -> None:
    """List the channels of the active playbook and how each does, one JSON object a line."""

    async def run(pool: Pool) -> None:
        playbook, now = await _playbook(pool), datetime.now(UTC)
        states, counts = await PostgresDesk(pool).channel_states(), await PostgresDesk(pool).channel_counts()
        for one in playbook.channels:
            state = states.get(str(one.id), ChannelState(channel=str(one.id)))
            answer(_shown(one, state, counts.get(str(one.id), ChannelCounts()), now))

    with_database(run)


@channels.command("test")
def try_channel(name: Annotated[str, typer.Argument(help="The id of the channel in the playbook.")]) -> None:
    """Send a test message from here, with the secrets of this environment, and say what came of it."""
    settings = settings_or_end(kafka_bootstrap_servers="-", embedded=True)

    async def run(pool: Pool) -> Attempt:
        playbook = await _playbook(pool)
        channel = next((one for one in playbook.channels if one.id == name), None)
        if channel is None:
            fail(f"The active playbook has no channel {name}.")
        return await _tried(channel, settings)

    attempt: Attempt = with_database(run)
    answer({"channel": name, "outcome": attempt.outcome.value, "detail": attempt.detail})
    if attempt.outcome is not Attempted.ACCEPTED:
        fail(
            f"{name} did not take the message: {attempt.outcome.value}{f' ({attempt.detail})' * bool(attempt.detail)}."
        )
    say(f"{name} took the message.")


async def _tried(channel: Channel, settings: Settings) -> Attempt:
    private, now = settings.channels_private, datetime.now(UTC)
    delivery = of_test(str(channel.id), "", str(uuid4()), now)
    trusted = certificates()
    async with open_posting(trusted, private=private) as posting:
        couriers = Couriers(posting, os.environ.get, trusted, public_url=settings.public_url, private=private)
        return await couriers.send(Parcel(delivery=delivery, channel=channel, known=None, at=now))


async def _playbook(pool: Pool) -> Playbook:
    active = await PostgresShelf(pool).active()
    loaded = None if active is None else (await asyncio.to_thread(load_text, active[1])).playbook
    if loaded is None:
        fail("No playbook is active.")
    return loaded


def _shown(one: Channel, state: ChannelState, counts: ChannelCounts, now: datetime) -> dict[str, Any]:
    return {
        "channel": one.id,
        "kind": one.kind,
        "breaker": state.breaker.state(now).value,
        "waiting": counts.waiting,
        "failed": counts.failed,
        "dead": counts.dead,
        "sent_at": None if state.sent_at is None else instant(state.sent_at),
        "failed_at": None if state.failed_at is None else instant(state.failed_at),
        "failure": None if state.failure is None else state.failure.value,
        "detail": state.detail,
    }
