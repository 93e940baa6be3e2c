"""What a person asked and what came of it -> the entry of it in the audit."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from service.core.access.keys import ApiKey
from service.core.access.sessions import Session
from service.core.audit import Action, AuditOutcome, Entry, ObjectKind, alert_told, named, silence_told, text_told
from service.core.pipeline.act import Asked
from service.core.pipeline.parting import Parting
from service.core.pipeline.refiling import Refiling
from service.core.pipeline.silencing import AskedSilence, Extension, Lifting, Wished
from service.core.records.alerts import Alert
from service.core.records.corrections import Correction
from service.core.records.doer import Doer, Means
from service.core.records.identities import Split
from service.core.records.muting import Silence

# What stood in the place of the names of a route.
Names: TypeAlias = Sequence[tuple[str, str]]
_PLAIN = frozenset({"alert_id", "digest", "number", "process", "silence_id", "team"})


def of_alert(asked: Asked, before: Alert | None, after: Alert, now: datetime) -> Entry:
    """Tell of an act; `before` is the alert as it was loaded."""
    said = {} if asked.text is None else {"said": text_told(asked.text)}
    return Entry(
        at=now,
        doer=_doer(asked),
        action=Action(f"alert.{asked.deed.value}"),
        kind=ObjectKind.ALERT,
        object_id=asked.alert_id,
        team=after.team,
        before=None if before is None else alert_told(before),
        after={**alert_told(after), **said},
    )


def of_silence(asked: AskedSilence, before: Silence | None, after: Silence, now: datetime) -> Entry:
    """Tell of a silence that was made, extended or lifted."""
    actions = {Wished: Action.SILENCE_CREATE, Extension: Action.SILENCE_EXTEND, Lifting: Action.SILENCE_LIFT}
    return Entry(
        at=now,
        doer=_doer(asked),
        action=actions[type(asked)],
        kind=ObjectKind.SILENCE,
        object_id=after.silence_id,
        before=None if before is None else silence_told(before),
        after=silence_told(after),
    )


def of_refiling(asked: Refiling, correction: Correction, team: str | None, now: datetime) -> Entry:
    """Tell of a correction that was made or taken back. Its event is named by a hash: its id may be a person's."""
    given = {"category": correction.given.category, "method": correction.given.method.value}
    meant = {"meant": list(correction.meant), "number": correction.number, "reason": text_told(correction.reason)}
    made = asked.meant is not None
    return Entry(
        at=now,
        doer=_doer(asked),
        action=Action.FEEDBACK_REFILE if made else Action.FEEDBACK_UNFILE,
        kind=ObjectKind.FEEDBACK,
        object_id=named(asked.source, asked.event_id),
        team=team,
        before=given if made else meant,
        after=meant if made else given,
    )


def of_parting(asked: Parting, split: Split, now: datetime) -> Entry:
    """Tell of a split or of its end. The references are named by a hash, since an erasure forgets them."""
    said = {"reason": text_told(split.reason)}
    made = asked.reason is not None
    return Entry(
        at=now,
        doer=_doer(asked),
        action=Action.IDENTITY_SPLIT if made else Action.IDENTITY_LIFT,
        kind=ObjectKind.IDENTITY,
        object_id=named(split.ref, split.other),
        before=None if made else said,
        after=said if made else None,
    )


def of_playbook(doer: Doer, before: str | None, digest: str, name: str, now: datetime) -> Entry:
    """Tell of a playbook that was made the active one, in place of another where one was active."""
    return Entry(
        at=now,
        doer=doer,
        action=Action.PLAYBOOK_ACTIVATE,
        kind=ObjectKind.PLAYBOOK,
        object_id=digest,
        before=None if before is None else {"digest": before},
        after={"digest": digest, "name": name},
    )


def of_model(doer: Doer, digest: str, name: str, size: int, now: datetime) -> Entry:
    """Tell of a model that was stored."""
    return Entry(
        at=now,
        doer=doer,
        action=Action.MODEL_STORE,
        kind=ObjectKind.MODEL,
        object_id=digest,
        after={"name": name, "size": size},
    )


def of_requeue(doer: Doer, number: int, topic: str, partition: int, offset: int, now: datetime) -> Entry:
    """Tell of a dead letter that is about to be sent again."""
    return Entry(
        at=now,
        doer=doer,
        action=Action.DEAD_LETTER_REQUEUE,
        kind=ObjectKind.DEAD_LETTER,
        object_id=str(number),
        after={"topic": topic, "partition": partition, "offset": offset},
    )


def of_channel_test(doer: Doer, channel: str, test_id: str, now: datetime) -> Entry:
    """Tell of a test message that is about to go out by a channel."""
    return Entry(
        at=now,
        doer=doer,
        action=Action.CHANNEL_TEST,
        kind=ObjectKind.CHANNEL,
        object_id=channel,
        after={"test": test_id},
    )


def of_retry(doer: Doer, delivery_id: str, channel: str, team: str, now: datetime) -> Entry:
    """Tell of a dead message that is about to be sent again."""
    return Entry(
        at=now,
        doer=doer,
        action=Action.DELIVERY_RETRY,
        kind=ObjectKind.DELIVERY,
        object_id=delivery_id,
        team=team,
        after={"channel": channel},
    )


def of_denial(doer: Doer, why: str, method: str, path: str, names: Names, now: datetime) -> Entry:
    """Tell of a request that was refused; `why` is a word of the closed list of denials."""
    return Entry(
        at=now,
        doer=doer,
        action=Action.ACCESS_DENY,
        kind=ObjectKind.REQUEST,
        object_id=path,
        team=dict(names).get("team"),
        after={"reason": why, "method": method, "names": _names(names)},
        outcome=AuditOutcome.DENIED,
    )


def of_look(doer: Doer, path: str, names: Names, now: datetime) -> Entry:
    """Tell of somebody who was shown what customers wrote; a look at an alert is one at that alert."""
    alert = dict(names).get("alert_id")
    return Entry(
        at=now,
        doer=doer,
        action=Action.VERBATIMS_READ,
        kind=ObjectKind.REQUEST if alert is None else ObjectKind.ALERT,
        object_id=path if alert is None else alert,
        team=dict(names).get("team"),
        after={"path": path, "names": _names(names)},
    )


def of_key(doer: Doer, key: ApiKey, now: datetime, *, revoked: bool = False) -> Entry:
    """Tell of an API key that was made or revoked; nothing of its secret is told."""
    told = {
        "name": key.name,
        "role": key.role.value,
        "permissions": None if key.permissions is None else sorted(one.value for one in key.permissions),
        "teams": None if key.teams is None else sorted(key.teams),
        "expires_at": None if key.expires_at is None else key.expires_at.isoformat(),
    }
    return Entry(
        at=now,
        doer=doer,
        action=Action.KEY_REVOKE if revoked else Action.KEY_CREATE,
        kind=ObjectKind.KEY,
        object_id=key.key_id,
        before=told if revoked else None,
        after=None if revoked else told,
    )


def of_session(session: Session, now: datetime, *, closed: bool = False) -> Entry:
    """Tell of somebody who signed in or out. The session is named by a hash of what is kept of its cookie."""
    return Entry(
        at=now,
        doer=Doer(name=session.name, means=Means.PROVED),
        action=Action.SESSION_CLOSE if closed else Action.SESSION_OPEN,
        kind=ObjectKind.SESSION,
        object_id=named(session.digest),
        after={"key": session.key_id} if session.key_id is not None else None,
    )


def _names(names: Names) -> dict[str, str]:
    """Leave names that are no person's; an event, a subject or a reference is told by its hash."""
    return {name: value if name in _PLAIN else named(value) for name, value in names}


def _doer(asked: Asked | AskedSilence | Refiling | Parting) -> Doer:
    return asked.doer or Doer(name=asked.by)
