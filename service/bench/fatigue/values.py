"""What was decided, as the measures see it: events, notices and alerts, each with no more than is measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from service.core.records.words import AlertKind, NoticeReason, Severity, Verdict

# Told so that nobody looks any longer, or with the day's digest: neither interrupts.
ENDS = frozenset({NoticeReason.RESOLVED, NoticeReason.WITHDRAWN})
QUIET = ENDS | {NoticeReason.DIGEST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From one instant up to another, which is not part of it."""

    since: datetime
    until: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.since <= at < self.until

    @property
    def days(self) -> int:
        """How many days of UTC it touches."""
        last = self.until - timedelta(microseconds=1)
        return (last.date() - self.since.date()).days + 1

    def each_day(self) -> Iterator[date]:
        yield from (self.since.date() + timedelta(days=day) for day in range(self.days))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One accepted feedback as it is judged now; `alert_id` is its owner's alert, if it came into one.

    `done` says that it told of the end of its case.
    """

    at: datetime
    severity: Severity
    negative: bool
    verdict: Verdict
    alert_id: str | None
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One notice; `severity` is its alert's at that moment. Of those read in one summary the first is `alone`."""

    at: datetime
    revision: int
    team: str
    reason: NoticeReason
    alert_id: str
    kind: AlertKind
    severity: Severity
    alone: bool = True

    @property
    def interrupts(self) -> bool:
        return self.alone and self.reason not in QUIET


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """One alert, and how many of its members are of each category."""

    kind: AlertKind
    opened_at: datetime
    categories: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """All that a run decided."""

    heard: tuple[Heard, ...]
    told: tuple[Told, ...]
    grouped: tuple[Grouped, ...]
