"""What a person does to an alert beside ending or moving it -> the alert after it: claimed, put aside, back, reopened.

Refuses nothing: whether it may be done, `act` has decided. What is to be told because of it is asked for afterwards.
"""

from datetime import datetime

from msgspec.structs import replace

from service.core import follow_up
from service.core.notify import hold, news
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Alert
from service.core.records.handling import Claim, Snooze
from service.core.records.words import AlertKind, AlertState, Wait


def claimed(alert: Alert, by: str, now: datetime, rules: Rules) -> Alert:
    """Give somebody the alert for the time of a lease; who has it already has it since then."""
    held = alert.claim
    is_theirs = held is not None and held.by == by and now < held.until
    since = held.at if held is not None and is_theirs else now
    return replace(alert, claim=Claim(by=by, at=since, until=now + rules.playbook.fatigue.claim_lease))


def misdated(until: datetime | None, now: datetime, rules: Rules) -> bool:
    """Tell whether nothing can be put aside until then: a snooze ends, as a silence does."""
    return until is None or not now < until <= now + rules.playbook.fatigue.silence_max


def snoozed(alert: Alert, by: str, until: datetime, now: datetime) -> Alert:
    """Put an alert aside: it is held back at once, so that it comes back when the time is over, news or not.

    What a review or a silence holds stays so; what these leave is held for the rest of the time.
    """
    alert = replace(alert, snooze=Snooze(by=by, at=now, until=until))
    if alert.held is not None and alert.held.hides:
        return alert
    return replace(alert, held=hold(alert, now, Wait.SNOOZED, by, until), flush_at=until)


def woken(alert: Alert, now: datetime, rules: Rules) -> Alert:
    """Take an alert up again before its time: its team hears at once what has come meanwhile, if anything has."""
    held, alert = alert.held, replace(alert, snooze=None)
    if held is None or held.why is not Wait.SNOOZED:
        return alert
    untold = replace(alert, held=None)
    reminds = bool(rules.timing(alert.route).repeat) and alert.repeat_at is None
    if alert.events > held.events_before or reminds or not isinstance(news(untold, now), Wait):
        return replace(alert, held=replace(held, until=now), flush_at=now)
    return replace(untold, flush_at=None)


def reopened(alert: Alert, now: datetime, rules: Rules) -> Alert:
    """Open a resolved alert again, with nobody's name on it; a review is to be dealt with anew."""
    fatigue, told = rules.playbook.fatigue, alert.follow_up
    if told is not None and alert.level is not None:
        told = follow_up.reopened(alert, alert.level, now, rules.playbook.volume.reviews)
    return replace(
        alert,
        state=AlertState.OPEN,
        resolved_at=None,
        close_at=now + fatigue.auto_close if alert.kind is AlertKind.EVENT else alert.close_at,
        repeats=0,
        acked_until=None,
        acked_by=None,
        claim=None,
        snooze=None,
        follow_up=told,
    )
