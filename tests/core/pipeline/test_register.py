"""What events say of an instance adds up, and its keys name who carries it; of a step or a downtime the last holds."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.link.keys import registered_under
from service.core.pipeline.register import note, register, walk
from service.core.records.facts import Facts
from service.core.records.feedback import Downtime, Instance
from service.core.records.steps import Step
from service.core.records.words import Lifecycle
from tests.builders import START

HOUR = timedelta(hours=1)
BEGUN = Instance(instance_id="i1", process="shipping", started_at=START, keys=("SO-1",), updated_at=START)
ENDED = Instance(
    instance_id="i1",
    process="delivery",
    ended_at=START + HOUR,
    completed_at=START + HOUR,
    keys=("T-1",),
    customer="k1:anna",
    region="uk",
    updated_at=START + HOUR,
)


@pytest.mark.parametrize(
    "events",
    [pytest.param((BEGUN, ENDED), id="in order"), pytest.param((ENDED, BEGUN), id="out of order")],
)
def test_events_of_one_instance_add_up(events: tuple[Instance, ...]) -> None:
    facts = Facts()
    for event in events:
        register(facts, event)
    assert facts.instances["i1"] == Instance(
        instance_id="i1",
        process="delivery",
        started_at=START,
        ended_at=START + HOUR,
        completed_at=START + HOUR,
        keys=("SO-1", "T-1"),
        customer="k1:anna",
        customer_at=START + HOUR,
        region="uk",
        region_at=START + HOUR,
        updated_at=START + HOUR,
    )


@pytest.mark.parametrize("hours", [(1, 5, 3), (5, 3, 1)], ids=["in another order", "and another"])
def test_an_instance_that_is_completed_again_was_completed_the_last_time(hours: tuple[int, ...]) -> None:
    facts = Facts()
    for hour in hours:
        at = START + hour * HOUR
        register(facts, replace(ENDED, completed_at=at, ended_at=at, updated_at=at))
    assert facts.instances["i1"].completed_at == START + 5 * HOUR


def test_an_instance_that_fails_after_all_stays_completed_when_it_was() -> None:
    facts = Facts()
    register(facts, ENDED)
    register(facts, replace(ENDED, completed_at=None, ended_at=START + 2 * HOUR, updated_at=START + 2 * HOUR))
    found = facts.instances["i1"]
    assert (found.completed_at, found.ended_at) == (START + HOUR, START + 2 * HOUR)


@pytest.mark.parametrize(
    ("later", "known"), [("fr", "fr"), (None, "uk")], ids=["the newer region holds", "none says nothing"]
)
def test_an_instance_is_in_the_region_that_was_said_last(later: str | None, known: str) -> None:
    for order in (1, -1):
        facts = Facts()
        for event in [ENDED, replace(ENDED, region=later, updated_at=START + 2 * HOUR)][::order]:
            register(facts, event)
        assert facts.instances["i1"].region == known


def test_each_key_of_an_event_names_all_who_carry_it() -> None:
    facts = Facts()
    register(facts, BEGUN)
    register(facts, Instance(instance_id="i2", process="shipping", keys=("SO-1",), updated_at=START))
    assert facts.registry.holders["business\nshipping\nSO-1"] == frozenset(("i1", "i2"))
    assert facts.registry.holders["instance\ni1"] == frozenset(("i1",))


def test_the_older_keys_of_an_instance_are_left_to_whoever_carries_them() -> None:
    facts = Facts()
    # The store has loaded the instance, but not who else carries its older key.
    facts.instances.load({"i1": BEGUN})
    register(facts, ENDED)
    assert set(facts.registry.holders.written) == set(registered_under(ENDED))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_an_instance_is_what_was_said_of_it_last_in_whatever_order_that_is_heard(order: tuple[int, ...]) -> None:
    events = [
        replace(BEGUN, tier="plain", customer="k1:anna", version="1"),
        replace(BEGUN, tier="gold", customer="k1:ben", version="2", updated_at=START + HOUR),
        replace(BEGUN, tier=None, customer=None, version=None, updated_at=START + 2 * HOUR),
    ]
    facts = Facts()
    for at in order:
        register(facts, events[at])
    found = facts.instances["i1"]
    assert (found.tier, found.customer, found.version) == ("gold", "k1:ben", "2")


def test_whether_it_is_late_and_its_latest_start_outlive_an_event() -> None:
    facts = Facts()
    known = replace(BEGUN, begun_at=START + HOUR, late_at=START + 2 * HOUR, late_told=True)
    facts.instances.load({"i1": known})
    assert register(facts, replace(BEGUN, begun_at=START)) == facts.instances["i1"] == known


DOWN = Downtime(
    source="/engine",
    downtime_id="d1",
    process="shipping",
    started_at=START,
    occurred_at=START,
    event_id="e1",
)


@pytest.mark.parametrize(
    ("later", "holds"),
    [
        pytest.param({"occurred_at": START + HOUR, "event_id": "e0"}, True, id="a later one"),
        pytest.param({"event_id": "e2"}, True, id="of two at the same time the higher id"),
        pytest.param({"occurred_at": START - HOUR, "event_id": "e2"}, False, id="not an earlier one"),
        pytest.param({"source": "/another", "event_id": "e0"}, True, id="of another source it is another"),
    ],
)
def test_of_the_events_of_a_downtime_the_latest_holds(later: dict[str, Any], holds: bool) -> None:  # noqa: FBT001 - a case
    facts, other = Facts(), replace(DOWN, ended_at=START + HOUR, **later)
    for one in (DOWN, other):
        note(facts, one)
    assert facts.downtimes.get(other.name) == (other if holds else DOWN)


STEP = Step(
    instance_id="i1",
    process="shipping",
    source="/engine",
    event_id="e1",
    name="s1",
    at=START,
    told_at=START,
    lifecycle=Lifecycle.START,
)


@pytest.mark.parametrize(
    ("later", "holds"),
    [
        pytest.param(
            {"told_at": START + HOUR, "event_id": "e0", "withdrawn": True}, True, id="one that was told later"
        ),
        pytest.param({"event_id": "e2"}, True, id="of two told at the same time the higher id"),
        pytest.param({"at": START + HOUR, "event_id": "e0"}, False, id="not one that only happened later"),
        pytest.param({"source": "/another", "event_id": "e0"}, True, id="of another source it is another"),
        pytest.param({"instance_id": "i2", "event_id": "e0"}, True, id="of another instance it is another"),
    ],
)
def test_of_the_events_of_a_step_that_which_was_told_last_holds(later: dict[str, Any], holds: bool) -> None:  # noqa: FBT001 - a case
    facts, other = Facts(), replace(STEP, **later)
    for one in (STEP, other):
        walk(facts, one)
    assert facts.steps.get(other.key) == (other if holds else STEP)


@pytest.mark.parametrize(
    ("times", "aged"),
    [
        pytest.param({}, 9, id="while it runs, since it was told of last"),
        pytest.param({"ended_at": START + HOUR}, 1, id="since its end"),
        pytest.param({"begun_at": START, "ended_at": START + HOUR}, 1, id="also where its start is known"),
        pytest.param({"begun_at": START + 2 * HOUR, "ended_at": START + HOUR}, 9, id="not where it began anew"),
    ],
)
def test_an_instance_ages(times: dict[str, Any], aged: int) -> None:
    assert replace(BEGUN, updated_at=START + 9 * HOUR, **times).aged_at == START + aged * HOUR
