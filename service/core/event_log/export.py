"""Steps, negative feedback and instances -> events and objects of an OCEL 2.0 log, as JSON has them, without any text.

A step is an event of its activity's type, related to its instance. A negative feedback is a `feedback_negative`, and is
related to what it is about, whom it comes from (a pseudonym), the ticket that records it and the team that handles it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from service.core.event_log import names
from service.core.identity import canonical, fingerprint
from service.core.records.decisions import Contribution
from service.core.records.feedback import Instance
from service.core.records.steps import Step

Given = str | int | float | bool | datetime
# The value that OCEL gives an attribute which never changed.
_EVER = "1970-01-01T00:00:00Z"
# A customer who raised nothing is no object, since tools leave out objects of which no event tells.
INSTANCE_TYPES = {
    "customer": "string",
    "ended_at": "time",
    "region": "string",
    "started_at": "time",
    "tier": "string",
    "version": "string",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One event of a log, its attributes with their own types. `related` are ids of objects with their qualifiers."""

    id: str
    type: str
    at: datetime
    attributes: Mapping[str, Given]
    related: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Types:
    """The types of events, and of each attribute the one type that holds all its values: else they are texts."""

    kinds: dict[str, dict[str, str]] = field(default_factory=dict)

    def note(self, event: LogEvent) -> None:
        known = self.kinds.setdefault(event.type, {})
        for name, value in event.attributes.items():
            kind = _kind(value)
            known[name] = kind if known.get(name, kind) == kind else _common(known[name], kind)

    def declared(self) -> list[dict[str, object]]:
        return [declared(name, kinds) for name, kinds in sorted(self.kinds.items())]

    def written(self, event: LogEvent) -> dict[str, object]:
        """Write an event that was noted before, each value in its attribute's type."""
        kinds = self.kinds[event.type]
        values = [(name, _as(kinds[name], value)) for name, value in sorted(event.attributes.items())]
        return {
            "id": event.id,
            "type": event.type,
            "time": _instant(event.at),
            "attributes": [{"name": name, "value": value} for name, value in values],
            "relationships": [{"objectId": name, "qualifier": qualifier} for name, qualifier in event.related],
        }


def declared(name: str, kinds: Mapping[str, str]) -> dict[str, object]:
    return {"name": name, "attributes": [{"name": one, "type": kind} for one, kind in sorted(kinds.items())]}


def step_event(step: Step) -> LogEvent:
    """Write a step that was not withdrawn, with what it takes to read it back."""
    own: dict[str, Given] = {
        names.TRANSITION: step.lifecycle.value,
        names.PROCESS: step.process,
        names.SOURCE: step.source,
        names.EVENT_ID: step.event_id,
        names.STEP: step.name,
        names.TOLD_AT: step.told_at,
    }
    others = {names.attribute(name): value for name, value in step.attributes.items() if value is not None}
    team = () if step.team is None else ((names.object_id(names.TEAM, step.team), names.HANDLED_BY),)
    return LogEvent(
        id="step:" + fingerprint(canonical(step.key))[:32],
        type=names.event_type(step.activity),
        at=step.at,
        attributes=others | own,
        related=((names.object_id(names.INSTANCE, step.instance_id), names.INSTANCE), *team),
    )


def feedback_event(one: Contribution) -> LogEvent:
    feedback, link = one.feedback, one.link
    attributes: dict[str, Given | None] = {
        "category": one.categorised.category,
        "severity": one.assessed.severity.value,
        "score": float(one.assessed.score),
        "kind": feedback.kind.value,
        "channel": feedback.channel,
        "language": feedback.language,
        "region": feedback.region,
        "tier": feedback.tier,
        "done": one.is_done,
        "link_method": link.method.value,
        "link_reason": link.reason.value,
        "link_confidence": float(link.confidence),
        names.PROCESS: one.process,
        names.SOURCE: feedback.source,
        names.EVENT_ID: feedback.event_id,
    }
    related = (
        (names.INSTANCE, link.instance_id, names.ABOUT),
        (names.CUSTOMER, feedback.customer, names.RAISED_BY),
        (names.TICKET, feedback.keys.ticket, names.RECORDED_IN),
        (names.TEAM, one.routed.owner.team, names.HANDLED_BY),
    )
    key = one.key
    return LogEvent(
        id="feedback:" + fingerprint(canonical([key.source, key.subject, key.part]))[:32],
        type=names.FEEDBACK,
        at=one.began_at,
        attributes={name: value for name, value in attributes.items() if value is not None},
        related=tuple((names.object_id(kind, name), how) for kind, name, how in related if name),
    )


def instance_object(instance_id: str, process: str, known: Instance | None) -> dict[str, object]:
    """Write an instance as an object of its process' type; one that is no longer known has an id alone."""
    values: Mapping[str, Given | None] = (
        {} if known is None else {name: getattr(known, name) for name in INSTANCE_TYPES}
    )
    return {
        "id": names.object_id(names.INSTANCE, instance_id),
        "type": names.object_type(process),
        "attributes": [
            {"name": name, "value": _as(INSTANCE_TYPES[name], value), "time": _EVER}
            for name, value in values.items()
            if value is not None
        ],
    }


def plain_object(kind: str, name: str) -> dict[str, object]:
    return {"id": names.object_id(kind, name), "type": kind, "attributes": []}


def _kind(value: Given) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "float"
        case datetime():
            return "time"
        case str():
            return "string"


def _common(first: str, second: str) -> str:
    return "float" if {first, second} == {"integer", "float"} else "string"


def _as(kind: str, value: Given) -> str | int | float | bool:
    match value:
        case datetime():
            return _instant(value)
        case bool() if kind == "string":
            return "true" if value else "false"
        case int() | float() if kind == "string":
            return str(value)
        case int() if kind == "float":
            return float(value)
        case _:
            return value


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
