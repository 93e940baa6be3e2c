"""Recorded events -> all that a replay of them decides, as the measures see it; and a week, event by event."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.adapters.memory import MemoryStore
from service.adapters.memory.rows import Rows
from service.bench.fatigue.inputs import Input, occurred_at
from service.bench.fatigue.values import Decided, Grouped, Heard, Span, Told
from service.core.pipeline.read import ReadRecord
from service.core.records.alerts import Alert, interruptions
from service.core.records.decisions import Contribution
from service.core.records.feedback import Feedback, FeedbackRead, Reading
from service.core.records.words import Severity, Verdict
from service.runtime.batch import run_batch
from service.runtime.due import run_due
from service.runtime.replay import BEGINNING, REPLAYED, replay

_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What holds of a subject once one of its records was decided at `at`."""

    at: datetime
    source: str
    subject: str
    contributions: tuple[Contribution, ...]


async def replayed(given: Input) -> Decided:
    """Decide all of it, and run the clock on for a day."""
    store = MemoryStore()
    await replay(store, given.records, given.rules, _AFTER)
    return _decided(store.rows, given.records)


async def walked(given: Input, span: Span) -> tuple[Decided, list[Step]]:
    """Decide the records of a span alone, from nothing and one by one, with the timers between; stop at its end."""
    store = MemoryStore()
    (lease,) = await store.claim([REPLAYED])
    steps: list[Step] = []
    now = BEGINNING
    for number, (at, record) in enumerate(_within(given.records, span), start=1):
        now = max(now, at)
        await run_due(store, given.rules, now)
        lease = (await run_batch(store, lease, [record], number, given.rules, _standing_at(now))).lease
        steps += _step(store.rows, record, now)
    await run_due(store, given.rules, span.until)
    return _decided(store.rows, given.records), steps


def _within(records: Sequence[ReadRecord], span: Span) -> Iterator[tuple[datetime, ReadRecord]]:
    for record in records:
        at = occurred_at(record)
        if at is not None and at in span:
            yield at, record


def _standing_at(now: datetime) -> Callable[[datetime | None], datetime]:
    return lambda _: now


def _step(rows: Rows, record: ReadRecord, now: datetime) -> Iterator[Step]:
    feedback = _feedback(record)
    if feedback is not None:
        parts = rows.of_subject.get((feedback.source, feedback.subject), ())
        held = tuple(rows.contributions[part] for part in sorted(parts))
        yield Step(at=now, source=feedback.source, subject=feedback.subject, contributions=held)


def _decided(rows: Rows, records: Iterable[ReadRecord]) -> Decided:
    done = {(one.source, one.event_id) for one in map(_feedback, records) if one is not None and one.done}
    categories: dict[str, Counter[str]] = {}
    for member in rows.members.values():
        category = rows.contributions[member.key].categorised.category
        categories.setdefault(member.alert_id, Counter())[category] += 1
    apart = {(one.alert.alert_id, one.revision) for one in interruptions(rows.notices)}
    return Decided(
        heard=tuple(
            Heard(
                at=datetime.fromisoformat(row.document["occurred_at"]),
                severity=Severity(row.document["severity"]),
                negative=row.document["negative"],
                verdict=Verdict(row.document["verdict"]),
                alert_id=row.document["alert_id"],
                done=(row.source, row.event_id) in done,
            )
            for row in rows.rows.values()
        ),
        told=tuple(
            Told(
                at=notice.at,
                revision=notice.revision,
                team=notice.team,
                reason=notice.reason,
                alert_id=notice.alert.alert_id,
                kind=notice.alert.kind,
                severity=notice.alert.severity,
                alone=not notice.reason.interrupts or (notice.alert.alert_id, notice.revision) in apart,
            )
            for notice in rows.notices
        ),
        grouped=tuple(_grouped(alert, categories.get(alert.alert_id, Counter())) for alert in rows.alerts.values()),
    )


def _feedback(record: ReadRecord) -> Feedback | None:
    said = record.read.said if isinstance(record.read, Reading) else None
    return said.feedback if isinstance(said, FeedbackRead) else None


def _grouped(alert: Alert, categories: Counter[str]) -> Grouped:
    return Grouped(kind=alert.kind, opened_at=alert.opened_at, categories=categories)
