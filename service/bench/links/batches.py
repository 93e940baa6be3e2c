"""Records and a filled database -> what each batch cost: read, decided and committed as in `serve`, by statement.

Kafka and the relay are left out: they cost the same whatever is looked up, and would only make ratios smaller.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg.connection import LoggedQuery

from service.adapters.postgres import PostgresStore, queries, writes
from service.adapters.postgres.pool import Pool
from service.bench.events import Published
from service.bench.spent import Spent, Watch
from service.core.pipeline.rules import Rules
from service.core.pseudonym import PseudonymKey
from service.core.records.feedback import Message
from service.ports import Books, Lease, PartitionKey
from service.runtime.batch import run_batch
from service.runtime.reading import read_all, records_of

PLACE = PartitionKey(cluster="bench", group="bench", topic="bench", partition=0)
_NAMES = {
    text: f"{module.__name__.rpartition('.')[2]}.{name}"
    for module in (writes, queries)
    for name, text in vars(module).items()
    if name.isupper()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one batch cost; `statements` holds seconds by the name of the statement, as this process waited for it."""

    spent: Spent
    statements: Mapping[str, float]
    books: Books


class Engine:
    """Decides batches of one partition, one after another, all at one instant."""

    def __init__(self, pool: Pool, rules: Rules, key: PseudonymKey, now: datetime, postmaster: int | None) -> None:
        self._pool = pool
        self._store = PostgresStore(pool, owner="bench")
        self._rules = rules
        self._key = key
        self._now = now
        self._watch = Watch(postmaster)
        self._lease: Lease | None = None
        self._statements: defaultdict[str, float] = defaultdict(float)

    async def decide(self, events: Sequence[Published]) -> Cost:
        """Read and decide one batch."""
        await self._listen()
        lease = self._lease or (await self._store.claim([PLACE]))[0]
        first = lease.next_offset or 0
        messages = [self._message(first + at, event) for at, event in enumerate(events)]
        self._statements.clear()
        self._watch.start()
        read = await read_all(messages, self._rules, self._key)
        records, end = records_of(read), first + len(messages)
        ran = await run_batch(self._store, lease, records, end, self._rules, lambda _: self._now)
        spent = self._watch.read()
        self._lease = ran.lease
        return Cost(spent=spent, statements=dict(self._statements), books=ran.books)

    async def _listen(self) -> None:
        """Hear of each statement of the pool's one connection, which it replaces now and then."""
        async with self._pool.acquire() as connection:
            connection.add_query_logger(self._note)

    def _note(self, query: LoggedQuery) -> None:
        self._statements[_NAMES.get(query.query, "other")] += query.elapsed

    def _message(self, offset: int, event: Published) -> Message:
        return Message(
            topic=PLACE.topic, partition=0, offset=offset, key=event.key, value=event.value, received_at=self._now
        )
