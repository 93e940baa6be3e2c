"""The words of our OCEL 2.0 logs, and an event of one -> what was once told: what was exported reads back the same.

Objects of one log share their ids, so each of ours begins with its kind. A step's event type is its activity.
"""

from collections.abc import Mapping
from datetime import datetime

from service.core.event_log.logged import Value, instant_of

FEEDBACK, WHOLE = "feedback_negative", "process_instance"
CUSTOMER, TICKET, TEAM = "customer", "ticket", "team"
ABOUT, RAISED_BY, RECORDED_IN, HANDLED_BY, INSTANCE = "about", "raised_by", "recorded_in", "handled_by", "instance"
TRANSITION = "lifecycle:transition"
PROCESS, SOURCE, EVENT_ID = "router:process", "router:source", "router:event_id"
STEP, TOLD_AT = "router:step", "router:told_at"

_ROUTER, _ACTIVITY, _ATTRIBUTE, _PROCESS = "router:", "activity:", "attribute:", "process:"


def object_id(kind: str, name: str) -> str:
    return f"{kind}:{name}"


def object_type(process: str) -> str:
    """Name the type of a process' instances: as the process, unless another kind of object is called so."""
    is_taken = process in (CUSTOMER, TICKET, TEAM) or process.startswith(_PROCESS)
    return _PROCESS + process if is_taken else process


def event_type(activity: str | None) -> str:
    """Name the type of a step: as its activity, unless another kind of event is called so."""
    if activity is None:
        return WHOLE
    is_taken = activity in (FEEDBACK, WHOLE) or activity.startswith(_ACTIVITY) or not activity.strip()
    return _ACTIVITY + activity if is_taken else activity


def attribute(name: str) -> str:
    """Name an engine's own attribute: as the engine does, unless one of ours is called so."""
    return _ATTRIBUTE + name if name == TRANSITION or name.startswith((_ROUTER, _ATTRIBUTE)) else name


def read_back(
    kind: str, instance: str, at: datetime, attributes: Mapping[str, Value], related: Mapping[str, str]
) -> dict[str, object] | None:
    """Return the envelope of an event as it was told, from an event of ours; None for one of somebody else's."""
    told = [attributes.get(name) for name in (EVENT_ID, SOURCE, STEP, PROCESS, TOLD_AT)]
    told_at = instant_of(told[-1])
    if told_at is None or None in told:
        return None
    team = next((name for name, qualifier in related.items() if qualifier == HANDLED_BY), None)
    data = {
        "instance": instance.removeprefix(object_id(INSTANCE, "")),
        "process": attributes[PROCESS],
        "activity": None if kind == WHOLE else kind.removeprefix(_ACTIVITY),
        "lifecycle": attributes.get(TRANSITION),
        "step": attributes[STEP],
        "time": at,
        "team": team.removeprefix(object_id(TEAM, "")) if team is not None else None,
        "attributes": {
            name.removeprefix(_ATTRIBUTE): value
            for name, value in attributes.items()
            if name != TRANSITION and not name.startswith(_ROUTER)
        },
    }
    return {
        "id": attributes[EVENT_ID],
        "source": attributes[SOURCE],
        "time": told_at,
        "data": {name: value for name, value in data.items() if value is not None},
    }
