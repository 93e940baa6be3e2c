"""An alert, a silence, a text or a name -> what an entry may say of it: nothing that an erasure would have to find.

Of what a person wrote the length and the SHA-256 are kept: who has the text can show that it is the one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

from service.core.records.alerts import Alert, Assigned, Disputed, FollowUp, Step
from service.core.records.muting import Silence

# What a matcher may ask for that names no customer, case or subject.
_PLAIN = frozenset({"team", "route", "kind", "level", "process", "category", "severity", "region"})
_MOST_VALUES = 10


def text_told(text: str | None) -> dict[str, Any] | None:
    """Say of a text how long it is, in characters, and its hash."""
    return None if text is None else {"length": len(text), "sha256": sha256(text.encode()).hexdigest()}


def named(*parts: str) -> str:
    """Name something by the hash of its parts where these would name a person."""
    return "sha256:" + sha256(orjson.dumps(list(parts))).hexdigest()


def alert_told(alert: Alert) -> dict[str, Any]:
    """Say how an alert stands; parts that are not there are left out."""
    told: dict[str, Any] = {
        "state": alert.state.value,
        "team": alert.team,
        "revision": alert.revision,
        "severity": alert.severity.value,
        "events": alert.events,
        "customers": alert.customers,
        "acked_by": alert.acked_by,
        "acked_until": _at(alert.acked_until),
        "resolved_at": _at(alert.resolved_at),
        "merged_into": alert.merged_into,
    }
    for name, held in (("claim", alert.claim), ("snooze", alert.snooze)):
        if held is not None:
            told[name] = {"by": held.by, "until": _at(held.until)}
    if alert.disposed is not None:
        said = alert.disposed
        told["disposed"] = _there(
            {
                "disposition": said.disposition.value,
                "by": said.by,
                "at": _at(said.at),
                "duplicate_of": said.duplicate_of,
                "team": said.team,
            }
        )
    if alert.disputed is not None:
        told["disputed"] = {"team": alert.disputed.team, **_said(alert.disputed)}
    if alert.assigned is not None:
        told["assigned"] = _said(alert.assigned)
    if alert.follow_up is not None:
        told["follow_up"] = _follow_up_told(alert.follow_up)
    return _there(told)


def silence_told(silence: Silence) -> dict[str, Any]:
    """Say how a silence stands; of matchers that may name a customer only how many values they have."""
    matchers = {
        name: sorted(values)[:_MOST_VALUES] if name in _PLAIN else {"values": len(values)}
        for name, values in silence.matchers.items()
    }
    return _there(
        {
            "matchers": matchers,
            "reason": text_told(silence.reason),
            "starts_at": _at(silence.starts_at),
            "ends_at": _at(silence.ends_at),
            "ended_at": _at(silence.ended_at),
            "including_critical": silence.including_critical,
            "breaks_at": None if silence.breaks_at is None else silence.breaks_at.value,
            "revision": silence.revision,
        }
    )


def _said(said: Assigned | Disputed) -> dict[str, Any]:
    return _there({"by": said.by, "at": _at(said.at), "reason": text_told(said.reason)})


def _follow_up_told(told: FollowUp) -> dict[str, Any]:
    steps = {"owner": _step_told(told.owner), "cause": _step_told(told.cause), "action": _step_told(told.action)}
    return {name: step for name, step in steps.items() if step}


def _step_told(step: Step) -> dict[str, Any]:
    return _there({"taken_at": _at(step.taken_at), "by": step.by, "text": text_told(step.text)})


def _at(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _there(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value is not None}
