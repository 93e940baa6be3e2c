"""What each adapter tells of instances and of what was said of them: in order, of a span, each name once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from service.adapters.memory import MemoryStore, MemoryTracks
from service.adapters.postgres import tracks_at_once
from service.ports import Span, Tracks
from tests.builders import KEY, START, instance, survey, ticket
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import claimed, decide

HOUR = timedelta(hours=1)
ALL = Span()


@asynccontextmanager
async def tracks_of(rig: Rig) -> AsyncIterator[Tracks]:
    if isinstance(rig, PostgresRig):
        async with tracks_at_once(rig.pool) as tracks:
            yield tracks
    else:
        assert isinstance(rig.store, MemoryStore)
        yield MemoryTracks(rig.store)


async def filled(rig: Rig) -> Rig:
    """Two instances of one process and one of another, each with a complaint, and one complaint about none."""
    lease = await claimed(rig.store)
    begun = [
        instance("i2", event_id="e1", keys=["SO-2"], customer="bert"),
        instance("i1", event_id="e2", keys=["SO-1"], activity="Pack", team="warehouse", step="s1"),
        instance("i3", event_id="e3", process="returns", activity="Check", team="floor"),
        instance("i1", event_id="e4", activity="Void", step="s2", withdrawn=True),
    ]
    lease = (await decide(rig.store, lease, *begun)).lease
    said = [
        survey("r1", 0, "late, awful", customer="anna", correlation={"process_instance_key": "i1"}),
        survey("r2", 10, "lovely", customer="carl", correlation={"process_instance_key": "i1"}),
        survey("r3", 0, "refund, awful", customer="bert", correlation={"process_instance_key": "i3"}),
        ticket(event_id="k1", ticket_id="T-1", customer=None, priority="urgent", subject="late"),
    ]
    await decide(rig.store, lease, *said, at=START + HOUR)
    return rig


async def names(found: AsyncIterator[str]) -> list[str]:
    return [name async for name in found]


async def test_steps_come_in_order_without_those_that_never_were(rig: Rig) -> None:
    async with tracks_of(await filled(rig)) as tracks:
        steps = [step async for step in tracks.steps(ALL)]
    assert [(step.instance_id, step.activity, step.team, step.at) for step in steps] == [
        ("i1", "Pack", "warehouse", START),
        ("i2", None, None, START),
        ("i3", "Check", "floor", START),
    ]


async def test_negative_feedback_comes_in_order(rig: Rig) -> None:
    async with tracks_of(await filled(rig)) as tracks:
        found = [(one.key.subject, one.link.instance_id) async for one in tracks.complaints(ALL)]
    assert found == [("response/r1", "i1"), ("response/r3", "i3"), ("ticket/T-1", None)]


async def test_every_name_that_these_bear_is_told_once(rig: Rig) -> None:
    async with tracks_of(await filled(rig)) as tracks:
        instances = [one async for one in tracks.instances(ALL)]
        customers = await names(tracks.customers(ALL))
        assert [(one.instance_id, one.process, one.known is not None) for one in instances] == [
            ("i1", "shipping", True),
            ("i2", "shipping", True),
            ("i3", "returns", True),
        ]
        assert await names(tracks.tickets(ALL)) == ["T-1"]
        assert await names(tracks.teams(ALL)) == ["drivers", "floor", "refunds", "warehouse"]
    anonymous = [name for name in customers if name.startswith("anonymous:")]
    assert sorted(set(customers) - set(anonymous)) == sorted(map(KEY.pseudonym, ("anna", "bert")))
    assert (customers, len(anonymous)) == (sorted(customers), 1)


async def test_a_span_is_of_one_process_and_from_one_instant_to_before_another(rig: Rig) -> None:
    async with tracks_of(await filled(rig)) as tracks:
        returns, early = Span(process="returns"), Span(until=START + HOUR)
        assert [step.instance_id async for step in tracks.steps(returns)] == ["i3"]
        assert [one.key.subject async for one in tracks.complaints(returns)] == ["response/r3"]
        assert [one.instance_id async for one in tracks.instances(returns)] == ["i3"]
        assert await names(tracks.customers(returns)) == [KEY.pseudonym("bert")]
        assert await names(tracks.teams(returns)) == ["floor", "refunds"]
        assert [one.key.subject async for one in tracks.complaints(early)] == []
        assert await names(tracks.customers(early)) == []
        assert [one.instance_id async for one in tracks.instances(Span(since=START + HOUR))] == ["i1", "i3"]


async def test_an_empty_store_tells_nothing(rig: Rig) -> None:
    async with tracks_of(rig) as tracks:
        assert [step async for step in tracks.steps(ALL)] == []
        assert [one async for one in tracks.instances(ALL)] == []
        assert await names(tracks.customers(ALL)) == []
