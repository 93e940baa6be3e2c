"""An alert and its playbook -> its key as it was hashed, its timers as they were inherited, and which of them runs."""

from datetime import datetime, timedelta

from service.core.explain.document import Applies, HomeTold, KeyTold, TimersTold, TimerTold
from service.core.identity import ALERT_NAMES, alert_id, alert_key, key_text
from service.core.pipeline.rules import Rules
from service.core.playbook.model import Route
from service.core.records.alerts import Alert
from service.core.records.decisions import Target
from service.core.records.words import AlertKind
from service.core.span import in_words

_FATIGUE = "fatigue"


def key(target: Target) -> KeyTold:
    """Say what the key is the hash of."""
    team = target.team if target.team_in_key else None
    return KeyTold(
        fields=target.fields,
        team_in_key=target.team_in_key,
        hashed=key_text(AlertKind.EVENT, target.fields, team=team, copy=target.copy).decode(),
        alert_key=target.alert_key,
    )


def home(alert: Alert, target: Target) -> HomeTold:
    """Say what the alert's id is made of."""
    return HomeTold(
        alert_id=alert.alert_id,
        alert_key=alert.alert_key,
        episode=alert.episode,
        namespace=str(ALERT_NAMES),
        named_by=f"{alert.alert_key}:{alert.episode}",
        derived=alert.alert_id == alert_id(alert.alert_key, alert.episode),
        same_key=alert.alert_key == target.alert_key,
    )


def hashed(alert: Alert) -> str | None:
    """Return what an alert's key is the hash of; None where it was hashed of more than the alert keeps."""
    team = alert.team if alert.team_in_key else None
    text = key_text(alert.kind, alert.fields, team=team, copy=alert.copy).decode()
    return text if alert_key(alert.kind, alert.fields, team=team, copy=alert.copy) == alert.alert_key else None


def timers(route: str, alert: Alert | None, rules: Rules) -> TimersTold:
    """Say how long the notices of a route wait, by whose word, and what the alert waits for now."""
    timing, trail = rules.timing(route), _trail(rules.playbook.routes, route)
    applies, due_at = running(alert)
    return TimersTold(
        route=route,
        wait=_timer((timing.wait,), next((one.id for one in trail if one.wait is not None), _FATIGUE)),
        interval=_timer((timing.interval,), next((one.id for one in trail if one.interval is not None), _FATIGUE)),
        repeat=_timer(timing.repeat, next((one.id for one in trail if one.repeat is not None), _FATIGUE)),
        applies=applies,
        due_at=due_at,
    )


def running(alert: Alert | None) -> tuple[Applies, datetime | None]:
    """Tell what an alert waits for, and until when."""
    if alert is None or alert.due_at is None:
        return Applies.NONE, None
    if alert.flush_at is not None:
        first = Applies.WAIT if alert.announced is None else Applies.INTERVAL
        return Applies.DIGEST if alert.digest_only else first, alert.flush_at
    if alert.repeat_at == alert.due_at:
        return Applies.REPEAT, alert.repeat_at
    return Applies.AUTO_CLOSE, alert.close_at


def _trail(node: Route, name: str) -> tuple[Route, ...]:
    """Return the nodes from the one of this name up to the root; none where the playbook has no such route."""
    if node.id == name:
        return (node,)
    below = next((found for child in node.routes if (found := _trail(child, name))), ())
    return (*below, node) if below else ()


def _timer(lengths: tuple[timedelta, ...], set_by: str) -> TimerTold:
    return TimerTold(
        seconds=tuple(int(one.total_seconds()) for one in lengths),
        said=", then ".join(in_words(one) for one in lengths) or "never",
        set_by=set_by,
    )
