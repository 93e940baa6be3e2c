"""What goes into a digest, and what it holds."""

from dataclasses import dataclass
from datetime import datetime

from service.core.contracts.digest import MOST_ALERTS, MOST_GROUPS, MOST_QUOTES
from service.core.records.words import AlertKind, AlertState, Level, NoticeReason, Severity

__all__ = ["MOST_ALERTS", "MOST_GROUPS", "MOST_QUOTES", "Digest", "Entry", "Group", "More", "Quote", "Totals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One alert as its team is to hear of it; `process` and `category` are labels for people, excerpts redacted."""

    alert_id: str
    revision: int
    reason: NoticeReason
    severity: Severity
    kind: AlertKind
    level: Level | None = None
    process: str
    category: str
    title: str
    events: int
    customers: int
    excerpts: tuple[str, ...] = ()
    state: AlertState = AlertState.OPEN
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over alerts: a customer with two of them counts twice. `over` is how many of them are resolved.

    `severities` counts the alerts by severity, from info to critical.
    """

    alerts: int
    over: int
    events: int
    customers: int
    severities: tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a customer wrote, for `said` who wrote much the same."""

    text: str
    said: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What has one process and one category; `alerts` are the first of `totals.alerts`.

    `severity` is the worst of the open alerts, or of all where none is open.
    """

    process: str
    category: str
    severity: Severity
    totals: Totals
    reasons: tuple[tuple[NoticeReason, int], ...]
    alerts: tuple[Entry, ...]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """What the groups beyond the last come to."""

    groups: int
    totals: Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    totals: Totals
    groups: tuple[Group, ...]
    more: More | None
