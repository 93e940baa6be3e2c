"""What holds of each subject, event by event -> the alerts that an Alertmanager is told to fire and to end.

Each contribution that a team is owed an alert for is one alert of its own, in the group of its key: negative, at or
above the floor, not stale and not done. It ends when its subject is done, withdrawn or harmless. Where its team, its
severity or another label changes, the old one ends and a new one fires: an Alertmanager knows alerts by their labels.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.bench.fatigue.replayed import Step
from service.core.pipeline.rules import Rules
from service.core.records.decisions import Contribution, Target

# Labels that make a group begin so; what else is on an alert is not grouped by.
KEY = "key_"
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One alert to fire, or to end: `ends` says which. `began_at` is when it fired."""

    at: datetime
    labels: Labels
    began_at: datetime
    ends: bool


def posts(steps: Iterable[Step], rules: Rules) -> Iterator[Post]:
    """Yield what to post, in order of time; at each instant ends come first."""
    firing: dict[tuple[str, str], dict[Labels, datetime]] = {}
    for step in steps:
        wanted = set(_wanted(step, rules))
        held = firing.setdefault((step.source, step.subject), {})
        for labels in sorted(held.keys() - wanted):
            yield Post(at=step.at, labels=labels, began_at=held.pop(labels), ends=True)
        for labels in sorted(wanted - held.keys()):
            held[labels] = step.at
            yield Post(at=step.at, labels=labels, began_at=step.at, ends=False)


def timers(route: str, rules: Rules) -> Mapping[str, float]:
    """Return the timers of a route in seconds, as an Alertmanager knows them: it has one repeat that never grows."""
    timing = rules.timing(route)
    repeat = timing.repeat[0].total_seconds() if timing.repeat else rules.playbook.fatigue.auto_close.total_seconds()
    return {
        "group_wait": timing.wait.total_seconds(),
        "group_interval": timing.interval.total_seconds(),
        "repeat_interval": repeat,
    }


def _wanted(step: Step, rules: Rules) -> Iterator[Labels]:
    for one in step.contributions:
        if _is_firing(one, step.at, rules):
            for target in (one.routed.owner, *one.routed.copies):
                yield _labels(one, target)


def _is_firing(one: Contribution, now: datetime, rules: Rules) -> bool:
    limits = rules.playbook.fatigue
    worth = one.assessed.negative and one.assessed.severity.rank >= limits.floor.rank
    return worth and not one.feedback.done and now - one.feedback.occurred_at <= limits.stale_after


def _labels(one: Contribution, target: Target) -> Labels:
    labels = {
        "alertname": "feedback",
        "id": f"{one.key.source} {one.key.subject} {one.key.part}",
        "team": target.team,
        "route": target.route,
        "process": one.process,
        "category": one.categorised.category,
        "severity": one.assessed.severity.value,
        **{KEY + name.replace(".", "_"): value for name, value in target.fields.items()},
        **({KEY + "copy": "true"} if target.copy else {}),
    }
    return tuple(sorted((name, value) for name, value in labels.items() if value))
