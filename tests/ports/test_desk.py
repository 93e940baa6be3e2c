import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from service.core.records.alerts import Alert
from service.core.records.facts import Facts
from service.core.records.words import AlertKind, AlertState, Severity
from service.ports import Answer, Desk, QueuePlace, Saving, Wanted, queue_place
from tests.builders import START, SURVEYS, TICKETS, survey, ticket
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import claimed, decide

DRIVERS = Wanted(team="drivers")


async def _alerts(rig: Rig) -> None:
    """Keep nine alerts of the drivers: each severity from low, in pairs seen at the same time, every third resolved."""
    facts = Facts()
    for at in range(9):
        rank = 1 + at % 4
        counts = [1 if rank == other else 0 for other in range(5)]
        seen, resolved = START + timedelta(minutes=at // 2), at % 3 == 0
        facts.alerts.put(
            f"alert-{at}",
            Alert(
                alert_id=f"alert-{at}",
                alert_key=f"key-{at}",
                episode=1,
                kind=AlertKind.EVENT,
                team="drivers",
                route="root",
                process=f"process-{at}",
                category="safety" if at % 2 else "delivery",
                state=AlertState.RESOLVED if resolved else AlertState.OPEN,
                opened_at=START,
                first_seen=START,
                last_seen=seen,
                resolved_at=START if resolved else None,
                events=1,
                customers=1,
                severities=(counts[0], counts[1], counts[2], counts[3], counts[4]),
            ),
        )
    async with rig.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="0" * 64, now=START))


async def _paged(desk: Desk, wanted: Wanted, limit: int) -> list[Alert]:
    found: list[Alert] = []
    page: Sequence[Alert] = await desk.queue(wanted, None, limit)
    while page:
        found += page
        page = await desk.queue(wanted, queue_place(page[-1]), limit)
    return found


def _order(place: QueuePlace) -> tuple[bool, int, float, str]:
    is_open = place.state is AlertState.OPEN
    return (not is_open, -place.severity.rank if is_open else 0, -place.last_seen.timestamp(), place.alert_id)


@pytest.mark.parametrize("limit", [1, 4, 100])
async def test_pages_of_any_size_make_up_one_queue_in_order(rig: Rig, limit: int) -> None:
    await _alerts(rig)
    found = await _paged(rig.desk, DRIVERS, limit)
    assert len({alert.alert_id for alert in found}) == 9
    places = [queue_place(alert) for alert in found]
    assert places == sorted(places, key=_order)
    assert [alert.state for alert in found].count(AlertState.RESOLVED) == 3


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(team="nobody"), 0),
        (Wanted(team="drivers", states=(AlertState.OPEN,)), 6),
        (Wanted(team="drivers", states=(AlertState.RESOLVED,)), 3),
        (Wanted(team="drivers", processes=("process-1", "process-4", "process-99")), 2),
        (Wanted(team="drivers", categories=("safety",)), 4),
        (Wanted(team="drivers", kinds=(AlertKind.VOLUME,)), 0),
        (Wanted(team="drivers", severities=(Severity.CRITICAL,), states=(AlertState.OPEN,)), 1),
    ],
)
async def test_a_queue_holds_what_is_wanted_page_by_page(rig: Rig, wanted: Wanted, count: int) -> None:
    await _alerts(rig)
    whole = await rig.desk.queue(wanted, None, 100)
    assert (len(whole), await _paged(rig.desk, wanted, 2)) == (count, list(whole))


async def test_open_alerts_are_counted_by_team_and_severity(rig: Rig) -> None:
    await _alerts(rig)
    counts = await rig.desk.open_counts()
    found = await rig.desk.queue(Wanted(team="drivers", states=(AlertState.OPEN,)), None, 100)
    assert {team: sum(by.values()) for team, by in counts.items()} == {"drivers": 6}
    assert counts["drivers"] == {
        severity: [alert.severity for alert in found].count(severity) for severity in {one.severity for one in found}
    }


async def test_members_come_with_their_rows_in_key_order_page_by_page(rig: Rig) -> None:
    lease = await claimed(rig.store)
    await decide(rig.store, lease, *(survey(f"r{at}", 0, "late", customer=f"c{at}") for at in range(5)))
    (alert,) = await rig.desk.queue(DRIVERS, None, 10)
    whole = await rig.desk.members(alert.alert_id, None, 10)
    first = await rig.desk.members(alert.alert_id, None, 3)
    rest = await rig.desk.members(alert.alert_id, first[-1][0].key, 3)
    assert [*first, *rest] == list(whole)
    assert [row.event_id for _, row in whole if row is not None] == [f"r{at}-1" for at in range(5)]


async def test_what_an_event_contributes_is_found_while_it_holds(rig: Rig) -> None:
    lease = await claimed(rig.store)
    await decide(
        rig.store,
        lease,
        ticket(event_id="t-1", body="late"),
        ticket("comment", event_id="t-2", body="awful"),
        survey("r1", 0, "late", revision=1),
        survey("r1", 2, "late", revision=2),
    )

    async def found(source: str, subject: str, event_id: str) -> str | None:
        one = await rig.desk.contribution(source, subject, event_id)
        return one.feedback.event_id if one is not None else None

    assert [await found(TICKETS, "ticket/t1", name) for name in ("t-1", "t-2")] == ["t-1", "t-2"]
    assert (await found(SURVEYS, "response/r1", "r1-1"), await found(SURVEYS, "response/r1", "r1-2")) == (None, "r1-2")


async def test_nothing_is_found_of_what_never_was(rig: Rig) -> None:
    desk = rig.desk
    assert (await desk.alert("x"), await desk.explanation("/s", "x"), await desk.admitted("/s", "x")) == (
        None,
        None,
        False,
    )
    assert (await desk.members("x", None, 9), await desk.notices("x", 0, 9), await desk.homes("/s", "x")) == (
        [],
        [],
        [],
    )
    assert await desk.contribution("/s", "x", "x") is None
    assert (await desk.reviews(None, 9), await desk.dead_letters(None, 9), await desk.dead_letter(1)) == ([], [], None)
    assert (await desk.playbooks(9), await desk.open_counts()) == ([], {})


async def test_an_answer_is_recalled_under_its_key_alone(rig: Rig) -> None:
    answer = Answer(request="r", status=200, body='{"é": 1}')
    async with rig.store.transaction() as transaction:
        assert await transaction.recall("k") is None
        await transaction.remember("k", answer)
    async with rig.store.transaction() as transaction:
        assert (await transaction.recall("k"), await transaction.recall("other")) == (answer, None)


async def test_an_answer_of_a_transaction_that_failed_is_forgotten(rig: Rig) -> None:
    with suppress(LookupError):
        async with rig.store.transaction() as transaction:
            await transaction.recall("k")
            await transaction.remember("k", Answer(request="r", status=200, body="{}"))
            raise LookupError
    async with rig.store.transaction() as transaction:
        assert await transaction.recall("k") is None


async def test_keys_of_yesterday_are_forgotten_as_new_ones_come(postgres_rig: PostgresRig) -> None:
    for key in ("done", "refused"):
        async with postgres_rig.store.transaction() as transaction:
            await transaction.recall(key)
            if key == "done":
                await transaction.remember(key, Answer(request="r", status=200, body="{}"))
    await postgres_rig.pool.execute("UPDATE answer SET answered_at = now() - interval '25 hours'")
    async with postgres_rig.store.transaction() as transaction:
        await transaction.recall("new")
    assert [row["key"] for row in await postgres_rig.pool.fetch("SELECT key FROM answer")] == ["new"]


async def test_whoever_comes_second_under_a_key_waits_for_the_first_ones_answer(rig: Rig) -> None:
    answer = Answer(request="r", status=200, body="{}")
    begun = asyncio.Event()

    async def first() -> None:
        async with rig.store.transaction() as transaction:
            await transaction.recall("k")
            begun.set()
            await asyncio.sleep(0)
            await transaction.remember("k", answer)

    async def second() -> Answer | None:
        await begun.wait()
        async with rig.store.transaction() as transaction:
            return await transaction.recall("k")

    _, told = await asyncio.gather(first(), second())
    assert told == answer


async def test_the_latest_activation_leads_the_list_of_playbooks(rig: Rig) -> None:
    for at, (digest, name) in enumerate([("a" * 64, "A"), ("b" * 64, "B"), ("a" * 64, "A again")]):
        await rig.shelf.activate(digest, name, {"playbook.yaml": name}, START + timedelta(hours=at))
    assert [(one.digest[0], one.name, one.active) for one in await rig.desk.playbooks(9)] == [
        ("a", "A again", True),
        ("b", "B", False),
    ]
    assert [one.digest[0] for one in await rig.desk.playbooks(1)] == ["a"]
