"""The values of one record of a process engine -> the `data` of its `process.instance.v1`.

Refused is a time that is not in its format. What else is wrong, such as a lifecycle that is none of the contract's
words, is left for the contract to refuse.
"""

from collections.abc import Mapping
from datetime import datetime

from service.core.contracts.faults import Fault, FaultReason
from service.core.mapping.compile import CompiledSource
from service.core.mapping.dates import read_moment
from service.core.mapping.fields import MAX_LINE, Fields, one_line
from service.core.playbook.origins import Scalar


def step_of(compiled: CompiledSource, fields: Fields, instance: str, written: str | None) -> dict[str, object] | Fault:
    """Return a JSON object without empty members; `written` is the format that was chosen for the record's times."""
    at = _happened_at(compiled, fields, written)
    if isinstance(at, Fault):
        return at
    attributes = {name: _value(fields.scalar(f"attributes.{name}")) for name in compiled.source.attributes}
    found: dict[str, object] = {
        "instance": instance,
        "process": fields.text("step.process") or compiled.source.process,
        "activity": fields.line("step.activity"),
        "lifecycle": fields.text("step.lifecycle"),
        "step": fields.text("step.name"),
        "withdrawn": fields.flag("step.withdrawn"),
        "time": at,
        "keys": _keys(compiled, fields),
        "customer": fields.text("customer.ref"),
        "tier": fields.line("customer.tier"),
        "region": fields.line("customer.region"),
        "version": fields.line("step.version"),
        "team": fields.line("team"),
        "attributes": {name: value for name, value in attributes.items() if value not in (None, "")},
    }
    return {name: value for name, value in found.items() if value not in (None, "", (), {})}


def _happened_at(compiled: CompiledSource, fields: Fields, written: str | None) -> datetime | Fault | None:
    value = fields.scalar("step.at")
    if value is None:
        return None
    moment = read_moment(compiled.clockwork, value, written)
    return moment.at if moment else Fault(reason=FaultReason.BAD_TIME, detail="step.at: not in its format")


def _keys(compiled: CompiledSource, fields: Fields) -> dict[str, str] | tuple[str, ...]:
    step = compiled.source.step
    keys = step.keys if step is not None else ()
    if isinstance(keys, Mapping):
        named = {name: fields.text(f"step.keys.{name}") for name in keys}
        return {name: text for name, text in named.items() if text}
    return tuple(dict.fromkeys(text for text in fields.all_texts("step.keys", len(keys)) if text))


def _value(found: Scalar) -> Scalar:
    return one_line(found, MAX_LINE) if isinstance(found, str) else found
