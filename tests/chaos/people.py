"""A field -> people who acknowledge alerts, and silence teams for a while, as long as they are let.

What they do changes no alert's members, so the oracle need not know of it but for the teams that were silenced.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import asyncpg

from service.adapters.postgres import open_pool
from service.adapters.postgres.faults import BROKEN
from service.adapters.postgres.store import PostgresStore
from service.core.pipeline.act import Asked, Deed
from service.core.pipeline.rules import Rules
from service.core.pipeline.silencing import Lifting, Silenced, Wished
from service.core.records.muting import Silence
from service.ports import ConflictError, OutcomeUnknownError, OutOfReachError
from service.runtime.acting import Acting
from service.runtime.clock import BEGINNING
from service.runtime.rulebook import Rulebook
from service.runtime.silencing import Silencing
from service.runtime.timekeeping import StreamTime

SILENCED = ("fulfilment", "payments", "store-operations")
_BROKEN = (asyncpg.PostgresError, *BROKEN, TimeoutError, ConflictError, OutcomeUnknownError, OutOfReachError)
_OPEN = "SELECT alert_id, alert_key, revision FROM alert WHERE state = 'open' AND revision > 0 ORDER BY alert_id"
_GROUP = "SELECT cluster, grp FROM partition_lease LIMIT 1"


class People:
    """`ahead` says by how much the wall clock is off, None under the stream clock; `dice` are theirs alone."""

    def __init__(self, dsn: str, rules: Rules, ahead: Callable[[], timedelta] | None, dice: Random) -> None:
        self._dsn = dsn
        self._rulebook = Rulebook(rules, _no_other)
        self._ahead = ahead
        self._dice = dice
        self._silences: list[Silence] = []
        self.acts = 0

    async def work(self) -> None:
        """Do one thing after another until this is cancelled; whatever is down meanwhile is tried again."""
        while True:
            with suppress(*_BROKEN):
                pool = await open_pool(self._dsn, size=2)
                try:
                    await self._work_in(pool)
                finally:
                    pool.terminate()
            await asyncio.sleep(0.2)

    async def _work_in(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        store = PostgresStore(pool, shards=1, owner="people")

        async def now() -> datetime:
            if self._ahead is not None:
                return datetime.now(UTC) + self._ahead()
            group = await pool.fetchrow(_GROUP)
            if group is None:
                return BEGINNING
            return await StreamTime(store, cluster=group["cluster"], group=group["grp"]).present()

        while True:
            await asyncio.sleep(self._dice.uniform(0.05, 0.3))
            if self._dice.random() < 0.7:
                await self._acknowledge(pool, Acting(store, self._rulebook, now))
            else:
                await self._silence(Silencing(store, self._rulebook, now), await now())

    async def _acknowledge(self, pool: "asyncpg.Pool[asyncpg.Record]", acting: Acting) -> None:
        found = await pool.fetch(_OPEN)
        if found:
            row = self._dice.choice(found)
            asked = Asked(alert_id=row["alert_id"], deed=Deed.ACK, revision=row["revision"], by="ana")
            await acting(asked, row["alert_key"], None, lambda alert: alert.alert_id)
            self.acts += 1

    async def _silence(self, silencing: Silencing, at: datetime) -> None:
        """Silence a team, some of them so that it breaks soon; or lift the oldest silence."""
        if at <= BEGINNING:
            return
        self.acts += 1
        if len(self._silences) > 1:
            oldest = self._silences.pop(0)
            await silencing(
                Lifting(silence_id=oldest.silence_id, revision=oldest.revision, by="ana"), None, _written, 200
            )
            return
        wished = Wished(
            silence_id=str(UUID(int=self._dice.getrandbits(128), version=4)),
            matchers={"team": (self._dice.choice(SILENCED),)},
            by="ana",
            reason="we know",
            lasts=timedelta(hours=self._dice.randint(1, 24)),
            growth=self._dice.choice((3.0, 1_000.0)),
        )
        made = await silencing(wished, None, _written, 201)
        if isinstance(made, Silenced) and made.silence is not None:
            self._silences.append(made.silence)


def _written(silence: Silence) -> str:
    return silence.silence_id


def _no_other(digest: str) -> Awaitable[Rules]:
    raise AssertionError(f"nobody put another playbook: {digest}")
