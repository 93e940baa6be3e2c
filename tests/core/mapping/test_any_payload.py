"""Whatever JSON a tool may send, and whatever bytes, mapping answers with events and faults and never raises."""

from datetime import UTC, datetime

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.contracts.cloudevent import decode_mapping
from service.core.contracts.faults import Fault
from service.core.mapping import CompiledSource, Mapped, Skipped, compile_source, map_record
from service.core.playbook.sources import Source

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
NAMES = st.sampled_from(["id", "at", "score", "text", "who", "tags", "n", "a b", "record"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(["10/17/2021", "03/04/2022", "2026-05-04T09:12:31Z", "5", "?", "open", "<p>x</p>", "{}"]),
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=25
)
RECORDS = st.dictionaries(NAMES, JSON, max_size=9)

EVERYTHING = {
    "time": {
        "value": {"paths": ["at", "n"]},
        "formats": [
            {"when": "has(record.at) && record.at == record.n", "format": "unix"},
            {"when": "has(record.who)", "format": "%m/%d/%Y"},
        ],
        "default": "%d/%m/%Y",
        "zone": "Europe/London",
        "ambiguous_default": True,
        "absent": "received",
    },
    "revision": "n",
    "scores": [
        {
            "kind": "nps",
            "value": {"paths": ["score", "tags[n=5].score"]},
            "scale_min": 0,
            "scale_max": 10,
            "orientation": "higher_better",
            "words": {"open": 1},
        }
    ],
    "texts": [{"value": "tags[*].text", "html": True, "question": "tags[*].id"}, "text"],
    "customer": {"ref": {"cel": "record.who.id"}, "region": "a b"},
    "labels": ["tags[*]", {"path": "text", "split": " "}],
    "correlation": {"order": "tags[id={who.id}].n"},
    "attributes": {"x": {"join": ["id", "n"], "separator": "-"}},
    "process": "p",
    "instance": {"id": "id", "started_at": "at", "keys": "tags[*]"},
    "key": "who",
}


def compiled(**parts: object) -> CompiledSource:
    found = compile_source("tool", Source.model_validate({"subject": "id", **EVERYTHING, **parts}))
    assert isinstance(found, CompiledSource), found
    return found


def process_source() -> CompiledSource:
    step = {
        "process": "who",
        "activity": "text",
        "lifecycle": {"path": "who", "default": "start"},
        "name": "id",
        "withdrawn": "score",
        "at": "at",
        "keys": {"order": "tags[0]"},
        "skip_when": "record.tags.size() > 3",
    }
    shared = {name: EVERYTHING[name] for name in ("time", "customer", "attributes", "process", "key")}
    found = compile_source(
        "engine", Source.model_validate({"kind": "process", "subject": "id", "step": step, **shared})
    )
    assert isinstance(found, CompiledSource), found
    return found


SOURCES = (
    compiled(kind="survey"),
    compiled(kind="employee", embedded="text"),
    compiled(
        kind="ticket",
        id=["id", "n"],
        recorded_when="record.tags.size() > 3",
        ticket={
            "status": {"path": "who", "map": {"open": "open"}},
            "priority": "score",
            "body": "text",
            "subject": "text",
            "reopen_count": "n",
            "public": "score",
        },
    ),
    process_source(),
)


@given(record=RECORDS | JSON, at=st.integers(0, len(SOURCES) - 1))
@settings(max_examples=300, deadline=None)
def test_any_json_maps_or_is_refused(record: object, at: int) -> None:
    found = map_record(SOURCES[at], orjson.dumps(record), NOON)
    assert found
    assert all(isinstance(result, Mapped | Skipped | Fault) for result in found)
    assert found == map_record(SOURCES[at], orjson.dumps(record), NOON)


@given(body=st.binary(max_size=60), form=st.booleans())
@settings(deadline=None)
def test_any_bytes_map_or_are_refused(body: bytes, *, form: bool) -> None:
    source = compiled(kind="survey", format="form" if form else "json")
    assert all(isinstance(result, Mapped | Fault) for result in map_record(source, body, NOON))


@given(record=RECORDS)
@settings(deadline=None)
def test_what_is_mapped_reads_back_as_the_same_event(record: object) -> None:
    for result in map_record(SOURCES[0], orjson.dumps(record), NOON):
        if isinstance(result, Mapped):
            event = result.event
            again = decode_mapping(
                {
                    "specversion": "1.0",
                    "id": event.id,
                    "source": event.source,
                    "type": event.type,
                    "subject": event.subject,
                    "time": event.time,
                    "data": event.data.model_dump(mode="json", exclude_none=True),
                }
            )
            assert again == event
