"""What waits in shards that no relay empties, and in queues that nobody reads."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from service.adapters.postgres import PostgresLookout, PostgresOutbox
from service.core.records.alerts import Alert
from service.core.records.deliveries import Breaker, ChannelState, Tries
from service.core.records.facts import Facts
from service.core.records.words import AlertKind, AlertState
from service.ports import Ended, Landed, Outgoing, Queues, Saving, Waiting
from tests.builders import START
from tests.delivering import make_delivery
from tests.ports.conftest import PostgresRig, Rig

TEAMS = frozenset({"desk", "judges"})
HOUR = timedelta(hours=1)


def alert(name: str, team: str, opened_at: datetime = START, **more: object) -> Alert:
    given: dict[str, object] = {
        "alert_id": name,
        "alert_key": f"key of {name}",
        "episode": 1,
        "kind": AlertKind.EVENT,
        "team": team,
        "route": "root",
        "process": "shipping",
        "category": "delivery",
        "opened_at": opened_at,
        "first_seen": opened_at,
        "last_seen": opened_at,
    }
    return Alert(**(given | more))  # type: ignore[arg-type]


async def keep(rig: Rig, *alerts: Alert, outgoing: tuple[Outgoing, ...] = ()) -> None:
    facts = Facts()
    for one in alerts:
        facts.alerts.put(one.alert_id, one)
    async with rig.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="0" * 64, now=START, outgoing=outgoing))


async def test_a_store_without_alerts_has_no_orphan_and_nobody_waits(rig: Rig) -> None:
    assert await rig.lookout.queues(TEAMS, "judges", START) == Queues(orphans=0, arbitration_since=None)
    assert await rig.lookout.shards() == {}


async def test_open_alerts_of_teams_that_are_no_more_are_orphans(rig: Rig) -> None:
    closed = alert("d", "gone", state=AlertState.RESOLVED, resolved_at=START)
    await keep(rig, alert("a", "gone"), alert("b", "gone-too"), alert("c", "desk"), closed)
    assert (await rig.lookout.queues(TEAMS, "judges", START)).orphans == 2
    assert (await rig.lookout.queues({"gone", "gone-too", *TEAMS}, "judges", START)).orphans == 0


async def test_arbitration_waits_since_its_oldest_alert_that_nobody_has_acknowledged(rig: Rig) -> None:
    acked = alert("a", "judges", START - 9 * HOUR, acked_until=START + HOUR, acked_by="ana")
    closed = alert("b", "judges", START - 8 * HOUR, state=AlertState.RESOLVED, resolved_at=START)
    others = alert("c", "desk", START - 7 * HOUR)
    await keep(rig, acked, closed, others, alert("d", "judges", START - 6 * HOUR), alert("e", "judges"))
    found = [(await rig.lookout.queues(TEAMS, "judges", START + at * HOUR)).arbitration_since for at in (0, 1)]
    assert found == [START - 6 * HOUR, START - 9 * HOUR]


@pytest.mark.every_postgres
async def test_each_shard_with_rows_is_told_with_its_oldest(postgres_rig: PostgresRig) -> None:
    lookout, outbox, pool = PostgresLookout(postgres_rig.pool), PostgresOutbox(postgres_rig.pool), postgres_rig.pool
    await keep(postgres_rig, outgoing=tuple(Outgoing(owner="", topic="t", values=((b"", b""),)) for _ in range(6)))
    ids = [row["id"] for row in await pool.fetch("SELECT id FROM outbox ORDER BY id")]
    # Shard 0 is held and has numbered two of its rows; shard 63 was never taken.
    await pool.execute("UPDATE outbox SET shard = 63 WHERE id = ANY ($1)", ids[4:])
    await pool.execute("UPDATE outbox SET created_at = $1::timestamptz + id * interval '1 s'", START)
    epoch = await outbox.claim_shard(0, "somebody")
    await outbox.number(0, epoch, 2)
    at = [START + timedelta(seconds=number) for number in ids]
    whole = {
        0: Waiting(since=at[0], first=ids[0], taken=True),
        63: Waiting(since=at[4], first=ids[4], taken=False),
    }
    assert await lookout.shards() == whole
    await outbox.number(0, epoch, 9, 2)
    assert await lookout.shards() == whole | {0: Waiting(since=at[2], first=ids[2], taken=True)}
    await outbox.number(0, epoch, 9, 4)
    assert await lookout.shards() == {63: whole[63]}


async def test_a_delivery_waits_since_it_was_made_until_somebody_tries_it_or_its_channel_rests(rig: Rig) -> None:
    first, behind = make_delivery(1, not_before=START - HOUR), make_delivery(2, not_before=START - 2 * HOUR)
    for one in (first, behind):
        await rig.deliveries.put(one)

    def everything(state: ChannelState, wanted: int) -> tuple[int, ChannelState]:
        return wanted, state

    async def untried_since() -> datetime | None:
        return (await rig.lookout.queues(TEAMS, "judges", START)).untried_since

    assert await untried_since() == START - HOUR
    (claimed,) = await rig.deliveries.claim("hook", 1, "lease", START, START + HOUR, everything)
    assert await untried_since() is None
    failed = Ended(place=claimed.waiting[0].place, tries=Tries(count=1, first_at=START), due_at=START + HOUR)
    resting = Breaker(failures=5, opened=1, until=START + HOUR)
    recorded = Landed(claimed=claimed, ended=[failed])
    await rig.deliveries.record(recorded, START, lambda state: replace(state, breaker=resting))
    await rig.deliveries.put(make_delivery(thread="b", delivery_id="b:1:hook"))
    await rig.deliveries.put(make_delivery(thread="b", delivery_id="b:1:slack", channel="slack"))
    assert await untried_since() == START
    states = await rig.desk.channel_states()
    assert states["hook"].breaker == resting
