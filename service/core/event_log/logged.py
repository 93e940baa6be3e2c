"""What one event of an event log says -> the `process.instance.v1` that it is, or why it is none.

An event is named by what it says, so that a log that is published twice, under whatever name, gives duplicates only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice

from service.core.contracts.cloudevent import Event, decode_mapping
from service.core.contracts.event_type import IncomingType
from service.core.contracts.faults import Fault
from service.core.contracts.values import MOST_NAMED
from service.core.identity import canonical, fingerprint
from service.core.records.words import Lifecycle

Value = str | int | float | bool
LONGEST = 1_000

# The transitions of IEEE 1849 (XES); what was skipped or withdrawn was not done.
_TRANSITIONS = {one.value: one for one in Lifecycle} | {
    "reassign": Lifecycle.ASSIGN,
    "withdraw": Lifecycle.CANCEL,
    "autoskip": Lifecycle.CANCEL,
    "manualskip": Lifecycle.CANCEL,
    "ate_abort": Lifecycle.CANCEL,
    "pi_abort": Lifecycle.CANCEL,
}


class LogFault(StrEnum):
    """Why an event of a log could not be taken."""

    NOT_AN_EVENT = "not_an_event"
    NO_INSTANCE = "no_instance"
    NO_ACTIVITY = "no_activity"
    NO_TIME = "no_time"
    BAD_TIME = "bad_time"
    UNKNOWN_LIFECYCLE = "unknown_lifecycle"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An event that was not taken, and where it is; `detail` repeats nothing of what it says."""

    place: str
    reason: LogFault
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One event of one instance; without an activity it is about the instance as a whole. `keys` are named."""

    instance: str
    process: str
    lifecycle: Lifecycle
    at: datetime
    activity: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    customer: str | None = None
    team: str | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)


def event_of(logged: Logged, place: str, apart: object = None) -> Event | Unread:
    """Hold an event to the contract under its own name; `apart` is a JSON value that tells it from its like."""
    named = [logged.process, logged.instance, logged.activity, logged.lifecycle.value, logged.at.isoformat(), apart]
    data = {
        "instance": logged.instance,
        "process": logged.process,
        "activity": logged.activity,
        "lifecycle": logged.lifecycle.value,
        "keys": logged.keys,
        "customer": logged.customer,
        "team": logged.team,
        "attributes": dict(islice(((name, _short(value)) for name, value in logged.attributes.items()), MOST_NAMED)),
    }
    return published(
        {
            "id": fingerprint(canonical(named))[:32],
            "source": f"/event-log/{logged.process}",
            "time": logged.at,
            "data": {name: value for name, value in data.items() if value is not None},
        },
        place,
    )


def published(envelope: Mapping[str, object], place: str) -> Event | Unread:
    event = decode_mapping({"specversion": "1.0", "type": IncomingType.PROCESS_INSTANCE.value, **envelope})
    return Unread(place=place, reason=LogFault.CONTRACT, detail=event.detail) if isinstance(event, Fault) else event


def ended(instance: str, process: str, latest: datetime, place: str) -> Event | Unread:
    """Say that an instance was completed with its last event."""
    return event_of(Logged(instance=instance, process=process, lifecycle=Lifecycle.COMPLETE, at=latest), place)


def lifecycle_of(word: object) -> Lifecycle | None:
    """Read a transition in any case; what names none was completed, and None is one that is not known."""
    return Lifecycle.COMPLETE if word is None else _TRANSITIONS.get(str(word).strip().casefold())


def instant_of(value: object) -> datetime | None:
    """Read RFC 3339 into UTC; a time without a zone is none."""
    try:
        at = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
        return None if at is None or at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _short(value: Value) -> Value:
    return value[:LONGEST] if isinstance(value, str) else value
