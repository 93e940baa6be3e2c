"""What every store keeps of downtimes, in whatever order they are told, and which of them a tick is given."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from service.core.records.feedback import Downtime
from tests.builders import START, downtime
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed, days, decide, decide_stubbornly

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
Telling = tuple[timedelta, Mapping[str, Any]]
# Two weeks from a Friday to a Thursday; the start is the Monday between.
SINCE, END = date(2026, 5, 1), date(2026, 5, 14)


def known(name: str, event_id: str, at: timedelta, **changes: Any) -> Downtime:  # noqa: ANN401 - fields of a Downtime
    given: dict[str, Any] = {
        "source": "/engine",
        "downtime_id": name,
        "process": "shipping",
        "started_at": START,
        "occurred_at": START + at,
        "event_id": event_id,
    }
    return Downtime(**(given | changes))


async def kept(rig: Rig) -> list[Downtime]:
    async with rig.store.transaction() as transaction:
        watched = await transaction.load_cells(SINCE, END)
    return sorted(watched.downtimes, key=lambda one: one.name)


async def names(rig: Rig, since: date, end: date) -> list[str]:
    async with rig.store.transaction() as transaction:
        watched = await transaction.load_cells(since, end)
    return sorted(one.downtime_id for one in watched.downtimes)


async def tell(rig: Rig, *told: Telling) -> None:
    lease = await claimed(rig.store)
    for at, event in told:
        lease = (await decide(rig.store, lease, event, at=START + at)).lease


async def test_a_downtime_is_kept_as_it_was_told_and_is_only_recorded(rig: Rig) -> None:
    event = downtime("d1", event_id="e1", process="Returns", ended=HOUR, region="uk", planned=True)
    ran = await decide(rig.store, await claimed(rig.store), event, at=START + HOUR)
    assert ran.books.verdicts == {("", "recorded"): 1}
    assert await kept(rig) == [
        known("d1", "e1", HOUR, process="returns", region="uk", ended_at=START + HOUR, planned=True)
    ]


BEGUN: Telling = (timedelta(), downtime("d1", event_id="e1"))
OVER: Telling = (2 * HOUR, downtime("d1", event_id="e2", ended=HOUR))
CORRECTED: Telling = (2 * HOUR, downtime("d1", event_id="e3", ended=2 * HOUR, region="uk"))


def _ids(order: Sequence[Telling]) -> str:
    return ", ".join(event["id"] for _, event in order)


@pytest.mark.parametrize("order", list(permutations((BEGUN, OVER, CORRECTED))), ids=_ids)
async def test_the_latest_event_of_a_downtime_holds_in_any_order(rig: Rig, order: Sequence[Telling]) -> None:
    await tell(rig, *order)
    assert await kept(rig) == [known("d1", "e3", 2 * HOUR, ended_at=START + 2 * HOUR, region="uk")]


async def test_events_of_one_downtime_in_one_batch_are_as_those_of_several(rig: Rig) -> None:
    await decide(rig.store, await claimed(rig.store), OVER[1], CORRECTED[1], BEGUN[1], at=START)
    assert await kept(rig) == [known("d1", "e3", timedelta(), ended_at=START + 2 * HOUR, region="uk")]


async def test_batches_of_several_partitions_that_tell_of_the_same_agree(rig: Rig) -> None:
    leases = [await claimed(rig.store, number) for number in range(6)]
    await asyncio.gather(
        *(
            decide_stubbornly(
                rig.store,
                lease,
                *(downtime(name, event_id=f"e{number}-{name}", ended=number * HOUR) for name in ("d1", "d2")),
                at=START + number * HOUR,
            )
            for number, lease in enumerate(leases)
        )
    )
    assert await kept(rig) == [known(name, f"e5-{name}", 5 * HOUR, ended_at=START + 5 * HOUR) for name in ("d1", "d2")]


async def test_a_downtime_is_its_source_s_own_and_needs_no_name(rig: Rig) -> None:
    await tell(
        rig,
        (HOUR, downtime("d1", event_id="e1")),
        (HOUR, {**downtime("d1", event_id="e2"), "source": "/another"}),
        (HOUR, downtime(None, event_id="e3")),
        (2 * HOUR, downtime(None, event_id="e4", ended=HOUR)),
        (HOUR, downtime(None, event_id="e5", region="uk")),
    )
    assert sorted((one.source, one.event_id, one.region or "") for one in await kept(rig)) == [
        ("/another", "e2", ""),
        ("/engine", "e1", ""),
        ("/engine", "e4", ""),
        ("/engine", "e5", "uk"),
    ]


async def test_a_tick_is_given_the_downtimes_of_its_days(rig: Rig) -> None:
    spans = {"before": (-90, -82), "into": (-90, -81), "inside": (0, 1), "across": (240, 300), "after": (255, 256)}
    await tell(
        rig,
        *(
            (timedelta(), downtime(name, event_id=name, started=first * HOUR, ended=last * HOUR))
            for name, (first, last) in spans.items()
        ),
        (timedelta(), downtime("open", event_id="open", started=-days(500))),
    )
    assert await names(rig, SINCE, END) == ["across", "inside", "into", "open"]


async def test_a_tick_of_hours_is_given_those_of_the_last_day(rig: Rig) -> None:
    spans = {"before": (-30, -25), "into": (-30, -24), "inside": (-2, -1), "now": (-1, 1), "after": (0, 1)}
    await tell(
        rig,
        *(
            (timedelta(), downtime(name, event_id=name, started=first * HOUR, ended=last * HOUR))
            for name, (first, last) in spans.items()
        ),
    )
    async with rig.store.transaction() as transaction:
        watched = await transaction.load_hours(START, 5)
    assert sorted(one.downtime_id for one in watched.downtimes) == ["inside", "into", "now"]
