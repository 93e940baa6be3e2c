"""One transaction over the rows in memory: it reads them as they are and changes them all at once when it ends well."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from service.adapters.memory import registry
from service.adapters.memory.corrections import last_corrections
from service.adapters.memory.erasing import MemoryErasing, apply_erasures
from service.adapters.memory.muting import hidden, muters
from service.adapters.memory.outreach import contributors, untold
from service.adapters.memory.rows import Rows, apply
from service.adapters.memory.uncovered import uncovered
from service.adapters.memory.watching import closings, flow, watched, watched_hours
from service.core.contradict import Flow
from service.core.outreach import Contributor
from service.core.pipeline.cadence import Tick
from service.core.playbook.taxonomy import TaxonomyReview
from service.core.records.alerts import Gate
from service.core.records.decisions import Contribution, PartKey
from service.core.records.facts import Facts
from service.core.records.muting import Silence
from service.core.records.needs import Needs
from service.core.records.renamed import Renamed
from service.core.taxonomy import Uncovered
from service.core.volume import Closings, DayRange, Watched, WatchedHours
from service.ports import Answer, FencedError, Lease, PartitionKey, Saving

_REMEMBERED = timedelta(hours=24)


class MemoryTransaction(MemoryErasing):
    """Implements Transaction."""

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self._rows = rows
        self._leases: dict[PartitionKey, Lease] = {}
        self._admitted: set[tuple[str, str]] = set()
        self._saving: list[Saving] = []
        self._answers: dict[str, Answer] = {}

    async def advance(self, moves: Sequence[tuple[Lease, Lease]]) -> None:
        for lease, moved in moves:
            held = self._rows.leases.get(lease.key)
            if held is None or (held.epoch, held.next_offset) != (lease.epoch, lease.next_offset):
                raise FencedError
            self._leases[moved.key] = moved

    async def active_playbook(self) -> str | None:
        return next((one.digest for one in self._rows.playbooks.values() if one.active), None)

    async def admit(self, identities: Sequence[tuple[str, str]]) -> Collection[tuple[str, str]]:
        self._admitted = set(identities) - self._rows.identities
        return self._admitted

    async def load(self, wanted: Needs) -> Facts:
        rows, facts = self._rows, Facts()
        names = {*wanted.subjects, *registry.load_waiting(rows, facts, wanted)}
        facts.subjects.load({name: rows.subjects[name] for name in names if name in rows.subjects})
        mine = {key for name in names for key in rows.of_subject.get(name, ())}
        registry.load_instances(rows, facts, wanted, [rows.contributions[key] for key in sorted(mine)])
        instants = wanted.with_stored(rows.contributions[key] for key in sorted(mine))
        for customer, times in instants.items():
            low, high = min(times) - wanted.reach, max(times) + wanted.reach
            mine |= {
                key for key in rows.of_customer.get(customer, ()) if low <= rows.contributions[key].began_at <= high
            }
        facts.load_contributions({key: rows.contributions[key] for key in mine})
        facts.erased = {mark: rows.erased[mark] for mark in wanted.marks if mark in rows.erased}
        _house(rows, facts, names)
        if wanted.unresolved:
            for customer in instants:
                facts.load_contributions(_unresolved(rows, customer, wanted.unresolved))
        return facts

    async def load_alerts(self, facts: Facts, keys: Iterable[str]) -> None:
        rows = self._rows
        _house(rows, facts, facts.unhoused())
        asked = [*keys, *(member.alert_key for member in facts.members.values())]
        wanted: set[str] = set()
        while asked:
            key = asked.pop()
            gate = rows.gates.get(key)
            if gate is not None and gate.forward is not None and key not in wanted:
                asked.append(gate.forward)
            wanted.add(key)
        facts.gates.load({key: rows.gates.get(key) or Gate(alert_key=key) for key in wanted})
        names = {gate.alert_id for gate in facts.gates.values() if gate.alert_id is not None}
        names |= {member.alert_id for member in facts.members.values()}
        facts.alerts.load({name: rows.alerts[name] for name in names})
        values = [("customer", one) for one in facts.people] + [("instance", one) for one in facts.cases]
        found = ((name, *value) for name in names for value in values)
        facts.tallies.load({key: rows.tallies[key] for key in found if key in rows.tallies})
        facts.muters = muters(rows)

    async def load_held(self, facts: Facts, muter: str, limit: int) -> Sequence[str]:
        held = self._rows.held.get(muter, ())
        names = sorted(held, key=lambda name: (self._rows.alerts[name].alert_key, name))[:limit]
        await self.load_alerts(facts, {self._rows.alerts[name].alert_key for name in names})
        facts.alerts.load({name: self._rows.alerts[name] for name in names})
        return names

    async def load_untold(self, facts: Facts, limit: int) -> Sequence[str]:
        names = untold(self._rows, limit)
        await self.load_alerts(facts, {key for key, _ in names})
        facts.alerts.load({name: self._rows.alerts[name] for _, name in names})
        return [name for _, name in names]

    async def contributors(self, alert_id: str, after: tuple[str, str] | None, limit: int) -> Sequence[Contributor]:
        return contributors(self._rows, alert_id, after, limit)

    async def load_silence(self, silence_id: str, since: datetime) -> Silence | None:
        silence = self._rows.silences.get(silence_id)
        if silence is None or silence.ended_at is not None:
            return silence
        return replace(silence, hidden=hidden(self._rows, silence_id, since))

    async def load_budgets(self, facts: Facts, teams: Iterable[str]) -> None:
        facts.spent.load({team: self._rows.spent[team] for team in teams if team in self._rows.spent})

    async def load_members(self, facts: Facts, alert_ids: Collection[str]) -> None:
        held = self._rows.members.values()
        keys = {one.key for one in held if one.alert_id in alert_ids}
        facts.load_members(one for one in held if one.key in keys and one.alert_id in facts.alerts)
        await self.load_alerts(facts, ())

    async def load_corrections(self, facts: Facts, source: str, subject: str) -> None:
        facts.corrections.load(last_corrections(self._rows, source, subject))

    async def claim_tick(self, tick: Tick) -> bool:
        return tick in self._rows.ticks

    async def load_cells(self, since: date, end: date) -> Watched:
        return watched(self._rows, since, end)

    async def load_flows(self, since: date, end: date, slas: Mapping[str, timedelta]) -> Mapping[str, Flow]:
        return {process: flow(self._rows, process, since, end, sla) for process, sla in slas.items()}

    async def load_uncovered(self, span: DayRange, asked: TaxonomyReview) -> Uncovered:
        return uncovered(self._rows, span, asked)

    async def load_closings(self, since: date, last: date, days: int, renamed: Renamed) -> Closings:
        return closings(self._rows, since, last, days, renamed)

    async def load_hours(self, end: datetime, least: int) -> WatchedHours:
        return watched_hours(self._rows, end, least)

    async def save(self, saving: Saving) -> None:
        self._saving.append(saving)

    async def recall(self, key: str) -> Answer | None:
        at, answer = self._rows.answers.get(key, (None, None))
        return answer if at is not None and datetime.now(UTC) - at < _REMEMBERED else None

    async def remember(self, key: str, answer: Answer) -> None:
        self._answers[key] = answer

    def commit(self) -> None:
        """Put what changed in its place."""
        rows = self._rows
        rows.leases |= self._leases
        rows.identities |= self._admitted
        for saving in self._saving:
            apply_erasures(rows, saving.facts)
            apply(rows, saving)
        rows.answers |= {key: (datetime.now(UTC), answer) for key, answer in self._answers.items()}
        for put in self._later:
            put()


def _house(rows: Rows, facts: Facts, names: Collection[tuple[str, str]]) -> None:
    """Load the memberships of subjects."""
    facts.load_members([rows.members[home] for name in sorted(names) for home in rows.members_of.get(name, ())], names)


def _unresolved(rows: Rows, customer: str, most: int) -> dict[PartKey, Contribution]:
    mine = (rows.contributions[key] for key in rows.of_customer.get(customer, ()))
    found = [one for one in mine if one.assessed.negative and not one.is_done]
    found.sort(key=lambda one: (one.began_at, one.key), reverse=True)
    return {one.key: one for one in found[:most]}
