"""What a lead hears of customers who come back, told as months of tickets through the real pipeline."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.follow_up import review_state
from service.core.pipeline.act import ActOutcome, Deed
from service.core.playbook.model import Playbook
from service.core.records.alerts import Alert
from service.core.records.words import AlertKind, AlertState, CellMeasure, ReviewState
from tests.builders import START, Timeline, make_playbook, read_event, survey, ticket

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)

# How somebody comes back to a case: what happens, so long after it was closed.
Again = Callable[[str, str], Mapping[str, Any]]
# The events of one subject, each with its time after the start.
Life = list[tuple[timedelta, Mapping[str, Any]]]


def shop(
    recontact: Mapping[str, Any] | None = None,
    *,
    metrics: Mapping[str, Any] | None = None,
    by_region: bool = False,
) -> Playbook:
    """Judge recontacts, and nothing by the hour; single complaints are told to nobody."""
    return make_playbook(
        volume={
            "by_region": by_region,
            "hourly": {"enabled": False},
            "recontact": {"enabled": True} | dict(recontact or {}),
        },
        fatigue={"floor": "critical"},
        metrics=metrics or {},
    )


def another_ticket(name: str, customer: str) -> Mapping[str, Any]:
    return ticket("created", f"{name}-again", event_id=f"{name}-again", customer=customer, body="late once more")


def bad_answer(name: str, customer: str) -> Mapping[str, Any]:
    return survey(f"{name}-answer", 1, "still late", customer=customer, channel="sms")


def nobody(name: str, customer: str) -> Mapping[str, Any]:
    return ticket("created", f"{name}-again", event_id=f"{name}-again", customer=None, body="late once more")


def remark(name: str, customer: str) -> Mapping[str, Any]:
    return ticket("csat", name, event_id=f"{name}-rated", customer=customer, csat={"raw": 1, "comment": "late"})


def other_category(name: str, customer: str) -> Mapping[str, Any]:
    return ticket("created", f"{name}-again", event_id=f"{name}-again", customer=customer, body="my refund")


def closed(timeline: Timeline, name: str, at: timedelta, customer: str, **more: Any) -> None:  # noqa: ANN401 - fields of the contract
    timeline.push(at, ticket("created", name, event_id=f"{name}-1", customer=customer, body="late", **more))
    timeline.push(at + HOUR, ticket("status", name, event_id=f"{name}-2", customer=customer, status="solved"))


def week(
    timeline: Timeline,
    number: int,
    *,
    cases: int = 10,
    returns: int = 1,
    again: Again = another_ticket,
    customer: str | None = None,
) -> None:
    """So many cases on the Monday of a week, of which some customers come back with theirs on the Wednesday."""
    start = number * WEEK
    for at in range(cases):
        name = f"w{number}-{at}"
        who = customer if customer is not None and at < returns else f"c-{name}"
        closed(timeline, name, start + at * timedelta(minutes=1), who)
    for at in range(returns):
        name = f"w{number}-{at}"
        timeline.push(start + 2 * DAY, again(name, customer or f"c-{name}"))


def months(timeline: Timeline, *, worse: int = 6, again: Again = another_ticket, **more: Any) -> None:  # noqa: ANN401 - fields of a week
    """Twelve weeks in which one of ten comes back, then three in which as many do as is said."""
    for number in range(12):
        week(timeline, number, again=again)
    for number in range(12, 15):
        week(timeline, number, returns=worse, again=again, **more)
    timeline.wait(17 * WEEK)


def reviews(timeline: Timeline) -> list[Mapping[str, Any]]:
    return [row.document for row in timeline.store.rows.reviews if row.document["measure"] == "recontact"]


def alerts(timeline: Timeline) -> list[Alert]:
    return [one for one in timeline.store.rows.alerts.values() if one.kind is AlertKind.RECONTACT]


def test_more_customers_who_come_back_are_told_to_the_process_team_as_a_local_adjustment() -> None:
    timeline = Timeline(shop())
    months(timeline)
    (alert,) = alerts(timeline)
    assert (alert.team, alert.route, alert.severity, alert.fields) == (
        "drivers",
        "recontact",
        "medium",
        {"process": "shipping", "category": "delivery"},
    )
    told = [notice for notice in timeline.store.rows.notices if notice.alert.kind is AlertKind.RECONTACT]
    assert [(one.reason.value, one.title) for one in told[:1]] == [
        ("opened", "Local adjustment, customers come back: Late delivery · Shipping")
    ]
    first = reviews(timeline)[0]
    assert (first["transition"], first["level"], first["method"], first["cell"]) == (
        "opened",
        "local_adjustment",
        "averaged_bayes_factor",
        {"process": "shipping", "category": "delivery", "region": None},
    )
    # The cases of the three bad weeks, the last of which are known of once another week has passed.
    assert (first["window"], first["window_end"], first["closed"], first["recontact_days"], first["x"]) == (
        ["2026-07-27", "2026-08-16"],
        "2026-08-23",
        30,
        7,
        18,
    )
    assert first["says"] == (
        "18 of 30 closed cases came back within 7 days where 3.2 were to be expected: "
        "120 times as likely if the rate has risen than if it has not."
    )
    assert first["thresholds"]["rule"] == "volume.recontact"
    assert (first["thresholds"]["h_local"], first["thresholds"]["h_formal"]) == (3.98, None)


def test_it_never_calls_for_a_formal_review_and_closes_after_two_clear_weeks() -> None:
    timeline = Timeline(shop())
    months(timeline, worse=10)
    for number in range(17, 30):
        week(timeline, number)
    timeline.wait(33 * WEEK)
    assert {one["level"] for one in reviews(timeline)} == {"local_adjustment", None}
    assert reviews(timeline)[-1]["transition"] == "closed"
    (alert,) = alerts(timeline)
    assert alert.state is AlertState.RESOLVED


def test_the_volume_of_the_same_cell_is_judged_and_remembered_beside_it() -> None:
    timeline = Timeline(shop())
    months(timeline)
    states = {cell.measure: state for cell, state in timeline.store.rows.cells.items() if cell.process == "shipping"}
    assert states[CellMeasure.RECONTACT].level == "local_adjustment"
    # Tickets are not negative of themselves, so that there is nothing to say of the volume.
    assert CellMeasure.VOLUME not in states


def test_who_closes_the_review_has_acted_and_two_weeks_of_cases_closed_since_prove_it() -> None:
    timeline = Timeline(shop())
    months(timeline)
    (alert,) = alerts(timeline)
    assert timeline.act(17 * WEEK + DAY, alert.alert_id, Deed.RESOLVE, "A second courier.").outcome is ActOutcome.DONE
    for number in range(18, 24):
        week(timeline, number)
    timeline.wait(26 * WEEK)
    # The cases closed in the second and third week after the act are judged once their customers have had a week.
    assert [(one["transition"], one["window_end"]) for one in reviews(timeline)][-2:] == [
        ("closed", "2026-09-06"),
        ("verified", "2026-09-27"),
    ]
    (alert,) = alerts(timeline)
    assert review_state(alert) is ReviewState.VERIFIED
    assert alert.follow_up is not None
    assert alert.follow_up.action.text == "A second courier."


def test_customers_who_go_on_coming_back_after_it_open_the_next_one() -> None:
    timeline = Timeline(shop())
    months(timeline)
    (first,) = alerts(timeline)
    timeline.act(17 * WEEK + DAY, first.alert_id, Deed.RESOLVE)
    for number in range(17, 26):
        week(timeline, number, returns=7)
    timeline.wait(28 * WEEK)
    assert review_state(timeline.store.rows.alerts[first.alert_id]) is ReviewState.ACTED_ON
    (second,) = (one for one in alerts(timeline) if one.alert_id != first.alert_id)
    assert second.follow_up is not None
    assert (second.level, second.follow_up.recurred, second.follow_up.previous) == (
        "local_adjustment",
        1,
        first.alert_id,
    )


def test_nothing_is_judged_unless_the_playbook_asks_for_it() -> None:
    timeline = Timeline(shop({"enabled": False}))
    months(timeline, worse=10)
    assert (reviews(timeline), alerts(timeline)) == ([], [])


@pytest.mark.parametrize(
    ("again", "told"),
    [
        pytest.param(another_ticket, True, id="another ticket"),
        pytest.param(bad_answer, True, id="a bad answer by another channel"),
        pytest.param(remark, False, id="a rating of the same ticket"),
        pytest.param(nobody, False, id="a ticket of nobody known"),
        pytest.param(other_category, False, id="a ticket about something else"),
    ],
)
def test_which_contacts_bring_a_case_back(again: Again, told: bool) -> None:  # noqa: FBT001 - an expected value
    timeline = Timeline(shop())
    months(timeline, again=again)
    assert bool(alerts(timeline)) is told


def test_as_many_more_cases_as_recontacts_call_for_nothing() -> None:
    timeline = Timeline(shop())
    months(timeline, cases=60)
    assert alerts(timeline) == []


def test_one_customer_who_comes_back_with_every_case_is_one_customer() -> None:
    timeline = Timeline(shop())
    months(timeline, customer="the angry one")
    assert alerts(timeline) == []


def test_fewer_closed_cases_than_the_playbook_asks_for_call_for_nothing() -> None:
    timeline = Timeline(shop({"min_closed": 31}))
    months(timeline)
    assert alerts(timeline) == []


def test_a_cut_of_the_playbook_holds() -> None:
    timeline = Timeline(shop({"h": 49.0}))
    months(timeline)
    assert alerts(timeline) == []


def test_reopened_tickets_came_back() -> None:
    timeline = Timeline(shop())
    for number in range(15):
        for at in range(10):
            name, when = f"w{number}-{at}", number * WEEK
            closed(timeline, name, when, f"c-{name}")
            if number >= 12 and at < 6:
                reopened = ticket("reopened", name, event_id=f"{name}-3", customer=f"c-{name}")
                timeline.push(when + 2 * HOUR, reopened)
                again = ticket("status", name, event_id=f"{name}-4", customer=f"c-{name}", status="solved")
                timeline.push(when + 3 * HOUR, again)
    timeline.wait(17 * WEEK)
    assert [one["x"] for one in reviews(timeline)[:1]] == [18]


def test_what_is_not_over_yet_is_not_judged() -> None:
    timeline = Timeline(shop(metrics={"recontact_days": 14}))
    months(timeline)
    timeline.wait(18 * WEEK)
    first = reviews(timeline)[0]
    assert (first["window"], first["window_end"]) == (["2026-07-27", "2026-08-16"], "2026-08-30")


def test_before_there_is_anything_to_compare_with_nothing_is_said() -> None:
    timeline = Timeline(shop())
    for number in range(4):
        week(timeline, number, returns=9)
    timeline.wait(5 * WEEK)
    assert alerts(timeline) == []


def test_recontacts_that_are_taken_back_or_corrected_no_longer_count() -> None:
    def spoilt(timeline: Timeline, number: int) -> None:
        week(timeline, number, returns=6)
        for at in range(6):
            name = f"w{number}-{at}-again"
            gone = ticket("deleted", name, event_id=f"{name}-gone", customer=f"c-w{number}-{at}")
            moved = ticket("updated", name, event_id=f"{name}-moved", customer=f"c-w{number}-{at}", body="my refund")
            timeline.push(number * WEEK + 3 * DAY, gone if at < 3 else moved)

    timeline = Timeline(shop())
    for number in range(12):
        week(timeline, number)
    for number in range(12, 15):
        spoilt(timeline, number)
    timeline.wait(17 * WEEK)
    assert alerts(timeline) == []


def test_regions_are_judged_one_by_one_where_the_playbook_splits_by_them() -> None:
    timeline = Timeline(shop(by_region=True))
    for number in range(15):
        for region in ("uk", "de"):
            for at in range(10):
                name = f"{region}{number}-{at}"
                who = {"ref": f"c-{name}", "region": region}
                timeline.push(number * WEEK, ticket("created", name, event_id=f"{name}-1", customer=who, body="late"))
                done = ticket("status", name, event_id=f"{name}-2", customer=who, status="solved")
                timeline.push(number * WEEK + HOUR, done)
                if at < (6 if number >= 12 and region == "uk" else 1):
                    timeline.push(number * WEEK + 2 * DAY, another_ticket(name, f"c-{name}"))
    timeline.wait(17 * WEEK)
    assert {one["cell"]["region"] for one in reviews(timeline)} == {"uk"}


@given(st.randoms(use_true_random=False), st.integers(0, 9))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_the_order_in_which_subjects_arrive_changes_nothing(dice: Random, returns: int) -> None:
    """Each subject's events stay in their order; the subjects are dealt into one another at will."""
    lives: list[Life] = []
    for at in range(10):
        name = f"t{at}"
        states = [
            ticket("created", name, event_id=f"{name}-1", customer=f"c-{at % 7}", body="late"),
            ticket("status", name, event_id=f"{name}-2", customer=f"c-{at % 7}", status="solved"),
        ]
        if at % 3 == 0:
            states.append(ticket("reopened", name, event_id=f"{name}-3", customer=f"c-{at % 7}"))
            states.append(ticket("status", name, event_id=f"{name}-4", customer=f"c-{at % 7}", status="closed"))
        lives.append([(at * HOUR + step * HOUR, event) for step, event in enumerate(states)])
    lives += [[((at + 5) * HOUR, another_ticket(f"t{at}", f"c-{at % 7}"))] for at in range(returns)]

    def kept(order: list[Life]) -> object:
        timeline = Timeline(shop())
        timeline.now = START + DAY
        left = [list(life) for life in order]
        while left:
            life = dice.choice(left)
            at, event = life.pop(0)
            timeline.batch([read_event(event, START + at, timeline.rules)], lambda _: timeline.now)
            left = [one for one in left if one]
        return {key: (one.done_at, one.reopened) for key, one in timeline.store.rows.contributions.items()}

    assert kept(lives) == kept(lives[::-1])
