"""Floors of routes: what is milder opens nothing by that route, the owner's and each copy's apart."""

from datetime import timedelta
from typing import Any

import pytest

from service.core.pipeline.rules import compile_playbook
from service.core.records.words import Severity
from tests.builders import Timeline, make_playbook, survey, with_routes

NOW, HOUR = timedelta(), timedelta(hours=1)
MILD, BAD, CRITICAL = survey("r", 3, "late"), survey("r", 0, "late, awful"), survey("r", 0, "late, fire")


def told(timeline: Timeline) -> set[tuple[str, str]]:
    timeline.wait(HOUR)
    return {(one.alert.team, one.alert.severity.value) for one in timeline.store.rows.notices}


def test_a_route_without_a_floor_has_that_of_the_node_above_it_and_the_root_that_of_fatigue() -> None:
    inner = {"id": "inner", "match": {"category": "refund"}}
    rules = compile_playbook(with_routes({"id": "outer", "floor": "high", "routes": [inner]}, {"id": "other"}))
    assert rules.floors == {
        "root": Severity.LOW,
        "outer": Severity.HIGH,
        "inner": Severity.HIGH,
        "other": Severity.LOW,
    }
    assert rules.floor("gone since") is Severity.LOW


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (MILD, {("legal", "medium")}),
        (BAD, {("drivers", "high"), ("legal", "high")}),
        (CRITICAL, {("drivers", "critical"), ("legal", "critical")}),
    ],
)
def test_the_owner_and_the_copy_have_floors_of_their_own(event: dict[str, Any], expected: set[tuple[str, str]]) -> None:
    playbook = with_routes(
        {"id": "owned", "team": "owner", "continue": True, "floor": "high"}, {"id": "read-along", "team": "legal"}
    )
    timeline = Timeline(playbook)
    timeline.push(NOW, event)
    assert told(timeline) == expected


def test_what_is_below_its_owner_s_floor_is_quiet_and_counted_as_a_copy_where_it_is_one() -> None:
    timeline = Timeline(
        with_routes(
            {"id": "owned", "team": "owner", "continue": True, "floor": "high"}, {"id": "read-along", "team": "legal"}
        )
    )
    books = timeline.push(NOW, MILD)
    (row,) = timeline.store.rows.rows.values()
    assert (row.document["verdict"], row.document["reason"], row.document["alert_id"]) == ("quiet", "below_floor", None)
    assert (books.copies, dict(books.verdicts)) == (1, {("drivers", "quiet"): 1})


def test_a_floor_below_that_of_fatigue_lets_more_through() -> None:
    def heard(route: dict[str, Any]) -> set[tuple[str, str]]:
        routes = {"team": "desk", "arbitration": "judges", "routes": [{"id": "owned", "team": "owner", **route}]}
        timeline = Timeline(make_playbook(fatigue={"floor": "high"}, routes=routes))
        timeline.push(NOW, MILD)
        return told(timeline)

    assert (heard({}), heard({"floor": "low"})) == (set(), {("drivers", "medium")})


def test_a_correction_that_falls_below_the_floor_takes_the_complaint_back() -> None:
    timeline = Timeline(with_routes({"id": "owned", "team": "owner", "floor": "high"}))
    timeline.push(NOW, survey("r", 0, "late, awful", revision=1))
    timeline.push(HOUR, survey("r", 3, "late", revision=2))
    assert [one.reason.value for one in timeline.store.rows.notices] == ["opened", "withdrawn"]
    (alert,) = timeline.store.rows.alerts.values()
    assert alert.events == 0
