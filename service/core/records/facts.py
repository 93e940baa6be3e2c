"""The rows that one transaction works on: loaded by a store, folded in memory by the core, written once.

A store fills the tables and reads back what changed; the core neither knows nor cares where the rows live.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from msgspec import Struct

from service.core.records.alerts import Alert, Gate, Member, Notice
from service.core.records.contacts import Contacts
from service.core.records.corrections import Correction
from service.core.records.decisions import Contribution, PartKey, Subject
from service.core.records.deliveries import Delivery
from service.core.records.erasing import Erased, Erasure
from service.core.records.feedback import Downtime
from service.core.records.handling import Act
from service.core.records.identities import Evidence, Hearsay, Reference, Split
from service.core.records.muting import Muters, Silence, Spent
from service.core.records.registry import Registry
from service.core.records.renamed import Renamed, as_current
from service.core.records.steps import Step
from service.core.records.table import Table
from service.core.records.words import AlertState, CellMeasure, DigestReason, Wait


class FeedbackRow(Struct, frozen=True, kw_only=True):
    """One decided feedback as `feedback.jsonl` shows it (`document`), with what the store finds it by.

    `version` counts how often it was decided anew, from 1.
    """

    source: str
    event_id: str
    received_at: datetime
    document: Mapping[str, Any]
    explanation: Mapping[str, Any]
    version: int = 1


class ReviewRow(Struct, frozen=True, kw_only=True):
    """What one tick found for one cell, as `reviews.jsonl` shows it."""

    ends_at: datetime
    alert_id: str | None
    document: Mapping[str, Any]


class DigestRow(Struct, frozen=True, kw_only=True):
    """What a team reads in one go; `record` is the contract `feedback.digest.v1`."""

    digest_id: str
    team: str
    at: datetime
    reason: DigestReason
    record: Any


def measure_of(document: Mapping[str, Any]) -> CellMeasure:
    """Return what the cell of a review counts, which the oldest reviews do not say."""
    return CellMeasure(document.get("measure", CellMeasure.VOLUME))


def _spoke_for(before: Alert | None, now: Alert) -> bool:
    """Tell whether a review was open at another level, or at all, so that it may have held other alerts back."""
    if before is None or not before.kind.is_review or before.state is not AlertState.OPEN:
        return False
    return now.state is not AlertState.OPEN or now.level is not before.level


class Facts:
    """The working set of one transaction.

    By `erased` it is known of what nothing comes back, `erasures` are asked for now, and ids that are `disowned` are
    not kept. `left` has (customer, source, subject) of what does not say any more that it is that customer's,
    `vacated` the same of what was locked for nothing, `unlogged` (source, subject, id) of events that leave no row in
    the log.
    """

    def __init__(self) -> None:
        self.subjects: Table[tuple[str, str], Subject] = Table()
        self.contributions: Table[PartKey, Contribution] = Table()
        self.members: Table[tuple[PartKey, str], Member] = Table()
        self.registry = Registry()
        self.instances = self.registry.instances
        self.downtimes: Table[tuple[str, str], Downtime] = Table()
        self.steps: Table[tuple[str, str, str], Step] = Table()
        self.gates: Table[str, Gate] = Table()
        self.alerts: Table[str, Alert] = Table()
        self.tallies: Table[tuple[str, str, str], int] = Table()
        self.cells: Table[tuple[str, str, str, str], Any] = Table()
        self.rows: dict[tuple[str, str], FeedbackRow] = {}
        self.patches: dict[tuple[str, str, datetime], FeedbackRow] = {}
        self.notices: list[Notice] = []
        self.acts: list[Act] = []
        self.reviews: list[ReviewRow] = []
        self.tempo: Any = None
        self.muters = Muters()
        self.silences: Table[str, Silence] = Table()
        self.spent: Table[str, Spent] = Table()
        self.digests: list[DigestRow] = []
        self.deliveries: list[Delivery] = []
        self.evidence: Table[tuple[Reference, Reference], Evidence] = Table()
        self.splits: Table[tuple[str, str], Split] = Table()
        self.corrections: Table[tuple[PartKey, int], Correction] = Table()
        self.erased: dict[str, Erased] = {}
        self.erasures: list[Erasure] = []
        self.disowned: set[tuple[str, str]] = set()
        self.vacated: set[tuple[str, str, str]] = set()
        self.unlogged: set[tuple[str, str, str]] = set()
        self.left: set[tuple[str, str, str]] = set()
        self._contacts = Contacts()
        self._of_subject: dict[tuple[str, str], set[PartKey]] = {}
        self._homes: dict[tuple[str, str], set[tuple[PartKey, str]]] = {}
        self._housed: set[tuple[str, str]] = set()
        self._people: set[str] = set()
        self._cases: set[str] = set()

    def ended(self) -> tuple[str, ...]:
        """Name what held notices back when it was loaded, and does no more: reviews and silences, in order."""
        silences = {name for name, one in self.silences.written.items() if one.ended_at is not None}
        reviews = {name for name, one in self.alerts.written.items() if _spoke_for(self.alerts.loaded(name), one)}
        return tuple(sorted(silences | reviews))

    def hiding(self) -> tuple[str, ...]:
        """Name the silences under which something has changed, in order: what they hide may have grown."""
        held = (one.held for one in self.alerts.written.values())
        return tuple(sorted({one.by for one in held if one is not None and one.why is Wait.SILENCED}))

    @property
    def people(self) -> AbstractSet[str]:
        """Every customer that was loaded or put here, those since replaced among them: their tallies may move."""
        return self._people

    @property
    def cases(self) -> AbstractSet[str]:
        """Every process instance of a contribution or member that was loaded or put here, as `people`."""
        return self._cases

    def meet(self, customers: Iterable[str]) -> None:
        """Have the tallies of further customers loaded."""
        self._people.update(customers)

    def load_hearsay(self, heard: Hearsay) -> None:
        self.evidence.load({one.pair: one for one in heard.evidence})
        self.splits.load({one.pair: one for one in heard.splits})

    def load_contributions(self, rows: Mapping[PartKey, Contribution]) -> None:
        known = [one for one in map(self.contributions.get, rows) if one is not None]
        for one in known:
            self._contacts.take_out(one)
        self.contributions.load(rows)
        for key in rows:
            self._index(self.contributions[key])

    def load_members(self, rows: Iterable[Member], of: Iterable[tuple[str, str]] = ()) -> None:
        """Add memberships as the store has them, which are all that these subjects have."""
        self._housed.update(of)
        for member in rows:
            self.members.load({(member.key, member.alert_id): member})
            self._meet(member.customer, member.instance_id)
            self._homes.setdefault((member.key.source, member.key.subject), set()).add((member.key, member.alert_id))

    def rename(self, renamed: Renamed) -> None:
        """Read what was stored under an earlier taxonomy as the present one calls it."""
        if renamed:
            self.contributions.load({key: as_current(self.contributions[key], renamed) for key in self.contributions})

    def put_contribution(self, contribution: Contribution) -> None:
        key = contribution.key
        held = self.contributions.get(key)
        if held is not None:
            self._contacts.take_out(held)
            if held.feedback.customer != contribution.feedback.customer:
                self.left.add((held.feedback.customer, key.source, key.subject))
        self.contributions.put(key, contribution)
        self._index(contribution)

    def drop_contribution(self, key: PartKey) -> None:
        held = self.contributions.get(key)
        if held is not None:
            self._contacts.take_out(held)
            self.left.add((held.feedback.customer, key.source, key.subject))
            self._of_subject.get((key.source, key.subject), set()).discard(key)
            self.contributions.drop(key)

    def put_member(self, member: Member) -> None:
        self.members.put((member.key, member.alert_id), member)
        self._homes.setdefault((member.key.source, member.key.subject), set()).add((member.key, member.alert_id))

    def drop_member(self, member: Member) -> None:
        self.members.drop((member.key, member.alert_id))
        self._homes[member.key.source, member.key.subject].discard((member.key, member.alert_id))

    def unhoused(self) -> set[tuple[str, str]]:
        """Name the subjects of contributions that have changed here and whose memberships are still to be loaded."""
        stored = (key for key in self.contributions.changed if self.contributions.loaded(key) is not None)
        return {(key.source, key.subject) for key in stored} - self._housed

    def members_of(self, source: str, subject: str) -> tuple[Member, ...]:
        """The memberships of one subject's contributions, in order of part and alert.

        Raises:
            LookupError: they were not loaded.
        """
        name = (source, subject)
        if name not in self._housed and self._is_stored(name):
            raise LookupError("the memberships of a contribution that moves were not loaded")
        homes = self._homes.get(name)
        return tuple([self.members[home] for home in sorted(homes)]) if homes else ()

    def parts_of(self, source: str, subject: str) -> tuple[PartKey, ...]:
        """The contributions of one subject, in key order."""
        parts = self._of_subject.get((source, subject))
        return tuple(sorted(parts)) if parts else ()

    def contacts_before(self, customer: str, at: datetime) -> list[Contribution]:
        """The nearest contributions of one customer that began before an instant, in event order."""
        return [self.contributions[key] for key in self._contacts.before(customer, at)]

    def contacts_since(self, customer: str, at: datetime) -> list[Contribution]:
        """The nearest ones that began at an instant or after it, in event order."""
        return [self.contributions[key] for key in self._contacts.since(customer, at)]

    def _is_stored(self, name: tuple[str, str]) -> bool:
        return any(self.contributions.loaded(key) is not None for key in self._of_subject.get(name, ()))

    def _index(self, contribution: Contribution) -> None:
        key = contribution.key
        self._meet(contribution.feedback.customer, contribution.link.instance_id)
        self._contacts.put(contribution)
        parts = self._of_subject.get((key.source, key.subject))
        if parts is None:
            self._of_subject[key.source, key.subject] = {key}
        else:
            parts.add(key)

    def _meet(self, customer: str, instance_id: str | None) -> None:
        self._people.add(customer)
        if instance_id is not None:
            self._cases.add(instance_id)
