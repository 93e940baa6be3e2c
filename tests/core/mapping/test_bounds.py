"""How much one payload may hold, at the limit and beyond, and what used to happen without one."""

import time
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from service.core.contracts.cloudevent import LIMIT_BYTES
from service.core.contracts.faults import Fault, FaultReason
from service.core.mapping import CompiledSource, Mapped, Skipped, compile_source, map_record
from service.core.mapping.body import MAX_FORM_FIELDS, MAX_RECORDS
from service.core.mapping.expressions import MAX_LOOPED
from service.core.playbook.sources import Source
from service.core.records.words import Flag

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SECONDS = 2.0


def tool(**parts: object) -> CompiledSource:
    given = {"kind": "survey", "subject": "id", "time": {"value": "at", "absent": "received"}}
    found = compile_source("tool", Source.model_validate(given | parts))
    assert isinstance(found, CompiledSource), found
    return found


def mapped(source: CompiledSource, body: object) -> tuple[Mapped | Skipped | Fault, ...]:
    return map_record(source, orjson.dumps(body), NOON)


@pytest.mark.parametrize("items", ["rows", "rows[*]"])
def test_records_past_the_hundredth_used_to_vanish_where_items_ended_in_brackets(items: str) -> None:
    source = tool(items=items)
    rows = [{"id": str(at)} for at in range(MAX_RECORDS + 1)]
    assert len([one for one in mapped(source, {"rows": rows[1:]}) if isinstance(one, Mapped)]) == MAX_RECORDS
    assert mapped(source, {"rows": rows}) == (
        Fault(reason=FaultReason.TOO_LARGE, detail=f"value: above {MAX_RECORDS} records"),
    )


@pytest.mark.parametrize(("count", "flags"), [(50, ()), (51, (Flag.TEXT_CUT,))])
def test_texts_past_the_fiftieth_used_to_vanish_without_a_flag(count: int, flags: tuple[Flag, ...]) -> None:
    (found,) = mapped(tool(texts=["texts[*]"]), {"id": "1", "texts": ["late"] * count})
    assert isinstance(found, Mapped)
    assert tuple(flag for flag in found.flags if flag is Flag.TEXT_CUT) == flags


@pytest.mark.parametrize(
    ("record", "reason", "detail"),
    [
        ({"name": "i" * 201}, FaultReason.INVALID_FIELD, "instance.id: string_too_long"),
        ({"name": "a\nb"}, FaultReason.INVALID_FIELD, "instance.id: string_pattern_mismatch"),
        ({"process": "\U00020000" * 201}, FaultReason.INVALID_FIELD, "instance.process: string_too_long"),
        ({"keys": ["k" * 201]}, FaultReason.INVALID_FIELD, "instance.keys: string_too_long"),
        ({"began": "01/01/0001"}, FaultReason.BAD_TIME, "instance.started_at: not in the years 1900 to 2200"),
        ({"began": "01/01/2201"}, FaultReason.BAD_TIME, "instance.started_at: not in the years 1900 to 2200"),
    ],
)
def test_an_instance_of_a_payload_used_to_be_held_to_no_limit_and_overflow_a_key_of_the_database(
    record: dict[str, Any], reason: FaultReason, detail: str
) -> None:
    parts = {"id": "name", "process": "process", "started_at": "began", "keys": "keys[*]"}
    source = tool(
        instance=parts,
        time={"value": {"const": "04/05/2026"}, "default": "%d/%m/%Y"},
    )
    sound = {"id": "1", "name": "i" * 200, "process": "p", "began": "01/01/1900", "keys": ["k" * 200] * 100}
    (found,) = mapped(source, sound)
    assert isinstance(found, Mapped)
    assert mapped(source, sound | record) == (Fault(reason=reason, detail=detail),)


@pytest.mark.parametrize(
    "expression",
    [
        "record.a.filter(x, x > 0).size() == 1",
        "record.a.exists(x, x in record.b)",
        "record.a.exists(x, size(record.b) < 0)",
    ],
)
def test_a_macro_over_a_long_list_used_to_take_the_square_of_its_length(expression: str) -> None:
    source = tool(recorded_when=expression)
    half = MAX_LOOPED // 2 - 1
    began = time.process_time()
    (held,) = mapped(source, {"id": "1", "a": [1] * half, "b": [2] * half})
    assert isinstance(held, Mapped)
    refused = Fault(reason=FaultReason.EXPRESSION_FAILED, detail="recorded_when: too_many_values")
    assert mapped(source, {"id": "1", "a": [1] * MAX_LOOPED, "b": [2] * MAX_LOOPED}) == (refused,)
    assert mapped(source, {"id": "1", "a": [[1] * 400] * 400, "b": []}) == (refused,)
    assert time.process_time() - began < SECONDS


def test_a_long_list_that_no_macro_goes_through_is_no_fault() -> None:
    source = tool(recorded_when="record.a.exists(x, x == 1)", texts=[{"value": {"cel": "string(record.n)"}}])
    (found,) = mapped(source, {"id": "1", "a": [1], "n": 4, "rest": [0] * 100_000})
    assert isinstance(found, Mapped)
    assert Flag.NOT_CUSTOMER_TEXT in found.flags


def test_bodies_beyond_the_limit_take_no_memory_that_grows() -> None:
    source = tool(items="rows", texts=["texts[*]"])
    bodies = [
        orjson.dumps({"rows": [{}] * 300_000}),
        orjson.dumps({"rows": [{"id": str(at)} for at in range(MAX_RECORDS + 1)]}),
        b"[" * 1_000_000,
        b"x" * 1_100_000,
    ]
    for body in bodies:
        map_record(source, body, NOON)
    tracemalloc.start()
    for _ in range(5):
        for body in bodies:
            assert len(map_record(source, body, NOON)) == 1
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1 << 20
    assert peak < 64 << 20


@pytest.mark.parametrize(
    ("count", "expected"),
    [(MAX_FORM_FIELDS, FaultReason.MISSING_ID), (MAX_FORM_FIELDS + 1, FaultReason.TOO_LARGE)],
)
def test_a_form_is_read_to_so_many_fields_and_refused_beyond(count: int, expected: FaultReason) -> None:
    (found,) = map_record(tool(format="form"), "&".join(f"f{at}=1" for at in range(count)).encode(), NOON)
    assert isinstance(found, Fault)
    assert found.reason == expected


@pytest.mark.parametrize(("size", "is_taken"), [(LIMIT_BYTES, True), (LIMIT_BYTES + 1, False)])
def test_a_body_is_read_to_its_limit_and_refused_beyond(size: int, *, is_taken: bool) -> None:
    body = b'{"id":"1"}'
    (found,) = map_record(tool(), body + b" " * (size - len(body)), NOON)
    assert isinstance(found, Mapped) == is_taken
