"""Events of an OCEL 2.0 log as process events: instances, keys, customers, teams, and attributes as of the time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.contracts.cloudevent import Event
from service.core.contracts.process import ProcessInstance
from service.core.event_log import (
    LogFault,
    OcelEvent,
    OcelObject,
    OcelReading,
    Unread,
    object_of,
    ocel_events,
)
from service.core.records.words import Lifecycle

NINE = datetime(2026, 5, 4, 9, tzinfo=UTC)
EVER = datetime(1970, 1, 1, tzinfo=UTC)
ORDERS = OcelReading(instances=frozenset({"order"}))
OBJECTS = {
    "o1": OcelObject(type="order", attributes=(("price", EVER, 10), ("price", NINE + timedelta(hours=1), 8.5))),
    "o2": OcelObject(type="order"),
    "i1": OcelObject(type="item"),
    "i2": OcelObject(type="item"),
    "anna": OcelObject(type="customer"),
    "warehouse": OcelObject(type="group"),
}


def raw(*related: tuple[str, str], kind: str = "Pack", at: str = "2026-05-04T09:00:00Z", **own: object) -> OcelEvent:
    event = {
        "id": "e1",
        "type": kind,
        "time": at,
        "attributes": [{"name": name, "value": value} for name, value in own.items()],
        "relationships": [{"objectId": name, "qualifier": qualifier} for name, qualifier in related],
    }
    return OcelEvent(number=3, raw=event)


def steps(*events: OcelEvent, how: OcelReading = ORDERS) -> list[ProcessInstance]:
    found = list(ocel_events(events, OBJECTS, how))
    assert all(isinstance(one, Event) for one in found), found
    return [one.data for one in found if isinstance(one, Event) if isinstance(one.data, ProcessInstance)]


def test_objects_of_a_type_are_instances_and_the_others_their_keys_customer_and_team() -> None:
    related = (("o1", "order"), ("i1", "item"), ("i2", "item"), ("anna", "placed by"), ("warehouse", "handled_by"))
    begun, packed = steps(raw(*related, weight=2.5))
    assert begun == ProcessInstance(
        instance="o1",
        process="order",
        lifecycle=Lifecycle.START,
        keys={"item": "i1"},
        customer="anna",
        attributes={"price": 10},
    )
    assert packed == ProcessInstance(
        instance="o1",
        process="order",
        lifecycle=Lifecycle.COMPLETE,
        activity="Pack",
        keys={"item": "i1"},
        customer="anna",
        team="warehouse",
        attributes={"weight": 2.5},
    )


def test_attributes_of_an_instance_are_those_of_its_first_event() -> None:
    begun, _ = steps(raw(("o1", ""), at="2026-05-04T13:00:00+02:00"))
    assert begun.attributes == {"price": 8.5}


def test_an_event_of_several_instances_is_one_of_each() -> None:
    found = steps(raw(("o1", "x"), ("o2", "y"), ("o1", "z")))
    assert [(one.instance, one.activity) for one in found] == [
        ("o1", None),
        ("o1", "Pack"),
        ("o2", None),
        ("o2", "Pack"),
    ]


def test_a_process_may_be_named_and_a_log_be_whole() -> None:
    how = OcelReading(instances=frozenset({"order"}), process="delivery", complete=True)
    found = steps(raw(("o1", "")), raw(("o1", ""), kind="Ship", at="2026-05-05T09:00:00Z"), how=how)
    assert [(one.process, one.activity, one.lifecycle) for one in found] == [
        ("delivery", None, Lifecycle.START),
        ("delivery", "Pack", Lifecycle.COMPLETE),
        ("delivery", "Ship", Lifecycle.COMPLETE),
        ("delivery", None, Lifecycle.COMPLETE),
    ]


def test_an_event_about_no_instance_is_passed_over() -> None:
    assert list(ocel_events([raw(("i1", "")), raw(), raw(("nobody", ""))], OBJECTS, ORDERS)) == [None, None, None]


@pytest.mark.parametrize(
    ("event", "reason", "detail"),
    [
        ("no object", LogFault.NOT_AN_EVENT, "no object with id, type and time"),
        ({"id": "e1", "type": "Pack"}, LogFault.NO_TIME, "no time"),
        ({"id": "e1", "type": "Pack", "time": "2026-05-04"}, LogFault.BAD_TIME, "time is no time with a zone"),
    ],
)
def test_what_is_no_event_is_named(event: object, reason: LogFault, detail: str) -> None:
    found = list(ocel_events([OcelEvent(number=3, raw=event)], OBJECTS, ORDERS))
    assert found == [Unread(place="event 3", reason=reason, detail=detail)]


@pytest.mark.parametrize("value", [10**30, -(10**30), "\ud800"])
def test_what_no_store_can_hold_is_named(value: object) -> None:
    (found,) = ocel_events([raw(("o1", ""), note=value)], OBJECTS, ORDERS)
    detail = "holds a text or number that can not be kept"
    assert found == Unread(place="event 3", reason=LogFault.NOT_AN_EVENT, detail=detail)


def test_a_number_that_is_not_finite_is_named() -> None:
    _, told = ocel_events([raw(("o1", ""), note=float("inf"))], OBJECTS, ORDERS)
    assert isinstance(told, Unread)
    assert (told.reason, told.detail) == (LogFault.CONTRACT, "value: not_finite")


def test_a_long_text_is_cut() -> None:
    assert steps(raw(("o1", ""), note="x" * 2000))[1].attributes == {"note": "x" * 1000}


def test_a_transition_that_is_not_known_is_named() -> None:
    event = raw(("o1", ""), **{"lifecycle:transition": "pondering"})
    detail = "lifecycle:transition is not known"
    assert list(ocel_events([event], OBJECTS, ORDERS)) == [
        Unread(place="event 3", reason=LogFault.UNKNOWN_LIFECYCLE, detail=detail)
    ]


def test_a_log_that_is_read_twice_gives_the_same_events() -> None:
    parts = [raw(("o1", "")), raw(("o1", ""), ("i1", "")), raw(("o1", ""), kg=2), raw(("o2", ""))]
    found = [one for one in ocel_events(parts, OBJECTS, ORDERS) if isinstance(one, Event)]
    assert found == list(ocel_events(parts, OBJECTS, ORDERS))
    assert len({one.id for one in found}) == len(found) == 6


def test_only_instances_keep_their_attributes_in_the_order_of_their_times() -> None:
    given = [
        {"name": "price", "value": 8.5, "time": "2026-05-04T10:00:00Z"},
        {"name": "price", "value": 10, "time": "1970-01-01T00:00:00Z"},
        {"name": "broken", "value": [1], "time": "1970-01-01T00:00:00Z"},
        {"name": "undated", "value": 1},
    ]
    assert object_of({"id": "o1", "type": "order", "attributes": given}, frozenset({"order"})) == ("o1", OBJECTS["o1"])
    assert object_of({"id": "i1", "type": "item", "attributes": given}, frozenset({"order"})) == ("i1", OBJECTS["i1"])
    assert object_of({"id": 1, "type": "item"}, frozenset({"order"})) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
RELATED = st.fixed_dictionaries({"objectId": st.sampled_from(["o1", "i1", "anna", "x"])}, optional={"qualifier": JSON})
RAW = JSON | st.fixed_dictionaries(
    {"id": st.just("e1"), "type": st.text(max_size=10), "time": st.just("2026-05-04T09:00:00Z") | JSON},
    optional={
        "relationships": st.lists(RELATED | JSON, max_size=3) | JSON,
        "attributes": st.lists(st.fixed_dictionaries({"name": st.text(), "value": JSON}) | JSON, max_size=3) | JSON,
    },
)


@given(events=st.lists(RAW, max_size=4))
def test_any_event_is_read_passed_over_or_says_why_it_is_none(events: list[Any]) -> None:
    found = list(ocel_events([OcelEvent(number=at, raw=one) for at, one in enumerate(events)], OBJECTS, ORDERS))
    assert all(one is None or isinstance(one, Event | Unread) for one in found)
    assert len(found) >= len(events)
