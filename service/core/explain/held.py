"""An alert, the time and what is in force -> all that would hold a notice of it back, each with why and until when."""

from collections.abc import Iterator
from datetime import datetime

from service.core.describe import instant
from service.core.explain.document import Muted
from service.core.notify import critical_news
from service.core.pipeline.muting import mutes
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Alert
from service.core.records.facts import Facts
from service.core.records.muting import Muters
from service.core.records.words import AlertState, Wait

_ACKNOWLEDGED = Wait.ACKNOWLEDGED.value


def muted(alert: Alert | None, at: datetime, muters: Muters, rules: Rules) -> tuple[Muted, ...]:
    """Name all of it, in the order in which the decision asks; nothing where no notice could be held back."""
    return () if alert is None else tuple(_muted(alert, at, muters, rules))


def _muted(alert: Alert, at: datetime, muters: Muters, rules: Rules) -> Iterator[Muted]:
    facts, team = Facts(), rules.attention_of(alert.team)
    facts.muters = muters
    found = mutes(alert, at, facts, rules)
    flap = alert.flap
    if flap is not None and flap.told and not flap.over and not critical_news(alert):
        yield Muted(kind=Wait.FLAPPING, by=alert.alert_id, until=flap.calm_at, why="it opens and closes too often")
    if found.inhibited_by is not None:
        yield Muted(kind=Wait.INHIBITED, by=found.inhibited_by, until=None, why="an open review speaks for its cell")
    if found.silenced_by is not None:
        silence = muters.silences.named(found.silenced_by)
        why = "a silence holds it" if silence is None else f"{silence.author} silenced it: {silence.reason}"
        ends_at = None if silence is None else silence.ends_at
        yield Muted(kind=Wait.SILENCED, by=found.silenced_by, until=ends_at, why=why)
    if found.snoozed_until is not None:
        why = f"{found.snoozed_by} put it aside until {instant(found.snoozed_until)}"
        yield Muted(kind=Wait.SNOOZED, by=found.snoozed_by, until=found.snoozed_until, why=why)
    if found.quiet_until is not None:
        why = f"{alert.team} has quiet hours by the calendar {found.quiet_by}"
        yield Muted(kind=Wait.QUIET_HOURS, by=found.quiet_by, until=found.quiet_until, why=why)
    if found.spent is not None:
        digest_at = team.manners.digests.after(at)
        why = f"{alert.team} has had the interrupts that its budget has for the {found.spent}"
        yield Muted(kind=Wait.OVER_BUDGET, by=found.spent, until=digest_at, why=why)
    if alert.acked_until is not None and at < alert.acked_until and alert.state is AlertState.OPEN:
        why = f"{alert.acked_by} has it in hand, which holds reminders until {instant(alert.acked_until)}"
        yield Muted(kind=_ACKNOWLEDGED, by=alert.acked_by or "", until=alert.acked_until, why=why)
