"""The stream clock: no deadlock, no step back, whatever the partitions hold and in whatever order they move."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.core.pipeline.cadence import Cadences, cadences
from service.core.playbook.volume import Volume
from service.ports import Lease, PartitionKey
from service.runtime.clock import AHEAD, BEGINNING, Fire, Go, Wait, clock, plan, resumed

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def _at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def _lease(partition: int, minutes: int | None = None, *, at_end: bool = False, offset: int | None = 0) -> Lease:
    key = PartitionKey(cluster="c", group="g", topic="t", partition=partition)
    at = None if minutes is None else _at(minutes)
    return Lease(key=key, epoch=1, next_offset=offset, stream_at=at, at_end=at_end)


def _nows(step: object, times: list[datetime | None]) -> list[datetime]:
    assert isinstance(step, Go)
    return [step.now_of(at) for at in times[: step.count]]


def test_with_one_partition_the_clock_is_the_highest_time_so_far() -> None:
    times: list[datetime | None] = [_at(5), _at(3), None, _at(500)]
    step = plan(_lease(0, 0), [], times, None)
    assert _nows(step, times) == [_at(5), _at(5), _at(5), _at(500)]


def test_the_clock_is_the_least_over_the_partitions_that_are_not_at_their_end() -> None:
    assert clock([_lease(0, 10), _lease(1, 4), _lease(2, 1, at_end=True)]) == _at(4)


def test_where_all_are_at_their_end_the_clock_is_the_greatest() -> None:
    assert clock([_lease(0, 10, at_end=True), _lease(1, 4, at_end=True)]) == _at(10)


def test_a_partition_that_nobody_has_read_stops_the_clock() -> None:
    assert clock([_lease(0, 10), _lease(1)]) is None


def test_a_record_is_decided_at_the_time_of_the_slowest_other_partition() -> None:
    assert _nows(plan(_lease(0, 0), [_lease(1, 7)], [_at(5), _at(12)], None), [_at(5), _at(12)]) == [_at(5), _at(7)]


def test_a_record_more_than_fifteen_minutes_ahead_waits_and_says_its_time() -> None:
    assert plan(_lease(0, 0), [_lease(1, 0)], [_at(16)], None) == Wait(stream_at=_at(16))


def test_a_batch_ends_before_the_record_that_has_to_wait() -> None:
    step = plan(_lease(0, 0), [_lease(1, 0)], [_at(1), _at(15), _at(16)], None)
    assert isinstance(step, Go)
    assert step.count == 2


def test_a_batch_ends_before_the_record_that_makes_something_due() -> None:
    step = plan(_lease(0, 0), [], [_at(1), _at(9), _at(10)], _at(10))
    assert isinstance(step, Go)
    assert step.count == 2


def test_what_a_record_makes_due_runs_before_it() -> None:
    assert plan(_lease(0, 0), [], [_at(12)], _at(10)) == Fire(now=_at(12))


def test_a_partition_that_comes_back_from_its_end_starts_at_the_clock() -> None:
    own = resumed(_lease(0, 0, at_end=True), [_lease(1, 30)])
    assert own == _lease(0, 30)


def test_at_a_first_start_no_partition_is_held_to_what_another_only_announced() -> None:
    assert resumed(_lease(0, offset=None), [_lease(1, 30, offset=None)]) == _lease(0, offset=None)


def test_before_any_readable_record_the_time_is_the_beginning() -> None:
    assert _nows(plan(_lease(0), [], [None], None), [None]) == [BEGINNING]


class Group:
    """Partitions that step one at a time, each on what the others have published."""

    def __init__(self, logs: Sequence[Sequence[int | None]]) -> None:
        self.logs = [[None if minutes is None else _at(minutes) for minutes in log] for log in logs]
        self.leases = [_lease(number, offset=None) for number in range(len(logs))]
        self.nows: list[datetime] = []

    def step(self, number: int, most: int) -> str:
        """Moves one partition; says whether anything changed."""
        own = self.leases[number]
        others = [lease for lease in self.leases if lease is not own]
        offset = own.next_offset or 0
        times = self.logs[number][offset : offset + most]
        before = own
        if not times:
            self.leases[number] = replace(own, at_end=True)
        else:
            own = resumed(own, others)
            match plan(own, others, times, None):
                case Wait(stream_at=at):
                    own = replace(own, stream_at=at)
                case Go(count=count, now_of=now_of):
                    self.nows += [now_of(at) for at in times[:count]]
                    highest = max([at for at in (own.stream_at, *times[:count]) if at is not None], default=None)
                    own = own.moved(offset + count, highest)
                case Fire():
                    raise AssertionError
            self.leases[number] = own
        return "moved" if self.leases[number] != before else "stood"

    @property
    def done(self) -> bool:
        return all((lease.next_offset or 0) == len(log) for lease, log in zip(self.leases, self.logs, strict=True))


_LOGS = st.lists(st.lists(st.one_of(st.none(), st.integers(0, 600)), max_size=8), min_size=1, max_size=4)


@given(_LOGS, st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=30))
def test_some_partition_can_always_go_on(logs: list[list[int | None]], choices: list[tuple[int, int]]) -> None:
    group = Group(logs)
    for number, most in choices:
        group.step(number % len(logs), most)
    while not group.done:
        assert "moved" in [group.step(number, 3) for number in range(len(logs))]


@given(_LOGS, st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=60))
def test_the_time_never_goes_back(logs: list[list[int | None]], choices: list[tuple[int, int]]) -> None:
    group = Group(logs)
    for number, most in choices:
        group.step(number % len(logs), most)
    assert group.nows == sorted(group.nows)


@given(_LOGS)
def test_no_record_is_decided_before_a_record_of_another_partition_that_is_fifteen_minutes_older(
    logs: list[list[int | None]],
) -> None:
    group = Group([sorted(minutes for minutes in log if minutes is not None) for log in logs])
    while not group.done:
        for number in range(len(logs)):
            before = group.leases[number].next_offset or 0
            group.step(number, 1)
            if (group.leases[number].next_offset or 0) > before:
                decided = group.logs[number][before]
                waiting = [
                    log[lease.next_offset or 0]
                    for lease, log in zip(group.leases, group.logs, strict=True)
                    if (lease.next_offset or 0) < len(log) and not lease.at_end
                ]
                assert decided is not None
                assert all(at is None or decided - at <= AHEAD for at in waiting)


HOURS = cadences(Volume())
DAYS = cadences(Volume.model_validate({"hourly": {"enabled": False}}))
WEEK = 7 * 24 * 60


@pytest.mark.parametrize(
    ("ticks", "minutes", "count"),
    [
        pytest.param(DAYS, 3 * WEEK, 1, id="weeks later"),
        pytest.param(DAYS, 75, 2, id="in the same week"),
        pytest.param(HOURS, 75, 1, id="when the hour of the first is due"),
        pytest.param(HOURS, 74, 2, id="a minute before that"),
    ],
)
def test_a_batch_ends_before_the_record_that_the_tick_of_an_earlier_one_comes_before(
    ticks: Cadences, minutes: int, count: int
) -> None:
    step = plan(_lease(0, 0), [], [_at(0), _at(minutes)], None, ticks=ticks)
    assert isinstance(step, Go)
    assert step.count == count
