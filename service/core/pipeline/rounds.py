"""The alerts that are due, or that nothing holds back any more -> the notices of one round, the most worthy first.

What is due of one team at the same time is ranked, so that a budget goes to what is worth it; what is read together
gets one name.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from service.core.budget import worth
from service.core.identity import digest_id
from service.core.notify import news
from service.core.pipeline.rules import Rules
from service.core.pipeline.settle import step
from service.core.records.alerts import Notice
from service.core.records.facts import Facts
from service.core.records.words import DigestReason, NoticeReason, Wait


def budgeted(names: Iterable[str], facts: Facts, rules: Rules) -> tuple[str, ...]:
    """Name the teams of these alerts that have a budget, sorted."""
    teams = {facts.alerts[name].team for name in names if name in facts.alerts}
    return tuple(sorted(team for team in teams if rules.attention_of(team).budget is not None))


def fire_round(facts: Facts, names: Iterable[str], until: datetime, rules: Rules) -> None:
    """Apply what is due of these alerts by an instant, in the order of its time; at one time the most worthy first."""
    first = len(facts.notices)
    waiting = [turn for name in sorted(set(names)) if (turn := _turn(facts, name, until)) is not None]
    heapq.heapify(waiting)
    while waiting:
        at, _, name = heapq.heappop(waiting)
        step(facts, name, at, rules)
        following = _turn(facts, name, until)
        if following is not None:
            heapq.heappush(waiting, following)
    facts.notices[first:] = _together(facts.notices[first:])


def release(facts: Facts, muter: str, names: Sequence[str], at: datetime, rules: Rules) -> None:
    """Ask anew, at once, for the alerts that a review or silence held back until it ended."""
    held = [name for name in names if facts.alerts[name].held_by == muter]
    for name in held:
        facts.alerts.put(name, replace(facts.alerts[name], flush_at=at))
    fire_round(facts, held, at, rules)


def _turn(facts: Facts, name: str, until: datetime) -> tuple[datetime, float, str] | None:
    alert = facts.alerts.get(name)
    if alert is None or alert.due_at is None or alert.due_at > until:
        return None
    reason = news(alert, alert.due_at)
    return (alert.due_at, 0.0 if isinstance(reason, Wait) else -worth(alert, reason), name)


def _together(notices: Sequence[Notice]) -> list[Notice]:
    """Name the digest in which notices are read together: each in a daily one, of other kinds two or more."""
    groups: dict[tuple[str, datetime, DigestReason], int] = {}
    for one in notices:
        why = _why(one)
        if why is not None:
            groups[one.team, one.at, why] = groups.get((one.team, one.at, why), 0) + 1
    found: list[Notice] = []
    for one in notices:
        why = _why(one)
        if why is None or (why is not DigestReason.DAILY and groups[one.team, one.at, why] == 1):
            found.append(one)
        else:
            found.append(replace(one, digest_id=digest_id(one.team, one.at, why)))
    return found


def _why(notice: Notice) -> DigestReason | None:
    if notice.reason is NoticeReason.DIGEST:
        return DigestReason.DAILY
    if notice.reason is not NoticeReason.UNMUTED:
        return None
    quiet = notice.held is not None and notice.held.why is Wait.QUIET_HOURS
    return DigestReason.QUIET_HOURS_OVER if quiet else DigestReason.UNMUTED
