"""Parts -> stable names: alert keys, alert ids, idempotency keys. The same parts give the same name anywhere, ever.

Keys hold no text, time, route or severity, so that a second look at the same trouble finds the same key
(deploy/docs/alerts.md).
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson

from service.core.records.words import AlertKind, DigestReason

ALERT_NAMES: UUID = uuid5(NAMESPACE_URL, "urn:feedback-router:alert")
_DIGESTS: UUID = uuid5(NAMESPACE_URL, "urn:feedback-router:digest")


def alert_key(kind: AlertKind, fields: Mapping[str, str], *, team: str | None, copy: bool = False) -> str:
    """Name the gate of an alert; `team` is None where the fields name one case (an instance, subject or customer)."""
    return "v1:" + hashlib.sha256(key_text(kind, fields, team=team, copy=copy)).hexdigest()


def key_text(kind: AlertKind, fields: Mapping[str, str], *, team: str | None, copy: bool = False) -> bytes:
    """Write what an alert key is the hash of."""
    parts: dict[str, object] = {"kind": kind.value, "fields": dict(fields)}
    if team is not None:
        parts["team"] = team
    if copy:
        parts["copy"] = True
    return canonical(parts)


def alert_id(key: str, episode: int) -> str:
    """Name the given episode (1, 2, ...) of an alert key."""
    return str(uuid5(ALERT_NAMES, f"{key}:{episode}"))


def digest_id(team: str, at: datetime, why: DigestReason, first: str) -> str:
    """Name what a team reads in one go at an instant, by the idempotency key of the first notice in it."""
    return str(uuid5(_DIGESTS, f"{team}:{at.astimezone(UTC).isoformat()}:{why.value}:{first}"))


def idempotency_key(alert: str, revision: int) -> str:
    """Name one notice, so that a receiver can drop a second copy of it."""
    return f"{alert}:{revision}"


def fingerprint(value: bytes) -> str:
    """Return the sha256 of what was received, in hexadecimal."""
    return hashlib.sha256(value).hexdigest()


def canonical(value: object) -> bytes:
    """Write JSON with sorted keys and no spaces."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
