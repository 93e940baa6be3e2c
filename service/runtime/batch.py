"""The sandwich: lock and load, decide by the pure core, save; the same for live, replay and tests."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from msgspec import Struct

from service.core.pipeline import at_risk, late
from service.core.pipeline.cadence import Tick, cadences
from service.core.pipeline.judge import Entry, Judged, judge, needs
from service.core.pipeline.read import ReadRecord
from service.core.pipeline.rounds import may_spend
from service.core.pipeline.rules import Rules
from service.core.pipeline.settle import Settled, gates, owners, settle, when_of
from service.core.records.facts import Facts
from service.core.records.feedback import FeedbackRead, Reading, Rejected
from service.core.records.words import Outcome, Severity, Verdict
from service.ports import Books, Consumed, Lease, Saving, StalePlaybookError, Store
from service.runtime.telling import dead_letters, outgoing

_HOURS_MATTER = timedelta(hours=48)

# The event time of a record, None where it was not readable -> the `now` that it is decided at.
NowOf = Callable[[datetime | None], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a batch did: the lease as it is now, the books of its records, and the notices told by (team, reason).

    `critical_silenced` counts the critical feedback of which a team was not told, since a silence is to hold even that.
    The transaction took so many `seconds` and held so many `contributions`, those around each record included.
    """

    lease: Lease
    books: Books
    notices: Counter[tuple[str, str]] = field(default_factory=Counter)
    critical_silenced: int = 0
    seconds: float = field(default=0.0, compare=False)
    contributions: int = field(default=0, compare=False)


class Batch(Struct, frozen=True, kw_only=True):
    """Records of one partition, in order, that end before `next_offset`; `now_of` says when each is decided."""

    lease: Lease
    records: Sequence[ReadRecord]
    next_offset: int
    now_of: NowOf


async def run_batch(
    store: Store, lease: Lease, records: Sequence[ReadRecord], next_offset: int, rules: Rules, now_of: NowOf
) -> Ran:
    """Decide records of one partition, as `run_batches` does."""
    batch = Batch(lease=lease, records=records, next_offset=next_offset, now_of=now_of)
    (ran,) = await run_batches(store, (batch,), rules)
    return ran


async def run_batches(store: Store, batches: Sequence[Batch], rules: Rules) -> list[Ran]:
    """Decide batches of different partitions, one after the other, in one transaction; the first tells of the notices.

    Raises:
        FencedError: a lease is another owner's; nothing was written.
        StalePlaybookError: another playbook is active; read the records again with it.
    """
    entries: list[Entry] = []
    moved: list[Lease] = []
    ends: list[int] = []
    for batch in batches:
        stream_at = batch.lease.stream_at
        for record in batch.records:
            occurred_at = record.read.occurred_at if isinstance(record.read, Reading) else None
            entries.append(Entry(position=len(entries), read=record.read, now=batch.now_of(occurred_at)))
            if occurred_at is not None:
                stream_at = max(stream_at or occurred_at, occurred_at)
        moved.append(batch.lease.moved(batch.next_offset, stream_at))
        ends.append(len(entries))
    records = [record for batch in batches for record in batch.records]
    wanted = needs((record.read for record in records), rules)
    now = max((entry.now for entry in entries), default=None) or batches[-1].now_of(None)
    received_at = min((record.message.received_at for record in records), default=None)
    started = time.perf_counter()
    async with store.transaction() as transaction:
        await transaction.advance([(batch.lease, to) for batch, to in zip(batches, moved, strict=True)])
        active = await transaction.active_playbook()
        if active is not None and active != rules.digest:
            raise StalePlaybookError(active)
        admitted = await transaction.admit(wanted.identities)
        facts = await transaction.load(wanted)
        judged = judge(entries, admitted, facts, rules)
        of_cases = (*late.gates(judged, facts, rules), *at_risk.gates(judged, facts, rules))
        await transaction.load_alerts(facts, (*gates(judged, rules), *of_cases))
        await transaction.load_budgets(facts, _may_spend(judged, of_cases, facts, rules))
        settled = settle(judged, facts, rules)
        late.follow(judged, facts, rules)
        at_risk.follow(judged, facts, rules)
        parts = [settled[start:end] for start, end in pairwise((0, *ends))]
        books = [_books(part) for part in parts]
        letters = dead_letters(records, now, rules)
        await transaction.save(
            Saving(
                facts=facts,
                digest=rules.digest,
                now=now,
                consumed=[_consumed(batch, told) for batch, told in zip(batches, books, strict=True)],
                outgoing=outgoing(facts, letters, now, rules, received_at=received_at),
                dead_letters=letters,
                ticks=_ticks(settled, rules),
            )
        )
    seconds = time.perf_counter() - started
    told = Counter((notice.team, notice.reason.value) for notice in facts.notices)
    held = len(facts.contributions)
    ran = [
        Ran(lease=lease, books=each, critical_silenced=_silenced(part), seconds=seconds, contributions=held)
        for lease, each, part in zip(moved, books, parts, strict=True)
    ]
    return [replace(ran[0], notices=told), *ran[1:]]


def _consumed(batch: Batch, books: Books) -> Consumed:
    first = batch.records[0].message.offset if batch.records else batch.next_offset
    return Consumed(key=batch.lease.key, first_offset=first, next_offset=batch.next_offset, books=books)


def _silenced(settled: Sequence[Settled]) -> int:
    return sum(1 for one in settled if _is_critical(one) and one.verdict is Verdict.SILENCED)


def _may_spend(judged: Sequence[Judged], of_cases: Collection[str], facts: Facts, rules: Rules) -> tuple[str, ...]:
    """Name the teams whose budgets these records may use: what is overdue is told before a record touches its alert."""
    if not judged:
        return ()
    times = [at for one in judged for at in (when_of(one).now, when_of(one).at)]
    # Alerts about cases go to teams that no route names.
    teams = {team.id for team in rules.playbook.teams} if of_cases else owners(judged, rules)
    return may_spend(facts, teams, min(when_of(one).now for one in judged), max(times), rules)


def _books(settled: Sequence[Settled]) -> Books:
    outcomes = Counter(one.judged.outcome for one in settled)
    rejected: Counter[tuple[str, str]] = Counter()
    verdicts: Counter[tuple[str, str]] = Counter()
    methods: Counter[str] = Counter()
    links: Counter[tuple[str, str]] = Counter()
    orphans: Counter[str] = Counter()
    for one in settled:
        read = one.judged.entry.read
        if isinstance(read, Rejected):
            rejected[read.stage.value, read.reason] += 1
        if one.verdict is not None:
            verdicts[one.team or "", one.verdict.value] += 1
        own = one.judged.own
        if one.judged.outcome is Outcome.ACCEPTED and own is not None and own.contribution is not None:
            contribution = own.contribution
            methods[contribution.categorised.method.value] += 1
            links[contribution.link.status.value, contribution.link.method.value] += 1
            if contribution.routed.reason.is_orphan and one.verdict is not Verdict.QUIET:
                orphans[contribution.routed.reason.value] += 1
    return Books(
        consumed=len(settled),
        accepted=outcomes[Outcome.ACCEPTED],
        duplicate=outcomes[Outcome.DUPLICATE],
        superseded=outcomes[Outcome.SUPERSEDED],
        rejected=rejected,
        verdicts=verdicts,
        methods=methods,
        links=links,
        copies=sum(one.copies for one in settled),
        orphans=orphans,
    )


def _is_critical(settled: Settled) -> bool:
    own = settled.judged.own
    return own is not None and own.contribution is not None and own.contribution.assessed.severity is Severity.CRITICAL


def _ticks(settled: Sequence[Settled], rules: Rules) -> dict[Tick, datetime]:
    """Ask for the ticks of each window that got feedback; what is stale can not bring a long gone one back.

    Hours are judged only where something negative began.
    """
    ticks, limit = cadences(rules.playbook.volume), rules.playbook.fatigue.stale_after
    # Windows begin and end with whole hours, of which a batch knows few.
    days: set[datetime] = set()
    hours: set[datetime] = set()
    for one in settled:
        read = one.judged.entry.read
        if isinstance(read, Reading) and isinstance(read.said, FeedbackRead) and one.verdict is not None:
            now = one.judged.entry.now
            if now - read.occurred_at <= limit:
                days.add(_hour(read.occurred_at))
            if ticks.hours is not None:
                hours.update(map(_hour, _began(one, now)))
    asked = ((ticks.days, days), (ticks.hours, hours))
    found = [(each, each.tick(hour)) for each, among in asked if each is not None for hour in among]
    return {tick: cadence.due_at(tick) for cadence, tick in found}


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _began(settled: Settled, now: datetime) -> Iterator[datetime]:
    """Say when what is negative of a record's own began, unless it is too long ago for an hour to matter."""
    for moved in settled.judged.moved:
        if moved.own and moved.contribution is not None and moved.contribution.assessed.negative:
            began_at = moved.contribution.began_at
            if now - began_at <= _HOURS_MATTER:
                yield began_at
