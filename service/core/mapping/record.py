"""A tool's message + its compiled source -> typed events, each as if the tool had published a CloudEvent itself.

What is put together here is read by the same contract that reads a published event, so that both go one road. A record
that lacks its id, time or subject is a fault; a score that is no answer leaves a flag, since the words still count.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from service.core.contracts.cloudevent import Event, decode_mapping
from service.core.contracts.event_type import IncomingType
from service.core.contracts.faults import Fault, FaultReason
from service.core.contracts.values import YEARS, Refs
from service.core.identity import canonical
from service.core.mapping.body import records_of
from service.core.mapping.compile import CompiledSource
from service.core.mapping.dates import Moment, read_moment
from service.core.mapping.expressions import Absent, run_all
from service.core.mapping.fields import Fields
from service.core.mapping.paths import Json, without
from service.core.mapping.payload import payload_of
from service.core.mapping.steps import step_of
from service.core.mapping.values import Scope
from service.core.playbook.expressions import Failed
from service.core.records.feedback import Instance
from service.core.records.words import Flag

_TYPES = {
    "survey": "feedback.survey.response.v1",
    "ticket": "feedback.ticket.updated.v1",
    "employee": "feedback.employee.v1",
    "process": IncomingType.PROCESS_INSTANCE.value,
}
_REFERENCES: TypeAdapter[tuple[str, ...]] = TypeAdapter(Refs)
_SUBJECTS = {"survey": "response", "ticket": "ticket", "employee": "employee", "process": "instance"}
_SKIPPED = "step.skip_when"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """One record of a message. `instance` bears no customer yet; `key` is what `publish` gives Kafka."""

    event: Event
    flags: tuple[Flag, ...] = ()
    instance: Instance | None = None
    attributes: Mapping[str, str]
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A record of which its source says that it tells nothing of interest; it is known by its content."""

    event_id: str
    source: str
    occurred_at: datetime


def map_record(
    compiled: CompiledSource, body: bytes, received_at: datetime | None = None
) -> tuple[Mapped | Skipped | Fault, ...]:
    """Map one message: a result for each record in it, in order, and at least one.

    `received_at` is the broker's time of the message; it serves sources whose payload may lack a time of its own.
    """
    return tuple(
        found if isinstance(found, Fault) else _mapped(compiled, found, received_at)
        for found in records_of(compiled, body)
    )


def _mapped(
    compiled: CompiledSource, record: dict[str, Json], received_at: datetime | None
) -> Mapped | Skipped | Fault:
    given = run_all(compiled.programs, record, compiled.read, compiled.looped)
    # What is skipped may lack all that the others have, so nothing else is asked of it.
    if given.get(_SKIPPED) is True:
        return _skipped(compiled, record, given, received_at)
    results = _results(given)
    if isinstance(results, Fault):
        return results
    fields = Fields(values=compiled.values, scope=Scope(record=record, results=results))
    moment = _moment(compiled, fields, received_at)
    if isinstance(moment, Fault):
        return moment
    event, flags = _event(compiled, fields, moment.at)
    if isinstance(event, Fault):
        return event
    instance = _instance(compiled, fields, event.time)
    if isinstance(instance, Fault):
        return instance
    if moment.ambiguous:
        flags = (*flags, Flag.DATE_AMBIGUOUS)
    if results.get("recorded_when") is True:
        flags = (*flags, Flag.NOT_CUSTOMER_TEXT)
    return Mapped(
        event=event,
        flags=flags,
        instance=instance,
        attributes=_attributes(compiled, fields),
        key=fields.text("key"),
    )


def _skipped(
    compiled: CompiledSource,
    record: dict[str, Json],
    given: Mapping[str, Json | Absent | Failed],
    received_at: datetime | None,
) -> Skipped | Fault:
    """Date it by its time where that can be read, else by its receipt."""
    results = {where: result for where, result in given.items() if not isinstance(result, Absent | Failed)}
    fields = Fields(values=compiled.values, scope=Scope(record=record, results=results))
    moment = _moment(compiled, fields, received_at)
    at = moment.at if isinstance(moment, Moment) and moment.at.year in YEARS else received_at
    if at is None:
        return Fault(reason=FaultReason.BAD_TIME, detail="time: missing")
    return Skipped(event_id=_digest(compiled, record), source=compiled.uri, occurred_at=at)


def _results(given: Mapping[str, Json | Absent | Failed]) -> dict[str, Json] | Fault:
    """Take what every expression gave. A value that asks for an absent field is absent; a condition must say `has`."""
    known: dict[str, Json] = {}
    for where, result in given.items():
        match result:
            case Failed(kind):
                return Fault(reason=FaultReason.EXPRESSION_FAILED, detail=f"{where}: {kind}")
            case Absent() if not where.endswith(".cel"):
                return Fault(reason=FaultReason.EXPRESSION_FAILED, detail=f"{where}: absent")
            case Absent():
                known[where] = None
            case _:
                known[where] = result
    return known


def _event(compiled: CompiledSource, fields: Fields, at: datetime) -> tuple[Event | Fault, tuple[Flag, ...]]:
    kind = compiled.source.kind
    subject, event_id = fields.text("subject"), _event_id(compiled, fields)
    event_type = fields.text("type") if compiled.source.type else _TYPES[kind]
    if subject is None or event_id is None:
        return Fault(reason=FaultReason.MISSING_ID, detail=f"{'id' if subject else 'subject'}: missing"), ()
    if event_type is None:
        return Fault(reason=FaultReason.UNKNOWN_TYPE, detail="type: not mapped"), ()
    if kind == "process":
        data: dict[str, object] | Fault = step_of(compiled, fields, subject, _format(compiled, fields))
        flags: tuple[Flag, ...] = ()
    else:
        data, flags = payload_of(compiled.source, kind, fields, subject)
    if isinstance(data, Fault):
        return data, ()
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": compiled.uri,
        "type": event_type,
        "subject": f"{_SUBJECTS[kind]}/{subject}",
        "time": at,
        "data": data,
    }
    return decode_mapping(event), flags


def _event_id(compiled: CompiledSource, fields: Fields) -> str | None:
    if compiled.source.id:
        parts = [fields.text(f"id[{at}]") for at in range(len(compiled.source.id))]
        return None if None in parts else ":".join(part for part in parts if part is not None)
    return _digest(compiled, fields.scope.record)


def _digest(compiled: CompiledSource, record: dict[str, Json]) -> str:
    for path in compiled.ignored:
        record = without(record, path)
    return hashlib.sha256(canonical(record)).hexdigest()


def _moment(compiled: CompiledSource, fields: Fields, received_at: datetime | None) -> Moment | Fault:
    spec = compiled.source.time
    value = fields.scalar("time.value")
    if value is None:
        if received_at is None or (spec is not None and spec.absent == "fault"):
            return Fault(reason=FaultReason.BAD_TIME, detail="time: missing")
        return Moment(at=received_at)
    moment = read_moment(compiled.clockwork, value, _format(compiled, fields))
    return moment or Fault(reason=FaultReason.BAD_TIME, detail="time: not in its format")


def _format(compiled: CompiledSource, fields: Fields) -> str | None:
    results = fields.scope.results
    return next((written for where, written in compiled.clockwork.chosen if results.get(where) is True), None)


def _instance(compiled: CompiledSource, fields: Fields, updated_at: datetime) -> Instance | Fault | None:
    spec = compiled.source.instance
    instance_id = fields.text("instance.id")
    process = fields.text("instance.process") or compiled.source.process
    if spec is None or instance_id is None or process is None:
        return None
    times: dict[str, datetime | None] = {}
    for name in ("started_at", "ended_at"):
        value = fields.scalar(f"instance.{name}")
        moment = None if value is None else read_moment(compiled.clockwork, value, _format(compiled, fields))
        if value is not None and moment is None:
            return Fault(reason=FaultReason.BAD_TIME, detail=f"instance.{name}: not in its format")
        times[name] = moment.at if moment else None
    keys = tuple(dict.fromkeys(fields.all_texts("instance.keys", len(spec.keys))))
    return _instance_fault({"id": (instance_id,), "process": (process,), "keys": keys}, times) or Instance(
        instance_id=instance_id,
        process=process,
        started_at=times["started_at"],
        ended_at=times["ended_at"],
        keys=keys,
        updated_at=updated_at,
        begun_at=times["started_at"],
    )


def _instance_fault(references: Mapping[str, tuple[str, ...]], times: Mapping[str, datetime | None]) -> Fault | None:
    """Hold an instance to what a published one is held to; it becomes no event that would be read by its contract."""
    for name, texts in references.items():
        try:
            _REFERENCES.validate_python(texts)
        except ValidationError as error:
            kind = error.errors(include_url=False, include_context=False, include_input=False)[0]["type"]
            return Fault(reason=FaultReason.INVALID_FIELD, detail=f"instance.{name}: {kind}")
    for name, at in times.items():
        if at is not None and at.year not in YEARS:
            return Fault(reason=FaultReason.BAD_TIME, detail=f"instance.{name}: not in the years 1900 to 2200")
    return None


def _attributes(compiled: CompiledSource, fields: Fields) -> dict[str, str]:
    found = {name: fields.line(f"attributes.{name}") for name in compiled.source.attributes}
    return {name: text for name, text in found.items() if text is not None}
