"""Alerts that ended within a span -> how many of each rule, severity and disposition, and how many nobody touched.

A rule is what fired: of an alert about single feedbacks its route, of a review what is counted in the cell and at which
level, of any other its kind, which is its route as well.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from msgspec import Struct

from service.core.records.alerts import Alert
from service.core.records.words import AlertKind, AlertState, Disposition, Level, Severity

# The days that are looked back where nobody says how many.
NOISE_DAYS = 90
# What an alert need not have told its team.
NOISY = frozenset({Disposition.NOISE, Disposition.DUPLICATE, Disposition.WRONG_TEAM})


class Span(Struct, frozen=True, kw_only=True):
    """Alerts that ended from `since` on and before `until`."""

    since: datetime
    until: datetime

    def has(self, alert: Alert) -> bool:
        """Whether an alert is over and ended within the span."""
        at = alert.resolved_at
        return alert.state is AlertState.RESOLVED and at is not None and self.since <= at < self.until


class Rule(Struct, frozen=True, kw_only=True):
    """What fired; `level` is None but for a review."""

    kind: AlertKind
    route: str
    level: Level | None = None

    @property
    def order(self) -> tuple[str, str, str]:
        """What rules are sorted by."""
        return (self.kind.value, self.route, self.level or "")


class EndingTally(Struct, frozen=True, kw_only=True):
    """How many alerts ended alike: `told` of them interrupted somebody, and of these nobody did anything to `ignored`.

    `severity` is the worst that such an alert held, `disposition` None where nobody said what it was.
    """

    team: str
    rule: Rule
    severity: Severity
    disposition: Disposition | None
    alerts: int
    told: int
    ignored: int


def count_endings(alerts: Iterable[Alert], interrupted: Collection[str], span: Span) -> list[EndingTally]:
    """Count the alerts that ended; `interrupted` has the ids of those of which a notice interrupted somebody."""
    found: dict[tuple[str, Rule, Severity, Disposition | None], list[int]] = {}
    for alert in alerts:
        if span.has(alert):
            rule = Rule(kind=alert.kind, route=alert.route, level=alert.level)
            said = None if alert.disposed is None else alert.disposed.disposition
            counts = found.setdefault((alert.team, rule, alert.severity, said), [0, 0, 0])
            told = alert.alert_id in interrupted
            counts[0] += 1
            counts[1] += told
            counts[2] += told and alert.handled_at is None
    return [
        EndingTally(
            team=team, rule=rule, severity=severity, disposition=said, alerts=alerts, told=told, ignored=ignored
        )
        for (team, rule, severity, said), (alerts, told, ignored) in found.items()
    ]
