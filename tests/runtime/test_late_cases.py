"""Worker and ticker on a real PostgreSQL: a late case is told when its limit is reached, and is over with its end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresArchive, PostgresOutbox, PostgresStore, open_pool
from service.adapters.postgres.pool import Pool
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.records.feedback import Message
from service.runtime.health import Health
from service.runtime.rulebook import Rulebook
from service.runtime.ticker import Ticker
from service.runtime.timekeeping import WallTime
from service.runtime.worker import Limits, Worker
from tests.builders import KEY, START, instance, make_playbook, survey
from tests.runtime.rigging import ListedPartition, Moment, key, message
from tests.waiting import until

pytestmark = pytest.mark.postgres

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
RULES = compile_playbook(
    make_playbook(
        processes=[
            {"id": "shipping", "name": "Delivery", "team": "drivers", "sla": "48h"},
            {"id": "returns", "name": "Returns", "team": "refunds"},
        ],
        high_value={"tiers": ["gold"], "severity": "critical"},
        at_risk={"cases": 3, "within": "30d", "team": "legal", "severity": "critical"},
    )
)


async def _no_other_rules(digest: str) -> Rules:
    raise AssertionError(digest)


class Service:
    """A worker and a ticker by the same wall clock, which stands where it is put."""

    def __init__(self, pool: Pool) -> None:
        self.moment, self.meter = Moment(), PrometheusMeter()
        self.store, self._archive = PostgresStore(pool), PostgresArchive(pool)
        self._outbox = PostgresOutbox(pool)

    async def hear(self, *messages: Message) -> None:
        (lease,) = await self.store.claim([key()])
        worker = Worker(
            self.store,
            Rulebook(RULES, _no_other_rules),
            KEY,
            WallTime(self.moment),
            watch=Health(),
            meter=self.meter,
            limits=Limits(),
        )
        async with asyncio.timeout(20):
            await worker.drive(ListedPartition(lease, messages))

    async def tick_at(self, at: timedelta) -> None:
        """Put the clock there, and let the ticker do its round."""
        self.moment.at = START + at
        health, stop, clock = Health(["ticker"]), asyncio.Event(), WallTime(self.moment)
        ticker = Ticker(
            self.store,
            Rulebook(RULES, _no_other_rules),
            clock,
            wall=clock,
            outbox=self._outbox,
            shared=None,
            watch=health,
            meter=self.meter,
        )
        task = asyncio.create_task(ticker.run(stop))
        await until(lambda: not health.unready())
        stop.set()
        await task

    async def told(self) -> list[tuple[str, str, str, str]]:
        return [
            (line["at"], line["team"], line["reason"], line["title"])
            async for line in self._archive.notices()
            if line["kind"] != "event"
        ]

    async def open_alerts(self) -> int:
        return len([line async for line in self._archive.alerts() if line["state"] == "open"])


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    pool = await open_pool(database, size=4)
    yield Service(pool)
    await pool.close()


async def test_a_late_case_is_told_at_its_instant_and_is_over_when_it_is_completed(service: Service) -> None:
    await service.hear(message(instance("i1", event_id="1", tier="gold"), 0))
    await service.tick_at(48 * HOUR - SECOND)
    assert await service.told() == []
    await service.tick_at(48 * HOUR)
    told = [("2026-05-06T09:00:00Z", "drivers", "opened", "Gold customer's case in Delivery is past its 48 hours")]
    assert await service.told() == told
    assert await service.open_alerts() == 1
    assert 'notices_total{reason="opened",team="drivers"} 1.0' in service.meter.text().decode()
    service.moment.at = START + 49 * HOUR
    await service.hear(message(instance("i1", event_id="2", lifecycle="complete"), 1, minutes=49 * 60))
    await service.tick_at(50 * HOUR)
    told.append(
        (
            "2026-05-06T10:00:00Z",
            "drivers",
            "resolved",
            "Gold customer's case in Delivery was past its 48 hours — resolved",
        )
    )
    assert await service.told() == told
    assert await service.open_alerts() == 0


async def test_a_case_that_ends_in_time_is_not_told_of(service: Service) -> None:
    await service.hear(message(instance("i1", event_id="1", tier="gold"), 0))
    service.moment.at = START + 47 * HOUR
    await service.hear(message(instance("i1", event_id="2", lifecycle="cancel"), 1, minutes=47 * 60))
    await service.tick_at(60 * HOUR)
    assert await service.told() == []


async def test_a_customer_with_three_bad_answers_is_told_of_once(service: Service) -> None:
    await service.hear(*(message(survey(f"r{at}", 0, "late"), at) for at in range(5)))
    await service.tick_at(HOUR)
    assert await service.told() == [("2026-05-04T09:00:00Z", "legal", "opened", "A customer has 3 unresolved cases")]
