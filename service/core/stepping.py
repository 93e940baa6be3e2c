"""What the process engine says of one step -> Step; nothing is refused, since the contract has done that already."""

from datetime import UTC, datetime

from service.core.contracts.cloudevent import Event
from service.core.contracts.process import ProcessInstance
from service.core.identity import fingerprint
from service.core.records.steps import Step, Value

# Instance, source and name stand together in one B-tree key, of which the first two may have 2,336 bytes.
_LONGEST_NAME = 200
# What a store can hold as a number.
_WHOLE = range(-(2**63), 2**63)


def step_of(event: Event, data: ProcessInstance, process: str) -> Step:
    """Take it as its source names it, else by its event; a long name by its fingerprint."""
    name = data.step or f"unnamed:{event.id}"
    if len(name.encode()) > _LONGEST_NAME:
        name = f"long:{fingerprint(name.encode())}"
    return Step(
        instance_id=data.instance,
        process=process,
        source=event.source,
        event_id=event.id,
        name=name,
        at=happened_at(event, data),
        told_at=event.time,
        activity=data.activity,
        lifecycle=data.lifecycle,
        team=data.team,
        attributes={name: _held(value) for name, value in data.attributes.items()},
        withdrawn=data.withdrawn,
    )


def happened_at(event: Event, data: ProcessInstance) -> datetime:
    """Return when a step happened, in UTC, which its source may tell later."""
    return event.time if data.time is None else data.time.astimezone(UTC)


def _held(value: Value) -> Value:
    """Write a number that is too large as text."""
    return str(value) if isinstance(value, int) and value not in _WHOLE else value
