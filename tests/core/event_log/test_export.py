"""What is written of steps, feedback and instances into an OCEL 2.0 log, and that steps are read back as they were."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.core.contracts.cloudevent import Event
from service.core.event_log import OcelEvent, OcelObject, OcelReading, ocel_events
from service.core.event_log.export import Types, feedback_event, instance_object, plain_object, step_event
from service.core.event_log.names import object_id, object_type
from service.core.normalise import Extras, Stepped, normalise
from service.core.pseudonym import PseudonymKey
from service.core.records.feedback import Instance, Keys
from service.core.records.steps import Step
from service.core.records.words import Lifecycle
from tests.builders import START, make_contribution, make_feedback

KEY = PseudonymKey(key_id="t", secret=b"of the tests alone")
PACK = Step(
    instance_id="i1",
    process="shipping",
    source="/engine",
    event_id="e1",
    name="t-1",
    at=START,
    told_at=START + timedelta(minutes=1),
    activity="Pack",
    lifecycle=Lifecycle.START,
    team="warehouse",
    attributes={"weight": 2.5, "none": None},
)


def told(step: Step) -> dict[str, object]:
    types, event = Types(), step_event(step)
    types.note(event)
    return types.written(event)


def test_a_step_is_an_event_of_its_activity_s_type_about_its_instance() -> None:
    assert told(PACK) == {
        "id": "step:19a6fde880f153af7807e1bdc5174646",
        "type": "Pack",
        "time": "2026-05-04T09:00:00Z",
        "attributes": [
            {"name": "lifecycle:transition", "value": "start"},
            {"name": "router:event_id", "value": "e1"},
            {"name": "router:process", "value": "shipping"},
            {"name": "router:source", "value": "/engine"},
            {"name": "router:step", "value": "t-1"},
            {"name": "router:told_at", "value": "2026-05-04T09:01:00Z"},
            {"name": "weight", "value": 2.5},
        ],
        "relationships": [
            {"objectId": "instance:i1", "qualifier": "instance"},
            {"objectId": "team:warehouse", "qualifier": "handled_by"},
        ],
    }


def test_a_step_of_the_whole_instance_has_a_type_of_its_own() -> None:
    assert [
        step_event(replace(PACK, activity=name)).type for name in (None, "process_instance", "activity:x", " ")
    ] == [
        "process_instance",
        "activity:process_instance",
        "activity:activity:x",
        "activity: ",
    ]


def test_a_negative_feedback_is_related_to_what_it_is_about_and_bears_no_text() -> None:
    feedback = make_feedback(text="late, awful", customer="k1:abc", keys=Keys(ticket="T-9"), channel="email", tier=None)
    one = make_contribution(feedback)
    types, event = Types(), feedback_event(replace(one, link=replace(one.link, instance_id="i1")))
    types.note(event)
    written = types.written(event)
    assert (written["type"], written["relationships"]) == (
        "feedback_negative",
        [
            {"objectId": "instance:i1", "qualifier": "about"},
            {"objectId": "customer:k1:abc", "qualifier": "raised_by"},
            {"objectId": "ticket:T-9", "qualifier": "recorded_in"},
            {"objectId": "team:desk", "qualifier": "handled_by"},
        ],
    )
    assert {"name": "channel", "value": "email"} in written["attributes"]  # type: ignore[operator]  # a list
    assert "awful" not in str(written)


def test_an_instance_has_what_is_known_of_it_and_a_forgotten_one_its_id_alone() -> None:
    known = Instance(
        instance_id="i1", process="shipping", started_at=START, customer="k1:abc", tier="gold", updated_at=START
    )
    assert instance_object("i1", "shipping", known) == {
        "id": "instance:i1",
        "type": "shipping",
        "attributes": [
            {"name": "customer", "value": "k1:abc", "time": "1970-01-01T00:00:00Z"},
            {"name": "started_at", "value": "2026-05-04T09:00:00Z", "time": "1970-01-01T00:00:00Z"},
            {"name": "tier", "value": "gold", "time": "1970-01-01T00:00:00Z"},
        ],
    }
    assert instance_object("i1", "ticket", None) == {"id": "instance:i1", "type": "process:ticket", "attributes": []}
    assert plain_object("team", "desk") == {"id": "team:desk", "type": "team", "attributes": []}


def test_an_attribute_has_one_type_for_all_its_values() -> None:
    types = Types()
    steps = [
        replace(PACK, name="a", attributes={"n": 1, "same": 1, "mixed": 1, "flag": True}),
        replace(PACK, name="b", attributes={"n": 2.5, "same": 2, "mixed": "two", "flag": False}),
        replace(PACK, name="c", attributes={"mixed": True}),
    ]
    for step in steps:
        types.note(step_event(step))
    (kind,) = types.declared()
    declared = {one["name"]: one["type"] for one in kind["attributes"]}  # type: ignore[attr-defined]  # a list
    assert {name: declared[name] for name in ("n", "same", "mixed", "flag", "router:told_at")} == {
        "n": "float",
        "same": "integer",
        "mixed": "string",
        "flag": "boolean",
        "router:told_at": "time",
    }
    values = [
        {one["name"]: one["value"] for one in types.written(step_event(step))["attributes"]}  # type: ignore[attr-defined]
        for step in steps
    ]
    assert [(one.get("n"), one["mixed"]) for one in values] == [(1.0, "1"), (2.5, "two"), (None, "true")]


NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - in UTC
# No step has what its contract refuses.
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
ATTRIBUTES = st.dictionaries(
    NAMES | st.sampled_from(["lifecycle:transition", "router:step", "attribute:x"]),
    VALUES | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.booleans(),
    max_size=4,
)
STEPS = st.builds(
    Step,
    instance_id=NAMES | st.just("instance:i1"),
    process=NAMES | st.sampled_from(["customer", "process:x"]),
    source=NAMES,
    event_id=NAMES,
    name=NAMES,
    at=MOMENTS,
    told_at=MOMENTS,
    activity=st.none() | NAMES | st.sampled_from(["", " ", "feedback_negative", "process_instance", "activity:"]),
    lifecycle=st.sampled_from(Lifecycle),
    team=st.none() | NAMES,
    attributes=ATTRIBUTES,
)


@given(step=STEPS)
def test_a_step_that_was_exported_is_read_back_as_the_same_step(step: Step) -> None:
    written = told(step)
    name = object_id("instance", step.instance_id)
    objects = {name: OcelObject(type=object_type(step.process)), f"team:{step.team}": OcelObject(type="team")}
    how = OcelReading(instances=frozenset({object_type(step.process)}), complete=True)
    (event,) = ocel_events([OcelEvent(number=1, raw=written)], objects, how)
    assert isinstance(event, Event), event
    said = normalise(event, START, KEY, {}, Extras())
    assert isinstance(said, Stepped)
    assert said.step == step
