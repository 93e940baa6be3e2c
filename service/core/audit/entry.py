"""Who did what to which thing, as it was before and after; and the places of entries in their chain."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from service.core.records.doer import Doer


class Action(StrEnum):
    """What can be done: the kind of thing, a dot, and the deed."""

    ALERT_ACK = "alert.ack"
    ALERT_CAUSE = "alert.cause"
    ALERT_RESOLVE = "alert.resolve"
    ALERT_REASSIGN = "alert.reassign"
    ALERT_DISPUTE = "alert.dispute"
    ALERT_CLAIM = "alert.claim"
    ALERT_UNCLAIM = "alert.unclaim"
    ALERT_SNOOZE = "alert.snooze"
    ALERT_UNSNOOZE = "alert.unsnooze"
    ALERT_NOTE = "alert.note"
    ALERT_REOPEN = "alert.reopen"
    SILENCE_CREATE = "silence.create"
    SILENCE_EXTEND = "silence.extend"
    SILENCE_LIFT = "silence.lift"
    PLAYBOOK_ACTIVATE = "playbook.activate"
    MODEL_STORE = "model.store"
    FEEDBACK_REFILE = "feedback.refile"
    FEEDBACK_UNFILE = "feedback.unfile"
    IDENTITY_SPLIT = "identity.split"
    IDENTITY_LIFT = "identity.lift"
    DEAD_LETTER_REQUEUE = "dead_letter.requeue"
    CHANNEL_TEST = "channel.test"
    DELIVERY_RETRY = "delivery.retry"
    KEY_CREATE = "key.create"
    KEY_REVOKE = "key.revoke"
    SESSION_OPEN = "session.open"
    SESSION_CLOSE = "session.close"
    ACCESS_DENY = "access.deny"
    VERBATIMS_READ = "verbatims.read"
    AUDIT_CUT = "audit.cut"


class ObjectKind(StrEnum):
    """What something was done to; `request` is an operation of the API that was asked for."""

    ALERT = "alert"
    SILENCE = "silence"
    PLAYBOOK = "playbook"
    MODEL = "model"
    FEEDBACK = "feedback"
    IDENTITY = "identity"
    DEAD_LETTER = "dead_letter"
    CHANNEL = "channel"
    DELIVERY = "delivery"
    KEY = "key"
    SESSION = "session"
    REQUEST = "request"
    AUDIT = "audit"


class AuditOutcome(StrEnum):
    """What came of it: it was done, or denied to who asked."""

    DONE = "done"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act. `before` and `after` are small JSON documents of texts, whole numbers, truths and None.

    None of them holds what a person wrote, a reference of a customer, or the id of an event or subject: an erasure
    takes nothing out of here. `team` is the thing's, after the act.
    """

    at: datetime
    doer: Doer
    action: Action
    kind: ObjectKind
    object_id: str
    team: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    outcome: AuditOutcome = AuditOutcome.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An entry in its place, counted from 1; `hash` covers it, its place, and the hash of the entry before."""

    seq: int
    entry: Entry
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the chain ends."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Up to where the oldest entries were cut off, and the hash of the last of them."""

    seq: int
    hash: str
