"""Whatever the order in which events of downtimes arrive, and however they are cut into batches, the same is known."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.core.pipeline.read import ReadRecord
from service.core.records.feedback import Downtime, Reading
from tests.builders import START, Timeline, downtime, read_event

HOUR = timedelta(hours=1)

few = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@st.composite
def told(draw: st.DrawFn) -> list[tuple[timedelta, Mapping[str, Any]]]:
    """Draw events of a few downtimes, some of which say their times anew, some at the very same moment."""
    found: list[tuple[timedelta, Mapping[str, Any]]] = []
    for number in range(draw(st.integers(1, 10))):
        started = draw(st.sampled_from((0, 1))) * HOUR
        event = downtime(
            draw(st.sampled_from((None, "d1", "d2"))),
            event_id=f"e{number}",
            process=draw(st.sampled_from(("shipping", "Shipping", "returns"))),
            started=started,
            ended=draw(st.sampled_from((None, started, started + HOUR, started + 3 * HOUR))),
        )
        found.append((draw(st.integers(0, 3)) * HOUR, event))
    return found


def known(records: Sequence[ReadRecord], cuts: Sequence[int]) -> Mapping[tuple[str, str], Downtime]:
    timeline = Timeline()
    at = turn = 0
    while at < len(records):
        size = cuts[turn % len(cuts)]
        timeline.batch(records[at : at + size], lambda _: START + 4 * HOUR)
        at, turn = at + size, turn + 1
    return timeline.store.rows.downtimes


@given(told(), st.randoms(use_true_random=False), st.lists(st.integers(1, 4), min_size=1, max_size=4))
@few
def test_the_order_of_arrival_of_downtimes_changes_nothing(
    events: list[tuple[timedelta, Mapping[str, Any]]],
    dice: Random,
    cuts: list[int],
) -> None:
    rules = Timeline().rules
    records = [read_event(event, START + at, rules, place) for place, (at, event) in enumerate(events)]
    shuffled = dice.sample(records, len(records))
    said = [one.read.downtime for one in records if isinstance(one.read, Reading) and one.read.downtime is not None]
    assert len(said) == len(records)
    latest = {
        name: max((one for one in said if one.name == name), key=lambda one: (one.occurred_at, one.event_id))
        for name in {one.name for one in said}
    }
    assert known(records, cuts) == known(shuffled, [1]) == known(shuffled, cuts) == latest
