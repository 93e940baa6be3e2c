"""Traces of an XES log as process events: who starts, who ends, what is refused, and the same names each time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.contracts.cloudevent import Event
from service.core.contracts.placing import key_of
from service.core.contracts.process import ProcessInstance
from service.core.event_log import LogFault, Unread, XesEvent, XesReading, XesTraceEnd, xes_events
from service.core.event_log.logged import Value
from service.core.records.words import Lifecycle

NINE = datetime(2026, 5, 4, 9, tzinfo=UTC)
HOW = XesReading(process="claims", keys=("order",), complete=True)
NOTHING: Mapping[str, Value | None] = MappingProxyType({})
TRACE: Mapping[str, Value] = {
    "concept:name": "C-1",
    "order": "SO-1",
    "customer": "anna",
    "amount": 120.5,
    "channel": "web",
}


def event(name: str | None = "Check", at: datetime = NINE, own: Mapping[str, Value | None] = NOTHING) -> XesEvent:
    said = {"concept:name": name, "time:timestamp": at.isoformat(), **own}
    return XesEvent(line=7, trace=TRACE, own={key: value for key, value in said.items() if value is not None})


def events(*parts: XesEvent | XesTraceEnd, how: XesReading = HOW) -> list[Event]:
    found = list(xes_events(parts, how))
    assert all(isinstance(one, Event) for one in found), found
    return [one for one in found if isinstance(one, Event)]


def steps(*parts: XesEvent | XesTraceEnd, how: XesReading = HOW) -> list[ProcessInstance]:
    return [one.data for one in events(*parts, how=how) if isinstance(one.data, ProcessInstance)]


def test_a_trace_is_an_instance_that_starts_with_its_first_event_and_ends_with_its_last() -> None:
    later = NINE + timedelta(hours=2)
    parts = (
        event(own={"lifecycle:transition": "start", "org:group": "intake", "org:resource": "Jane Doe", "risk": 2}),
        event("Pay", later),
        event("Note", NINE + timedelta(hours=1)),
        XesTraceEnd(line=20),
    )
    found = events(*parts)
    assert [(one.time, one.source, one.subject, key_of(one)) for one in found] == [
        (at, "/event-log/claims", "instance/C-1", b"C-1")
        for at in (NINE, NINE, later, NINE + timedelta(hours=1), later)
    ]
    assert [one.data for one in found] == [
        ProcessInstance(
            instance="C-1",
            process="claims",
            lifecycle=Lifecycle.START,
            keys={"order": "SO-1"},
            customer="anna",
            attributes={"amount": 120.5, "channel": "web"},
        ),
        ProcessInstance(
            instance="C-1",
            process="claims",
            lifecycle=Lifecycle.START,
            activity="Check",
            keys={},
            team="intake",
            attributes={"risk": 2},
        ),
        ProcessInstance(instance="C-1", process="claims", lifecycle=Lifecycle.COMPLETE, activity="Pay", keys={}),
        ProcessInstance(instance="C-1", process="claims", lifecycle=Lifecycle.COMPLETE, activity="Note", keys={}),
        ProcessInstance(instance="C-1", process="claims", lifecycle=Lifecycle.COMPLETE, keys={}),
    ]


def test_an_instance_is_completed_only_if_the_log_is_said_to_be_whole() -> None:
    how = XesReading(process="claims")
    assert [one.activity for one in steps(event(), XesTraceEnd(line=9), how=how)] == [None, "Check"]


@pytest.mark.parametrize(
    ("transition", "lifecycle"),
    [
        ("COMPLETE", Lifecycle.COMPLETE),
        ("Schedule", Lifecycle.SCHEDULE),
        ("assign", Lifecycle.ASSIGN),
        ("reassign", Lifecycle.ASSIGN),
        ("suspend", Lifecycle.SUSPEND),
        ("resume", Lifecycle.RESUME),
        ("withdraw", Lifecycle.CANCEL),
        ("ate_abort", Lifecycle.CANCEL),
        ("manualskip", Lifecycle.CANCEL),
    ],
)
def test_transitions_of_the_standard_become_the_contract_s_words(transition: str, lifecycle: Lifecycle) -> None:
    assert steps(event(own={"lifecycle:transition": transition}))[1].lifecycle is lifecycle


@pytest.mark.parametrize(
    ("part", "reason", "detail"),
    [
        (event(name=None), LogFault.NO_ACTIVITY, "no concept:name"),
        (event(own={"time:timestamp": None}), LogFault.NO_TIME, "no time:timestamp"),
        (
            event(own={"time:timestamp": "2026-05-04T09:00:00"}),
            LogFault.BAD_TIME,
            "time:timestamp is no time with a zone",
        ),
        (
            event(own={"lifecycle:transition": "pondering"}),
            LogFault.UNKNOWN_LIFECYCLE,
            "lifecycle:transition is not known",
        ),
        (
            XesEvent(line=7, trace=None, own={"concept:name": "Check"}),
            LogFault.NO_INSTANCE,
            "no concept:name of a trace before it",
        ),
    ],
)
def test_an_event_that_says_too_little_is_named_and_the_rest_goes_on(
    part: XesEvent, reason: LogFault, detail: str
) -> None:
    refused, *others = xes_events([part, event("Pay")], HOW)
    assert refused == Unread(place="line 7", reason=reason, detail=detail)
    assert [one.data.activity for one in others if isinstance(one, Event) if isinstance(one.data, ProcessInstance)] == [
        None,
        "Pay",
    ]


def test_what_the_contract_refuses_is_named_without_what_it_says() -> None:
    found = list(xes_events([event(name="x" * 501)], HOW))
    assert found[1] == Unread(place="line 7", reason=LogFault.CONTRACT, detail="data.activity: string_too_long")


def test_a_log_that_is_read_twice_gives_the_same_events() -> None:
    parts = (event(), event(), event("Pay"), XesTraceEnd(line=9))
    found = events(*parts)
    assert found == events(*parts)
    assert len({one.id for one in found}) == len(found) == 5


def test_another_event_of_a_trace_leaves_the_names_of_the_others() -> None:
    before = {one.id for one in events(event(), event("Pay"))}
    assert before < {one.id for one in events(event(), event("Call", NINE + timedelta(minutes=5)), event("Pay"))}


WORDS = st.text(max_size=20)
VALUES = WORDS | st.integers() | st.floats(allow_nan=False) | st.booleans()
MEMBERS = st.dictionaries(
    st.sampled_from(["concept:name", "time:timestamp", "lifecycle:transition", "org:group"]) | WORDS, VALUES, max_size=8
)
PARTS = st.builds(
    XesEvent, line=st.integers(1, 9), trace=st.none() | MEMBERS | st.just(TRACE), own=MEMBERS
) | st.builds(XesTraceEnd, line=st.integers(1, 9))


@given(parts=st.lists(PARTS, max_size=8))
def test_any_log_is_read_to_its_end_and_every_event_is_an_event_or_says_why_it_is_none(
    parts: list[XesEvent | XesTraceEnd],
) -> None:
    found = list(xes_events(parts, HOW))
    assert all(isinstance(one, Event | Unread) for one in found)
    assert len(found) >= sum(isinstance(part, XesEvent) for part in parts)
