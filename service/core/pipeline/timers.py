"""An alert and a time -> what is due of it by then, each at its own time: notices, ends, steps of its ladder.

What a late ticker finds is decided as of when it was due, so that its coming late changes no decision.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from service.core.alert import close
from service.core.describe import title
from service.core.escalate import begin, climb, postpone, tighten
from service.core.flapping import calm
from service.core.notify import flush, schedule
from service.core.pipeline.handover import dated
from service.core.pipeline.muting import count_interrupt, mutes, note_told
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Alert, Announced, Notice
from service.core.records.escalation import Rung
from service.core.records.facts import Facts
from service.core.records.words import AlertState, NoticeReason, Severity

# So much later a rung is tried again of an alert that a review or a silence holds back.
_LATER = timedelta(hours=1)


def fire(facts: Facts, alert_id: str, now: datetime, rules: Rules) -> None:
    """Apply what is due of one alert by `now`, each at its own time, in order."""
    while (at := facts.alerts[alert_id].timer_at) is not None and at <= now:
        step(facts, alert_id, at, rules)


def step(facts: Facts, alert_id: str, at: datetime, rules: Rules) -> None:
    """Apply the first thing that is due of an alert, at its time; what is to be told comes first."""
    alert = facts.alerts[alert_id]
    timing, manners = rules.timing(alert.route), rules.attention_of(alert.team).manners
    asked = at in (alert.flush_at, alert.repeat_at if alert.state is AlertState.OPEN else None)
    if not asked and alert.close_at == at:
        alert = schedule(close(alert, at), at, timing, manners)
    elif not asked and alert.flap is not None and not alert.flap.over and alert.flap.calm_at == at:
        alert = schedule(calm(alert), at, timing, manners)
    elif not asked and alert.rung is not None:
        alert = _climbed(facts, alert, alert.rung[1], at, rules)
    else:
        alert = _told(facts, alert, at, rules)
    facts.alerts.put(alert_id, dated(alert, at, rules))


def reschedule(facts: Facts, alert_id: str, now: datetime, rules: Rules) -> None:
    """Ask anew when an alert that changed at `now` is to be told of; critical news is told at once."""
    alert = facts.alerts[alert_id]
    manners = rules.attention_of(alert.team).manners
    alert = schedule(alert, now, rules.timing(alert.route), manners)
    while (rung := alert.rung) is not None and alert.escalation is not None and rung[0] < now:
        # It came due while the alert was over; nobody is told as of then.
        alert = replace(alert, escalation=postpone(alert.escalation, rung[1], now))
    facts.alerts.put(alert_id, dated(alert, now, rules))
    fire(facts, alert_id, now, rules)


def conclude(facts: Facts, alert_id: str, now: datetime, rules: Rules) -> None:
    """Say at once what is left to say of an alert that a later one has followed: the ticker finds but the latest."""
    alert = facts.alerts[alert_id]
    if alert.timer_at is not None and facts.gates[alert.alert_key].alert_id != alert_id:
        # Its subjects may go on to come and go in the later one.
        facts.alerts.put(alert_id, replace(calm(alert), flush_at=now))
        fire(facts, alert_id, now, rules)


def _told(facts: Facts, before: Alert, at: datetime, rules: Rules) -> Alert:
    """Say what is new, if it may be said; it settles what is due of whom from then on."""
    team = rules.attention_of(before.team)
    heading = title(before, rules.labels, rules.processes)
    muted = mutes(before, at, facts, rules)
    alert, said = flush(before, at, heading, rules.timing(before.route), team.manners, muted)
    if not isinstance(said, Notice):
        return alert
    if alert.state is not AlertState.OPEN and said.reason is not NoticeReason.FLAPPING:
        return _ended(facts, replace(alert, escalation=None), said, before)
    if _begins(before.announced, alert):
        alert = replace(alert, escalation=begin(alert, at, team.plan))
    elif before.announced is not None and alert.severity.rank > before.announced.severity.rank:
        alert = replace(alert, escalation=tighten(alert, at, team.plan))
    facts.notices.append(replace(said, alert=alert))
    note_told(facts, alert)
    count_interrupt(facts, before, said.reason, at, rules)
    return alert


def _begins(told: Announced | None, alert: Alert) -> bool:
    return told is None or told.state is AlertState.RESOLVED or told.team != alert.team


def _ended(facts: Facts, alert: Alert, said: Notice, before: Alert) -> Alert:
    """Tell the end to all who were told of it: the alert's team, and those that its ladder had called."""
    facts.notices.append(replace(said, alert=alert))
    for other in () if before.escalation is None else before.escalation.told:
        if other != said.team:
            alert = replace(alert, revision=alert.revision + 1)
            facts.notices.append(replace(said, alert=alert, revision=alert.revision, to=other, held=None))
    return alert


def _climbed(facts: Facts, alert: Alert, rung: Rung, at: datetime, rules: Rules) -> Alert:
    """Tell the team of a rung that something is overdue, unless that team may not be told now."""
    escalation = alert.escalation
    if escalation is None:
        return alert
    critical = alert.severity is Severity.CRITICAL
    # What holds the alert back from its own team speaks for the matter itself; the other team has hours of its own.
    own, muted = (mutes(one, at, facts, rules, critical=critical) for one in (alert, replace(alert, team=rung.to)))
    if any(one.inhibited_by is not None or one.silenced_by is not None for one in (own, muted)):
        return replace(alert, escalation=postpone(escalation, rung, at + _LATER))
    if muted.quiet_until is not None:
        return replace(alert, escalation=postpone(escalation, rung, muted.quiet_until))
    alert = replace(alert, revision=alert.revision + 1, escalation=climb(escalation, rung))
    facts.notices.append(
        Notice(
            at=at,
            reason=NoticeReason.ESCALATED,
            revision=alert.revision,
            alert=alert,
            title=title(alert, rules.labels, rules.processes),
            to=None if rung.to == alert.team else rung.to,
            rung=rung,
        )
    )
    return alert
