"""Recorded events -> the decisions that would have been made, under a virtual clock, timers and ticks included.

The events run in the order of their times, then source, id, revision and line, whatever order they were recorded in.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from service.core.corrections import CorrectionAct
from service.core.mapping import CompiledSource
from service.core.pipeline.cadence import Cadences, cadences
from service.core.pipeline.read import MOST_ASKED, ReadRecord, Taken, read_taken, take, take_payload
from service.core.pipeline.refiling import Refiling, RefilingOutcome
from service.core.pipeline.rules import Rules
from service.core.pseudonym import PseudonymKey
from service.core.records.feedback import FeedbackRead, Message, Reading
from service.ports import PartitionKey, Store
from service.runtime.batch import run_batch
from service.runtime.due import run_due
from service.runtime.refiling import refile_within

MOST_RECORDS = 500
REPLAYED = PartitionKey(cluster="replay", group="replay", topic="replay", partition=0)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One recorded event: a CloudEvent, or a payload of the source that the replay names; `number` counts from 1."""

    file: str
    number: int
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """When the clock stood still, and how many notices were told by (team, reason).

    `refused` counts the corrections that did not find what they are of.
    """

    until: datetime | None
    notices: Counter[tuple[str, str]]
    refused: int = 0


def read_lines(
    lines: Iterable[Line], rules: Rules, key: PseudonymKey, source: CompiledSource | None
) -> list[ReadRecord]:
    """Read every line and put the events in the order of their times; what is rejected comes first."""
    found: list[ReadRecord] = []
    left = iter(lines)
    while some := list(islice(left, MOST_ASKED)):
        found.extend(read_taken([one for line in some for one in _taken(line, rules, key, source)], rules))
    return in_order(found)


def _taken(line: Line, rules: Rules, key: PseudonymKey, source: CompiledSource | None) -> tuple[Taken, ...]:
    message = Message(
        topic=line.file, partition=0, offset=line.number, key=None, value=line.value, received_at=BEGINNING
    )
    return take(message, rules, key) if source is None else take_payload(message, source, rules, key)


def in_order(records: Iterable[ReadRecord]) -> list[ReadRecord]:
    """Put records in the order of time, source, id, revision and line; what is rejected comes first."""
    return sorted(records, key=_order)


async def replay(
    store: Store,
    records: Sequence[ReadRecord],
    rules: Rules,
    until: datetime | timedelta,
    progress: Callable[[int], None] = lambda _: None,
    corrections: Iterable[CorrectionAct] = (),
) -> Replayed:
    """Decide the records in their order, then run the clock on: to an instant, or for a time after the last event.

    What people said that feedback is about is done again at its own time, before a record of that time.
    """
    (lease,) = await store.claim([REPLAYED])
    notices: Counter[tuple[str, str]] = Counter()
    said = _Corrections(store, rules, corrections)
    now, at = BEGINNING, 0
    while at < len(records):
        due = said.sooner(await store.next_due())
        batch, clock = _cut(records, at, now, due, cadences(rules.playbook.volume))
        if not batch:
            now = max(now, clock)
            notices += await said.do(now)
            notices += await run_due(store, rules, now)
            continue
        ran = await run_batch(store, lease, batch, at + len(batch), rules, _stream_clock(now))
        lease, now, at = ran.lease, clock, at + len(batch)
        notices += ran.notices
        progress(len(batch))
    if now == BEGINNING:
        return Replayed(until=None, notices=notices)
    end = max(now, until if isinstance(until, datetime) else now + until)
    notices += await said.do(end)
    notices += await run_due(store, rules, end)
    return Replayed(until=end, notices=notices, refused=said.refused)


class _Corrections:
    """What people said, in the order of its times; `refused` counts what did not find what it is of."""

    def __init__(self, store: Store, rules: Rules, acts: Iterable[CorrectionAct]) -> None:
        self.refused = 0
        self._store = store
        self._rules = rules
        self._waiting = deque(sorted(acts, key=lambda act: act.at))

    def sooner(self, due: datetime | None) -> datetime | None:
        """Return when something is due, or the next correction is, if that is sooner."""
        if not self._waiting:
            return due
        return self._waiting[0].at if due is None else min(due, self._waiting[0].at)

    async def do(self, until: datetime) -> Counter[tuple[str, str]]:
        """Do what was said by an instant, after what was due by then, and count the notices of that."""
        notices: Counter[tuple[str, str]] = Counter()
        while self._waiting and self._waiting[0].at <= until:
            act = self._waiting.popleft()
            notices += await run_due(self._store, self._rules, act.at)
            asked = Refiling(
                source=act.source,
                subject=act.subject,
                event_id=act.event_id,
                by=act.author,
                meant=act.meant,
                reason=act.reason,
            )
            async with self._store.transaction() as transaction:
                done = await refile_within(transaction, asked, act.at, self._rules)
            notices += done.notices
            self.refused += done.outcome is not RefilingOutcome.DONE
        return notices


def _cut(
    records: Sequence[ReadRecord], at: int, now: datetime, due: datetime | None, ticks: Cadences
) -> tuple[Sequence[ReadRecord], datetime]:
    """Take the records before the one that makes something due; none when that is the first, with its time."""
    clock, end = now, at
    while end < len(records) and end - at < MOST_RECORDS:
        following = max(clock, _time(records[end]))
        if due is not None and due <= following:
            return (records[at:end], clock) if end > at else ((), following)
        # A record asks for the tick of its window, which must run before what comes after can correct it.
        tick = ticks.due_after(_time(records[end]))
        due = tick if tick > following and (due is None or tick < due) else due
        clock, end = following, end + 1
    return records[at:end], clock


def _stream_clock(start: datetime) -> Callable[[datetime | None], datetime]:
    now = start

    def now_of(occurred_at: datetime | None) -> datetime:
        nonlocal now
        now = max(now, occurred_at or now)
        return now

    return now_of


def _time(record: ReadRecord) -> datetime:
    return record.read.occurred_at if isinstance(record.read, Reading) else BEGINNING


def _order(record: ReadRecord) -> tuple[datetime, str, str, int, str, int, int]:
    said = record.read
    place = (record.message.topic, record.message.offset, record.item)
    if not isinstance(said, Reading):
        return (BEGINNING, "", "", 0, *place)
    revision = said.said.feedback.revision if isinstance(said.said, FeedbackRead) else 0
    return (said.occurred_at, said.source, said.event_id, revision, *place)
