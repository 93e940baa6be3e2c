"""Events of an OCEL 2.0 log -> process events: objects of some types are instances, the others their keys.

An event of several instances is one of each. An object's attributes are as they were at the time of the event. What was
exported by this service is read back as it was told: `router:` attributes say so, and `feedback_negative` is no step.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from service.core.contracts.cloudevent import Event
from service.core.event_log.logged import (
    LogFault,
    Logged,
    Unread,
    Value,
    ended,
    event_of,
    instant_of,
    lifecycle_of,
    published,
)
from service.core.event_log.names import FEEDBACK, HANDLED_BY, TEAM, TRANSITION, WHOLE, read_back
from service.core.identity import canonical
from service.core.records.words import Lifecycle


@dataclass(frozen=True, slots=True, kw_only=True)
class OcelObject:
    """An object: its type, and for an instance its attributes with the times since when they held, in that order."""

    type: str
    attributes: tuple[tuple[str, datetime, Value], ...] = ()

    def at(self, moment: datetime) -> dict[str, Value]:
        return {name: value for name, since, value in self.attributes if since <= moment}


@dataclass(frozen=True, slots=True, kw_only=True)
class OcelEvent:
    """One member of the log's `events`, as JSON has it; they count from 1."""

    number: int
    raw: object


@dataclass(frozen=True, slots=True, kw_only=True)
class OcelReading:
    """How a log is read: which types of objects are instances, and customers; the process, where it is not the type."""

    instances: frozenset[str]
    process: str | None = None
    customer: str = "customer"
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One event with its shape proved; `related` are the objects that it names, in order, with their qualifiers."""

    activity: str
    at: datetime
    attributes: Mapping[str, Value]
    related: tuple[tuple[str, str], ...]


def object_of(raw: Any, instances: frozenset[str]) -> tuple[str, OcelObject] | None:  # noqa: ANN401 - whatever JSON held
    """Read one member of the log's `objects`; None for what is no object. Only instances keep their attributes."""
    match raw:
        case {"id": str(name), "type": str(kind)}:
            given = raw.get("attributes") if kind in instances else ()
            found = [_attribute(one) for one in given] if isinstance(given, list) else []
            held = sorted((one for one in found if one is not None), key=lambda one: one[1])
            return name, OcelObject(type=kind, attributes=tuple(held))
        case _:
            return None


def ocel_events(
    events: Iterable[OcelEvent], objects: Mapping[str, OcelObject], how: OcelReading
) -> Iterator[Event | Unread | None]:
    """Read a log in its order; None is an event about no instance. Held is when each instance was told of last."""
    latest: dict[str, datetime] = {}
    for event in events:
        place = f"event {event.number}"
        read = _read(event.raw, place)
        if isinstance(read, Unread):
            yield read
            continue
        found = [name for name, _ in read.related if name in objects and objects[name].type in how.instances]
        if not found or read.activity == FEEDBACK:
            yield None
        for name in dict.fromkeys(found) if read.activity != FEEDBACK else ():
            yield from _told(read, name, objects, how, latest, place)
    if how.complete:
        for name, at in latest.items():
            yield ended(name, how.process or objects[name].type, at, f"object {name}")


def _told(
    read: _Read,
    name: str,
    objects: Mapping[str, OcelObject],
    how: OcelReading,
    latest: dict[str, datetime],
    place: str,
) -> Iterator[Event | Unread]:
    again = read_back(read.activity, name, read.at, read.attributes, dict(read.related))
    if again is not None:
        yield published(again, place)
        return
    lifecycle = lifecycle_of(read.attributes.get(TRANSITION))
    if lifecycle is None:
        yield Unread(place=place, reason=LogFault.UNKNOWN_LIFECYCLE, detail=f"{TRANSITION} is not known")
        return
    logged = _logged(read, name, objects, how, lifecycle)
    if name not in latest:
        begun = replace(
            logged, activity=None, lifecycle=Lifecycle.START, team=None, attributes=objects[name].at(read.at)
        )
        yield event_of(begun, place)
    latest[name] = max(read.at, latest.get(name, read.at))
    yield event_of(logged, place, [sorted(read.related), sorted(read.attributes.items())])


def _logged(
    read: _Read, instance: str, objects: Mapping[str, OcelObject], how: OcelReading, lifecycle: Lifecycle
) -> Logged:
    keys: dict[str, str] = {}
    customer = team = None
    for name, qualifier in read.related:
        kind = objects[name].type if name in objects else None
        if kind is None or kind in how.instances:
            continue
        if kind == how.customer:
            customer = customer or name
        elif qualifier == HANDLED_BY or kind == TEAM:
            team = team or name
        else:
            keys.setdefault(kind, name)
    return Logged(
        instance=instance,
        process=how.process or objects[instance].type,
        lifecycle=lifecycle,
        at=read.at,
        activity=None if read.activity == WHOLE else read.activity.strip(),
        keys=keys,
        customer=customer,
        team=team,
        attributes={name: value for name, value in read.attributes.items() if name != TRANSITION},
    )


def _read(raw: Any, place: str) -> _Read | Unread:  # noqa: ANN401 - whatever JSON held
    try:
        canonical(raw)
    except TypeError:
        # Half of a surrogate pair, or a whole number of more than 64 bits.
        return Unread(place=place, reason=LogFault.NOT_AN_EVENT, detail="holds a text or number that can not be kept")
    match raw:
        case {"id": str(), "type": str(activity), "time": told} if activity.strip():
            at = instant_of(told)
            if at is None:
                return Unread(place=place, reason=LogFault.BAD_TIME, detail="time is no time with a zone")
            return _Read(
                activity=activity,
                at=at,
                attributes=dict(pair for one in _list(raw, "attributes") if (pair := _pair(one)) is not None),
                related=tuple(pair for one in _list(raw, "relationships") if (pair := _related(one)) is not None),
            )
        case {"id": _, "type": _}:
            return Unread(place=place, reason=LogFault.NO_TIME, detail="no time")
        case _:
            return Unread(place=place, reason=LogFault.NOT_AN_EVENT, detail="no object with id, type and time")


def _list(raw: dict[str, Any], name: str) -> list[Any]:
    found = raw.get(name)
    return found if isinstance(found, list) else []


def _pair(raw: object) -> tuple[str, Value] | None:
    match raw:
        case {"name": str(name), "value": str() | int() | float() | bool() as value}:
            return name, value
        case _:
            return None


def _related(raw: object) -> tuple[str, str] | None:
    match raw:
        case {"objectId": str(name), "qualifier": str(qualifier)}:
            return name, qualifier
        case {"objectId": str(name)}:
            return name, ""
        case _:
            return None


def _attribute(raw: object) -> tuple[str, datetime, Value] | None:
    pair = _pair(raw)
    since = instant_of(raw["time"]) if isinstance(raw, dict) and "time" in raw else None
    return None if pair is None or since is None else (*pair[:1], since, pair[1])
