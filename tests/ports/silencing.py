"""A shop on any store, a clock that a test moves on, and silences over what its teams hear."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from service.core.pipeline.rules import Rules
from service.core.pipeline.silencing import AskedSilence, Silenced, Wished
from service.core.records.muting import LATELY, Hidden, Silence
from service.core.records.words import Severity, SilenceEnd
from service.ports import Lease, PartitionKey
from service.runtime.batch import Ran, run_batch
from service.runtime.due import run_due
from service.runtime.rulebook import Rulebook
from service.runtime.silencing import Silencing
from tests.builders import START, read_event
from tests.ports.conftest import Rig
from tests.ports.deciding import RULES, retold

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DELIVERY: Mapping[str, tuple[str, ...]] = {"category": ("delivery",)}
_PARTITION = PartitionKey(cluster="c", group="g", topic="t", partition=0)


class Shop:
    """`ended` holds how each silence ended, in order."""

    def __init__(self, rig: Rig, lease: Lease, rules: Rules) -> None:
        self.rig = rig
        self.rules = rules
        self.now = START
        self.ended: list[SilenceEnd | None] = []
        self._lease = lease
        self._silencing = Silencing(rig.store, Rulebook(rules, self._rules_of), self._clock, self._heard)

    async def push(self, at: timedelta, *events: Mapping[str, Any]) -> Ran:
        """Decide events that happened at a time, then, with what was due before."""
        await self.wait(at)
        offset = self._lease.next_offset or 0
        records = [read_event(event, self.now, self.rules, offset + place) for place, event in enumerate(events)]
        ran = await run_batch(
            self.rig.store, self._lease, records, offset + len(records), self.rules, lambda _: self.now
        )
        self._lease = ran.lease
        return ran

    async def wait(self, at: timedelta) -> None:
        self.now = START + at
        await run_due(self.rig.store, self.rules, self.now, ended=self._heard)

    async def ask(self, asked: AskedSilence) -> Silenced:
        told = await self._silencing(asked, None, lambda _: "", 200)
        assert isinstance(told, Silenced)
        return told

    async def silence(self, name: str, matchers: Mapping[str, tuple[str, ...]] = DELIVERY, **more: Any) -> Silence:  # noqa: ANN401 - fields of Wished
        """Make a silence of four hours that only what is critical breaks, unless it is said otherwise."""
        given: dict[str, Any] = {"by": "ana", "reason": "Snow.", "lasts": 4 * HOUR, "breaks_at": Severity.CRITICAL}
        made = (await self.ask(Wished(silence_id=name, matchers=matchers, **(given | more)))).silence
        assert made is not None
        return made

    async def told(self) -> list[tuple[timedelta, str, str]]:
        """Return when which team heard, and why."""
        lines = await retold(self.rig.archive, "notices")
        return [(datetime.fromisoformat(one["at"]) - START, one["team"], one["reason"]) for one in lines]

    async def kept(self, name: str) -> Silence:
        found = await self.rig.desk.silence(name, self.now - LATELY)
        assert found is not None
        return found

    async def hidden(self, name: str) -> Hidden:
        return (await self.kept(name)).hidden

    async def _clock(self) -> datetime:
        return self.now

    async def _rules_of(self, _digest: str) -> Rules:
        return self.rules

    def _heard(self, silence: Silence) -> None:
        self.ended.append(silence.ended_by)


async def opened(rig: Rig, rules: Rules = RULES) -> Shop:
    (lease,) = await rig.store.claim([_PARTITION])
    return Shop(rig, lease, rules)
