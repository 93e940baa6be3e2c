"""An alert, and what is in force -> what would hold its news back at an instant, and the verdict that this makes."""

from datetime import datetime

from msgspec.structs import replace

from service.core.budget import spend, spent_by
from service.core.inhibit import inhibitor, source_of
from service.core.notify import NOTHING_MUTES, Mutes, critical_news
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Alert
from service.core.records.facts import Facts
from service.core.records.muting import Silence, Source, Spent
from service.core.records.renamed import current
from service.core.records.words import NoticeReason, Reason, Verdict

# What a team is told without being interrupted, or in one go with others.
_UNCOUNTED = (NoticeReason.RESOLVED, NoticeReason.WITHDRAWN, NoticeReason.DIGEST, NoticeReason.UNMUTED)


def mutes(alert: Alert, at: datetime, facts: Facts, rules: Rules, *, critical: bool | None = None) -> Mutes:
    """Say what would hold back a notice of an alert at an instant.

    What is critical is held back only by a silence that says so; by default an alert's own news is looked at.
    """
    critical = critical_news(alert) if critical is None else critical
    muters, team = facts.muters, rules.attention_of(alert.team)
    silence = _silence(alert, at, facts, rules, critical=critical) if muters.silences else None
    found = NOTHING_MUTES
    if silence is not None:
        found = Mutes(silenced_by=silence.silence_id)
    if critical:
        return found
    source = _source(alert, facts, rules) if muters.sources else None
    quiet_until, spent = team.calendar.quiet_until(at), None
    if team.budget is not None:
        spent = spent_by(team.budget, _spent(facts, alert.team), team.stretches(at))
    snooze = alert.snooze if alert.snooze is not None and at < alert.snooze.until else None
    if source is None and quiet_until is None and spent is None and snooze is None:
        return found
    return Mutes(
        inhibited_by=None if source is None else source.alert_id,
        silenced_by=found.silenced_by,
        snoozed_by="" if snooze is None else snooze.by,
        snoozed_until=None if snooze is None else snooze.until,
        quiet_by=team.calendar_id,
        quiet_until=quiet_until,
        spent=spent,
    )


def count_interrupt(facts: Facts, alert: Alert, reason: NoticeReason, at: datetime, rules: Rules) -> None:
    """Count a notice against its team's budget; what is critical for the first time has none."""
    team = rules.attention_of(alert.team)
    if team.budget is None or reason in _UNCOUNTED or critical_news(alert):
        return
    facts.spent.put(alert.team, spend(_spent(facts, alert.team), team.stretches(at)))


def note_told(facts: Facts, alert: Alert) -> None:
    """Let a review that its team has just been told of hold back what is due after it in the same transaction."""
    if alert.kind.is_review:
        others = (one for one in facts.muters.sources if one.alert_id != alert.alert_id)
        facts.muters = replace(facts.muters, sources=(*others, source_of(alert)))


def muted_verdict(found: Mutes) -> tuple[Verdict, Reason] | None:
    """Return the verdict of a feedback whose alert is told of later, the first that holds."""
    if found.inhibited_by is not None:
        return Verdict.INHIBITED, Reason.REVIEW_OPEN
    if found.silenced_by is not None:
        return Verdict.SILENCED, Reason.SILENCE_IN_FORCE
    if found.snoozed_until is not None:
        return Verdict.HELD, Reason.SNOOZED
    if found.quiet_until is not None:
        return Verdict.HELD, Reason.QUIET_HOURS
    return (Verdict.HELD, Reason.BUDGET_SPENT) if found.spent is not None else None


def _silence(alert: Alert, at: datetime, facts: Facts, rules: Rules, *, critical: bool) -> Silence | None:
    """A silence may still name a category by an id that was replaced."""
    traits = alert.traits
    older = (old for old, new in rules.renamed.items() if new == alert.category)
    asked = ({**traits, "category": name} for name in (alert.category, *older))
    found = (facts.muters.silences.of(one, at, critical=critical) for one in asked)
    return next((one for one in found if one is not None), None)


def _source(alert: Alert, facts: Facts, rules: Rules) -> Source | None:
    """A review that was opened under an earlier id holds back what has the new one."""
    if not rules.renamed:
        return inhibitor(alert.traits, facts.muters.sources, rules.playbook.inhibit)
    traits = {**alert.traits, "category": current(alert.category, rules.renamed)}
    sources = [replace(one, category=current(one.category, rules.renamed)) for one in facts.muters.sources]
    return inhibitor(traits, sources, rules.playbook.inhibit)


def _spent(facts: Facts, team: str) -> Spent:
    return facts.spent.get(team) or facts.muters.spent.get(team) or Spent()
