"""The OCEL 2.0 log that is written: valid, whole or not there, the same each time, and read back as it was."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from msgspec.structs import replace

from service.adapters.event_logs import read_ocel
from service.adapters.memory import MemoryStore, MemoryTracks
from service.adapters.ocel_file import write_ocel
from service.core.contracts.cloudevent import Event
from service.core.contracts.placing import structured
from service.core.event_log import OcelReading
from service.core.records.steps import Step
from service.ports import Span
from tests.builders import START, instance, survey, ticket
from tests.ports.deciding import claimed, decide

# https://www.ocel-standard.org, version 2.0: the shape, what is required, and the types that an attribute may have.
_ATTRIBUTE_TYPES = ["string", "time", "integer", "float", "boolean"]
_TYPE = {
    "type": "object",
    "required": ["name", "attributes"],
    "properties": {
        "name": {"type": "string"},
        "attributes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "type"],
                "properties": {"name": {"type": "string"}, "type": {"enum": _ATTRIBUTE_TYPES}},
            },
        },
    },
}
_RELATIONSHIPS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["objectId", "qualifier"],
        "properties": {"objectId": {"type": "string"}, "qualifier": {"type": "string"}},
    },
}
_VALUE = {"type": ["string", "number", "boolean"]}
_TIME = {"type": "string", "format": "date-time"}
OCEL = {
    "type": "object",
    "required": ["objectTypes", "eventTypes", "objects", "events"],
    "properties": {
        "objectTypes": {"type": "array", "items": _TYPE},
        "eventTypes": {"type": "array", "items": _TYPE},
        "objects": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "type"],
                "properties": {
                    "id": {"type": "string"},
                    "type": {"type": "string"},
                    "attributes": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["name", "value", "time"],
                            "properties": {"name": {"type": "string"}, "value": _VALUE, "time": _TIME},
                        },
                    },
                    "relationships": _RELATIONSHIPS,
                },
            },
        },
        "events": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "type", "time"],
                "properties": {
                    "id": {"type": "string"},
                    "type": {"type": "string"},
                    "time": _TIME,
                    "attributes": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["name", "value"],
                            "properties": {"name": {"type": "string"}, "value": _VALUE},
                        },
                    },
                    "relationships": _RELATIONSHIPS,
                },
            },
        },
    },
}
_OF_TYPE = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, float),
    "boolean": lambda value: isinstance(value, bool),
    "time": lambda value: datetime.fromisoformat(value).tzinfo is not None,
}


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore()
    lease = await claimed(store)
    steps = [
        instance("i1", event_id="e1", keys=["SO-1"], customer="anna", tier="gold"),
        instance("i1", event_id="e2", activity="Pack", team="warehouse", attributes={"kg": 2, "express": True}),
        instance("i1", event_id="e3", activity="Pack", lifecycle="complete", attributes={"kg": 2.5, "note": "ok"}),
        instance("i2", event_id="e4", process="returns", activity="feedback_negative", attributes={"router:step": "x"}),
    ]
    lease = (await decide(store, lease, *steps)).lease
    said = [
        survey("r1", 0, "late, awful", customer="anna", correlation={"process_instance_key": "i1"}),
        ticket(event_id="k1", ticket_id="T-1", customer="bert", priority="urgent", subject="late and awful"),
    ]
    await decide(store, lease, *said, at=START + timedelta(hours=1))
    return store


async def written(store: MemoryStore, path: Path, **span: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of Span
    await write_ocel(MemoryTracks(store), Span(**span), path)
    return read(path)


def read(path: Path) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(path.read_bytes())
    return log


def names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


async def test_the_log_is_valid_and_all_that_it_names_is_in_it(store: MemoryStore, tmp_path: Path) -> None:
    log = await written(store, tmp_path / "log.jsonocel")
    Draft202012Validator(OCEL, format_checker=FormatChecker()).validate(log)
    objects = {one["id"] for one in log["objects"]}
    assert len(objects) == len(log["objects"])
    assert len({one["id"] for one in log["events"]}) == len(log["events"])
    assert {one["objectId"] for event in log["events"] for one in event["relationships"]} == objects
    for part, types in (("events", "eventTypes"), ("objects", "objectTypes")):
        declared = {kind["name"]: {one["name"]: one["type"] for one in kind["attributes"]} for kind in log[types]}
        assert {one["type"] for one in log[part]} == declared.keys()
        for one in log[part]:
            for given in one["attributes"]:
                assert _OF_TYPE[declared[one["type"]][given["name"]]](given["value"]), given


async def test_no_text_and_no_customer_s_reference_is_in_it(store: MemoryStore, tmp_path: Path) -> None:
    log = json.dumps(await written(store, tmp_path / "log.jsonocel"))
    assert not any(word in log for word in ("awful", "anna", "bert"))


async def test_its_counts_are_told(store: MemoryStore, tmp_path: Path) -> None:
    heard: list[int] = []
    told = await write_ocel(MemoryTracks(store), Span(), tmp_path / "log.jsonocel", heard.append)
    log = read(tmp_path / "log.jsonocel")
    assert told == {
        "events": {"process_instance": 1, "Pack": 2, "activity:feedback_negative": 1, "feedback_negative": 2},
        "objects": {"shipping": 1, "returns": 1, "customer": 2, "ticket": 1, "team": 2},
        "relationships": {"instance": 4, "handled_by": 3, "about": 1, "raised_by": 2, "recorded_in": 1},
    }
    assert sum(heard) == len(log["events"]) + len(log["objects"])
    assert Counter(one["type"] for one in log["objects"]) == told["objects"]


async def test_the_same_rows_give_the_same_bytes(store: MemoryStore, tmp_path: Path) -> None:
    await written(store, tmp_path / "one")
    await written(store, tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


async def test_a_log_of_one_process_has_nothing_of_the_others(store: MemoryStore, tmp_path: Path) -> None:
    log = await written(store, tmp_path / "log.jsonocel", process="returns")
    assert [(one["id"], one["type"]) for one in log["objects"]] == [("instance:i2", "returns")]
    assert [one["type"] for one in log["events"]] == ["activity:feedback_negative"]


async def test_a_store_without_anything_gives_a_valid_log(tmp_path: Path) -> None:
    log = await written(MemoryStore(), tmp_path / "log.jsonocel")
    assert log == {"events": [], "objects": [], "eventTypes": [], "objectTypes": []}


class _Broken(MemoryTracks):
    async def customers(self, span: Span) -> AsyncIterator[str]:
        yield "one"
        message = f"gone in {span}"
        raise ConnectionError(message)


async def test_a_log_that_was_not_finished_leaves_the_one_before(store: MemoryStore, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonocel"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(ConnectionError):
        await write_ocel(_Broken(store), Span(), path)
    assert names(tmp_path) == ["log.jsonocel"]
    assert path.read_text(encoding="utf-8") == "before"


async def test_what_was_exported_is_read_back_as_the_same_steps(store: MemoryStore, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonocel"
    await written(store, path)
    how = OcelReading(instances=frozenset({"shipping", "returns"}), complete=True)
    found = list(read_ocel(path, how))
    events = [json.loads(structured(one)) for one in found if isinstance(one, Event)]
    assert found.count(None) == 2
    again = MemoryStore()
    await decide(again, await claimed(again), *(one | {"time": one["time"]} for one in events))
    assert await steps(again) == [as_written(step) for step in await steps(store)]


async def steps(store: MemoryStore) -> list[Step]:
    return [step async for step in MemoryTracks(store).steps(Span())]


def as_written(step: Step) -> Step:
    """Two kilograms are 2.0, since others of their kind have halves."""
    kilograms = {"kg": float(step.attributes["kg"])} if "kg" in step.attributes else {}  # type: ignore[arg-type]
    return replace(step, attributes={**step.attributes, **kilograms})
