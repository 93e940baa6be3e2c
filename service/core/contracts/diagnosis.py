"""A failed validation -> the one fault that is reported: the first in the order of the fields.

Only the names of declared fields, positions and kinds of error are let through. Anything else in a location may be a
key that a customer chose, and every value may be a customer's.
"""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from service.core.contracts.answers import OFF_SCALE, MetricKind
from service.core.contracts.envelope import ENVELOPES, Attributes, TypedAttributes
from service.core.contracts.faults import Fault, FaultReason

_MISSING = {
    "id": FaultReason.MISSING_ID,
    "source": FaultReason.MISSING_SOURCE,
    "type": FaultReason.MISSING_TYPE,
    "specversion": FaultReason.UNSUPPORTED_MODE,
}
_TAG_FAULTS = ("union_tag_not_found", "union_tag_invalid")


def diagnose(error: ValidationError, *, value: bytes, within: Literal["", "data"] = "") -> Fault:
    """Name the fault; `within` is the path under which the validated value stands in the event."""
    first = error.errors(include_url=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return _broken(value)
    if not first["loc"] and first["type"] in _TAG_FAULTS:
        return _untyped(value)
    if not first["loc"] and first["type"] in ("dict_type", "model_type", "model_attributes_type"):
        return Fault(reason=FaultReason.NOT_AN_OBJECT, detail=f"{within or 'value'}: {first['type']}")
    path = _path((within, *first["loc"]) if within else first["loc"])
    return Fault(reason=_reason(path, first), detail=f"{path}: {first['type']}")


def _broken(value: bytes) -> Fault:
    try:
        value.decode()
    except UnicodeDecodeError:
        return Fault(reason=FaultReason.BAD_ENCODING, detail="value: not UTF-8")
    return Fault(reason=FaultReason.BROKEN_JSON, detail="value: json_invalid")


def _untyped(value: bytes) -> Fault:
    """Look at the attributes without the payload: an unknown type is the fault only when the rest is there."""
    try:
        TypedAttributes.model_validate_json(value)
    except ValidationError as error:
        return diagnose(error, value=value)
    return Fault(reason=FaultReason.UNKNOWN_TYPE, detail="type: union_tag_invalid")


def _reason(path: str, error: ErrorDetails) -> FaultReason:
    kind, missing = error["type"], error["type"] in ("missing", "string_too_short") or error["input"] is None
    field = path.rpartition(".")[2]
    if path in _MISSING and (missing or path == "specversion"):
        return _MISSING[path]
    if path == "data_base64":
        return FaultReason.UNSUPPORTED_MODE
    if kind == OFF_SCALE:
        return FaultReason.SCORE_OFF_SCALE
    if kind != "missing" and (field == "time" or field.endswith(("_at", "_due"))):
        return FaultReason.BAD_TIME
    if kind.endswith("_type") or (kind in ("enum", "literal_error") and not isinstance(error["input"], str)):
        return FaultReason.WRONG_TYPE
    return FaultReason.INVALID_FIELD


def _path(location: Iterable[str | int]) -> str:
    path = ""
    after_position = False
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part in _FIELDS and not (after_position and part in _METRIC_KINDS):
            path += f".{part}" if path else part
        after_position = isinstance(part, int)
    return path


def _field_names(model: type[BaseModel]) -> frozenset[str]:
    """Collect every property name of a model's JSON Schema, with those of the models in it."""
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return frozenset(name for part in parts for name in part.get("properties", {}))


# The kind of a metric appears in a location as the tag of its union, after its position; `csat` is a field's name too.
_METRIC_KINDS = frozenset(MetricKind)
_FIELDS = frozenset(Attributes.model_fields).union(*map(_field_names, ENVELOPES.values()))
