"""The store in memory: for replay, explain, a playbook's own tests, and as the second adapter of the store's suite.

Rows are frozen, so that what is loaded can be shared; what changed is put in its place when the transaction ends well.
One transaction runs at a time.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date, datetime
from typing import Any

from service.core.describe import alert_document, notice_line
from service.core.records.alerts import Alert, Gate, Member, Notice
from service.core.records.decisions import Contribution, PartKey, Subject
from service.core.records.facts import Facts, FeedbackRow, Needs, ReviewRow
from service.core.records.feedback import Instance
from service.core.volume import CellKey, CellState, Contact
from service.ports import (
    Books,
    CellFacts,
    DeadLetter,
    FencedError,
    Lease,
    Outgoing,
    PartitionKey,
    Saving,
    add_books,
)


class _Rows:
    """Every row of the store, by key, with the indexes that loading needs."""

    def __init__(self) -> None:
        self.outgoing: list[Outgoing] = []
        self.dead_letters: list[DeadLetter] = []
        self.leases: dict[PartitionKey, Lease] = {}
        self.identities: set[tuple[str, str]] = set()
        self.subjects: dict[tuple[str, str], Subject] = {}
        self.contributions: dict[PartKey, Contribution] = {}
        self.of_subject: dict[tuple[str, str], set[PartKey]] = {}
        self.of_customer: dict[str, set[PartKey]] = {}
        self.members: dict[tuple[PartKey, str], Member] = {}
        self.members_of: dict[tuple[str, str], set[tuple[PartKey, str]]] = {}
        self.instances: dict[str, Instance] = {}
        self.instance_keys: dict[str, frozenset[str]] = {}
        self.gates: dict[str, Gate] = {}
        self.alerts: dict[str, Alert] = {}
        self.tallies: dict[tuple[str, str, str], int] = {}
        self.cells: dict[CellKey, CellState] = {}
        self.rows: dict[tuple[str, str], FeedbackRow] = {}
        self.notices: list[Notice] = []
        self.reviews: list[ReviewRow] = []
        self.ticks: dict[date, datetime] = {}
        self.ran: set[date] = set()
        self.due: list[tuple[datetime, str]] = []
        self.first_day: date | None = None
        self.books = Books()


class MemoryStore:
    """Implements Store and Archive. `outgoing` holds what a relay would send, in order."""

    def __init__(self) -> None:
        self._rows = _Rows()
        self._lock = asyncio.Lock()

    @property
    def outgoing(self) -> Sequence[Outgoing]:
        return self._rows.outgoing

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator["MemoryTransaction"]:
        async with self._lock:
            transaction = MemoryTransaction(self._rows)
            yield transaction
            transaction.commit()

    def transaction(self) -> AbstractAsyncContextManager["MemoryTransaction"]:
        return self._transaction()

    async def claim(self, keys: Sequence[PartitionKey]) -> Sequence[Lease]:
        for key in keys:
            held = self._rows.leases.get(key) or Lease(key=key, epoch=0)
            self._rows.leases[key] = Lease(
                key=key, epoch=held.epoch + 1, next_offset=held.next_offset, stream_at=held.stream_at
            )
        return [self._rows.leases[key] for key in keys]

    async def lease(self, key: PartitionKey) -> Lease | None:
        return self._rows.leases.get(key)

    async def stall(self, lease: Lease) -> None:
        if self._rows.leases[lease.key].epoch == lease.epoch:
            self._rows.leases[lease.key] = lease

    async def stream_times(self, cluster: str, group: str) -> Mapping[PartitionKey, Lease]:
        return {key: lease for key, lease in self._rows.leases.items() if (key.cluster, key.group) == (cluster, group)}

    async def next_due(self) -> datetime | None:
        while self._rows.due and self._rows.alerts[self._rows.due[0][1]].due_at != self._rows.due[0][0]:
            heapq.heappop(self._rows.due)
        first = [self._rows.due[0][0]] if self._rows.due else []
        return min(first + [at for end, at in self._rows.ticks.items() if end not in self._rows.ran], default=None)

    async def due_alerts(self, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
        found = {
            alert_id: (at, self._rows.alerts[alert_id].alert_key)
            for at, alert_id in self._rows.due
            if at <= now and self._rows.alerts[alert_id].due_at == at
        }
        order = sorted(found.items(), key=lambda item: (item[1][0], item[0]))
        return [(key, alert_id) for alert_id, (_, key) in order[:limit]]

    async def due_tick(self, now: datetime) -> tuple[date, datetime] | None:
        waiting = [(at, end) for end, at in self._rows.ticks.items() if end not in self._rows.ran and at <= now]
        return min(((end, at) for at, end in waiting), default=None)

    async def feedback(self) -> AsyncIterator[Mapping[str, Any]]:
        def order(row: FeedbackRow) -> tuple[str, str, str, int]:
            document = row.document
            return (document["occurred_at"], row.source, row.event_id, document["revision"])

        for row in sorted(self._rows.rows.values(), key=order):
            yield row.document

    async def alerts(self) -> AsyncIterator[Mapping[str, Any]]:
        members: dict[str, list[str]] = {}
        for member in self._rows.members.values():
            members.setdefault(member.alert_id, []).append(member.event_id)
        for alert in sorted(self._rows.alerts.values(), key=lambda one: (one.opened_at, one.alert_id)):
            yield alert_document(alert, members.get(alert.alert_id, []))

    async def notices(self) -> AsyncIterator[Mapping[str, Any]]:
        for notice in sorted(self._rows.notices, key=lambda one: (one.at, one.alert.alert_id, one.revision)):
            yield notice_line(notice)

    async def reviews(self) -> AsyncIterator[Mapping[str, Any]]:
        def order(row: ReviewRow) -> tuple[date, str, str, str]:
            cell = row.document["cell"]
            return (row.window_end, cell["process"], cell["category"], cell["region"] or "")

        for row in sorted(self._rows.reviews, key=order):
            yield row.document

    async def rejected(self) -> AsyncIterator[Mapping[str, Any]]:
        for letter in sorted(self._rows.dead_letters, key=lambda one: (one.topic, one.partition, one.offset, one.item)):
            yield {
                "file": letter.topic,
                "line": letter.offset,
                "partition": letter.partition,
                "item": letter.item,
                "stage": letter.rejected.stage.value,
                "reason": letter.rejected.reason,
                "detail": letter.rejected.detail,
            }

    async def books(self) -> Books:
        return self._rows.books

    def row(self, source: str, event_id: str) -> FeedbackRow | None:
        """Return one decided feedback with its explanation."""
        return self._rows.rows.get((source, event_id))


class MemoryTransaction:
    """Implements Transaction."""

    def __init__(self, rows: _Rows) -> None:
        self._rows = rows
        self._lease: Lease | None = None
        self._admitted: set[tuple[str, str]] = set()
        self._saving: list[Saving] = []

    async def advance(self, lease: Lease, moved: Lease) -> None:
        held = self._rows.leases.get(lease.key)
        if held is None or (held.epoch, held.next_offset) != (lease.epoch, lease.next_offset):
            raise FencedError
        self._lease = moved

    async def active_playbook(self) -> str | None:
        return None

    async def admit(self, identities: Sequence[tuple[str, str]]) -> Collection[tuple[str, str]]:
        self._admitted = set(identities) - self._rows.identities
        return self._admitted

    async def load(self, wanted: Needs) -> Facts:
        rows, facts = self._rows, Facts()
        held = {key: rows.instance_keys[key] for key in wanted.link_keys if key in rows.instance_keys}
        facts.instance_keys.load(held)
        for carriers in held.values():
            facts.instances.load({name: rows.instances[name] for name in carriers})
        facts.subjects.load({name: rows.subjects[name] for name in wanted.subjects if name in rows.subjects})
        mine = {key for name in wanted.subjects for key in rows.of_subject.get(name, ())}
        spans = wanted.with_stored(rows.contributions[key] for key in sorted(mine))
        for customer, (low, high) in spans.items():
            mine |= {
                key
                for key in rows.of_customer.get(customer, ())
                if low <= rows.contributions[key].feedback.occurred_at <= high
            }
        facts.load_contributions({key: rows.contributions[key] for key in mine})
        subjects = {(key.source, key.subject) for key in mine} | set(wanted.subjects)
        facts.load_members(rows.members[home] for name in sorted(subjects) for home in rows.members_of.get(name, ()))
        return facts

    async def load_alerts(self, facts: Facts, keys: Iterable[str]) -> None:
        rows = self._rows
        wanted = set(keys) | {member.alert_key for member in facts.members.values()}
        facts.gates.load({key: rows.gates.get(key) or Gate(alert_key=key) for key in wanted})
        names = {gate.alert_id for gate in facts.gates.values() if gate.alert_id is not None}
        names |= {member.alert_id for member in facts.members.values()}
        facts.alerts.load({name: rows.alerts[name] for name in names})
        values = {("customer", one.feedback.customer) for one in facts.contributions.values()}
        values |= {("customer", member.customer) for member in facts.members.values()}
        values |= {("instance", one.link.instance_id or "") for one in facts.contributions.values()}
        values |= {("instance", member.instance_id or "") for member in facts.members.values()}
        found = ((name, *value) for name in names for value in values)
        facts.tallies.load({key: rows.tallies[key] for key in found if key in rows.tallies})

    async def claim_tick(self, window_end: date) -> bool:
        return window_end in self._rows.ticks and window_end not in self._rows.ran

    async def load_cells(self, since: date) -> CellFacts:
        contacts = [
            Contact(
                cell=CellKey(process=one.process, category=one.categorised.category, region=one.feedback.region),
                customer=one.feedback.customer,
                occurred_at=one.feedback.occurred_at,
            )
            for one in self._rows.contributions.values()
            if one.assessed.negative and one.day >= since
        ]
        return CellFacts(contacts=contacts, states=dict(self._rows.cells), first_day=self._rows.first_day)

    async def save(self, saving: Saving) -> None:
        self._saving.append(saving)

    def commit(self) -> None:
        """Put what changed in its place."""
        rows = self._rows
        if self._lease is not None:
            rows.leases[self._lease.key] = self._lease
        rows.identities |= self._admitted
        for saving in self._saving:
            _apply(rows, saving)


def _apply(rows: _Rows, saving: Saving) -> None:
    facts = saving.facts
    rows.subjects |= facts.subjects.written
    rows.instances |= facts.instances.written
    rows.instance_keys |= facts.instance_keys.written
    rows.gates |= facts.gates.written
    rows.tallies |= facts.tallies.written
    for tally in facts.tallies.removed:
        rows.tallies.pop(tally, None)
    _apply_contributions(rows, facts)
    _apply_members(rows, facts)
    for name, alert in facts.alerts.written.items():
        rows.alerts[name] = alert
        if alert.due_at is not None:
            heapq.heappush(rows.due, (alert.due_at, name))
    for cell, state in facts.cells.written.items():
        rows.cells[CellKey(process=cell[0], category=cell[1], region=cell[2] or None)] = state
    rows.rows |= facts.rows
    for (source, event_id, _), row in facts.patches.items():
        rows.rows[source, event_id] = row
    rows.notices += facts.notices
    rows.reviews += facts.reviews
    rows.outgoing += saving.outgoing
    rows.dead_letters += saving.dead_letters
    for end, at in saving.ticks.items():
        rows.ticks.setdefault(end, at)
    if saving.ran_tick is not None:
        rows.ran.add(saving.ran_tick)
    rows.books = add_books(rows.books, saving.books)


def _apply_contributions(rows: _Rows, facts: Facts) -> None:
    for part in (*facts.contributions.removed, *facts.contributions.written):
        old = rows.contributions.pop(part, None)
        if old is not None:
            rows.of_subject[part.source, part.subject].discard(part)
            rows.of_customer[old.feedback.customer].discard(part)
    for part, contribution in facts.contributions.written.items():
        rows.contributions[part] = contribution
        rows.of_subject.setdefault((part.source, part.subject), set()).add(part)
        rows.of_customer.setdefault(contribution.feedback.customer, set()).add(part)
        rows.first_day = min(contribution.day, rows.first_day or contribution.day)


def _apply_members(rows: _Rows, facts: Facts) -> None:
    for home in facts.members.removed:
        rows.members.pop(home, None)
        rows.members_of.get((home[0].source, home[0].subject), set()).discard(home)
    for home, member in facts.members.written.items():
        rows.members[home] = member
        rows.members_of.setdefault((home[0].source, home[0].subject), set()).add(home)
