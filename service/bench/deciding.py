"""What each process of a run is told -> its worker, which takes its partitions at the moment the clock starts.

Until the group has split them it takes none, so that all begin with their share.
"""

import math
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from service.adapters.kafka import Connection, KafkaSource, SourceSettings, cluster_of
from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresStore
from service.adapters.postgres.pool import Pool
from service.bench.places import Place
from service.core.pipeline.rules import Rules
from service.core.pseudonym import PseudonymKey
from service.ports import Lease, OutOfReachError, PartitionKey
from service.runtime.health import Health
from service.runtime.lifecycle import Part
from service.runtime.rulebook import Rulebook
from service.runtime.timekeeping import WallTime
from service.runtime.worker import Limits, Worker

DRAIN_SECONDS = 10.0
_KEY = PseudonymKey(key_id="bench", secret=b"feedback-router bench")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What each process of a run is told."""

    bootstrap_servers: str
    dsn: str
    topic: str
    group: str
    trust_end: bool
    partitions: int
    processes: int

    @property
    def most(self) -> int:
        """How many partitions a process has at most once the group has split them."""
        return math.ceil(self.partitions / self.processes)


def share_of(place: Place, dsn: str, topic: str, partitions: int, processes: int = 1) -> Share:
    """Describe a run of a group of its own."""
    return Share(
        bootstrap_servers=place.connection.bootstrap_servers,
        dsn=dsn,
        topic=topic,
        group=f"bench-{uuid.uuid4().hex[:12]}",
        trust_end=place.trust_end,
        partitions=partitions,
        processes=processes,
    )


async def deciding(
    share: Share,
    connection: Connection,
    pool: Pool,
    rules: Rules,
    health: Health,
    meter: PrometheusMeter,
    begin: Callable[[], Awaitable[None]],
    on_outgoing: Callable[[], None] = lambda: None,
) -> Part:
    """Return the worker of one process; `begin` is awaited before its first claim."""
    store = PostgresStore(pool, owner="bench", on_outgoing=on_outgoing)
    source = KafkaSource(
        connection,
        # Members learn by their heartbeat that another has joined, which is waited for before the clock starts.
        SourceSettings(group=share.group, trust_end=share.trust_end, heartbeat_seconds=0.5),
        cluster=await cluster_of(connection),
        topics=[share.topic],
        leases=_HeldBack(store, share.most, begin),
        watch=health,
        meter=meter,
    )
    worker = Worker(store, Rulebook(rules, _no_other), _KEY, WallTime(), watch=health, meter=meter, limits=Limits())
    return Part(name="worker", run=partial(source.run, worker.drive), seconds=DRAIN_SECONDS)


class _HeldBack:
    """Claims nothing while the group has not split the partitions, nor before it may begin."""

    def __init__(self, store: PostgresStore, most: int, begin: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._most = most
        self._begin: Callable[[], Awaitable[None]] | None = begin

    async def claim(self, keys: Sequence[PartitionKey]) -> Sequence[Lease]:
        if self._begin is not None:
            if len(keys) > self._most:
                raise OutOfReachError("the partitions are not split yet")
            await self._begin()
            self._begin = None
        return await self._store.claim(keys)


async def _no_other(digest: str) -> Rules:
    raise LookupError(digest)
