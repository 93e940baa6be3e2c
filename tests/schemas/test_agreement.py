"""The schema and the decoder say yes to the same events, but for what a schema cannot say."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from service.core.contracts.cloudevent import Event, decode
from service.core.contracts.event_type import IncomingType
from service.core.contracts.faults import FaultReason
from service.core.contracts.schema import schemas


def _properties(schema: dict[str, Any]) -> set[str]:
    parts = [schema, *schema.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}


SCHEMAS = schemas()
VALIDATORS = {kind: Draft202012Validator(schema) for kind, schema in SCHEMAS.items()}
EXAMPLES = [
    json.loads(path.read_bytes())
    for path in sorted((Path(__file__).parents[2] / "schemas" / "examples" / "valid").glob("*/*.json"))
    if path.parent.name in set(IncomingType)
]
FIELDS = sorted({name for schema in SCHEMAS.values() for name in _properties(schema)})
OTHER_NAMES = ({"process", "process_definition"}, {"process_instance_key", "instance"})
# A relation between two fields, or a moment that is nowhere or on no calendar.
BEYOND_SCHEMA = {FaultReason.SCORE_OFF_SCALE, FaultReason.BAD_TIME}
VALUES = [
    *(None, True, 0, -1, 7, 2.5, 10**17, [], ["x"], [7], {}, {"a": "b"}),
    *("", "x", "7", "a\nb", "x" * 300, "é" * 200, "2026-05-04T09:12:31Z", "2026-05-04", "open", "start"),
    *({"ref": "c-1"}, {"raw": 3}, {"text": "x"}, [{"kind": "nps", "raw": 3}], [{"kind": "rating", "raw": 3}]),
]


def _objects(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    below = [found for one in inner for found in _objects(one)]
    return [value, *below] if isinstance(value, dict) else below


@given(chosen=st.data(), example=st.sampled_from(EXAMPLES))
def test_a_changed_event_pleases_both_or_neither(chosen: st.DataObject, example: dict[str, Any]) -> None:
    event = copy.deepcopy(example)
    for _ in range(chosen.draw(st.integers(1, 3))):
        part = chosen.draw(st.sampled_from(_objects(event)))
        name = chosen.draw(st.sampled_from([*sorted(part), *FIELDS]))
        part[name] = copy.deepcopy(chosen.draw(st.sampled_from(VALUES)))
    # Of two names of one field the second is not looked at.
    assume(not any(names <= part.keys() for part in _objects(event) for names in OTHER_NAMES))
    kind = event.get("type")
    read = decode(json.dumps(event).encode())
    if not isinstance(kind, str) or kind not in set(IncomingType):
        assert not isinstance(read, Event)
    elif isinstance(read, Event):
        assert VALIDATORS[kind].is_valid(event)
    else:
        assert read.reason in BEYOND_SCHEMA or not VALIDATORS[kind].is_valid(event)
