from datetime import timedelta

import pytest

from service.core.cause import (
    Comparison,
    VersionsAsked,
    VersionTally,
    VersionVerdict,
    chosen,
    compare_versions,
    count_versions,
)
from service.core.intervals import difference, share
from service.core.records.feedback import Downtime, Instance
from tests.builders import START

HOUR = timedelta(hours=1)


def tally(version: str, negative: int, instances: int, first: int = 0) -> VersionTally:
    return VersionTally(version=version, first_at=START + first * HOUR, negative=negative, instances=instances)


def test_two_versions_are_compared_by_their_rates_with_intervals() -> None:
    assert compare_versions(tally("1", 48, 80), tally("2", 56, 70)) == Comparison(
        before=tally("1", 48, 80),
        after=tally("2", 56, 70),
        difference=difference(share(56, 70), share(48, 80)),
        verdict=VersionVerdict.WORSE,
    )


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ((10, 200), (30, 200), VersionVerdict.WORSE),
        ((30, 200), (10, 200), VersionVerdict.BETTER),
        ((10, 200), (12, 200), VersionVerdict.NO_DIFFERENCE),
        ((0, 200), (0, 200), VersionVerdict.TOO_FEW),
        ((1, 200), (3, 200), VersionVerdict.TOO_FEW),
        ((10, 200), (20, 29), VersionVerdict.TOO_FEW),
        ((10, 200), (0, 0), VersionVerdict.TOO_FEW),
    ],
)
def test_the_verdict_is_what_the_interval_of_the_difference_says(
    before: tuple[int, int], after: tuple[int, int], verdict: VersionVerdict
) -> None:
    assert compare_versions(tally("1", *before), tally("2", *after)).verdict is verdict


def instance(name: str, version: str | None, hours: int, process: str = "shipping") -> Instance:
    at = START + hours * HOUR
    return Instance(
        instance_id=name, process=process, version=version, started_at=at, ended_at=at + HOUR, updated_at=at
    )


def test_versions_are_counted_with_what_a_downtime_struck_apart() -> None:
    down = Downtime(
        source="/ops",
        downtime_id="d",
        process="shipping",
        started_at=START + 5 * HOUR,
        ended_at=START + 6 * HOUR,
        occurred_at=START,
        event_id="d1",
    )
    told = [instance("a", "1", 0), instance("b", "1", 5), instance("c", "2", 4), instance("d", "2", 9)]
    told += [instance("e", None, 1), instance("f", "2", 1, "returns"), instance("g", "0", -1), instance("h", "3", 10)]
    asked = VersionsAsked(process="shipping", since=START, until=START + 10 * HOUR)
    assert count_versions(asked, told, {"a", "b", "d"}, [down]) == (
        VersionTally(version="1", first_at=START, instances=1, negative=1, in_outage=1),
        VersionTally(version="2", first_at=START + 4 * HOUR, instances=2, negative=1),
    )


def test_what_is_not_named_is_the_latest_other_version() -> None:
    three, two, one = tally("3", 0, 9, first=30), tally("2", 0, 9, first=20), tally("1", 0, 9, first=10)
    known = [one, three, two]
    assert chosen(known, None, None) == (two, three)
    assert chosen(known, None, "2") == (three, two)
    assert chosen(known, "1", None) == (one, three)
    assert chosen(known, "1", "9") == (one, VersionTally(version="9"))
    assert chosen([three], None, None) is None
