"""The traffic of the runs is as bad as it is said to be, and the same for the same seed."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.traffic import PROCESSES, Record, Told, traffic

TOLD = Told(start=datetime(2026, 3, 2, tzinfo=UTC), span=timedelta(hours=5), bound=timedelta(hours=2))


def test_the_same_seed_tells_the_same_story() -> None:
    assert traffic(5, 600, TOLD, partitions=3) == traffic(5, 600, TOLD, partitions=3)


def test_some_records_come_twice_some_are_poison_and_some_are_late() -> None:
    records = traffic(1, 6_000, TOLD, partitions=3)
    named = Counter(name for one in records if (name := _name(one)) is not None)
    twice, poison = sum(named.values()) - len(named), len(records) - sum(named.values())
    late = sum(one.arrives > one.at for one in records if one.topic != PROCESSES)
    assert (0.03 < twice / len(records) < 0.07, 0.005 < poison / len(records) < 0.02, late > 150) == (True,) * 3


def test_a_downtime_is_told_of_and_corrected() -> None:
    told = {(one.topic, name) for one in traffic(1, 600, TOLD, partitions=3) if (name := _name(one)) is not None}
    first, second = sorted(name for topic, name in told if topic == PROCESSES and "downtime/" in name)
    assert second == f"{first}-corrected"


def test_cases_of_high_value_customers_end_in_time_too_late_or_never() -> None:
    starts: dict[str, datetime] = {}
    ends: dict[str, datetime] = {}
    for one in traffic(1, 6_000, TOLD, partitions=3):
        said = json.loads(one.value)["data"] if one.topic == PROCESSES and _name(one) is not None else {}
        if said.get("tier") in ("gold", "platinum"):
            (starts if said["lifecycle"] == "start" else ends)[said["instance"]] = one.at
    lasted = Counter(ends[name] - began if name in ends else None for name, began in starts.items())
    assert set(lasted) == {timedelta(hours=6), timedelta(days=4), None}
    assert min(lasted.values()) > 0.2 * len(starts) > 20


def test_some_who_complained_are_content_later_or_have_their_tickets_closed_and_some_take_it_back() -> None:
    bodies = [json.loads(one.value) for one in traffic(1, 6_000, TOLD, partitions=3) if _name(one) is not None]
    found = Counter(kind for body in {body["id"]: body for body in bodies}.values() if (kind := _outcome(body)))
    assert found.keys() == {"anew", "taken back", "asked", "solved", "reopened"}
    assert min(found.values()) > 15


def _outcome(body: Mapping[str, Any]) -> str | None:
    """Say what a record tells of how a customer's complaint came out."""
    if body["subject"].endswith("-anew"):
        return "anew" if body["data"]["revision"] == 1 else "taken back"
    if not body["subject"].endswith("-asked"):
        return None
    return {"new": "asked", "open": "reopened"}.get(body["data"]["status"], "solved")


def test_no_record_is_later_than_the_bound_and_a_half() -> None:
    assert max(one.arrives - one.at for one in traffic(2, 3_000, TOLD, partitions=3)) <= 1.5 * TOLD.bound


def test_all_that_is_said_of_a_subject_with_several_records_is_in_one_partition() -> None:
    places: defaultdict[bytes, set[tuple[str, int]]] = defaultdict(set)
    ids: defaultdict[bytes, set[str]] = defaultdict(set)
    for one in traffic(3, 3_000, TOLD, partitions=3):
        name = _name(one)
        if one.key is not None and name is not None:
            places[one.key].add((one.topic, one.partition))
            ids[one.key].add(name)
    assert [key for key, found in places.items() if len(found) > 1 and len(ids[key]) > 1] == []


def _name(one: Record) -> str | None:
    """Return who says what, None for what is poison."""
    return None if one.key is None else f"{one.key!r} {json.loads(one.value)['id']}"
