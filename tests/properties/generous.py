"""A store that loads every row it has, whatever was asked for: what decides the same on it reads only what it named."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from service.adapters.memory import MemoryStore
from service.adapters.memory.transaction import MemoryTransaction
from service.core.records.alerts import Gate
from service.core.records.facts import Facts
from service.core.records.needs import Needs


class GenerousStore(MemoryStore):
    @asynccontextmanager
    async def _generous(self) -> AsyncIterator[MemoryTransaction]:
        async with self._lock:
            transaction = _Generous(self.rows)
            yield transaction
            transaction.commit()

    def transaction(self) -> AbstractAsyncContextManager[MemoryTransaction]:
        return self._generous()


class _Generous(MemoryTransaction):
    async def load(self, wanted: Needs) -> Facts:
        rows, facts = self._rows, await super().load(wanted)
        facts.registry.holders.load(rows.instance_keys)
        kin = [(customer, name) for customer, names in rows.kin.items() for name in names]
        facts.registry.load_instances(rows.instances, kin)
        facts.registry.merges.load(rows.merges)
        facts.registry.load_waits({(key, part): at for key, held in rows.waits.items() for part, at in held.items()})
        facts.subjects.load(rows.subjects)
        facts.load_contributions(rows.contributions)
        facts.load_members(rows.members.values(), rows.of_subject)
        return facts

    async def load_alerts(self, facts: Facts, keys: Iterable[str]) -> None:
        await super().load_alerts(facts, keys)
        rows = self._rows
        known = {key: rows.gates.get(key) or Gate(alert_key=key) for key in (*rows.gates, *keys)}
        facts.gates.load(known)
        facts.alerts.load(rows.alerts)
        facts.tallies.load(rows.tallies)
