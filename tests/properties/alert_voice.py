"""When a team is told, and of what: the tables of deploy/docs/alerts.md, what there is to tell and what holds it."""

from dataclasses import dataclass, replace
from datetime import datetime

from tests.properties.alert_mutes import BUDGETED, NOVELTY, REVIEW, Surroundings, next_hour, worth
from tests.properties.alert_shape import ENDS, HOUR, Alert, Flap, Hold, Limits, Notice, is_worse

# What interrupts nobody.
_UNCOUNTED = (*ENDS, "digest", "unmuted")


@dataclass(frozen=True, slots=True)
class Voice:
    limits: Limits
    around: Surroundings

    def reason(self, alert: Alert, at: datetime) -> str | None:  # noqa: C901 - one table, read from the top
        """What there is to tell, were there nothing to hold it back: the first line of the table that holds."""
        told, begins_to_flap = alert.told, alert.flap is not None and not alert.flap.told
        if alert.hold is not None and not alert.is_open:
            begins_to_flap = False
        if told is None:
            if begins_to_flap and not alert.critical_news:
                return "flapping"
            return "opened" if alert.is_open else None
        if not alert.critical_news and begins_to_flap:
            return "flapping"
        if not alert.is_open:
            return None if alert.was_told_over else "resolved" if alert.members else "withdrawn"
        if alert.was_told_over or (alert.critical_news and alert.was_over_unheard):
            return "reopened"
        if told.team != alert.team:
            return "owner_changed"
        if is_worse(alert.severity, told.severity):
            return "severity_increased"
        if alert.customers >= 2 and alert.customers >= 2 * told.customers:
            return "customers_doubled"
        if alert.flap is not None and alert.flap.over:
            return "flapping"
        aside = alert.hold is not None and alert.hold.why == "snoozed"
        return "repeat" if self._reminds(alert, at) and (aside or not _acked(alert, at)) else None

    def decide(self, alert: Alert, at: datetime) -> str | Hold | None:  # noqa: C901, PLR0912 - one table
        """What is told at an instant, or what holds it back, or that there is nothing."""
        reason, hold, around = self.reason(alert, at), alert.hold, self.around
        if reason == "flapping" and not alert.is_open and self._is_muted(alert, at):
            reason = None if alert.told is None or alert.was_told_over else "resolved" if alert.members else "withdrawn"
        if reason is None:
            return None
        silence = around.silenced(alert, at, critical=alert.critical_news)
        if alert.critical_news:
            return reason if silence is None else _hold(alert, "silenced", silence)
        if alert.flaps:
            return _hold(alert, "flapping", "")
        if reason in ENDS:
            return reason
        if around.inhibited(alert, at):
            return _hold(alert, "inhibited", REVIEW)
        if silence is not None:
            return _hold(alert, "silenced", silence)
        if is_aside(alert, at):
            return hold_aside(alert)
        if hold is not None and hold.why == "over_budget" and hold.until is not None and at >= hold.until:
            return "digest"
        if reason == "repeat" and hold is None and alert.repeats >= len(self.limits.repeat):
            return "digest"
        morning = around.quiet_until(alert.team, at)
        if morning is not None:
            return _hold(alert, "quiet_hours", "", morning)
        if hold is not None and hold.why != "over_budget":
            return "unmuted"
        if around.is_spent(alert.team, at):
            return _hold(alert, "over_budget", "", next_hour(at, self.limits.digest_hour))
        return reason

    def ask(self, alert: Alert, now: datetime) -> None:
        """An alert has changed: say when it is to be decided of, the earliest that it ever had a reason for."""
        reason, hold = self.reason(alert, now), alert.hold
        if alert.is_open and not _acked(alert, now):
            # A step that came due while it was over is climbed now that it is open again.
            alert.rungs = [(max(at, now), to) for at, to in alert.rungs]
        nothing = reason is None or (reason == "repeat" and hold is None)
        if nothing or (alert.flaps and not alert.critical_news):
            alert.tell_at = None
            if self._is_kept_from_reminding(alert, reason, now):
                alert.repeat_at = alert.acked_until
            alert.hold = hold if hold is not None and hold.hides else None
        elif hold is not None and reason not in ENDS and not alert.critical_news and not _worse(alert, hold):
            alert.tell_at = hold.until
        else:
            alert.tell_at = min(self._due(alert, reason, now), alert.tell_at or datetime.max.replace(tzinfo=now.tzinfo))

    def tell(self, alert: Alert, at: datetime) -> None:
        """Tell what there is to tell, or note what holds it back."""
        found = self.decide(alert, at)
        alert.tell_at = None
        if isinstance(found, Hold):
            alert.hold, alert.tell_at = found, found.until
            if alert.repeat_at is not None and alert.repeat_at <= at:
                alert.repeat_at = None
        elif found is None:
            if alert.is_open and _acked(alert, at) and self._reminds(alert, at):
                alert.repeat_at = alert.acked_until
            alert.hold = None
        else:
            self._tell(alert, found, at)

    def climb(self, alert: Alert, place: int, at: datetime) -> None:
        """Call the team of a rung, or try again later if it may not be told now."""
        _, team = alert.rungs.pop(place)
        critical, around = alert.severity == "critical", self.around
        later = None
        if any(around.silenced(alert, at, critical=critical, team=one) for one in (alert.team, team)):
            later = at + HOUR
        elif not critical:
            later = at + HOUR if around.inhibited(alert, at) else around.quiet_until(team, at)
        if later is not None:
            order = [to for _, to in around.features.ladder]
            alert.rungs = sorted([*alert.rungs, (later, team)], key=lambda one: (one[0], order.index(one[1])))
            return
        _say(alert, at, "escalated", team)
        if team not in alert.called:
            alert.called.append(team)

    def observe(self, alert: Alert, now: datetime, *, is_open: bool) -> None:
        """Note how a record has left an alert: it flaps once it has changed too often."""
        rules, mark = self.around.features.flaps, "o" if is_open else "r"
        if rules is None:
            return
        changed = alert.course[-1:] != mark
        alert.course = (alert.course + mark)[-rules.look_back :]
        changes = sum(one != other for one, other in zip(alert.course, alert.course[1:], strict=False))
        if changed and alert.calm_at is not None and alert.flap is not None:
            alert.flap = replace(alert.flap, calm_at=now + rules.calm)
        elif changed and alert.calm_at is None and changes >= rules.changes:
            alert.flap = Flap(calm_at=now + rules.calm)

    def end_flapping(self, alert: Alert) -> None:
        alert.flap = replace(alert.flap, over=True) if alert.flap is not None and alert.flap.told else None
        alert.hold = None if alert.hold is not None and alert.hold.why == "flapping" else alert.hold
        alert.course = "o" if alert.is_open else "r"

    def worth(self, alert: Alert, at: datetime) -> float:
        """Of what is due of a team at one time the most worthy is told first."""
        reason = self.reason(alert, at)
        return 0.0 if reason is None else worth(alert.severity, alert.customers, NOVELTY.get(reason, 1.0))

    def _tell(self, alert: Alert, found: str, at: datetime) -> None:
        if found not in _UNCOUNTED and not alert.critical_news and alert.team in BUDGETED:
            self.around.spend(alert.team, at)
        begins = alert.told is None or alert.was_told_over or alert.told.team != alert.team
        again = found == "repeat" or (found == "digest" and alert.told is not None)
        team = alert.told.team if found in ENDS and alert.told is not None else alert.team
        alert.repeats = alert.repeats + 1 if again else 0
        alert.told = _say(alert, at, found, team)
        alert.repeat_at = self._next_repeat(alert, at) if alert.is_open else None
        alert.hold = None
        alert.flap = None if alert.flap is None or alert.flap.over else replace(alert.flap, closed=False)
        if alert.flap is not None and found == "flapping":
            alert.flap = replace(alert.flap, told=True)
        if found in ENDS:
            for other in alert.called:
                if other != team:
                    _say(alert, at, found, other)
            alert.rungs, alert.called = [], []
        elif begins:
            ladder = self.around.features.ladder if alert.team in BUDGETED else ()
            alert.rungs = [(at + after, to) for after, to in ladder]

    def _is_kept_from_reminding(self, alert: Alert, reason: str | None, at: datetime) -> bool:
        """Whether an acknowledgement is all that holds back the reminder that something else had held back."""
        return reason is None and alert.is_open and _acked(alert, at) and alert.hold is not None and not alert.repeat_at

    def _is_muted(self, alert: Alert, at: datetime) -> bool:
        around = self.around
        if around.silenced(alert, at, critical=False) is not None or around.inhibited(alert, at):
            return True
        if is_aside(alert, at):
            return True
        return around.quiet_until(alert.team, at) is not None or around.is_spent(alert.team, at)

    def _due(self, alert: Alert, reason: str | None, now: datetime) -> datetime:
        if alert.critical_news:
            return now
        told = alert.told
        after = now if told is None else max(now, told.at + self.limits.interval)
        if reason in ENDS:
            return after
        if alert.hold is not None:
            after = now
        elif told is None:
            after = now + self.limits.wait
        return self.around.in_rounds(alert.team, after)

    def _reminds(self, alert: Alert, at: datetime) -> bool:
        return alert.hold is not None or (alert.repeat_at is not None and alert.repeat_at <= at)

    def _next_repeat(self, alert: Alert, at: datetime) -> datetime:
        steps = self.limits.repeat
        if alert.repeats < len(steps):
            return at + steps[alert.repeats]
        return next_hour(at + steps[-1], self.limits.digest_hour)


def _say(alert: Alert, at: datetime, reason: str, team: str) -> Notice:
    said = Notice(
        revision=len(alert.notices) + 1,
        at=at,
        reason=reason,
        team=team,
        severity=alert.severity,
        customers=alert.customers,
    )
    alert.notices.append(said)
    return said


def is_aside(alert: Alert, at: datetime) -> bool:
    return alert.aside_until is not None and at < alert.aside_until


def hold_aside(alert: Alert) -> Hold:
    return _hold(alert, "snoozed", "", alert.aside_until)


def _hold(alert: Alert, why: str, by: str, until: datetime | None = None) -> Hold:
    known = len(alert.members) if alert.told is not None else 0
    return Hold(
        why=why,
        by=by,
        until=until,
        severity=alert.severity,
        customers=alert.customers,
        events_before=known if alert.hold is None else alert.hold.events_before,
    )


def _worse(alert: Alert, hold: Hold) -> bool:
    if is_worse(alert.severity, hold.severity):
        return True
    return hold.why == "over_budget" and alert.customers >= 2 and alert.customers >= 2 * hold.customers


def _acked(alert: Alert, at: datetime) -> bool:
    return alert.acked_until is not None and at < alert.acked_until
