"""A tick of days and what the taxonomy does not cover -> alerts for its owner, one a source or tag.

Told once, refreshed while it holds, and resolved once it has not held for fourteen days, which are two weekly windows
in a row. Their texts are excerpts like those of any alert; the evidence names feedback and holds no text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from msgspec.structs import replace

from service.core.alert import When, close
from service.core.identity import alert_id, alert_key
from service.core.pipeline.episodes import latest, taken_up
from service.core.pipeline.rules import Rules
from service.core.pipeline.timers import reschedule
from service.core.records.alerts import Alert, Excerpt
from service.core.records.facts import Facts
from service.core.records.words import UNASSIGNED, UNMAPPED, AlertKind, AlertState
from service.core.taxonomy import Item, Uncovered, items
from service.core.volume import DayRange

_DAY = timedelta(days=1)
_LOW = (0, 1, 0, 0, 0)
_MOST_EXCERPTS = 3
_EXCERPT = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a tick found of one source or tag in the days of `span`."""

    item: Item
    span: DayRange
    alert_key: str
    team: str


def review_span(end: date, rules: Rules) -> DayRange | None:
    """The days that a tick looks back on; None where the playbook does not ask."""
    asked = rules.playbook.taxonomy_review
    return None if asked is None else DayRange(first=end - asked.days * _DAY + _DAY, last=end)


def find_items(uncovered: Uncovered, span: DayRange, rules: Rules) -> list[Seen]:
    asked = rules.playbook.taxonomy_review
    if asked is None:
        return []
    return [
        Seen(item=one, span=span, alert_key=alert_key(AlertKind.TAXONOMY, one.names, team=asked.team), team=asked.team)
        for one in items(uncovered, asked)
    ]


def item_gates(seen: Sequence[Seen]) -> tuple[str, ...]:
    """Name the alert keys that the tick touches, sorted."""
    return tuple(sorted(one.alert_key for one in seen))


def tell_items(seen: Sequence[Seen], facts: Facts, now: datetime, rules: Rules, *, quiet: bool = False) -> None:
    """Open, refresh or close the alert of each source and tag; with `quiet` nobody is told now."""
    for one in seen:
        alert = _alert(one, facts, now, rules)
        if alert is not None:
            facts.alerts.put(alert.alert_id, alert)
            if not quiet:
                reschedule(facts, alert.alert_id, now, rules)


def _alert(one: Seen, facts: Facts, now: datetime, rules: Rules) -> Alert | None:
    patience = timedelta(days=rules.volume.settings.close_after_days)
    if not one.item.reason.calls:
        alert = latest(facts, one.alert_key, now, rules)
        if alert is not None and alert.state is AlertState.OPEN and one.span.last - _held_on(alert) >= patience:
            return close(alert, now)
        return alert
    alert = taken_up(facts, one.alert_key, When(now=now, at=now), rules, lambda number: _opened(one, number, now)).alert
    return replace(
        alert,
        severities=_LOW,
        events=one.item.count,
        unfinished=1,
        last_seen=datetime.combine(one.span.last, time.max, UTC),
        # The playbook may stop asking, or the source fall silent, and then no tick would ever close it.
        close_at=now + 2 * patience,
        excerpts=tuple(
            Excerpt(
                event_id=example.feedback.event_id, score=example.assessed.score, text=example.feedback.text[:_EXCERPT]
            )
            for example in one.item.examples[:_MOST_EXCERPTS]
        ),
        evidence={
            **one.item.evidence,
            "reason": one.item.reason.value,
            "window": [one.span.first.isoformat(), one.span.last.isoformat()],
            "held_on": one.span.last.isoformat(),
            "playbook": rules.digest,
        },
    )


def _held_on(alert: Alert) -> date:
    return date.fromisoformat(alert.evidence["held_on"])


def _opened(one: Seen, episode: int, now: datetime) -> Alert:
    return Alert(
        alert_id=alert_id(one.alert_key, episode),
        alert_key=one.alert_key,
        episode=episode,
        kind=AlertKind.TAXONOMY,
        team=one.team,
        route=AlertKind.TAXONOMY.value,
        process=UNASSIGNED,
        category=UNMAPPED,
        fields=dict(one.item.names),
        opened_at=now,
        first_seen=datetime.combine(one.span.first, time(), UTC),
        last_seen=datetime.combine(one.span.last, time.max, UTC),
    )
