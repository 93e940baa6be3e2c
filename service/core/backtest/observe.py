"""What one playbook made of recorded events -> its figures, in all and by team, and whom it told of."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from service.core.backtest.told import Told, told_customers
from service.core.records.alerts import Alert, Member, Notice, interruptions
from service.core.records.facts import FeedbackRow
from service.core.records.words import Level, NoticeReason, RouteReason, Severity, Verdict

# A feedback that ends here for one of these reasons has no owner that the playbook meant for it.
ORPHANED = frozenset({RouteReason.NO_OWNER, RouteReason.SEVERAL_OWNERS, RouteReason.CATCH_ALL, RouteReason.ROUTE_ERROR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a replay left behind. `first_at` is the time of its first event, `until` where its clock stood still.

    `customer_of` maps (source, event id) to a pseudonym, `customer_of_instance` an instance.
    """

    digest: str
    teams: tuple[str, ...]
    consumed: int
    rejected: int
    first_at: datetime | None
    until: datetime | None
    rows: Sequence[FeedbackRow]
    alerts: Sequence[Alert]
    notices: Sequence[Notice]
    members: Sequence[Member]
    customer_of: Mapping[tuple[str, str], str]
    customer_of_instance: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one team, or all of them, had to bear; `orphans` are negative or not, `per_day` counts interrupts."""

    notices: int = 0
    interrupts: int = 0
    digests: int = 0
    alerts: int = 0
    local_reviews: int = 0
    formal_reviews: int = 0
    customers_told: int = 0
    orphans: int = 0
    critical: int = 0
    critical_untold: int = 0
    by_reason: Mapping[str, int] = field(default_factory=dict)
    orphans_by_reason: Mapping[str, int] = field(default_factory=dict)
    per_day: Mapping[date, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One run, summed up. `interrupted` has the customers of whom a team was told at once, `told` digests as well."""

    digest: str
    consumed: int
    rejected: int
    days: int
    total: Figures
    teams: Mapping[str, Figures]
    interrupted: Mapping[str, Told]
    told: Mapping[str, Told]
    alerts: Mapping[str, Alert]
    told_alerts: frozenset[str]

    @property
    def busiest_day(self) -> int:
        """The most interrupts that one team had in one day (UTC)."""
        return max((count for figures in self.teams.values() for count in figures.per_day.values()), default=0)

    @property
    def interrupts_a_day(self) -> float:
        """Interrupts of the mean team on the mean day, to four places."""
        return round(self.total.interrupts / (self.days * len(self.teams)), 4) if self.days and self.teams else 0.0


def observe(run: Run) -> Observed:
    """Sum a run up; teams are those of the playbook, whoever was told anything."""
    heard: dict[bool, Mapping[str, Told]] = {
        digests: told_customers(
            notices=run.notices,
            alerts=run.alerts,
            members=run.members,
            rows=run.rows,
            customer_of=run.customer_of,
            customer_of_instance=run.customer_of_instance,
            digests=digests,
        )
        for digests in (False, True)
    }
    told_critical = {one.alert.alert_id for one in run.notices if one.alert.severity is Severity.CRITICAL}
    levels = _levels(run)

    def figures(team: str | None) -> Figures:
        notices = [one for one in run.notices if team in (None, one.team)]
        alerts = [one for one in run.alerts if team in (None, one.team)]
        rows = [one for one in run.rows if team in (None, one.document["team"])]
        interrupts = interruptions(notices)
        critical = [one for one in rows if _is_critical(one)]
        orphaned = Counter(reason for row in rows if (reason := _route_reason(row)) in ORPHANED)
        return Figures(
            notices=len(notices),
            interrupts=len(interrupts),
            digests=sum(one.reason is NoticeReason.DIGEST for one in notices),
            alerts=len(alerts),
            local_reviews=sum(levels.get(one.alert_id) is Level.LOCAL_ADJUSTMENT for one in alerts),
            formal_reviews=sum(levels.get(one.alert_id) is Level.FORMAL_REVIEW for one in alerts),
            customers_told=sum(team is None or team in one.teams for one in heard[True].values()),
            orphans=orphaned.total(),
            critical=len(critical),
            critical_untold=sum(one.document["alert_id"] not in told_critical for one in critical),
            by_reason=_sorted(one.reason.value for one in notices),
            orphans_by_reason=dict(sorted((reason.value, count) for reason, count in orphaned.items() if reason)),
            per_day=Counter(one.at.astimezone(UTC).date() for one in interrupts),
        )

    return Observed(
        digest=run.digest,
        consumed=run.consumed,
        rejected=run.rejected,
        days=_days(run.first_at, run.until),
        total=figures(None),
        teams={team: figures(team) for team in run.teams},
        interrupted=heard[False],
        told=heard[True],
        alerts={one.alert_id: one for one in run.alerts},
        told_alerts=frozenset(one.alert.alert_id for one in run.notices),
    )


def _levels(run: Run) -> dict[str, Level]:
    """Each review at the highest level that it ever called for."""
    found: dict[str, Level] = {}
    for alert in (*run.alerts, *(one.alert for one in run.notices)):
        if alert.kind.is_review and alert.level is not None and found.get(alert.alert_id) is not Level.FORMAL_REVIEW:
            found[alert.alert_id] = alert.level
    return found


def _is_critical(row: FeedbackRow) -> bool:
    """Law 3 speaks of these; a critical ticket that was merely closed, or merged away, is no critical event."""
    document = row.document
    passed = (Verdict.RECORDED.value, Verdict.UPDATED.value, Verdict.QUIET.value)
    return document["severity"] == Severity.CRITICAL.value and document["verdict"] not in passed


def _route_reason(row: FeedbackRow) -> RouteReason | None:
    told = row.explanation.get("route")
    return None if told is None else RouteReason(told["reason"])


def _days(first: datetime | None, until: datetime | None) -> int:
    """The UTC days from the first event to where the clock stood still, both counted."""
    if first is None or until is None:
        return 0
    return max(1, (until.astimezone(UTC).date() - first.astimezone(UTC).date()).days + 1)


def _sorted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))
