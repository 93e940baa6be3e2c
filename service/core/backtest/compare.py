"""Two runs, summed up -> what changes from the one to the other, as JSON values and as the variables of a gate.

A customer is newly silent if the old playbook interrupted a team about them, and the new one tells nobody, not even in
a digest. Examples are bounded and in a fixed order, so that the same runs give the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.core.backtest.observe import Figures, Observed
from service.core.describe import instant
from service.core.records.alerts import Alert

MOST_EXAMPLES = 20
MOST_EVENTS = 10
# What a gate may ask of either side and of each team, in the order in which people read it.
COUNTED = (
    "interrupts",
    "notices",
    "digests",
    "alerts",
    "orphans",
    "newly_silent_customers",
    "customers_told",
    "critical",
    "critical_untold",
    "local_reviews",
    "formal_reviews",
)
# Of a whole side alone.
OF_A_SIDE = ("consumed", "rejected")
A_DAY = "interrupts_per_team_day"
MEASURED = ("max", "mean")

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs over the same events; `silent` are the customers who are told of no more, in order."""

    old: Observed
    new: Observed
    silent: Sequence[str]

    @property
    def teams(self) -> tuple[str, ...]:
        """Every team of either playbook, so that neither side lacks one that the other has."""
        return tuple(sorted({*self.old.teams, *self.new.teams}))

    def counts(self, side: Observed, team: str | None = None) -> Counts:
        """Return the figures of one side, or of one of its teams; a team that it does not have bears nothing."""
        figures = side.total if team is None else side.teams.get(team, Figures())
        silent = 0
        if side is self.new:
            silent = sum(team is None or team in self.old.interrupted[one].teams for one in self.silent)
        return {name: silent if name == "newly_silent_customers" else getattr(figures, name) for name in COUNTED}

    def variables(self) -> dict[str, dict[str, Any]]:
        """Return `old` and `new` as a gate sees them: every figure is a double."""
        return {"old": self._variable(self.old), "new": self._variable(self.new)}

    def _variable(self, side: Observed) -> dict[str, Any]:
        return {
            **_doubles(self.counts(side)),
            **_doubles({name: getattr(side, name) for name in OF_A_SIDE}),
            A_DAY: _doubles(_a_day(side)),
            "teams": {team: _doubles(self.counts(side, team)) for team in self.teams},
        }


def compare(old: Observed, new: Observed) -> Comparison:
    """Put two runs over the same events beside each other."""
    return Comparison(old=old, new=new, silent=tuple(sorted(old.interrupted.keys() - new.told.keys())))


def report(comparison: Comparison) -> dict[str, Any]:
    """Build what `backtest` prints."""
    old, new = comparison.old, comparison.new
    return {
        "old": _side(comparison, old),
        "new": _side(comparison, new),
        "teams": {team: _team(comparison, team) for team in comparison.teams},
        "changed": {
            "alerts_only_in_old": _alerts(old, new),
            "alerts_only_in_new": _alerts(new, old),
            "newly_silent_customers": {
                "total": len(comparison.silent),
                "examples": [_silent(old, customer) for customer in comparison.silent[:MOST_EXAMPLES]],
            },
        },
    }


def _side(comparison: Comparison, side: Observed) -> dict[str, Any]:
    return {
        "playbook": side.digest,
        "days": side.days,
        "consumed": side.consumed,
        "rejected": side.rejected,
        **comparison.counts(side),
        "notices_by_reason": side.total.by_reason,
        "orphans_by_reason": side.total.orphans_by_reason,
        A_DAY: _a_day(side),
    }


def _team(comparison: Comparison, team: str) -> dict[str, Any]:
    sides = {"old": comparison.old, "new": comparison.new}
    counts = {name: comparison.counts(side, team) for name, side in sides.items()}
    reasons = {name: side.teams.get(team, Figures()).by_reason for name, side in sides.items()}
    told = {name: {**counts[name], "notices_by_reason": reasons[name]} for name in sides}
    return {
        **told,
        "change": {
            **_change(counts["old"], counts["new"]),
            "notices_by_reason": _change(reasons["old"], reasons["new"]),
        },
    }


def _change(old: Counts, new: Counts) -> dict[str, int]:
    return {name: new.get(name, 0) - old.get(name, 0) for name in sorted({*old, *new})}


def _a_day(side: Observed) -> dict[str, float]:
    return {"max": side.busiest_day, "mean": side.interrupts_a_day}


def _alerts(one: Observed, other: Observed) -> dict[str, Any]:
    """Tell of the alerts that the other run does not have, those of which somebody was told first, then the worst."""
    found = [alert for name, alert in one.alerts.items() if name not in other.alerts]

    def order(alert: Alert) -> tuple[bool, int, datetime, str]:
        return (alert.alert_id not in one.told_alerts, -alert.severity.rank, alert.opened_at, alert.alert_id)

    return {
        "total": len(found),
        "told": sum(alert.alert_id in one.told_alerts for alert in found),
        "examples": [
            {
                "alert_id": alert.alert_id,
                "told": alert.alert_id in one.told_alerts,
                "team": alert.team,
                "route": alert.route,
                "kind": alert.kind.value,
                "level": alert.level.value if alert.level else None,
                "process": alert.process,
                "category": alert.category,
                "severity": alert.severity.value,
                "events": alert.events,
                "customers": alert.customers,
                "opened_at": instant(alert.opened_at),
            }
            for alert in sorted(found, key=order)[:MOST_EXAMPLES]
        ],
    }


def _silent(old: Observed, customer: str) -> dict[str, Any]:
    told = old.interrupted[customer]
    return {
        "customer": customer,
        "told_to": sorted(told.teams),
        "event_ids": sorted(told.events)[:MOST_EVENTS],
        "events": len(told.events),
    }


def _doubles(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: float(figure) for name, figure in figures.items()}
