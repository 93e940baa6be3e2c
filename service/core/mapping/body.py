"""Bytes of one message -> the records in it, or the fault for which the whole message is refused.

A body is JSON or a form. A JSON text embedded in it is read in place, and a list of records is taken apart. Both texts
pass the same screen as a CloudEvent does: a NUL or too much nesting is refused before anything is built of it.
"""

from urllib.parse import parse_qsl

import orjson

from service.core.contracts.cloudevent import LIMIT_BYTES
from service.core.contracts.faults import Fault, FaultReason
from service.core.contracts.screen import screen
from service.core.mapping.compile import CompiledSource
from service.core.mapping.paths import Json, find, put

MAX_RECORDS = 1000
MAX_FORM_FIELDS = 500


def records_of(compiled: CompiledSource, body: bytes) -> tuple[dict[str, Json] | Fault, ...]:
    """Return the records in their order; a member that is no object is a fault in its place."""
    if len(body) > LIMIT_BYTES:
        return (Fault(reason=FaultReason.TOO_LARGE, detail=f"value: above {LIMIT_BYTES} bytes"),)
    whole = _form(body) if compiled.source.format == "form" else _json(body, "value")
    if isinstance(whole, Fault):
        return (whole,)
    # One more than is taken, so that a body of too many is refused and none of them is left out in silence.
    found = find(compiled.items, whole, most=MAX_RECORDS + 1) if compiled.items else whole
    members = found if isinstance(found, list) else [found]
    if not members:
        return (Fault(reason=FaultReason.NOT_AN_OBJECT, detail="value: no records"),)
    if len(members) > MAX_RECORDS:
        return (Fault(reason=FaultReason.TOO_LARGE, detail=f"value: above {MAX_RECORDS} records"),)
    return tuple(_unfolded(compiled, member) for member in members)


def _unfolded(compiled: CompiledSource, member: Json) -> dict[str, Json] | Fault:
    if not isinstance(member, dict):
        return Fault(reason=FaultReason.NOT_AN_OBJECT, detail="record: not an object")
    if not compiled.embedded:
        return member
    place = ".".join(compiled.embedded)
    text = find(compiled.embedded_path, member)
    if not isinstance(text, str):
        return Fault(reason=FaultReason.WRONG_TYPE, detail=f"{place}: not a JSON text")
    inner = _json(text.encode(), place)
    return inner if isinstance(inner, Fault) else put(member, compiled.embedded, inner)


def _json(text: bytes, place: str) -> Json | Fault:
    fault = screen(text)
    if fault is not None:
        return Fault(reason=fault.reason, detail=f"{place}: {fault.reason}")
    try:
        return _loaded(text)
    except orjson.JSONDecodeError:
        return _broken(text, place)


def _loaded(text: bytes) -> Json:
    found: Json = orjson.loads(text)
    return found


def _broken(text: bytes, place: str) -> Fault:
    try:
        text.decode()
    except UnicodeDecodeError:
        return Fault(reason=FaultReason.BAD_ENCODING, detail=f"{place}: not UTF-8")
    return Fault(reason=FaultReason.BROKEN_JSON, detail=f"{place}: json_invalid")


def _form(body: bytes) -> Json | Fault:
    try:
        pairs = parse_qsl(
            body.decode().strip(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FORM_FIELDS
        )
    except UnicodeDecodeError:
        return Fault(reason=FaultReason.BAD_ENCODING, detail="value: not UTF-8")
    except ValueError:
        return Fault(reason=FaultReason.TOO_LARGE, detail=f"value: above {MAX_FORM_FIELDS} fields")
    form: dict[str, Json] = {}
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            return Fault(reason=FaultReason.NUL_BYTE, detail="value: nul_byte")
        # As with a header that is sent twice, the last one counts.
        form[name] = value
    return form
