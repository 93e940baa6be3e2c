"""Channels outside: how each does, a test of one, and what did not get there, to be sent again."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Path, Query
from pydantic import Field, StringConstraints

from service.api.asked import IdempotencyKey
from service.api.cursors import Cursor, CursorQuery
from service.api.needs import needs
from service.api.problems import Kind, Problem
from service.api.services import Given, Services
from service.api.shown import Shown, Utc
from service.core.access import Permission
from service.core.deliver import of_test
from service.core.pipeline.audited import of_channel_test, of_retry
from service.core.playbook.channels import Channel
from service.core.records.deliveries import ChannelState, Listed
from service.core.records.words import (
    Attempted,
    BreakerState,
    ChannelKind,
    DeliveryState,
    Tiding,
    Unsent,
)
from service.ports import ChannelCounts, DeliveriesWanted

router = APIRouter(tags=["channels"])
ChannelId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$", examples=["care-slack"])]
DeliveryId = Annotated[
    str,
    Path(pattern=r"^[0-9A-Za-z:_.-]{1,300}$", examples=["7a1de7f9-9d5c-5a55-8a3e-5b7c5e3c0d11:3:care-slack"]),
]
_TESTS = UUID("5c1b6c0e-6a0e-5f0a-9a53-7f0f4b1f5b11")
_TROUBLED = (DeliveryState.FAILED, DeliveryState.DEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlace:
    """Where a page of deliveries ended: the latest first."""

    place: Annotated[int, Field(ge=1, le=2**63 - 1)]


_cursor = Cursor(DeliveryPlace)


class ChannelShown(Shown):
    """A channel of the playbook, without its address. `oldest_at` is since when the oldest delivery has waited.

    While its `breaker` is open nothing is sent until `open_until`; `quiet_until` is what the channel itself asked for.
    """

    id: str
    kind: ChannelKind
    teams: tuple[str, ...]
    breaker: BreakerState
    open_until: Utc | None
    quiet_until: Utc | None
    waiting: int
    failed: int
    dead: int
    oldest_at: Utc | None
    sent_at: Utc | None
    failed_at: Utc | None
    failure: Attempted | None
    detail: str | None


class ChannelsShown(Shown):
    channels: tuple[ChannelShown, ...]


class DeliveryShown(Shown):
    """A message for a channel, without what it says. `about` is the alert, the digest or the test that it tells of.

    `last` and `detail` are what the last attempt came to, `unsent` why it ended without being sent.
    """

    id: str
    channel: str
    team: str
    tiding: Tiding
    about: str
    revision: int
    state: DeliveryState
    unsent: Unsent | None
    attempts: int
    last: Attempted | None
    detail: str | None
    made_at: Utc
    tried_at: Utc | None
    due_at: Utc | None
    ended_at: Utc | None


class DeliveriesShown(Shown):
    """One page, the latest first; `next` is None on the last."""

    deliveries: tuple[DeliveryShown, ...]
    next: str | None


class DeliveriesQuery(CursorQuery):
    """A state may be given several times; without one, those that failed or are dead are listed."""

    state: Annotated[tuple[DeliveryState, ...], Field(max_length=10)] = _TROUBLED
    channel: Annotated[str, StringConstraints(max_length=63)] | None = None
    team: Annotated[str, StringConstraints(max_length=63)] | None = None


@router.get(
    "/v1/channels",
    operation_id="listChannels",
    dependencies=[needs(Permission.LEAD, everywhere=True)],
    summary="List the channels and how each does",
)
async def list_channels(services: Given) -> ChannelsShown:
    playbook, now = (await services.rules()).playbook, await services.now()
    states, counts = await services.desk.channel_states(), await services.desk.channel_counts()
    teams = {
        str(one.id): tuple(str(team.id) for team in playbook.teams if one.id in [use.channel for use in team.channels])
        for one in playbook.channels
    }
    shown = (
        _shown_channel(
            one,
            teams[str(one.id)],
            states.get(str(one.id), ChannelState(channel=str(one.id))),
            counts.get(str(one.id), ChannelCounts()),
            now,
        )
        for one in playbook.channels
    )
    return ChannelsShown(channels=tuple(shown))


@router.post(
    "/v1/channels/{channel}/test",
    operation_id="testChannel",
    dependencies=[needs(Permission.OPERATE, everywhere=True)],
    summary="Send a test message by a channel",
    description="It is sent as every other message is; `readDelivery` says what became of it.",
    status_code=HTTPStatus.ACCEPTED,
)
async def try_channel(channel: ChannelId, services: Given, idempotency_key: IdempotencyKey = None) -> DeliveryShown:
    playbook = (await services.rules()).playbook
    if channel not in [one.id for one in playbook.channels]:
        raise Problem(Kind.NOT_FOUND, "the playbook has no such channel")
    team = next(str(team.id) for team in playbook.teams if channel in [use.channel for use in team.channels])
    test_id = uuid4() if idempotency_key is None else uuid5(_TESTS, f"{channel}\n{idempotency_key}")
    now = await services.now()
    delivery = of_test(channel, team, str(test_id), now)
    # As a retry, told of before it is sent: what is sent and not told of would be worse than the other way round.
    await services.audit.write(of_channel_test(services.doer(), channel, str(test_id), now))
    await services.deliveries.put(delivery)
    return await _found(delivery.delivery_id, services)


@router.get(
    "/v1/deliveries",
    operation_id="listDeliveries",
    dependencies=[needs(Permission.LEAD, everywhere=True)],
    summary="List what did not get to a channel",
)
async def list_deliveries(query: Annotated[DeliveriesQuery, Query()], services: Given) -> DeliveriesShown:
    wanted = DeliveriesWanted(states=query.state, channel=query.channel, team=query.team)
    after = _cursor.read(query.cursor)
    page = await services.desk.deliveries(wanted, None if after is None else after.place, query.limit)
    return DeliveriesShown(
        deliveries=tuple(_shown(one) for one in page),
        next=_cursor.write(DeliveryPlace(place=page[-1].place)) if len(page) == query.limit else None,
    )


@router.get(
    "/v1/deliveries/{delivery}",
    operation_id="readDelivery",
    dependencies=[needs(Permission.LEAD, everywhere=True)],
    summary="Read what became of a message",
)
async def read_delivery(delivery: DeliveryId, services: Given) -> DeliveryShown:
    return await _found(delivery, services)


@router.post(
    "/v1/deliveries/{delivery}/retry",
    operation_id="retryDelivery",
    dependencies=[needs(Permission.LEAD, everywhere=True)],
    summary="Send a dead message again, as if it had never been tried",
)
async def retry_delivery(delivery: DeliveryId, services: Given) -> DeliveryShown:
    before = await _found(delivery, services)
    if before.state is not DeliveryState.DEAD:
        raise Problem(Kind.NOT_DEAD)
    if before.channel not in [one.id for one in (await services.rules()).playbook.channels]:
        raise Problem(Kind.NOT_DEAD, "the playbook has no such channel any more")
    now = await services.now()
    await services.audit.write(of_retry(services.doer(), delivery, before.channel, before.team, now))
    again = await services.deliveries.again(delivery, now)
    if again is None:
        raise Problem(Kind.NOT_FOUND, "no such delivery")
    return _shown(again)


async def _found(delivery_id: str, services: Services) -> DeliveryShown:
    found = await services.desk.delivery(delivery_id)
    if found is None:
        raise Problem(Kind.NOT_FOUND, "no such delivery")
    return _shown(found)


def _shown(one: Listed) -> DeliveryShown:
    delivery, tries = one.delivery, one.tries
    return DeliveryShown(
        id=delivery.delivery_id,
        channel=delivery.channel,
        team=delivery.team,
        tiding=delivery.tiding,
        about=delivery.thread,
        revision=delivery.revision,
        state=one.state,
        unsent=one.unsent,
        attempts=tries.count,
        last=tries.last,
        detail=tries.detail,
        made_at=delivery.not_before,
        tried_at=tries.last_at,
        due_at=one.due_at if one.ended_at is None else None,
        ended_at=one.ended_at,
    )


def _shown_channel(
    one: Channel, teams: tuple[str, ...], state: ChannelState, counts: ChannelCounts, now: datetime
) -> ChannelShown:
    quiet = state.quiet_until is not None and now < state.quiet_until
    return ChannelShown(
        id=str(one.id),
        kind=ChannelKind(one.kind),
        teams=teams,
        breaker=state.breaker.state(now),
        open_until=state.breaker.until,
        quiet_until=state.quiet_until if quiet else None,
        waiting=counts.waiting,
        failed=counts.failed,
        dead=counts.dead,
        oldest_at=counts.oldest_at,
        sent_at=state.sent_at,
        failed_at=state.failed_at,
        failure=state.failure,
        detail=state.detail,
    )
