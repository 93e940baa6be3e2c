"""Instances: what several events say of one adds up, and its keys name whoever carries them."""

from datetime import timedelta

import pytest

from service.core.link import carried
from service.core.pipeline.register import register
from service.core.records.facts import Facts
from service.core.records.feedback import Instance
from tests.builders import START

HOUR = timedelta(hours=1)
BEGUN = Instance(instance_id="i1", process="shipping", started_at=START, keys=("SO-1",), updated_at=START)
ENDED = Instance(
    instance_id="i1",
    process="delivery",
    ended_at=START + HOUR,
    keys=("T-1",),
    customer="k1:anna",
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
        keys=("SO-1", "T-1"),
        customer="k1:anna",
        updated_at=START + HOUR,
    )


def test_each_key_of_an_event_names_all_who_carry_it() -> None:
    facts = Facts()
    register(facts, BEGUN)
    register(facts, Instance(instance_id="i2", process="shipping", keys=("SO-1",), updated_at=START))
    assert facts.instance_keys["business\nshipping\nSO-1"] == frozenset(("i1", "i2"))
    assert facts.instance_keys["instance\ni1"] == frozenset(("i1",))


def test_the_older_keys_of_an_instance_are_left_to_whoever_carries_them() -> None:
    facts = Facts()
    # The store has loaded the instance, but not who else carries its older key.
    facts.instances.load({"i1": BEGUN})
    register(facts, ENDED)
    assert set(facts.instance_keys.written) == set(carried(ENDED))
