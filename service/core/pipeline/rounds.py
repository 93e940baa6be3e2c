"""The alerts that are due, or that nothing holds back any more -> the notices of one round, the most worthy first.

What is due of one team at the same time is ranked, so that a budget goes to what is worth it.
"""

import heapq
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from service.core.budget import worth
from service.core.notify import news
from service.core.pipeline.handover import before_handover
from service.core.pipeline.rules import Rules
from service.core.pipeline.timers import step
from service.core.records.facts import Facts
from service.core.records.words import Wait


def budgeted(names: Iterable[str], facts: Facts, rules: Rules) -> tuple[str, ...]:
    """Name the teams of these alerts that have a budget, sorted."""
    teams = {facts.alerts[name].team for name in names if name in facts.alerts}
    return tuple(sorted(team for team in teams if rules.attention_of(team).budget is not None))


def with_budget(rules: Rules) -> tuple[str, ...]:
    """Name all teams that have a budget, sorted."""
    return tuple(sorted(team.id for team in rules.playbook.teams if rules.attention_of(team.id).budget is not None))


def may_spend(facts: Facts, teams: Iterable[str], first: datetime, last: datetime, rules: Rules) -> tuple[str, ...]:
    """Name the teams with a budget, sorted, that may be interrupted while these alerts change between two instants.

    `teams` are those that may get an alert. On the full minute, and where time passes, what has just changed may be
    told at once; else only what is due.
    """
    if first < last or first == first.replace(second=0, microsecond=0):
        found = {*teams, *(alert.team for alert in facts.alerts.values())}
    else:
        found = {one.team for one in facts.alerts.values() if one.timer_at is not None and one.timer_at <= last}
    return tuple(sorted(team for team in found if rules.attention_of(team).budget is not None))


def fire_round(facts: Facts, names: Iterable[str], until: datetime, rules: Rules) -> None:
    """Apply what is due of these alerts by an instant, in the order of its time; at one time the most worthy first."""
    waiting = [turn for name in sorted(set(names)) if (turn := _turn(facts, name, until)) is not None]
    heapq.heapify(waiting)
    while waiting:
        at, _, name = heapq.heappop(waiting)
        step(facts, name, at, rules)
        following = _turn(facts, name, until)
        if following is not None:
            heapq.heappush(waiting, following)


def release(facts: Facts, muter: str, names: Sequence[str], at: datetime, rules: Rules) -> None:
    """Ask anew, at once, for the alerts that a review or silence held back until it ended."""
    held = [name for name in names if facts.alerts[name].held_by == muter]
    for name in held:
        facts.alerts.put(name, replace(facts.alerts[name], flush_at=at))
    fire_round(facts, held, at, rules)


def _turn(facts: Facts, name: str, until: datetime) -> tuple[datetime, float, str] | None:
    alert = facts.alerts.get(name)
    if alert is None or alert.timer_at is None or alert.timer_at > before_handover(alert, until):
        return None
    reason = news(alert, alert.timer_at)
    return (alert.timer_at, 0.0 if isinstance(reason, Wait) else -worth(alert, reason), name)
