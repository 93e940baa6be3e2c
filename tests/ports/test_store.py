"""What every store promises, on each adapter: leases, identities, gates, ticks, and rows as they were written."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from service.adapters.memory import MemoryStore
from service.adapters.postgres import PostgresArchive, PostgresStore
from service.adapters.postgres.packed import pairs
from service.core.pipeline.cadence import Tick
from service.core.pipeline.rules import compile_playbook
from service.core.records.decisions import Subject
from service.core.records.facts import Facts
from service.core.records.feedback import Instance
from service.core.records.needs import Needs
from service.core.records.words import TickKind
from service.ports import Answer, FencedError, Saving
from service.runtime.batch import NowOf, run_batch
from service.runtime.due import run_due
from tests.builders import START, make_contribution, make_feedback, read_event, survey
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import RULES, claimed, complaint, days, decide, partition, retold, told
from tests.properties.streams import PLAYBOOKS, Life, arrivals, lives

pytestmark = pytest.mark.postgres


async def test_a_claim_grows_the_epoch_and_keeps_the_place(rig: Rig) -> None:
    first = await claimed(rig.store)
    ran = await decide(rig.store, first, complaint(1))
    second = await claimed(rig.store)
    assert (first.epoch, first.next_offset) == (1, None)
    assert (second.epoch, second.next_offset, second.stream_at) == (2, 1, START)
    assert ran.lease.next_offset == 1


async def test_the_books_sum_what_no_team_owns_by_its_reason(rig: Rig) -> None:
    lease = await claimed(rig.store)
    for number in range(2):
        events = (survey(f"r{number}", 0, "hm", customer=f"c{number}"), complaint(10 + number))
        lease = (await decide(rig.store, lease, *events)).lease
    assert (await rig.archive.books()).orphans == {"no_owner": 2}


async def test_leases_come_back_in_the_order_they_were_asked_for(rig: Rig) -> None:
    leases = await rig.store.claim([partition(2), partition(0), partition(1)])
    assert [lease.key.partition for lease in leases] == [2, 0, 1]
    assert await rig.store.lease(partition(2)) == leases[0]
    assert await rig.store.lease(partition(7)) is None


async def test_an_owner_whose_partition_was_claimed_is_fenced_and_writes_nothing(rig: Rig) -> None:
    stale = await claimed(rig.store)
    await claimed(rig.store)
    with pytest.raises(FencedError):
        await decide(rig.store, stale, complaint(1))
    assert await retold(rig.archive, "feedback") == []


async def test_an_owner_that_is_not_where_it_thinks_is_fenced(rig: Rig) -> None:
    lease = await claimed(rig.store)
    await decide(rig.store, lease, complaint(1))
    with pytest.raises(FencedError):
        await decide(rig.store, lease, complaint(2))


async def test_only_the_owner_stalls_its_partition(rig: Rig) -> None:
    stale = await claimed(rig.store)
    lease = await claimed(rig.store)
    await rig.store.stall(lease.moved(0, START + days(1)))
    await rig.store.stall(stale.moved(0, START + days(9)))
    times = await rig.store.stream_times("c", "g")
    assert times[partition()].stream_at == START + days(1)
    assert await rig.store.stream_times("c", "another") == {}


async def test_an_identity_is_admitted_once(rig: Rig) -> None:
    pairs = [("b", "2"), ("a", "1"), ("b", "1"), ("a", "1")]
    async with rig.store.transaction() as transaction:
        assert set(await transaction.admit(pairs)) == set(pairs)
    async with rig.store.transaction() as transaction:
        assert set(await transaction.admit([("a", "2"), ("b", "1")])) == {("a", "2")}
    assert await rig.desk.admitted("a", "2")
    assert not await rig.desk.admitted("a", "3")


async def test_what_is_rolled_back_leaves_nothing(rig: Rig) -> None:
    lease = await claimed(rig.store)
    facts = Facts()
    facts.put_contribution(make_contribution())

    async def fail() -> None:
        async with rig.store.transaction() as transaction:
            await transaction.advance([(lease, lease.moved(1, None))])
            await transaction.admit([("a", "1")])
            await transaction.load_alerts(facts, ["key"])
            await transaction.save(Saving(facts=facts, digest="d", now=START))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await rig.store.lease(lease.key) == lease
    async with rig.store.transaction() as transaction:
        assert set(await transaction.admit([("a", "1")])) == {("a", "1")}
        assert not list((await transaction.load(Needs(subjects=(("/surveys", "response/1"),)))).contributions)


async def test_rows_are_read_back_as_they_were_written(rig: Rig) -> None:
    facts = Facts()
    at = START + timedelta(microseconds=1)
    contribution = make_contribution(
        make_feedback(occurred_at=at, text="zu spät 😠 \u0001", attributes={"a": 'quote " and \\'}, region="uk")
    )
    feedback = contribution.feedback
    subject = Subject(
        source=feedback.source,
        subject=feedback.subject,
        revision=2**40,
        occurred_at=at,
        event_id="e-1",
        began_at=at,
    )
    instance = Instance(
        instance_id="i", process="p", keys=("k",), updated_at=at, started_at=at, completed_at=at, region="uk"
    )
    facts.put_contribution(contribution)
    facts.subjects.put((subject.source, subject.subject), subject)
    facts.instances.put("i", instance)
    facts.registry.holders.put("key", frozenset({"i"}))
    wanted = Needs(
        link_keys=("key", "nothing"),
        subjects=((feedback.source, "none"), (feedback.source, feedback.subject)),
        customers=dict.fromkeys((feedback.customer, "nobody"), frozenset({at})),
    )
    for _ in range(2):
        async with rig.store.transaction() as transaction:
            await transaction.load(wanted)
            await transaction.save(Saving(facts=facts, digest="d", now=START))
    async with rig.store.transaction() as transaction:
        loaded = await transaction.load(wanted)
    assert {key: loaded.contributions[key] for key in loaded.contributions} == {contribution.key: contribution}
    assert list(loaded.subjects.values()) == [subject]
    assert list(loaded.instances.values()) == [instance]
    assert loaded.registry.holders["key"] == frozenset({"i"})


async def test_a_customer_is_loaded_within_its_span_and_with_its_subjects(rig: Rig) -> None:
    lease = await claimed(rig.store)
    lease = (await decide(rig.store, lease, complaint(1, customer="anna"), at=START)).lease
    await decide(rig.store, lease, complaint(2, customer="anna"), at=START + days(100))
    (early, late) = [line["subject"] for line in await retold(rig.archive, "feedback")]
    async with rig.store.transaction() as transaction:
        facts = await transaction.load(Needs(subjects=(("/surveys", late),), reach=days(1)))
        assert [key.subject for key in facts.contributions] == [late]
        facts = await transaction.load(Needs(subjects=(("/surveys", late),), reach=days(100)))
        assert sorted(key.subject for key in facts.contributions) == sorted([early, late])
        assert [member.key.subject for member in facts.members.values()] == [late]


async def test_what_changes_has_its_memberships_loaded_with_the_alerts(rig: Rig) -> None:
    lease = await claimed(rig.store)
    for number in range(3):
        lease = (await decide(rig.store, lease, complaint(number, customer="anna"), at=START + days(number))).lease
    (first, second, third) = [line["subject"] for line in await retold(rig.archive, "feedback")]
    async with rig.store.transaction() as transaction:
        facts = await transaction.load(Needs(subjects=(("/surveys", third),), reach=days(100)))
        near = {one.key.subject: one for one in facts.contributions.values()}
        facts.put_contribution(replace(near[second], versions=9))
        assert facts.members_of("/surveys", third) == tuple(facts.members.values())
        with pytest.raises(LookupError):
            facts.members_of("/surveys", second)
        await transaction.load_alerts(facts, ())
        assert [one.key.subject for one in facts.members_of("/surveys", second)] == [second]
        assert first in near
        assert first not in {member.key.subject for member in facts.members.values()}


async def test_a_gate_is_made_once_and_counts_episodes(rig: Rig) -> None:
    lease = await claimed(rig.store)
    lease = (await decide(rig.store, lease, complaint(1), complaint(2))).lease
    await decide(rig.store, lease, complaint(3), at=START + days(60))
    first, second = await retold(rig.archive, "alerts")
    assert [first["events"], first["episode"], first["key"]] == [2, 1, second["key"]]
    assert [second["events"], second["episode"], second["members"]] == [1, 2, ["r3-1"]]


async def test_a_tick_is_claimed_once(rig: Rig) -> None:
    week, hour = Tick(kind=TickKind.DAYS, ends_at=START + days(7)), Tick(kind=TickKind.HOURS, ends_at=START + days(7))
    late, later = START + days(8), START + days(9)

    async def asked(ticks: Mapping[Tick, datetime], ran: Tick | None = None) -> None:
        async with rig.store.transaction() as transaction:
            await transaction.save(Saving(facts=Facts(), digest="d", now=START, ticks=ticks, ran_tick=ran))

    await asked({week: late, hour: later})
    # It keeps the time at which it was due first.
    await asked({week: START + days(99)})
    assert await rig.store.next_due() == late
    assert await rig.store.due_tick(late - timedelta(microseconds=1)) is None
    assert await rig.store.due_tick(later) == (week, late)
    async with rig.store.transaction() as transaction:
        assert await transaction.claim_tick(week)
    await asked({}, ran=week)
    # What has been run is not asked for again.
    await asked({week: START})
    async with rig.store.transaction() as transaction:
        assert not await transaction.claim_tick(week)
        assert not await transaction.claim_tick(Tick(kind=TickKind.HOURS, ends_at=START))
        assert await transaction.claim_tick(hour)
    assert await rig.store.due_tick(later) == (hour, later)
    assert await rig.store.next_due() == later


async def test_due_alerts_come_earliest_first(rig: Rig) -> None:
    lease = await claimed(rig.store)
    lease = (await decide(rig.store, lease, complaint(1))).lease
    await decide(
        rig.store, lease, complaint(2, event_id="r", verbatims=[{"text": "refund"}]), at=START + timedelta(seconds=5)
    )
    alerts = await retold(rig.archive, "alerts")
    due = await rig.store.due_alerts(START + days(1), 10)
    assert [alert_id for _, alert_id in due] == [alert["alert_id"] for alert in alerts]
    assert await rig.store.due_alerts(START + days(1), 1) == due[:1]
    assert await rig.store.due_alerts(START, 10) == []
    assert await rig.store.next_due() == START + RULES.playbook.fatigue.wait


async def test_an_answer_is_recalled_under_its_key(rig: Rig) -> None:
    answer = Answer(request="r", status=200, body="{}")
    async with rig.store.transaction() as transaction:
        assert await transaction.recall("k") is None
    async with rig.store.transaction() as transaction:
        assert await transaction.recall("k") is None
        await transaction.remember("k", answer)
    async with rig.store.transaction() as transaction:
        assert await transaction.recall("k") == answer
        assert await transaction.recall("another") is None


async def test_the_active_playbook_is_the_one_activated_last(rig: Rig) -> None:
    async with rig.store.transaction() as transaction:
        assert await transaction.active_playbook() is None
    for digest, at in (("one", 0), ("two", 1), ("one", 2)):
        await rig.shelf.activate(digest, f"name of {digest}", {"playbook.yaml": f"name: {digest} ü"}, START + days(at))
        async with rig.store.transaction() as transaction:
            assert await transaction.active_playbook() == digest
    assert await rig.shelf.active() == ("one", {"playbook.yaml": "name: one ü"})
    assert await rig.shelf.documents("two") == {"playbook.yaml": "name: two ü"}
    assert await rig.shelf.documents("three") is None
    assert [(one.digest, one.active) for one in await rig.desk.playbooks(5)] == [("one", True), ("two", False)]


@pytest.mark.every_postgres
@given(
    playbook=st.sampled_from(sorted(PLAYBOOKS)),
    told_lives=lives(days(40), most=5),
    picks=st.lists(st.integers(0, 20), max_size=20),
    cuts=st.lists(st.integers(1, 5), min_size=1, max_size=4),
)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
async def test_postgres_decides_and_tells_what_memory_does(
    postgres_rig: PostgresRig, playbook: str, told_lives: list[Life], picks: list[int], cuts: list[int]
) -> None:
    await _empty(postgres_rig)
    memory, rules = MemoryStore(), compile_playbook(PLAYBOOKS[playbook])
    happenings = arrivals(told_lives, picks)
    for store in (memory, PostgresStore(postgres_rig.pool)):
        lease, at, turn = await claimed(store), 0, 0
        while at < len(happenings):
            batch = happenings[at : at + cuts[turn % len(cuts)]]
            records = [read_event(one.event, START + one.at, rules, at + place) for place, one in enumerate(batch)]
            now = START + max(one.at for one in happenings[: at + len(batch)])
            at, turn = at + len(batch), turn + 1
            lease = (await run_batch(store, lease, records, at, rules, _always(now))).lease
        await run_due(store, rules, START + days(80))
    assert await told(PostgresArchive(postgres_rig.pool)) == await told(memory)
    for (source, event_id), row in memory.rows.rows.items():
        assert await postgres_rig.desk.explanation(source, event_id) == row
    outbox = await postgres_rig.pool.fetch("SELECT owner, topic, keys, values, packed FROM outbox ORDER BY id")
    assert [(row["owner"], row["topic"], pairs(row)) for row in outbox] == [
        (one.owner, one.topic, one.values) for one in memory.outgoing
    ]
    tallies = await postgres_rig.pool.fetch(_TALLIES)
    assert {tuple(row)[:3]: row["members"] for row in tallies} == memory.rows.tallies


_TALLIES = """
SELECT alert_id, 'customer', customer, count(*) AS members FROM member GROUP BY alert_id, customer
UNION ALL
SELECT alert_id, 'instance', instance_id, count(*) FROM member WHERE instance_id IS NOT NULL
GROUP BY alert_id, instance_id
"""


async def _empty(rig: PostgresRig) -> None:
    names = await rig.pool.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition "
        "AND relname <> 'alembic_version' AND relname NOT LIKE 'audit%' AND relnamespace = 'public'::regnamespace"
    )
    await rig.pool.execute(f"TRUNCATE {', '.join(row['relname'] for row in names)} RESTART IDENTITY")


def _always(now: datetime) -> NowOf:
    return lambda _: now
