"""Alerts of a team and a time -> the rows of its queue, and what they come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.api.routes.teams import TeamShown
from service.api.shown import AlertShown
from service.console.views.due import Due, due_of
from service.console.views.wording import count, sentence, words
from service.core.records.words import AlertKind, AlertState, Level, Severity, Wait

_HELD = {
    Wait.INHIBITED: "Held back by a review",
    Wait.SILENCED: "Silenced",
    Wait.SNOOZED: "Put aside",
    Wait.QUIET_HOURS: "Held back until working hours",
    Wait.OVER_BUDGET: "Held back by the budget",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One alert; `tags` say in few words what else is to be known of it."""

    alert_id: str
    title: str
    severity: Severity
    state: AlertState
    revision: int
    tags: tuple[str, ...]
    events: int
    customers: int
    last_seen: datetime
    due: Due | None
    hands: str | None

    @property
    def open(self) -> bool:
        return self.state is AlertState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRow:
    """A team with its open alerts, the worst in front; `total` is how many there are."""

    team: str
    name: str
    counts: tuple[tuple[Severity, int], ...]
    total: int
    retired: bool
    mine: bool


def row_of(alert: AlertShown, now: datetime) -> Row:
    return Row(
        alert_id=alert.alert_id,
        title=short_title(alert),
        severity=alert.severity,
        state=alert.state,
        revision=alert.revision,
        tags=tuple(_tags(alert)),
        events=alert.counts.events,
        customers=alert.counts.customers,
        last_seen=alert.last_seen,
        due=due_of(alert, now),
        hands=_hands(alert, now),
    )


def _hands(alert: AlertShown, now: datetime) -> str | None:
    """Name who works on it, or has at least said to have seen it."""
    if alert.claim is not None and now < alert.claim.until:
        return alert.claim.by
    return None if alert.ack is None else alert.ack.by or "somebody"


def short_title(alert: AlertShown) -> str:
    """Leave out of a title what stands in columns beside it: customers, severity and state."""
    if alert.kind is AlertKind.EVENT:
        return alert.title.rpartition(": ")[0] or alert.title
    return alert.title.removesuffix(" — resolved")


def told(rows: Sequence[Row], *, more: bool) -> str:
    """Say what a page of a queue comes to, for who can not see it change."""
    still = [row for row in rows if row.open]
    overdue = sum(row.due is not None and row.due.overdue for row in still)
    critical = sum(row.severity is Severity.CRITICAL for row in still)
    parts = [f"{count(len(still), 'open alert')}{' or more' if more else ''}"]
    parts += [f"{critical} critical"] if critical else []
    parts += [f"{overdue} overdue"] if overdue else []
    return ", ".join(parts)


def team_rows(teams: Sequence[TeamShown], bound: Sequence[str] | None) -> tuple[TeamRow, ...]:
    """The teams that somebody may see, their own in front; `bound` None is who sees all and has none."""
    rows = [_team(one, mine=bound is not None) for one in teams if bound is None or one.team in bound]
    return tuple(sorted(rows, key=lambda row: (row.retired, row.name.casefold())))


def _team(team: TeamShown, *, mine: bool) -> TeamRow:
    counts: Mapping[Severity, int] = team.open
    return TeamRow(
        team=team.team,
        name=team.name,
        counts=tuple((severity, counts[severity]) for severity in reversed(Severity) if counts.get(severity)),
        total=sum(counts.values()),
        retired=team.retired,
        mine=mine,
    )


def _tags(alert: AlertShown) -> list[str]:
    tags = []
    if alert.kind is not AlertKind.EVENT and not (alert.kind is AlertKind.VOLUME and alert.level):
        tags.append(sentence(alert.kind))
    if alert.level is Level.FORMAL_REVIEW:
        tags.append("Formal review")
    if alert.region is not None and alert.region not in alert.title:
        tags.append(alert.region)
    if alert.held is not None:
        why = words(alert.held.why)
        tags.append(_HELD.get(alert.held.why, f"Held back: {why}"))
    if alert.disputed is not None:
        tags.append(f"Said to be {alert.disputed.team}'s")
    if alert.copy_of_another_team:
        tags.append("Copy")
    return [*tags, *(sentence(flag) for flag in alert.flags)]
