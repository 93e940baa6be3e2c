"""Complaints that their customer's outcome settles, the same on each adapter."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.core.pipeline.rules import compile_playbook
from service.core.records.needs import Needs
from service.ports import Lease, Store
from service.runtime.batch import Ran, run_batch
from tests.builders import KEY, START, instance, make_playbook, read_event, survey, ticket
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed, days, retold

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
RULES = compile_playbook(
    make_playbook(
        fatigue={"outcome": {"recovered_within": "30d"}, "auto_close": "90d"},
        at_risk={"cases": 2, "within": "30d", "team": "legal"},
    )
)
CASE = {"instance": "i1"}


async def decide(store: Store, lease: Lease, *events: Mapping[str, Any], at: datetime) -> Ran:
    records = [read_event(event, at, RULES, place) for place, event in enumerate(events)]
    return await run_batch(store, lease, records, (lease.next_offset or 0) + len(records), RULES, lambda _: at)


def request(change: str, status: str, name: str = "t1") -> dict[str, Any]:
    event_id = f"{name}-{change}-{status}"
    return ticket(change, name, event_id=event_id, status=status, priority="low", correlation=CASE)


async def alerts(rig: Rig, kind: str) -> list[tuple[str, int]]:
    return [(one["state"], one["events"]) for one in await retold(rig.archive, "alerts") if one["kind"] == kind]


async def test_complaints_are_settled_and_taken_up_again_batch_by_batch(rig: Rig) -> None:
    lease = await claimed(rig.store)
    steps: list[tuple[float, list[Mapping[str, Any]], str, str]] = [
        (0, [instance("i1", event_id="p1"), survey("r1", 0, "late", correlation=CASE)], "open", ""),
        (1, [survey("r2", 3, "late", correlation=CASE)], "open", "open"),
        # Nearly thirty days after the first, so that the second is near this one and the first is near that.
        (29, [survey("r3", 10, correlation=CASE)], "resolved", "resolved"),
        (30, [survey("r3", 10, event_id="r3-2", state="deleted")], "open", "open"),
        (30.5, [request("created", "new")], "open", "open"),
        # The ticket began within thirty days of the second complaint alone.
        (31, [request("status", "solved")], "open", "resolved"),
    ]
    for day, events, state, risk in steps:
        lease = (await decide(rig.store, lease, *events, at=START + days(day))).lease
        assert {one for one, _ in await alerts(rig, "event")} == {state}, day
        assert {one for one, _ in await alerts(rig, "at_risk")} == ({risk} if risk else set()), day


async def test_a_member_says_what_settled_it_and_what_is_settled_is_not_unresolved(rig: Rig) -> None:
    lease = await claimed(rig.store)
    lease = (await decide(rig.store, lease, survey("r1", 0, "late"), survey("r2", 0, "refund"), at=START)).lease
    good = survey("r3", 10, "late but great, lovely, kind")
    lease = (await decide(rig.store, lease, good, at=START + days(1))).lease
    row = await rig.desk.explanation("/surveys", "r1-1")
    assert row is not None
    assert row.explanation["settled_by"] == {
        "how": "recovered",
        "source": "/surveys",
        "subject": "response/r3",
        "event_id": "r3-1",
        "at": "2026-05-05T09:00:00Z",
    }
    late = next(one for one in await retold(rig.archive, "alerts") if one["category"] == "delivery")
    page = await rig.desk.members(late["alert_id"], None, 10)
    assert [(member.done, row is not None and row.version) for member, row in page] == [(True, 2)]
    anna, far = KEY.pseudonym("anna"), START + days(500)
    async with rig.store.transaction() as transaction:
        facts = await transaction.load(Needs(customers={anna: frozenset({far})}, unresolved=9))
    assert [key.subject for key in facts.contributions] == ["response/r2"]
    gone = survey("r3", 10, event_id="r3-2", state="deleted")
    await decide(rig.store, lease, gone, at=START + days(2))
    async with rig.store.transaction() as transaction:
        facts = await transaction.load(Needs(customers={anna: frozenset({far})}, unresolved=9))
    assert sorted(key.subject for key in facts.contributions) == ["response/r1", "response/r2"]
