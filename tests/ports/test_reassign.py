"""Giving an alert to another team, on every store: at one stroke, and beside others who write to the same."""

import asyncio
import random
from datetime import datetime, timedelta

import asyncpg
import pytest

from service.core.identity import alert_key
from service.core.pipeline.act import Acted, ActOutcome, Asked, Deed
from service.core.pipeline.reassign import destination, reassign
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Alert
from service.core.records.facts import Facts
from service.core.records.words import AlertKind
from service.ports import ConflictError, Desk, Saving, Store
from service.runtime.acting import Acting
from service.runtime.rulebook import Rulebook
from tests.builders import START, survey
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import RULES, claimed, complaint, decide, decide_stubbornly, partition, retold

pytestmark = pytest.mark.postgres

# Before anybody is told, so that no notice makes an act stale.
LATER = START + timedelta(seconds=30)
FIELDS = {"process": "shipping", "category": "delivery"}
# Where the complaints go before anybody is given anything.
KEY = alert_key(AlertKind.EVENT, FIELDS, team="drivers")
TEAMS = ("drivers", "refunds", "legal")


async def _no_other_rules(digest: str) -> Rules:
    raise AssertionError(digest)


async def _now() -> datetime:
    return LATER


async def the_open(desk: Desk, store: Store) -> Alert:
    """Return the alert to which complaints go, wherever it is now."""
    facts = Facts()
    async with store.transaction() as transaction:
        await transaction.load_alerts(facts, (KEY,))
    (alert,) = facts.alerts.values()
    found = await desk.alert(alert.alert_id)
    assert found is not None
    return found


async def give(rig: Rig, alert: Alert, team: str) -> Acted:
    """Let ana give an alert to a team, having seen its last notice."""
    to = destination(alert, team)
    asked = Asked(alert_id=alert.alert_id, deed=Deed.REASSIGN, revision=alert.revision, by="ana", to=to)
    acted = await Acting(rig.store, Rulebook(RULES, _no_other_rules), _now)(asked, alert.alert_key, None, lambda _: "")
    assert isinstance(acted, Acted)
    return acted


async def opened(rig: Rig) -> Alert:
    """Return an alert about two complaints."""
    await decide(rig.store, await claimed(rig.store), complaint(1), complaint(2))
    return await the_open(rig.desk, rig.store)


async def test_an_alert_and_its_members_move_and_what_comes_after_finds_them(rig: Rig) -> None:
    alert = await opened(rig)
    acted = await give(rig, alert, "legal")
    moved = await rig.desk.alert(alert.alert_id)
    assert (acted.outcome, acted.alert) == (ActOutcome.DONE, moved)
    assert moved is not None
    to = destination(alert, "legal")
    assert (moved.alert_key, moved.team) == (to.alert_key, "legal")
    held = await rig.desk.members(alert.alert_id, None, 10)
    assert [(one.alert_key, one.team) for one, _ in held] == [(to.alert_key, "legal")] * 2
    news = [complaint(3), survey("r1", 0, "late, fire", event_id="r1-again", customer="customer-1")]
    await decide(rig.store, await claimed(rig.store), *news, at=LATER)
    (line,) = [one for one in await retold(rig.archive, "alerts") if one["state"] == "open"]
    assert (line["team"], line["events"], line["customers"]) == ("legal", 3, 3)
    assert line["members"] == ["r1-again", "r2-1", "r3-1"]


async def test_two_alerts_become_one_with_the_counts_of_both(rig: Rig) -> None:
    alert = await opened(rig)
    await give(rig, alert, "legal")
    facts = Facts()
    # A person closes it, and the old team's next alert is given to the same team once it is open again.
    asked = Asked(alert_id=alert.alert_id, deed=Deed.RESOLVE, revision=0, by="ana")
    acting = Acting(rig.store, Rulebook(RULES, _no_other_rules), _now)
    await acting(asked, destination(alert, "legal").alert_key, None, lambda _: "")
    await decide(rig.store, await claimed(rig.store), complaint(3), complaint(2), at=LATER)
    async with rig.store.transaction() as transaction:
        await transaction.load_alerts(facts, (KEY,))
    (second,) = facts.alerts.values()
    again = survey("r1", 0, "late, fire", event_id="r1-again", customer="customer-3")
    await decide(rig.store, await claimed(rig.store), again, at=LATER)
    await give(rig, second, "legal")
    lines = {one["alert_id"]: one for one in await retold(rig.archive, "alerts")}
    assert (lines[second.alert_id]["state"], lines[second.alert_id]["members"]) == ("resolved", [])
    home = lines[alert.alert_id]
    assert (home["state"], home["events"], home["customers"]) == ("open", 3, 2)
    assert home["members"] == ["r1-again", "r2-1", "r3-1"]


async def test_a_reassign_that_fails_leaves_all_as_it_was(rig: Rig) -> None:
    alert = await opened(rig)
    before = await retold(rig.archive, "alerts")
    facts, to = Facts(), destination(alert, "legal")

    async def failing() -> None:
        async with rig.store.transaction() as transaction:
            await transaction.load_alerts(facts, sorted({alert.alert_key, to.alert_key}))
            await transaction.load_members(facts, {alert.alert_id})
            reassign(facts, alert.alert_id, to, LATER, RULES, by="ana")
            await transaction.save(Saving(facts=facts, digest=RULES.digest, now=LATER))
            raise RuntimeError("the power is out")

    with pytest.raises(RuntimeError, match="the power is out"):
        await failing()
    assert await retold(rig.archive, "alerts") == before
    held = await rig.desk.members(alert.alert_id, None, 10)
    assert {one.alert_key for one, _ in held} == {alert.alert_key}
    assert await the_open(rig.desk, rig.store) == alert


@pytest.mark.every_postgres
async def test_no_second_open_alert_fits_under_a_key(postgres_rig: PostgresRig) -> None:
    alert = await opened(postgres_rig)
    await give(postgres_rig, alert, "legal")
    await postgres_rig.pool.execute("INSERT INTO alert_key (alert_key) VALUES ('other')")
    named = """
        SELECT string_agg(column_name, ', ') FROM information_schema.columns
        WHERE table_name = 'alert' AND is_generated = 'NEVER' AND column_name <> 'alert_id'
    """
    columns = await postgres_rig.pool.fetchval(named)
    copy = f"INSERT INTO alert (alert_id, {columns}) SELECT 'other', {columns} FROM alert"  # noqa: S608 - names of columns
    with pytest.raises(asyncpg.UniqueViolationError, match="alert_one_open"):
        await postgres_rig.pool.execute(copy)


@pytest.mark.every_postgres
@pytest.mark.parametrize("event", ["of a member", "under the old key"])
async def test_a_batch_that_waits_for_a_reassign_begins_again_and_finds_the_alert(
    postgres_rig: PostgresRig, event: str
) -> None:
    alert = await opened(postgres_rig)
    lease = await claimed(postgres_rig.store)
    again = survey("r1", 0, "late, fire", event_id="r1-again", customer="customer-1")
    news = again if event == "of a member" else complaint(3)
    facts, to = Facts(), destination(alert, "legal")
    async with postgres_rig.store.transaction() as transaction:
        await transaction.load_alerts(facts, sorted({alert.alert_key, to.alert_key}))
        await transaction.load_members(facts, {alert.alert_id})
        deciding = asyncio.create_task(decide(postgres_rig.store, lease, news, at=LATER))
        await _until_somebody_waits(postgres_rig)
        reassign(facts, alert.alert_id, to, LATER, RULES, by="ana")
        await transaction.save(Saving(facts=facts, digest=RULES.digest, now=LATER))
    with pytest.raises(ConflictError, match="an alert was moved"):
        await deciding
    await decide(postgres_rig.store, lease, news, at=LATER)
    (line,) = await retold(postgres_rig.archive, "alerts")
    expected = ["r1-again", "r2-1"] if event == "of a member" else ["r1-1", "r2-1", "r3-1"]
    assert (line["alert_id"], line["team"], line["members"]) == (alert.alert_id, "legal", expected)


@pytest.mark.every_postgres
async def test_workers_and_people_who_give_to_and_fro_lose_nothing_and_count_right(postgres_rig: PostgresRig) -> None:
    alert = await opened(postgres_rig)
    leases = await postgres_rig.store.claim([partition(number) for number in range(4)])
    given = 0

    async def work(number: int) -> None:
        lease = leases[number]
        for step in range(6):
            dice = random.Random(f"{number}-{step}")
            events = [
                survey(
                    f"r{dice.randrange(12)}",
                    0,
                    dice.choice(("late", "late, awful", "late, fire")),
                    event_id=f"{number}-{step}-{at}",
                    customer=f"customer-{dice.randrange(6)}",
                )
                for at in range(4)
            ]
            at = LATER + timedelta(minutes=step)
            lease = (await decide_stubbornly(postgres_rig.store, lease, *events, at=at)).lease

    async def hand_round(number: int) -> None:
        nonlocal given
        for step in range(8):
            now = await postgres_rig.desk.alert(alert.alert_id)
            assert now is not None
            try:
                acted = await give(postgres_rig, now, TEAMS[(number + step) % len(TEAMS)])
            except ConflictError:
                continue
            given += acted.outcome is ActOutcome.DONE

    await asyncio.gather(*(work(number) for number in range(4)), *(hand_round(number) for number in range(2)))
    assert given > 0
    lines = await retold(postgres_rig.archive, "alerts")
    opened_now = [one for one in lines if one["state"] == "open"]
    assert len({one["key"] for one in opened_now}) == len(opened_now)
    counted = await postgres_rig.pool.fetch(
        """
        SELECT a.alert_id, a.events, a.customers, count(m.alert_id) AS members, count(DISTINCT m.customer) AS people,
          count(m.alert_id) FILTER (WHERE m.alert_key <> a.alert_key) AS strays
        FROM alert a LEFT JOIN member m ON m.alert_id = a.alert_id GROUP BY a.alert_id, a.events, a.customers
        """
    )
    assert {(row["events"] - row["members"], row["customers"] - row["people"], row["strays"]) for row in counted} == {
        (0, 0, 0)
    }
    subjects = await postgres_rig.pool.fetchval("SELECT count(*) FROM contribution")
    assert sum(row["members"] for row in counted) == subjects


async def _until_somebody_waits(rig: PostgresRig) -> None:
    async with asyncio.timeout(20):
        while True:
            if await rig.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                return
            await asyncio.sleep(0.01)
