"""Needs -> locked and loaded rows, within one READ COMMITTED transaction.

Locks are taken in the one order that every writer keeps: lease, identities, correlation keys, subjects, customers,
gates; each kind in key order. What is read is read after its lock is held, by a statement of its own: a statement sees
only what was committed when it began, and a lock may have been waited for since.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from service.adapters.postgres import queries, registry, writes
from service.adapters.postgres.contacts import load_contacts
from service.adapters.postgres.corrections import load_corrections
from service.adapters.postgres.documents import ALERTS, CONTRIBUTIONS
from service.adapters.postgres.erasing import PostgresErasing
from service.adapters.postgres.hanging import load_hanging
from service.adapters.postgres.muting import KeptSilences, budgets, held, muters, silence
from service.adapters.postgres.outreach import contributors, untold
from service.adapters.postgres.reading import read_member, read_subject
from service.adapters.postgres.saving import save
from service.adapters.postgres.session import Session
from service.adapters.postgres.uncovered import uncovered
from service.adapters.postgres.watching import closings, flows, watched, watched_hours
from service.adapters.postgres.writing import subject_row
from service.core.contradict import Flow
from service.core.outreach import Contributor
from service.core.persons import Span
from service.core.pipeline.cadence import Tick
from service.core.playbook.taxonomy import TaxonomyReview
from service.core.records.alerts import Gate, Member
from service.core.records.decisions import Contribution, Subject
from service.core.records.facts import Facts
from service.core.records.muting import Silence
from service.core.records.needs import Needs
from service.core.records.renamed import Renamed
from service.core.taxonomy import Uncovered
from service.core.volume import Closings, DayRange, Watched, WatchedHours
from service.ports import Answer, ConflictError, FencedError, Lease, Saving

_Name = tuple[str, str]


class PostgresTransaction(PostgresErasing):
    """Implements Transaction.

    `received` holds the days on which the saved feedback was received, `ticks` those that were asked for; `planned` are
    such as have been committed; `left_outgoing` tells whether rows are to be relayed.
    """

    def __init__(self, session: Session, shards: int, kept: KeptSilences, planned: Collection[Tick] = ()) -> None:
        self.received: set[date] = set()
        self.left_outgoing = False
        self.ticks: set[Tick] = set()
        self._planned = planned
        self._session = session
        self._shards = shards
        self._kept = kept
        self._playbook: tuple[str | None] | None = None
        self._customers: set[str] = set()
        self._strangers: set[str] = set()
        self._fresh: dict[_Name, Subject | None] = {}

    async def advance(self, moves: Sequence[tuple[Lease, Lease]]) -> None:
        order = sorted(moves, key=lambda move: move[0].key)
        rows = await self._session.fetch(queries.ADVANCE, *_columns([_move_row(*move) for move in order], 9))
        held = {(row["topic"], row["partition"]) for row in rows}
        for lease, _ in order:
            if (lease.key.topic, lease.key.partition) not in held:
                raise FencedError(f"{lease.key.topic}/{lease.key.partition} is no longer at epoch {lease.epoch}")
        self._playbook = (rows[0]["digest"],)

    async def active_playbook(self) -> str | None:
        if self._playbook is None:
            rows = await self._session.fetch(queries.ACTIVE_PLAYBOOK)
            self._playbook = (rows[0]["digest"] if rows else None,)
        return self._playbook[0]

    async def admit(self, identities: Sequence[_Name]) -> Collection[_Name]:
        if not identities:
            return frozenset()
        rows = await self._session.fetch(queries.ADMIT, *_columns(sorted(set(identities)), 2))
        return {(source, name) for source, name in rows}

    async def load(self, wanted: Needs) -> Facts:
        facts = Facts()
        locked = await registry.lock_keys(self._session, facts, wanted)
        waiting = await registry.load_waiting(self._session, facts, wanted, locked.told)
        subjects, stored = await self._lock_subjects(facts, {*wanted.subjects, *waiting}, wanted.first, locked)
        met, read = await self._load_contributions(facts, wanted, subjects, stored)
        await load_hanging(self._session, facts, wanted, locked, met, read)
        return facts

    async def load_alerts(self, facts: Facts, keys: Iterable[str]) -> None:
        if unhoused := sorted(facts.unhoused()):
            rows = await self._session.fetch(queries.MEMBERS_OF_SUBJECTS, *_columns(unhoused, 2))
            facts.load_members(map(read_member, rows), unhoused)
        members = tuple(facts.members.values())
        wanted = sorted({*keys, *(member.alert_key for member in members)})
        facts.muters, led = await muters(self._session, self._kept, wanted)
        if not wanted:
            return
        wanted = sorted({*wanted, *led})
        new = {row["alert_key"] for row in await self._session.fetch(queries.LOCK_GATES, wanted)}
        facts.gates.load({key: Gate(alert_key=key) for key in new})
        known = [key for key in wanted if key not in new]
        named = sorted({member.alert_id for member in members})
        if not known and not named:
            return
        tallies: dict[tuple[str, str, str], int] = {}
        asked = (sorted(facts.alerts), sorted(facts.people - self._strangers), sorted(facts.cases))
        for row in await self._session.fetch(queries.GATED, known, named, *asked):
            key, alert_id = row["alert_key"], row["alert_id"]
            if row["what"] is not None:
                tallies[alert_id, row["what"], row["value"]] = row["members"]
            if key is not None:
                gate = Gate(alert_key=key, alert_id=alert_id, episodes=row["episodes"], forward=row["forward"])
                facts.gates.load({key: gate})
            if row["doc"] is not None and alert_id not in facts.alerts:
                facts.alerts.load({alert_id: ALERTS.read(row["doc"])})
        facts.tallies.load(tallies)
        _refuse_moved(facts, members)

    async def load_members(self, facts: Facts, alert_ids: Collection[str]) -> None:
        rows = await self._session.fetch(queries.MEMBERS_OF, sorted(alert_ids), sorted(facts.alerts))
        facts.load_members(read_member(row) for row in rows)
        await self._load_tallies(facts)

    async def load_held(self, facts: Facts, muter: str, limit: int) -> Sequence[str]:
        return await self._load_named(facts, await held(self._session, muter, limit))

    async def load_untold(self, facts: Facts, limit: int) -> Sequence[str]:
        return await self._load_named(facts, await untold(self._session, limit))

    async def contributors(self, alert_id: str, after: tuple[str, str] | None, limit: int) -> Sequence[Contributor]:
        return await contributors(self._session, alert_id, after, limit)

    async def _load_named(self, facts: Facts, names: Sequence[tuple[str, str]]) -> Sequence[str]:
        await self.load_alerts(facts, {key for key, _ in names})
        missing = [name for _, name in names if name not in facts.alerts]
        if missing:
            # They are no longer the latest of their keys, and end without another word.
            rows = await self._session.fetch(queries.ALERTS, [], missing)
            facts.alerts.load({row["alert_id"]: ALERTS.read(row["doc"]) for row in rows})
        return [name for _, name in names]

    async def load_silence(self, silence_id: str, since: datetime) -> Silence | None:
        return await silence(self._session, silence_id, since)

    async def load_budgets(self, facts: Facts, teams: Iterable[str]) -> None:
        facts.spent.load(await budgets(self._session, teams))

    async def load_corrections(self, facts: Facts, source: str, subject: str) -> None:
        await load_corrections(self._session, facts, source, subject)

    async def claim_tick(self, tick: Tick) -> bool:
        return bool(await self._session.fetch(queries.CLAIM_TICK, tick.kind.value, tick.ends_at))

    async def load_cells(self, since: date, end: date) -> Watched:
        return await watched(self._session, since, end)

    async def load_flows(self, since: date, end: date, slas: Mapping[str, timedelta]) -> Mapping[str, Flow]:
        return await flows(self._session, since, end, slas)

    async def load_uncovered(self, span: DayRange, asked: TaxonomyReview) -> Uncovered:
        return await uncovered(self._session, span, asked)

    async def load_closings(self, since: date, last: date, days: int, renamed: Renamed) -> Closings:
        return await closings(self._session, since, last, days, renamed)

    async def load_hours(self, end: datetime, least: int) -> WatchedHours:
        return await watched_hours(self._session, end, least)

    async def save(self, saving: Saving) -> None:
        self.left_outgoing |= bool(saving.outgoing)
        self.received |= {row.received_at.date() for row in saving.facts.rows.values()}
        self.ticks |= saving.ticks.keys()
        await save(self._session, saving, self._shards, self._fresh, self._planned)

    async def recall(self, key: str) -> Answer | None:
        if await self._session.fetch(queries.LOCK_ANSWER, key):
            # Here and not where an answer is kept, since an act that is refused leaves its key as well.
            await self._session.execute(writes.FORGET)
            return None
        rows = await self._session.fetch(queries.ANSWER, key)
        return Answer(request=rows[0]["request"], status=rows[0]["status"], body=rows[0]["body"]) if rows else None

    async def remember(self, key: str, answer: Answer) -> None:
        await self._session.execute(writes.REMEMBER, key, answer.request, answer.status, answer.body)

    async def _lock_subjects(
        self, facts: Facts, wanted: Iterable[_Name], first: Mapping[_Name, Subject], keys: registry.Locked
    ) -> tuple[set[_Name], dict[str, Contribution]]:
        """Return the subjects that are not new, and their contributions by the text they are stored as."""
        names = sorted(set(wanted))
        if not names:
            if keys.rows:
                await self._session.execute(queries.TAKE_OUT_KEYS, keys.rows)
            return set(), {}
        written = [subject_row(name, first.get(name)) for name in names]
        locked = await self._session.fetch(queries.LOCK_SUBJECTS, *_columns(written, 7), keys.rows)
        new = {(source, name) for source, name in locked}
        self._fresh |= {name: first.get(name) for name in new}
        known = [name for name in names if name not in new]
        if not known:
            return set(), {}
        rows = await self._session.fetch(queries.SUBJECTS, *_columns(known, 2))
        facts.subjects.load(
            {(row["source"], row["subject"]): read_subject(row) for row in rows if row["event_id"] is not None}
        )
        return set(known), {row["doc"]: CONTRIBUTIONS.read(row["doc"]) for row in rows if row["doc"] is not None}

    async def _load_contributions(
        self, facts: Facts, wanted: Needs, subjects: Collection[_Name], stored: dict[str, Contribution]
    ) -> tuple[Mapping[str, Span], Mapping[str, Contribution]]:
        """Lock the customers and load their contacts, those stored among them, and memberships of the subjects.

        Return the spans in which those of the customers that are not new were looked for, and what was read of them by
        its text.
        """
        instants = wanted.with_stored(stored.values())
        if instants:
            rows = await self._session.fetch(queries.LOCK_CUSTOMERS, sorted(instants))
            self._strangers |= {row["customer"] for row in rows}
            self._customers |= instants.keys() - self._strangers
        met = {name: instants[name] for name in sorted(instants) if name in self._customers}
        if not met and not subjects:
            return {}, {}
        return await load_contacts(self._session, facts, met, wanted.reach, subjects, stored)

    async def _load_tallies(self, facts: Facts) -> None:
        """Count afresh what the members of the loaded alerts share; whoever changes them holds their gate."""
        people, cases = sorted(facts.people - self._strangers), sorted(facts.cases)
        alerts = sorted(facts.alerts)
        if not alerts or not (people or cases):
            return
        rows = await self._session.fetch(queries.TALLIES, alerts, people, cases)
        facts.tallies.load({(row["alert_id"], row["what"], row["value"]): row["members"] for row in rows})


def _refuse_moved(facts: Facts, members: Iterable[Member]) -> None:
    """Begin again where an alert has gone to another team since its key, or what it holds, was read without its lock.

    Raises:
        ConflictError: the gate to which it was moved is not locked.
    """
    if any(gate.forward is not None and gate.forward not in facts.gates for gate in facts.gates.values()):
        raise ConflictError("an alert was moved from a key")
    for member in members:
        alert = facts.alerts[member.alert_id]
        if alert.alert_key != member.alert_key or alert.merged_into is not None:
            raise ConflictError("an alert was moved with its members")


def _move_row(lease: Lease, moved: Lease) -> tuple[object, ...]:
    key = lease.key
    return (
        *(key.cluster, key.group, key.topic, key.partition, lease.epoch),
        *(moved.next_offset, moved.stream_at, moved.at_end, lease.next_offset),
    )


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[at] for row in rows] for at in range(width)]
