"""Events and traces of an XES log (IEEE 1849) -> process events; each trace is an instance.

An instance starts with the first event of its trace that can be read. Only groups are teams: `org:resource` is a
person, and is left out. What lacks a name, a time with a zone or a known transition is Unread, and the rest goes on.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

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
)
from service.core.records.words import Lifecycle

_NAME, _TIME, _TRANSITION, _GROUP = "concept:name", "time:timestamp", "lifecycle:transition", "org:group"
# The extensions that are read above, and whatever else says who or which.
_OWN = ("concept:", "time:", "lifecycle:", "org:", "identity:")


@dataclass(frozen=True, slots=True, kw_only=True)
class XesEvent:
    """One event, with the attributes of its trace that stood before it; None outside a trace. Lines count from 1."""

    line: int
    trace: Mapping[str, Value] | None
    own: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class XesTraceEnd:
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class XesReading:
    """How a log is read: its process; which trace attributes name customer and keys; whether its traces are whole."""

    process: str
    customer: str = "customer"
    keys: tuple[str, ...] = ()
    complete: bool = False


@dataclass(slots=True)
class _Trace:
    """What has been read of one trace: its latest event, and how often each was said."""

    instance: str
    latest: datetime
    said: Counter[tuple[str | None, Lifecycle, datetime]] = field(default_factory=Counter)

    def number(self, logged: Logged) -> int:
        """Count an event, and return how many before it said the same."""
        self.latest = max(self.latest, logged.at)
        what = (logged.activity, logged.lifecycle, logged.at)
        self.said[what] += 1
        return self.said[what] - 1


def xes_events(parts: Iterable[XesEvent | XesTraceEnd], how: XesReading) -> Iterator[Event | Unread]:
    """Read a log in its order. What is held is one trace's counts of events that say the same."""
    trace: _Trace | None = None
    for part in parts:
        place = f"line {part.line}"
        if isinstance(part, XesTraceEnd):
            if trace is not None and how.complete:
                yield ended(trace.instance, how.process, trace.latest, place)
            trace = None
            continue
        logged = _logged(part, how, place)
        if isinstance(logged, Unread):
            yield logged
            continue
        if trace is None:
            trace = _Trace(instance=logged.instance, latest=logged.at)
            yield event_of(_begun(logged, part.trace or {}, how), place)
        yield event_of(logged, place, trace.number(logged))


def _logged(part: XesEvent, how: XesReading, place: str) -> Logged | Unread:
    name, activity = _text(part.trace or {}, _NAME), _text(part.own, _NAME)
    at = instant_of(part.own.get(_TIME))
    lifecycle = lifecycle_of(part.own.get(_TRANSITION))
    if name is None:
        detail = f"no {_NAME} of a trace before it"
        return Unread(place=place, reason=LogFault.NO_INSTANCE, detail=detail)
    if activity is None:
        return Unread(place=place, reason=LogFault.NO_ACTIVITY, detail=f"no {_NAME}")
    if at is None:
        is_told = _TIME in part.own
        detail = f"{_TIME} is no time with a zone" if is_told else f"no {_TIME}"
        return Unread(place=place, reason=LogFault.BAD_TIME if is_told else LogFault.NO_TIME, detail=detail)
    if lifecycle is None:
        return Unread(place=place, reason=LogFault.UNKNOWN_LIFECYCLE, detail=f"{_TRANSITION} is not known")
    return Logged(
        instance=name,
        process=how.process,
        lifecycle=lifecycle,
        at=at,
        activity=activity,
        team=_text(part.own, _GROUP),
        attributes=_others(part.own),
    )


def _begun(first: Logged, trace: Mapping[str, Value], how: XesReading) -> Logged:
    keys = {key: text for key in how.keys if (text := _text(trace, key)) is not None}
    others = {name: value for name, value in _others(trace).items() if name not in (how.customer, *how.keys)}
    return Logged(
        instance=first.instance,
        process=how.process,
        lifecycle=Lifecycle.START,
        at=first.at,
        keys=keys,
        customer=_text(trace, how.customer),
        attributes=others,
    )


def _others(members: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in members.items() if not name.startswith(_OWN)}


def _text(members: Mapping[str, Value], name: str) -> str | None:
    value = members.get(name)
    return (str(value).strip() or None) if value is not None else None
