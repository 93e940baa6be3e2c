"""The life of alerts, as deploy/docs/alerts.md tells it and nothing else: who is in which, and who is told what, when.

Everything is kept as plainly as it can be said, and taken anew where it could be counted on. A subject has one state at
a time, each event happens now, and severities are given. What a team is told is up to `Voice`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from tests.properties.alert_mutes import REVIEW_WAIT, Silence, Surroundings
from tests.properties.alert_shape import Alert, Features, Key, Limits, Member, Owner, is_worse
from tests.properties.alert_voice import Voice, hold_aside


class Model:
    """All alerts, in the order in which they were opened."""

    def __init__(self, now: datetime, features: Features, id_of: Callable[[Key, int], str]) -> None:
        """`id_of` names an alert, which decides where two are worth the same."""
        self.now = now
        self.limits = Limits()
        self.around = Surroundings(features=features)
        self.voice = Voice(self.limits, self.around)
        self.alerts: list[Alert] = []
        self._id_of = id_of

    def open_alerts(self) -> list[Alert]:
        return [alert for alert in self.alerts if alert.is_open]

    def limits_ahead(self) -> list[datetime]:
        """The instants to come at which something is due, or can no longer happen."""
        found = {
            at
            for alert in self.alerts
            for at in (
                *(alert.due_at, alert.acked_until, alert.aside_until),
                alert.over_at and alert.over_at + self.limits.reopen_window,
            )
            if at is not None and at > self.now
        }
        found |= {one.due_at for one in self.around.silences if one.due_at is not None}
        return sorted(found)

    def wait(self, until: datetime) -> list[datetime]:
        """Let time pass: what is due happens at its own time, the earliest first; return when something did."""
        found = []
        while (at := self._next_at()) is not None and at <= until:
            self._happen(at)
            found.append(at)
        self.now = until
        return found

    def silence(self, silence: Silence) -> None:
        self.around.silences.append(silence)

    def lift(self, silence: Silence) -> None:
        self.around.end(silence, self.now)
        self.wait(self.now)

    def review(self, *, is_open: bool) -> None:
        self.around.review(self.now, is_open=is_open)
        self.wait(self.now)

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
        for alert in self.alerts:
            self._conclude(alert)

    def acknowledge(self, alert: Alert) -> None:
        alert.acked_until = self.now + self.limits.ack_expiry
        self._ask(alert)

    def resolve(self, alert: Alert) -> None:
        alert.aside_until = None
        self._close(alert, self.now)

    def reopen(self, alert: Alert) -> None:
        alert.over_at, alert.acked_until, alert.repeats, alert.aside_until = None, None, 0, None
        alert.closes_at = self.now + self.limits.auto_close
        self._ask(alert)

    def can_be_reopened(self) -> list[Alert]:
        return [alert for alert in self.alerts if not alert.is_open and self._latest(alert.key) is alert]

    def put_aside(self, alert: Alert, until: datetime) -> None:
        """It is held from now on, so that it comes back; what hides it already still does."""
        alert.aside_until = until
        if alert.hold is None or not alert.hold.hides:
            alert.hold, alert.tell_at = hold_aside(alert), until
        self._ask(alert)

    def take_up(self, alert: Alert) -> None:
        """Its team hears of what came meanwhile, and of a reminder that was held back, and of nothing else."""
        hold, alert.aside_until = alert.hold, None
        if hold is not None and hold.why == "snoozed":
            alert.hold, alert.tell_at = None, None
            news = self.voice.reason(alert, self.now) is not None
            if news or len(alert.members) > hold.events_before or alert.repeat_at is None:
                alert.hold, alert.tell_at = replace(hold, until=self.now), self.now
        self._ask(alert)

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
        opened = Alert(key=owner.key, episode=episode, team=owner.team, teamed=owner.teamed, process=owner.process)
        self.alerts.append(opened)
        return opened

    def _join(self, home: Alert, subject: str, said: Member, owner: Owner, earlier: Member | None) -> None:
        home.members[subject] = said
        # What held its news from one team is no reason for the other.
        if home.team != owner.team:
            home.hold, home.aside_until = None, None
        home.team = owner.team
        if not home.is_open and is_news(said, earlier):
            home.over_at, home.acked_until, home.repeats = None, None, 0
        if home.is_open:
            home.closes_at = self.now + self.limits.auto_close

    def _settle(self, alert: Alert) -> None:
        over = alert.is_open and all(one.done for one in alert.members.values())
        self.voice.observe(alert, self.now, is_open=alert.is_open and not over)
        if not over or alert.severity == "critical":
            self._ask(alert)
        if over:
            self._close(alert, self.now)

    def _close(self, alert: Alert, at: datetime) -> None:
        alert.over_at, alert.closes_at = at, None
        alert.flap = None if alert.flap is None else replace(alert.flap, closed=True)
        self._ask(alert, at)

    def _conclude(self, alert: Alert) -> None:
        """What is left to say of an alert that a later one has followed is said at once; it can not flap any more."""
        if alert.due_at is not None and self._latest(alert.key) is not alert:
            self.voice.end_flapping(alert)
            alert.tell_at = self.now
            self._fire_by(self.now, alert)

    def _ask(self, alert: Alert, at: datetime | None = None) -> None:
        now = at or self.now
        self.voice.ask(alert, now)
        self._fire_by(now, alert)
        self._hide(alert, now)

    def _fire_by(self, now: datetime, alert: Alert) -> None:
        while alert.due_at is not None and alert.due_at <= now:
            self._fire(alert.due_at, alert)

    def _next_at(self) -> datetime | None:
        alerts = (alert.due_at for alert in self.alerts)
        silences = (one.due_at for one in self.around.silences)
        released = (at for at, _ in self.around.released)
        return min((at for at in (*alerts, *silences, *released) if at is not None), default=None)

    def _happen(self, at: datetime) -> None:
        """Do one thing at an instant: what is due of an alert, else what was held back, else look at a silence."""
        due = [alert for alert in self.alerts if alert.due_at is not None and alert.due_at <= at]
        if due:
            first = min(
                due, key=lambda one: (one.due_at, -self.voice.worth(one, at), self._id_of(one.key, one.episode))
            )
            self._fire(at, first)
        elif self.around.released:
            _, name = self.around.released.pop(0)
            for alert in self.alerts:
                if alert.hold is not None and alert.hold.by == name:
                    alert.tell_at = at
        else:
            silence = next(one for one in self.around.silences if one.due_at == at)
            self.around.look(silence, self.alerts, at)

    def _fire(self, at: datetime, alert: Alert) -> None:
        """Carry out what is due of an alert: what is to be told, else its end, else calm, else a step of its ladder."""
        asked = at == alert.tell_at or (alert.is_open and at == alert.repeat_at)
        rung = alert.rung
        if not asked and alert.closes_at == at:
            self._close(alert, at)
        elif not asked and alert.calm_at == at:
            self.voice.end_flapping(alert)
            self.voice.ask(alert, at)
        elif not asked and rung is not None:
            self.voice.climb(alert, rung[1], at)
        else:
            self.voice.tell(alert, at)
        self._hide(alert, at)

    def _hide(self, alert: Alert, at: datetime) -> None:
        """A minute after something has changed under a silence that is looked at."""
        hold = alert.hold
        for silence in self.around.silences:
            if hold is not None and hold.by == silence.name and not silence.ended and silence.check_at is None:
                silence.check_at = at + REVIEW_WAIT

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
