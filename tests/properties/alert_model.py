"""The life of alerts, as deploy/docs/alerts.md tells it and nothing else: who is in which, and who is told what, when.

Everything is kept as plainly as it can be said, and taken anew where it could be counted on. A subject has one state at
a time, each event happens now, and severities are given. What holds notices back (silences, quiet hours, budgets,
inhibition) belongs into `Voice`: `reason` says what there is to tell, `due` when it may be told.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SEVERITIES = ("info", "low", "medium", "high", "critical")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# What alerts of a team's own have in their key, or the one customer.
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The defaults of the table of timers."""

    wait: timedelta = MINUTE
    interval: timedelta = 15 * MINUTE
    repeat: tuple[timedelta, ...] = (24 * HOUR, 72 * HOUR)
    reopen_window: timedelta = 7 * DAY
    auto_close: timedelta = 14 * DAY
    ack_expiry: timedelta = 24 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    event: str
    customer: str
    severity: str
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Where a feedback belongs: `teamed` says that the team is part of the key."""

    key: Key
    team: str
    teamed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    revision: int
    at: datetime
    reason: str
    team: str
    severity: str
    customers: int


@dataclass(slots=True, kw_only=True, eq=False)
class Alert:
    """`over_at` is None while it is open. Of the notices the last says what the team was told."""

    key: Key
    episode: int
    team: str
    teamed: bool
    members: dict[str, Member] = field(default_factory=dict)
    over_at: datetime | None = None
    closes_at: datetime | None = None
    acked_until: datetime | None = None
    notices: list[Notice] = field(default_factory=list)
    tell_at: datetime | None = None
    repeat_at: datetime | None = None
    repeats: int = 0

    @property
    def is_open(self) -> bool:
        return self.over_at is None

    @property
    def severity(self) -> str:
        return max((one.severity for one in self.members.values()), key=SEVERITIES.index, default="info")

    @property
    def customers(self) -> int:
        return len({one.customer for one in self.members.values()})

    @property
    def told(self) -> Notice | None:
        return self.notices[-1] if self.notices else None

    @property
    def due_at(self) -> datetime | None:
        repeat_at = self.repeat_at if self.is_open else None
        return min((at for at in (self.tell_at, repeat_at, self.closes_at) if at is not None), default=None)


@dataclass(frozen=True, slots=True)
class Voice:
    """When a team is told."""

    limits: Limits

    def reason(self, alert: Alert) -> str | None:
        """The first line of the table that holds, but for the repeat, which has an hour of its own."""
        told = alert.told
        if told is None:
            return "opened" if alert.is_open else None
        was_over = told.reason in ("resolved", "withdrawn")
        if not alert.is_open:
            return None if was_over else "resolved" if alert.members else "withdrawn"
        if was_over:
            return "reopened"
        if told.team != alert.team:
            return "owner_changed"
        if is_worse(alert.severity, told.severity):
            return "severity_increased"
        if alert.customers >= 2 and alert.customers >= 2 * told.customers:
            return "customers_doubled"
        return None

    def due(self, alert: Alert, now: datetime) -> datetime:
        """When what there is to tell may be told: critical news at once, the rest after `wait` or `interval`."""
        told = alert.told
        known = told is not None and told.severity == "critical" and told.team == alert.team
        known = known and told is not None and told.reason not in ("resolved", "withdrawn")
        if alert.is_open and alert.severity == "critical" and not known:
            return now
        return now + self.limits.wait if told is None else max(now, told.at + self.limits.interval)

    def ask(self, alert: Alert, now: datetime) -> None:
        """An alert has changed: it is told of at the earliest that it ever had a reason for, while it has one."""
        if self.reason(alert) is None:
            alert.tell_at = None
        else:
            alert.tell_at = min(self.due(alert, now), alert.tell_at or datetime.max.replace(tzinfo=now.tzinfo))

    def tell(self, alert: Alert, at: datetime) -> None:
        """Tell what there is to tell, or a repeat; or wait on, until an acknowledgement ends."""
        reason = self.reason(alert)
        alert.tell_at = None
        if reason is None and alert.is_open and alert.repeat_at is not None and alert.repeat_at <= at:
            if alert.acked_until is not None and at < alert.acked_until:
                alert.repeat_at = alert.acked_until
                return
            reason = "repeat"
        if reason is None:
            return
        if reason in ("resolved", "withdrawn") and alert.told is not None:
            alert.team = alert.told.team
        alert.repeats = alert.repeats + 1 if reason == "repeat" else 0
        more = alert.is_open and alert.repeats < len(self.limits.repeat)
        alert.repeat_at = at + self.limits.repeat[alert.repeats] if more else None
        alert.notices.append(
            Notice(
                revision=len(alert.notices) + 1,
                at=at,
                reason=reason,
                team=alert.team,
                severity=alert.severity,
                customers=alert.customers,
            )
        )


class Model:
    """All alerts, in the order in which they were opened."""

    def __init__(self, now: datetime, limits: Limits | None = None) -> None:
        self.now = now
        self.limits = limits or Limits()
        self.voice = Voice(self.limits)
        self.alerts: list[Alert] = []

    def open_alerts(self) -> list[Alert]:
        return [alert for alert in self.alerts if alert.is_open]

    def limits_ahead(self) -> list[datetime]:
        """The instants to come at which something is due, or can no longer happen."""
        found = {
            at
            for alert in self.alerts
            for at in (alert.due_at, alert.acked_until, alert.over_at and alert.over_at + self.limits.reopen_window)
            if at is not None and at > self.now
        }
        return sorted(found)

    def wait(self, until: datetime) -> None:
        """Let time pass: what is due happens at its own time, the earliest first."""
        while (due := self._due_by(until)) is not None:
            self._fire(*due)
        self.now = until

    def hear(self, subject: str, said: Member | None, owner: Owner) -> None:
        """A subject has another state now; None where that is harmless, or it was taken back."""
        before = [alert for alert in self.alerts if subject in alert.members]
        was = {id(alert): alert.members[subject] for alert in before}
        reachable = [alert for alert in before if self._is_in_reach(alert)]
        home = None if said is None else self._home(subject, said, owner, before)
        leaving = before if said is None else reachable
        for alert in leaving:
            del alert.members[subject]
        if said is not None and home is not None:
            self._join(home, subject, said, owner, was.get(id(home)))
        for alert in (*leaving, *([home] if home is not None and home not in leaving else [])):
            self._settle(alert)

    def acknowledge(self, alert: Alert) -> None:
        alert.acked_until = self.now + self.limits.ack_expiry

    def resolve(self, alert: Alert) -> None:
        self._close(alert, self.now)

    def _home(self, subject: str, said: Member, owner: Owner, before: list[Alert]) -> Alert | None:
        """Where the subject is already and may stay, else, for what is news, the alert of its key."""
        reachable = [alert for alert in before if self._is_in_reach(alert)]
        stays = [alert for alert in reachable if not alert.teamed or alert.team == owner.team]
        if stays:
            return min(stays, key=lambda alert: alert.key != owner.key)
        last = None if reachable or not before else before[-1].members[subject]
        if not is_news(said, last):
            return None
        latest = self._latest(owner.key)
        if latest is not None and self._is_in_reach(latest):
            return latest
        episode = 1 if latest is None else latest.episode + 1
        opened = Alert(key=owner.key, episode=episode, team=owner.team, teamed=owner.teamed)
        self.alerts.append(opened)
        return opened

    def _join(self, home: Alert, subject: str, said: Member, owner: Owner, earlier: Member | None) -> None:
        home.members[subject] = said
        home.team = owner.team
        if not home.is_open and is_news(said, earlier):
            home.over_at, home.acked_until, home.repeats = None, None, 0
        if home.is_open:
            home.closes_at = self.now + self.limits.auto_close

    def _settle(self, alert: Alert) -> None:
        over = alert.is_open and all(one.done for one in alert.members.values())
        if not over or alert.severity == "critical":
            self._ask(alert)
        if over:
            self._close(alert, self.now)

    def _close(self, alert: Alert, at: datetime) -> None:
        alert.over_at, alert.closes_at = at, None
        self._ask(alert, at)

    def _ask(self, alert: Alert, at: datetime | None = None) -> None:
        now = at or self.now
        self.voice.ask(alert, now)
        while alert.due_at is not None and alert.due_at <= now:
            self._fire(alert.due_at, alert)

    def _fire(self, at: datetime, alert: Alert) -> None:
        """Carry out what is due of an alert; a notice that is due at the same time goes before the end."""
        if alert.closes_at == at and alert.tell_at != at:
            self._close(alert, at)
        else:
            self.voice.tell(alert, at)

    def _due_by(self, until: datetime) -> tuple[datetime, Alert] | None:
        due = [(alert.due_at, alert) for alert in self.alerts if alert.due_at is not None and alert.due_at <= until]
        return min(due, key=lambda one: one[0], default=None)

    def _latest(self, key: Key) -> Alert | None:
        return next((alert for alert in reversed(self.alerts) if alert.key == key), None)

    def _is_in_reach(self, alert: Alert) -> bool:
        """Whether it can be joined: the latest of its key, and open or not over for too long."""
        if self._latest(alert.key) is not alert:
            return False
        return alert.over_at is None or self.now - alert.over_at <= self.limits.reopen_window


def is_news(said: Member, earlier: Member | None) -> bool:
    """Not done, and new, at work again or worse; critical for the first time; each event of a critical case at work."""
    worse = earlier is None or is_worse(said.severity, earlier.severity)
    if said.severity == "critical":
        return worse or not said.done
    return not said.done and (worse or (earlier is not None and earlier.done))


def is_worse(severity: str, other: str) -> bool:
    return SEVERITIES.index(severity) > SEVERITIES.index(other)


def of_key(alerts: list[Alert]) -> Iterator[tuple[tuple[Key, int], Alert]]:
    """Yield alerts by what names each: its key, and the how many-eth of that key it is."""
    for alert in alerts:
        yield (alert.key, alert.episode), alert
