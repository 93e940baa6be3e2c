"""Rows by key, and what one transaction changed -> the rows after it."""

import heapq
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import reduce

from msgspec.structs import replace

from service.adapters.memory.chained import ChainedRows
from service.adapters.memory.mailroom import Mailroom
from service.core.pipeline.cadence import Tick
from service.core.records.alerts import Alert, Gate, Member, Notice
from service.core.records.corrections import Correction
from service.core.records.decisions import Contribution, PartKey, Subject
from service.core.records.erasing import Erased, Erasure
from service.core.records.facts import DigestRow, Facts, FeedbackRow, ReviewRow
from service.core.records.feedback import Downtime, Instance, Merge
from service.core.records.handling import Act
from service.core.records.identities import Evidence, Reference, Split
from service.core.records.muting import CHECK_AFTER, KEPT, Silence, Silences, Spent
from service.core.records.steps import Step
from service.core.records.words import AlertState, CellMeasure
from service.core.volume import CellKey, CellState, Tempo
from service.ports import (
    Answer,
    Books,
    DeadLetter,
    Lease,
    Outgoing,
    PartitionKey,
    Saving,
    Shelved,
    StoredModel,
    add_books,
)


class Rows:
    """Every row of the store, by key, with the indexes that loading needs."""

    def __init__(self) -> None:  # noqa: PLR0915 - one line for each kind of row
        self.outgoing: list[Outgoing] = []
        self.dead_letters: list[DeadLetter] = []
        self.leases: dict[PartitionKey, Lease] = {}
        self.identities: set[tuple[str, str]] = set()
        self.subjects: dict[tuple[str, str], Subject] = {}
        self.contributions: dict[PartKey, Contribution] = {}
        self.of_subject: dict[tuple[str, str], set[PartKey]] = {}
        self.of_customer: dict[str, set[PartKey]] = {}
        self.negative_on: dict[date, set[PartKey]] = {}
        self.members: dict[tuple[PartKey, str], Member] = {}
        self.members_of: dict[tuple[str, str], set[tuple[PartKey, str]]] = {}
        self.instances: dict[str, Instance] = {}
        self.instance_keys: dict[str, frozenset[str]] = {}
        self.kin: dict[str, set[str]] = {}
        self.waits: dict[str, dict[PartKey, datetime]] = {}
        self.merges: dict[str, Merge] = {}
        self.downtimes: dict[tuple[str, str], Downtime] = {}
        self.steps: dict[str, dict[tuple[str, str, str], Step]] = {}
        self.gates: dict[str, Gate] = {}
        self.alerts: dict[str, Alert] = {}
        self.reviews_open: dict[str, Alert] = {}
        self.tallies: dict[tuple[str, str, str], int] = {}
        self.cells: dict[CellKey, CellState] = {}
        self.rows: dict[tuple[str, str], FeedbackRow] = {}
        self.notices: list[Notice] = []
        self.acts: list[Act] = []
        self.digests: list[DigestRow] = []
        self.reviews: list[ReviewRow] = []
        self.ticks: dict[Tick, datetime] = {}
        self.ran: set[Tick] = set()
        self.tempo: Tempo | None = None
        self.due: list[tuple[datetime, str]] = []
        self.late: list[tuple[datetime, str]] = []
        self.books = Books()
        self.silences: dict[str, Silence] = {}
        self.in_force = Silences()
        self.spent: dict[str, Spent] = {}
        self.releases: dict[str, datetime] = {}
        self.held: dict[str, set[str]] = {}
        self.answers: dict[str, tuple[datetime, Answer]] = {}
        self.playbooks: dict[str, Shelved] = {}
        self.documents: dict[str, Mapping[str, str]] = {}
        self.models: dict[str, tuple[StoredModel, bytes]] = {}
        self.evidence_of: dict[Reference, dict[Reference, Evidence]] = {}
        self.splits: dict[tuple[str, str], Split] = {}
        self.corrections: dict[tuple[PartKey, int], Correction] = {}
        self.erasures: dict[str, Erasure] = {}
        self.erased: dict[str, Erased] = {}
        self.unlogged: set[tuple[str, str, str]] = set()
        self.former: dict[str, set[tuple[str, str]]] = {}
        self.audit = ChainedRows()
        self.mailroom = Mailroom()


def apply(rows: Rows, saving: Saving) -> None:
    """Put what changed in its place."""
    facts = saving.facts
    rows.subjects |= facts.subjects.written
    _apply_instances(rows, facts)
    for one in facts.downtimes.written.values():
        rows.downtimes[one.name] = max(one, rows.downtimes.get(one.name, one), key=lambda each: each.rank)
    for step in facts.steps.written.values():
        known = rows.steps.setdefault(step.instance_id, {})
        known[step.key] = max(step, known.get(step.key, step), key=lambda each: each.rank)
    rows.gates |= facts.gates.written
    rows.tallies |= facts.tallies.written
    for tally in facts.tallies.removed:
        rows.tallies.pop(tally, None)
    _apply_contributions(rows, facts)
    _apply_members(rows, facts)
    _apply_alerts(rows, facts)
    for cell, state in facts.cells.written.items():
        process, category, region, measure = cell
        key = CellKey(process=process, category=category, region=region or None, measure=CellMeasure(measure))
        rows.cells[key] = state
    rows.rows |= facts.rows
    for (source, event_id, _), row in facts.patches.items():
        rows.rows[source, event_id] = row
    rows.notices += facts.notices
    first = rows.acts[-1].number + 1 if rows.acts else 1
    rows.acts += [replace(one, number=number) for number, one in enumerate(facts.acts, start=first)]
    rows.digests += facts.digests
    rows.reviews += facts.reviews
    rows.outgoing += saving.outgoing
    for delivery in facts.deliveries:
        rows.mailroom.keep(delivery)
    rows.dead_letters += saving.dead_letters
    for tick, at in saving.ticks.items():
        if tick not in rows.ran:
            rows.ticks.setdefault(tick, at)
    if saving.ran_tick is not None:
        rows.ran.add(saving.ran_tick)
        rows.ticks.pop(saving.ran_tick, None)
    rows.tempo = facts.tempo or rows.tempo
    rows.corrections |= facts.corrections.written
    _apply_muting(rows, saving)
    _apply_identities(rows, facts)
    rows.books = reduce(add_books, (one.books for one in saving.consumed), rows.books)
    rows.audit.append(saving.audit)


def _apply_muting(rows: Rows, saving: Saving) -> None:
    facts = saving.facts
    if facts.silences.written:
        kept = {name: one for name, one in rows.silences.items() if _is_kept(one, saving.now)}
        rows.silences = kept | facts.silences.written
        rows.in_force = Silences(one for one in rows.silences.values() if one.ended_at is None)
    for silence_id in facts.hiding():
        silence = rows.silences[silence_id]
        if silence.ended_at is None and silence.check_at is None:
            rows.silences[silence_id] = replace(silence, check_at=saving.now + CHECK_AFTER)
    rows.spent |= facts.spent.written
    for muter in facts.ended():
        rows.releases[muter] = min(saving.now, rows.releases.get(muter, saving.now))
    if saving.released is not None:
        rows.releases.pop(saving.released, None)


def _apply_identities(rows: Rows, facts: Facts) -> None:
    for evidence in facts.evidence.written.values():
        for one, other in (evidence.pair, evidence.pair[::-1]):
            held = rows.evidence_of.setdefault(one, {})
            held[other] = min(evidence, held.get(other, evidence), key=lambda each: each.rank)
    rows.splits |= facts.splits.written


def _is_kept(silence: Silence, now: datetime) -> bool:
    return silence.ended_at is None or silence.ended_at >= now - KEPT


def _apply_alerts(rows: Rows, facts: Facts) -> None:
    for name, alert in facts.alerts.written.items():
        _hold(rows, rows.alerts.get(name), alert)
        rows.alerts[name] = alert
        if alert.kind.is_review and alert.state is AlertState.OPEN:
            rows.reviews_open[name] = alert
        else:
            rows.reviews_open.pop(name, None)
        if alert.due_at is not None:
            heapq.heappush(rows.due, (alert.due_at, name))


def _hold(rows: Rows, before: Alert | None, now: Alert) -> None:
    """Keep the index of what holds alerts back."""
    if before is not None and before.held_by is not None:
        rows.held[before.held_by].discard(now.alert_id)
    if now.held_by is not None:
        rows.held.setdefault(now.held_by, set()).add(now.alert_id)


def _apply_instances(rows: Rows, facts: Facts) -> None:
    rows.instance_keys |= facts.registry.holders.written
    rows.merges |= facts.registry.merges.written
    for (key, part), until in facts.registry.waits.written.items():
        held = rows.waits.setdefault(key, {})
        held[part] = max(until, held.get(part, until))
    for name, instance in facts.instances.written.items():
        rows.instances[name] = instance
        if instance.customer is not None:
            rows.kin.setdefault(instance.customer, set()).add(name)
        if instance.late_at is not None:
            heapq.heappush(rows.late, (instance.late_at, name))


def drop_contributions(rows: Rows, parts: Iterable[PartKey]) -> None:
    """Take contributions out of the rows and of their indexes."""
    for part in parts:
        old = rows.contributions.pop(part, None)
        if old is not None:
            rows.of_subject[part.source, part.subject].discard(part)
            rows.of_customer[old.feedback.customer].discard(part)
            rows.negative_on.get(old.day, set()).discard(part)


def _apply_contributions(rows: Rows, facts: Facts) -> None:
    drop_contributions(rows, (*facts.contributions.removed, *facts.contributions.written))
    for part, contribution in facts.contributions.written.items():
        rows.contributions[part] = contribution
        rows.of_subject.setdefault((part.source, part.subject), set()).add(part)
        rows.of_customer.setdefault(contribution.feedback.customer, set()).add(part)
        if contribution.assessed.negative:
            rows.negative_on.setdefault(contribution.day, set()).add(part)


def _apply_members(rows: Rows, facts: Facts) -> None:
    for home in facts.members.removed:
        rows.members.pop(home, None)
        rows.members_of.get((home[0].source, home[0].subject), set()).discard(home)
    for home, member in facts.members.written.items():
        rows.members[home] = member
        rows.members_of.setdefault((home[0].source, home[0].subject), set()).add(home)
