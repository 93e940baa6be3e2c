"""An Alertmanager's webhooks, and what was posted -> how often it interrupts each team, with what, and how late.

A notification interrupts when it has an alert that the group's last one had not, or when it repeats the last one. One
that only has fewer alerts is about what was resolved, which is counted beside, as a resolve is on our side.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median
from typing import Any

from service.bench.fatigue.alertmanager.feed import Labels, Post
from service.bench.fatigue.measures import per_team_and_day, reduction
from service.bench.fatigue.values import Span
from service.core.records.words import Severity


class Sent(StrEnum):
    """What a notification is, as its receiver sees it."""

    FIRST = "first"
    MORE = "more"
    REPEAT = "repeat"
    FEWER = "fewer"
    RESOLVED = "resolved"

    @property
    def interrupts(self) -> bool:
        return self in (Sent.FIRST, Sent.MORE, Sent.REPEAT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One webhook; `at` is on the clock of the events."""

    at: datetime
    team: str
    group: str
    firing: frozenset[Labels]


def read(at: datetime, team: str, body: Mapping[str, Any]) -> Notification:
    firing = (one["labels"] for one in body["alerts"] if one["status"] == "firing")
    return Notification(
        at=at, team=team, group=body["groupKey"], firing=frozenset(tuple(sorted(one.items())) for one in firing)
    )


def classified(notifications: Iterable[Notification]) -> list[tuple[Notification, Sent]]:
    """Say of each notification, in order of time, what it is against the last one of its group."""
    last: dict[str, frozenset[Labels]] = {}
    found: list[tuple[Notification, Sent]] = []
    for one in sorted(notifications, key=lambda each: each.at):
        before = last.get(one.group, frozenset())
        last[one.group] = one.firing
        found.append((one, _sent(before, one.firing)))
    return found


def heard(notifications: Sequence[Notification], posted: Sequence[Post], negative: int, span: Span) -> dict[str, Any]:
    """Measure what an Alertmanager sent within a span, against the same negative events as ours."""
    sent = classified(one for one in notifications if one.at in span)
    interrupts = [(one.team, one.at) for one, what in sent if what.interrupts]
    teams = sorted({dict(post.labels)["team"] for post in posted})
    lives = list(_lives(posted, span))
    return {
        "alerts_posted": len(lives),
        "alerts_ended": len(posted) - len(lives),
        "groups": len({one.group for one, _ in sent}),
        "notifications": {what.value: count for what, count in Counter(what for _, what in sent).items()},
        "interrupts": {"total": len(interrupts), "per_team_and_day": per_team_and_day(interrupts, teams, span)},
        "reduction": reduction(len(interrupts), negative),
        "reduction_without_repeats": reduction(sum(what in (Sent.FIRST, Sent.MORE) for _, what in sent), negative),
        "critical": _summary([one for one in lives if dict(one.labels)["severity"] == Severity.CRITICAL], sent),
        "delay_seconds": _summary(lives, sent),
    }


def _sent(before: frozenset[Labels], firing: frozenset[Labels]) -> Sent:
    if not firing:
        return Sent.RESOLVED
    if not before:
        return Sent.FIRST
    if firing - before:
        return Sent.MORE
    return Sent.REPEAT if firing == before else Sent.FEWER


@dataclass(frozen=True, slots=True)
class _Life:
    """One alert from when it fired until it ended, or the span did."""

    labels: Labels
    since: datetime
    until: datetime


def _lives(posted: Iterable[Post], span: Span) -> Iterator[_Life]:
    firing: dict[Labels, datetime] = {}
    for post in posted:
        if post.ends:
            yield _Life(post.labels, firing.pop(post.labels), post.at)
        else:
            firing[post.labels] = post.at
    yield from (_Life(labels, since, span.until) for labels, since in firing.items())


def _summary(lives: Sequence[_Life], sent: Iterable[tuple[Notification, Sent]]) -> dict[str, Any]:
    """Say how late alerts were first in a notification, and how many ended before they were in any."""
    told: dict[Labels, list[datetime]] = {}
    for notification, _ in sent:
        for labels in notification.firing:
            told.setdefault(labels, []).append(notification.at)
    delays: list[float] = []
    for life in lives:
        first = next((at for at in told.get(life.labels, ()) if life.since <= at <= life.until), None)
        if first is not None:
            delays.append((first - life.since).total_seconds())
    return {
        "alerts": len(lives),
        "told": len(delays),
        "never_told": len(lives) - len(delays),
        "median": round(median(delays), 1) if delays else None,
        "worst": round(max(delays), 1) if delays else None,
    }
