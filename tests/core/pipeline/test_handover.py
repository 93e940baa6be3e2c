"""Ownership that ends: events go by when they happened, and open alerts are handed over at the date."""

from datetime import timedelta
from typing import Any

import pytest

from service.core.pipeline.handover import handover_at, heir
from service.core.playbook.model import Playbook
from service.core.records.words import AlertState
from tests.builders import START, Timeline, Told, make_playbook, survey, ticket, with_routes
from tests.core.pipeline.reassigning import give, open_of, standing

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHANGE = 2 * DAY
OWNED = {"id": "owned", "team": "owner"}
ENDS = {"category": "delivery", "until": START + CHANGE}
OTHERS = [{"id": name, "name": name} for name in ("legal", "refunds", "desk", "judges")]


def dated(**changes: Any) -> Playbook:  # noqa: ANN401 - any part of a playbook
    """Build a shop in which deliveries pass from the drivers to legal two days in."""
    at = START + CHANGE
    teams = [
        {"id": "drivers", "name": "Drivers", "owns": [{"category": "delivery", "until": at}, {"category": "safety"}]},
        {"id": "legal", "name": "Legal", "owns": [{"category": "delivery", "from": at}]},
        {"id": "refunds", "name": "Refunds", "owns": [{"category": "refund"}]},
        {"id": "desk", "name": "Desk"},
        {"id": "judges", "name": "Judges"},
    ]
    return make_playbook(**{"teams": teams, **changes})


def test_an_open_alert_is_handed_over_at_the_date_with_all_that_it_holds() -> None:
    timeline = Timeline(dated())
    timeline.push(HOUR, survey("r1", 0, "late, awful"), survey("r2", 0, "refund"))
    alert = open_of(timeline, "drivers")
    assert alert.handover_at == START + CHANGE
    timeline.wait(CHANGE - MINUTE)
    timeline.told()
    timeline.wait(CHANGE)
    assert sorted(standing(timeline)) == [
        ("legal", "open", "delivery", ["r1-1"]),
        ("refunds", "open", "refund", ["r2-1"]),
    ]
    assert timeline.told() == [Told(at=CHANGE, team="legal", reason="owner_changed", severity="high")]
    moved = open_of(timeline, "legal")
    assert moved.alert_id == alert.alert_id
    assert moved.assigned is not None
    assert (moved.assigned.by, moved.assigned.at, moved.handover_at) == (None, START + CHANGE, None)


def test_a_clock_that_comes_late_hands_over_at_the_date_and_reminds_the_new_team() -> None:
    timeline = Timeline(dated())
    timeline.push(CHANGE - HOUR, survey("r1", 0, "late, awful"))
    timeline.wait(CHANGE + 2 * DAY)
    assert [(one.at, one.team, one.reason) for one in timeline.told()] == [
        (CHANGE - HOUR + MINUTE, "drivers", "opened"),
        (CHANGE, "legal", "owner_changed"),
        (CHANGE + DAY, "legal", "repeat"),
    ]


@pytest.mark.parametrize("late", [timedelta(), 3 * DAY])
def test_an_event_goes_by_when_it_happened_and_ends_with_who_owns_it_now(late: timedelta) -> None:
    timeline = Timeline(dated())
    timeline.push(HOUR + late, survey("r1", 0, "late, awful"), occurred=HOUR)
    document = timeline.store.rows.rows.get(("/surveys", "r1-1"))
    assert document is not None
    assert document.document["team"] == "drivers"
    timeline.push(4 * DAY, survey("r2", 0, "late, awful", customer="ben"))
    timeline.wait(5 * DAY)
    assert standing(timeline) == [("legal", "open", "delivery", ["r1-1", "r2-1"])]


def test_what_the_new_team_has_open_already_takes_the_rest_in() -> None:
    timeline = Timeline(dated())
    timeline.push(
        HOUR, ticket(event_id="t1-1", subject="late", priority="urgent"), survey("r1", 0, "late, awful", customer="ben")
    )
    timeline.wait(CHANGE - MINUTE)
    # What happens after the date is decided before anybody looks at the clock.
    timeline.now = START + CHANGE + MINUTE
    timeline.push_unticked(ticket("status", event_id="t1-2", status="pending"), occurred=CHANGE + MINUTE)
    assert [one[0] for one in standing(timeline)] == ["drivers", "legal"]
    timeline.wait(CHANGE + HOUR)
    assert standing(timeline) == [
        ("drivers", "resolved", "delivery", []),
        ("legal", "open", "delivery", ["r1-1", "t1-2"]),
    ]


def test_nobody_at_the_date_means_arbitration() -> None:
    """`check` refuses such a gap; a playbook that was turned to without it is decided by all the same."""
    timeline = Timeline(dated(teams=[{"id": "drivers", "name": "D", "owns": [ENDS]}, *OTHERS]))
    timeline.push(HOUR, survey("r1", 0, "late, awful"))
    timeline.wait(CHANGE)
    assert standing(timeline) == [("judges", "open", "delivery", ["r1-1"])]


def test_what_a_person_has_given_to_a_team_no_date_takes_from_it() -> None:
    timeline = Timeline(dated())
    timeline.push(HOUR, survey("r1", 0, "late, awful"))
    give(timeline, open_of(timeline, "drivers"), "refunds")
    assert open_of(timeline, "refunds").handover_at is None
    timeline.wait(CHANGE + HOUR)
    assert standing(timeline) == [("refunds", "open", "delivery", ["r1-1"])]


def test_a_route_that_names_its_team_knows_no_dates() -> None:
    timeline = Timeline(dated(routes=with_routes({"id": "all", "team": "drivers"}).routes.model_dump(by_alias=True)))
    timeline.push(HOUR, survey("r1", 0, "late, awful"))
    assert open_of(timeline, "drivers").handover_at is None
    timeline.wait(CHANGE + HOUR)
    assert standing(timeline) == [("drivers", "open", "delivery", ["r1-1"])]


def test_a_case_s_alert_changes_hands_under_its_own_key() -> None:
    timeline = Timeline(
        dated(routes={"team": "desk", "arbitration": "judges", "group_by": ["customer"], "routes": [OWNED]})
    )
    timeline.push(HOUR, survey("r1", 0, "late, awful"))
    before = open_of(timeline, "drivers")
    timeline.wait(CHANGE)
    after = open_of(timeline, "legal")
    assert (after.alert_id, after.alert_key) == (before.alert_id, before.alert_key)


def test_a_resolved_alert_asks_for_nobody() -> None:
    timeline = Timeline(dated())
    timeline.push(HOUR, ticket(event_id="t1-1", subject="late", priority="urgent"))
    timeline.push(2 * HOUR, ticket("status", event_id="t1-2", status="solved"))
    timeline.wait(CHANGE + HOUR)
    (alert,) = timeline.store.rows.alerts.values()
    assert (alert.state, alert.team, alert.handover_at, alert.due_at) == (AlertState.RESOLVED, "drivers", None, None)


def test_without_dates_there_is_nothing_to_ask_for() -> None:
    timeline = Timeline()
    timeline.push(HOUR, survey("r1", 0, "late, awful"))
    alert = open_of(timeline, "drivers")
    assert (handover_at(alert, START, timeline.rules), heir(alert, START, timeline.rules)) == (None, None)


def test_a_new_playbook_s_dates_hold_for_an_open_alert_from_its_next_change() -> None:
    timeline = Timeline()
    timeline.push(HOUR, survey("r1", 0, "late, awful"))
    timeline.wait(2 * HOUR)
    timeline.turn_to(dated())
    timeline.wait(CHANGE + HOUR)
    # Its first reminder was the change.
    assert [(one.at, one.team, one.reason) for one in timeline.told()][1:] == [
        (DAY + HOUR + MINUTE, "drivers", "repeat"),
        (CHANGE, "legal", "owner_changed"),
    ]
