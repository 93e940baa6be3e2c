"""The demo's stream of events."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.contracts.cloudevent import Event, decode
from service.core.contracts.faults import Fault, FaultReason
from service.core.contracts.process import ProcessInstance
from service.core.contracts.survey import SurveyResponse
from service.core.contracts.ticket import Ticket
from service.demo.plot import DAYS
from service.demo.stream import DemoEvent, stream

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NINE_WEEKS = timedelta(days=DAYS)


@pytest.fixture(scope="module")
def events() -> Sequence[DemoEvent]:
    return tuple(stream(1, 5000, MONDAY))


@pytest.fixture(scope="module")
def read(events: Sequence[DemoEvent]) -> Sequence[Event]:
    decoded = (decode(orjson.dumps(event.value)) for event in events if isinstance(event.value, dict))
    return tuple(event for event in decoded if isinstance(event, Event))


@settings(deadline=None, max_examples=50)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(0, 400),
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware
)
def test_any_stream_has_exactly_its_events_in_order_within_nine_weeks(seed: int, count: int, start: datetime) -> None:
    events = list(stream(seed, count, start))

    assert len(events) == count
    assert all(before.at <= after.at for before, after in pairwise(events))
    assert all(start.replace(microsecond=0) <= event.at < start + NINE_WEEKS for event in events)


def test_the_same_seed_gives_the_same_stream(events: Sequence[DemoEvent]) -> None:
    assert tuple(stream(1, 5000, MONDAY)) == events


def test_another_seed_gives_another_stream(events: Sequence[DemoEvent]) -> None:
    assert tuple(stream(2, 5000, MONDAY)) != events


@pytest.mark.parametrize("count", [3000, 20_000])
def test_every_week_is_about_as_busy_as_the_others(count: int) -> None:
    weeks = Counter((event.at - MONDAY).days // 7 for event in stream(1, count, MONDAY))

    assert set(weeks) == set(range(9))
    assert min(weeks.values()) > 0.7 * max(weeks.values())


def test_every_event_keeps_its_contract(events: Sequence[DemoEvent]) -> None:
    values = [event.value for event in events if isinstance(event.value, dict)]

    assert [fault for value in values if isinstance(fault := decode(orjson.dumps(value)), Fault)] == []


def test_broken_payloads_are_few_and_refused_for_various_reasons() -> None:
    broken = [event.value for event in stream(1, 20_000, MONDAY) if isinstance(event.value, bytes)]
    faults = Counter(fault.reason for payload in broken if isinstance(fault := decode(payload), Fault))

    assert 20 <= len(broken) <= 60
    assert faults.total() == len(broken)
    assert set(faults) == {
        FaultReason.BROKEN_JSON,
        FaultReason.NOT_AN_OBJECT,
        FaultReason.BAD_ENCODING,
        FaultReason.MISSING_ID,
        FaultReason.UNKNOWN_TYPE,
        FaultReason.BAD_TIME,
        FaultReason.WRONG_TYPE,
    }


def test_all_topics_types_and_languages_occur_in_their_shares(
    events: Sequence[DemoEvent], read: Sequence[Event]
) -> None:
    topics = Counter(event.topic for event in events)
    languages = Counter(
        verbatim.language
        for event in read
        if isinstance(event.data, SurveyResponse)
        for verbatim in event.data.verbatims
    )

    assert set(topics) == {
        "feedback.surveys", "feedback.tickets", "feedback.employee", "process.events", "privacy.erasures",
    }  # fmt: skip
    assert topics["process.events"] < 0.7 * len(events)
    assert topics["feedback.surveys"] > 0.2 * len(events)
    assert topics["feedback.tickets"] > 0.08 * len(events)
    assert [language for language, _ in languages.most_common()] == ["en", "de", "fr", "es"]
    assert {event.type.value.removeprefix("feedback.ticket.") for event in read if isinstance(event.data, Ticket)} == {
        "created.v1", "comment.v1", "status.v1", "csat.v1", "reopened.v1", "merged.v1",
    }  # fmt: skip


def test_records_have_the_keys_of_their_topics(events: Sequence[DemoEvent]) -> None:
    for event in events:
        if not isinstance(event.value, dict):
            continue
        told = event.value["data"]
        match event.value["type"]:
            case "feedback.survey.response.v1":
                assert event.key == told.get("customer", {}).get("ref")
            case "process.instance.v1":
                assert event.key == told["instance"]
            case "privacy.erasure.v1":
                assert event.key == told["customer"]
            case "feedback.employee.v1":
                assert event.key == told["team"]
            case "process.downtime.v1":
                assert event.key == told["process"]
            case _:
                assert event.key == told["ticket_id"]


def test_most_scores_are_good(read: Sequence[Event]) -> None:
    stars = Counter(
        metric.raw
        for event in read
        if isinstance(event.data, SurveyResponse)
        for metric in event.data.metrics
        if metric.kind == "csat"
    )

    assert stars[4] + stars[5] > 0.6 * stars.total()


def test_customers_come_back(read: Sequence[Event]) -> None:
    responses = Counter(
        event.data.customer.ref for event in read if isinstance(event.data, SurveyResponse) and event.data.customer
    )

    assert sum(1 for count in responses.values() if count > 1) > 100


def test_a_few_records_come_twice_and_a_few_come_late(events: Sequence[DemoEvent]) -> None:
    values = [event.value for event in events if isinstance(event.value, dict)]
    repeated = len(values) - len({(value["source"], value["id"]) for value in values})
    late = [
        event
        for event in events
        if isinstance(event.value, dict) and event.at - datetime.fromisoformat(event.value["time"]) > timedelta(hours=2)
    ]

    assert 10 <= repeated <= 50
    told_later = [event for event in late if event.topic == "process.events"]
    assert 5 <= len(late) - len(told_later) <= 40
    assert 50 <= len(told_later) <= 200


def test_instances_begin_before_the_feedback_about_them(read: Sequence[Event]) -> None:
    begun = {
        event.data.instance: event.time
        for event in read
        if isinstance(event.data, ProcessInstance) and event.data.lifecycle == "start"
    }
    about = [
        (begun[key], event.time)
        for event in read
        if isinstance(event.data, SurveyResponse)
        and event.data.correlation is not None
        and (key := event.data.correlation.process_instance_key) in begun
    ]

    assert len(about) > 500
    assert all(start < said for start, said in about)


def test_process_events_say_the_tier_of_their_customer(read: Sequence[Event]) -> None:
    answers = [event.data.customer for event in read if isinstance(event.data, SurveyResponse)]
    tier_of = {customer.ref: customer.tier for customer in answers if customer is not None}
    said = Counter(
        (event.data.tier, event.data.tier == tier_of[str(event.data.customer)])
        for event in read
        if isinstance(event.data, ProcessInstance) and event.data.customer in tier_of
    )

    assert {tier for tier, _ in said} == {None, "silver", "gold", "platinum"}
    assert all(agrees for _, agrees in said)
    assert 0.05 < (said["gold", True] + said["platinum", True]) / said.total() < 0.2


def test_instances_show_steps_of_several_teams_and_the_version_they_run_by(read: Sequence[Event]) -> None:
    said = [event.data for event in read if isinstance(event.data, ProcessInstance)]
    teams: defaultdict[str, set[str]] = defaultdict(set)
    for one in said:
        if one.team is not None:
            teams[one.instance].add(one.team)

    assert Counter(len(found) for found in teams.values())[2] > 50
    assert {one.version for one in said} == {"2026.1", "2026.2"}


def test_some_orders_go_in_two_parcels_and_some_tickets_are_merged(read: Sequence[Event]) -> None:
    instances: defaultdict[str, set[str]] = defaultdict(set)
    for event in read:
        if isinstance(event.data, ProcessInstance) and isinstance(event.data.keys, Mapping):
            instances[event.data.keys["business_key"]].add(event.data.instance)
    merged = {event.data.ticket_id for event in read if isinstance(event.data, Ticket) and event.data.merged_into}

    assert 10 <= sum(len(found) == 2 for found in instances.values()) <= 60
    assert 5 <= len(merged) <= 30


def test_some_order_numbers_are_typed_loosely(read: Sequence[Event]) -> None:
    texts = [
        verbatim.text for event in read if isinstance(event.data, SurveyResponse) for verbatim in event.data.verbatims
    ]

    for typed in ("so-001", "SO 001", "SO-O01"):
        assert sum(typed in text for text in texts) > 3


def test_scores_are_corrected_upwards_in_a_later_revision(read: Sequence[Event]) -> None:
    scores: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for event in read:
        if isinstance(event.data, SurveyResponse) and event.data.revision is not None:
            scores[event.data.response_id][event.data.revision] = event.data.metrics[0].raw
    corrected = [(given[1], given[2]) for given in scores.values() if given.keys() == {1, 2} and given[1] != given[2]]

    assert len(corrected) >= 5
    assert all(first < then for first, then in corrected)


def test_some_texts_hold_addresses_numbers_and_orders(read: Sequence[Event]) -> None:
    texts = [
        verbatim.text for event in read if isinstance(event.data, SurveyResponse) for verbatim in event.data.verbatims
    ]

    assert any("@example.org" in text for text in texts)
    assert any("07700 900" in text for text in texts)
    assert any("SO-" in text for text in texts)
    assert len(set(texts)) > 400
