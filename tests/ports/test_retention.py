"""What is too old goes on each adapter, class by class, texts before the rows of them; what is younger stays."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from service.core.records.handling import Act
from service.core.records.words import Deed, Kept
from service.ports import Lease
from service.runtime.batch import run_batch
from service.runtime.due import run_due
from service.runtime.erasing import erase_some
from tests.builders import KEY, START, survey
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import RULES, claimed, days, decide, told
from tests.ports.keeping import keep
from tests.ports.test_erasing import erasure, refused
from tests.ports.traces import where

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
LATER = START + days(200)


async def heard(rig: Rig) -> Lease:
    """Hear one complaint that is settled within a day, and another one 200 days later."""
    lease = await claimed(rig.store)
    lease = (await decide(rig.store, lease, survey("r1", 0, "late, says one"), at=START)).lease
    await run_due(rig.store, RULES, START + HOUR)
    good = survey("r1", 10, "well", event_id="r1-2", revision=2_000_000_000_000_000)
    lease = (await decide(rig.store, lease, good, at=START + days(1))).lease
    lease = (await decide(rig.store, lease, survey("r2", 0, "late, says two", customer="ben"), at=LATER)).lease
    await run_due(rig.store, RULES, LATER + HOUR)
    return lease


async def counts(rig: Rig) -> dict[str, int]:
    found = await told(rig.archive)
    return {name: len(found[name]) for name in ("feedback", "alerts", "notices")}


async def test_quotes_go_before_the_alerts_and_notices_that_they_stand_in(rig: Rig) -> None:
    await heard(rig)
    before = await counts(rig)
    for what in (Kept.ALERT_TEXT, Kept.NOTICE_TEXT, Kept.DIGEST_TEXT):
        await rig.store.remove(what, LATER, 100)
    assert await counts(rig) == before
    assert set(await where(rig, "says one")) <= {"outbox", "outgoing"}
    assert {"alert", "notice"} <= {name.removesuffix("s") for name in await where(rig, "says two")}
    assert await rig.store.remove(Kept.ALERT_TEXT, LATER, 100) == 0


async def test_what_a_subject_adds_goes_once_all_of_it_is_old(rig: Rig) -> None:
    await heard(rig)
    assert await rig.store.remove(Kept.FEEDBACK, START, 100) == 0
    assert await rig.store.remove(Kept.FEEDBACK, LATER, 100) > 0
    assert await rig.desk.contribution("/surveys", "response/r1", "r1-2") is None
    assert await rig.desk.contribution("/surveys", "response/r2", "r2-1") is not None
    assert await rig.store.remove(Kept.FEEDBACK, LATER, 100) == 0


async def test_who_is_erased_is_found_in_the_log_when_all_else_is_gone(rig: Rig) -> None:
    lease = await heard(rig)
    await rig.store.remove(Kept.FEEDBACK, LATER, 100)
    assert await where(rig, "response/r1")
    await decide(rig.store, lease, erasure(), at=LATER)
    while await erase_some(rig.store, RULES, KEY, LATER) is not None:
        continue
    assert await where(rig, "response/r1", KEY.pseudonym("anna")) == {}


async def test_nothing_goes_that_stands_in_an_open_alert(rig: Rig) -> None:
    lease = await claimed(rig.store)
    await decide(rig.store, lease, survey("r1", 0, "late"), at=START)
    assert await rig.store.remove(Kept.FEEDBACK, LATER, 100) == 0
    assert await rig.store.remove(Kept.ALERTS, LATER, 100) == 0


async def test_alerts_go_with_what_counts_in_them_and_their_keys_open_new_ones(rig: Rig) -> None:
    lease = await heard(rig)
    assert await rig.store.remove(Kept.ALERTS, START + days(100), 100) == 1
    assert await rig.store.remove(Kept.NOTICES, START + days(100), 100) > 0
    open_one = (await told(rig.archive))["alerts"]
    assert [one["episode"] for one in open_one] == [2]
    await decide(rig.store, lease, survey("r3", 0, "late", customer="cy"), at=LATER + HOUR)
    assert [one["customers"] for one in (await told(rig.archive))["alerts"]] == [2]


async def test_refusals_and_requests_that_are_done_go_by_their_age(rig: Rig) -> None:
    lease = await claimed(rig.store)
    ran = await run_batch(rig.store, lease, refused({"who": "ben"}), 1, RULES, lambda _: START)
    await decide(rig.store, ran.lease, erasure("cy"), at=START)
    await erase_some(rig.store, RULES, KEY, START)
    for what in (Kept.DEAD_LETTERS, Kept.ERASURES):
        assert await rig.store.remove(what, START, 100) == 0
        assert await rig.store.remove(what, START + HOUR, 100) == 1
    assert (await rig.desk.dead_letters(None, 10), await rig.desk.erasures(None, 10)) == ([], [])


async def test_what_people_wrote_on_alerts_goes_before_that_they_did(rig: Rig) -> None:
    for at in (START, LATER):
        await keep(rig, acts=[Act(alert_id="a", at=at, deed=Deed.NOTE, by="eve", text=f"said at {at:%d}")])
    assert await rig.store.remove(Kept.ACT_TEXT, LATER, 100) == 1
    assert [one.text for one in await rig.desk.acts("a", 0, 10)] == [None, f"said at {LATER:%d}"]
    assert await rig.store.remove(Kept.ACT_TEXT, LATER, 100) == 0
    assert await rig.store.remove(Kept.ACTS, LATER, 100) == 1
    assert len(await rig.desk.acts("a", 0, 10)) == 1


async def test_no_more_than_asked_goes_at_once(rig: Rig) -> None:
    lease = await claimed(rig.store)
    await run_batch(rig.store, lease, refused(*({"n": n} for n in range(5))), 5, RULES, lambda _: START)
    gone = [await rig.store.remove(Kept.DEAD_LETTERS, LATER, 2) for _ in range(4)]
    assert gone == [2, 2, 1, 0]


async def test_months_of_the_log_are_dropped_whole(postgres_rig: PostgresRig) -> None:
    rig = postgres_rig
    async with rig.pool.acquire() as connection:
        await connection.execute(
            "CREATE TABLE feedback_y2020m01 PARTITION OF feedback FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')"
        )
    lease = await claimed(rig.store)
    old, young = datetime.fromisoformat("2020-01-31T12:00:00Z"), datetime.fromisoformat("2020-02-01T12:00:00Z")
    lease = (await decide(rig.store, lease, survey("r1", 9, "fine"), at=old)).lease
    await decide(rig.store, lease, survey("r2", 9, "fine"), at=young)
    assert await rig.store.remove(Kept.LOG, datetime.fromisoformat("2020-01-31T23:00:00Z"), 100) == 0
    assert await rig.store.remove(Kept.LOG, datetime.fromisoformat("2020-02-01T00:00:00Z"), 100) > 0
    left: list[Any] = (await told(rig.archive))["feedback"]
    assert [one["event_id"] for one in left] == ["r2-1"]


@pytest.mark.parametrize("what", list(Kept))
async def test_every_class_can_be_asked_for_where_there_is_nothing(rig: Rig, what: Kept) -> None:
    assert await rig.store.remove(what, LATER, 10) == 0
