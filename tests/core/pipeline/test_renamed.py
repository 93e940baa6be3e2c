"""A new version of the taxonomy in the middle of everything: counts, reviews and contacts go on under the new ids."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.core.pipeline.carrying import Carried, carried
from service.core.playbook.model import Playbook
from service.core.records.alerts import Alert
from service.core.records.words import AlertKind, AlertState, Level
from service.core.scorecard import EVER, Dimension, Sample, count
from service.core.volume import CellKey, CellState
from tests.builders import START, Timeline, make_playbook, survey

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
OLD = make_playbook()


def shop(category: str = "delivery", *, replaces: tuple[str, ...] = (), **parts: Any) -> Playbook:  # noqa: ANN401 - parts of a playbook
    """The usual shop, whose category of late deliveries has another id, which no route and no owner knows yet."""
    late, *others = OLD.model_dump()["taxonomy"]
    taxonomy = [{**late, "id": category, "replaces": replaces}, *others]
    volume = {"hourly": {"enabled": False}, "siblings": {"enabled": False}}
    return make_playbook(**{"taxonomy": taxonomy, "volume": volume, **parts})


NEW = shop("late.delivery", replaces=("delivery",))


def complain(line: Timeline, week: int, customers: int) -> None:
    for number in range(customers):
        name = f"w{week}-{number}"
        line.push(week * WEEK + number % 5 * DAY, survey(name, 0, "late again", customer=name))


def reviews(line: Timeline) -> list[Alert]:
    return [one for one in line.store.rows.alerts.values() if one.kind is AlertKind.VOLUME]


def test_a_review_goes_on_under_its_key_while_its_cell_has_a_new_name() -> None:
    line = Timeline(shop())
    for week in range(20):
        complain(line, week, 2)
    complain(line, 20, 12)
    line.wait(21 * WEEK + 2 * DAY)
    (before,) = reviews(line)
    line.turn_to(NEW)
    complain(line, 21, 12)
    line.wait(22 * WEEK + 2 * DAY)
    (after,) = reviews(line)
    assert (before.alert_id, before.category, before.state) == (after.alert_id, "delivery", AlertState.OPEN)
    assert (after.state, after.events > before.events) == (AlertState.OPEN, True)
    found = [row.document for row in line.store.rows.reviews]
    assert [(one["cell"]["category"], one["transition"]) for one in found] == [
        ("delivery", "opened"),
        ("late.delivery", "raised"),
    ]
    line.wait(26 * WEEK)
    assert [one.state for one in reviews(line)] == [AlertState.RESOLVED]
    assert {(one.cell.category, one.told_as) for one in line.store.rows.cells.values() if one.down_weighted} == {
        ("late.delivery", None)
    }


def test_what_opens_after_that_has_the_new_name() -> None:
    line = Timeline(shop())
    for week in range(20):
        complain(line, week, 2)
    line.turn_to(NEW)
    complain(line, 20, 12)
    line.wait(21 * WEEK + 2 * DAY)
    assert [(one.category, one.team) for one in reviews(line)] == [("late.delivery", "drivers")]
    line.turn_to(shop("late.delivery"))
    line.wait(21 * WEEK + 3 * DAY)
    assert len(reviews(line)) == 1


def test_a_review_of_the_old_name_holds_back_single_alerts_of_the_new_one() -> None:
    # With the two-week window of formal reviews, which alone hold others back.
    line = Timeline(shop())
    for week in range(20):
        complain(line, week, 2)
    for week in (20, 21):
        complain(line, week, 12)
    line.wait(22 * WEEK + 2 * DAY)
    assert [one.level for one in reviews(line)] == [Level.FORMAL_REVIEW]
    line.turn_to(NEW)
    books = line.push(22 * WEEK + 3 * DAY, survey("after", 0, "late again", customer="new"))
    assert dict(books.verdicts) == {("drivers", "inhibited"): 1}


def test_without_the_crosswalk_the_new_name_would_have_no_past() -> None:
    line, cut = Timeline(shop()), Timeline(shop())
    for week in range(20):
        complain(line, week, 9)
        complain(cut, week, 9)
    line.turn_to(NEW)
    cut.turn_to(shop("late.delivery"))
    complain(line, 20, 10)
    complain(cut, 20, 10)
    line.wait(21 * WEEK + 2 * DAY)
    cut.wait(21 * WEEK + 2 * DAY)
    # Nine a week were news in the first weeks, when nothing was known yet; that review is over in both.
    assert [one.category for one in reviews(line)] == ["delivery"]
    assert [one.category for one in reviews(cut)] == ["delivery", "late.delivery"]


def test_a_customer_who_comes_back_about_it_has_come_back() -> None:
    line = Timeline(shop())
    line.push(DAY, survey("r1", 0, "late"))
    line.turn_to(NEW)
    line.push(2 * DAY, survey("r2", 0, "late"))
    found = {one.key.subject: one.assessed.contacts for one in line.store.rows.contributions.values()}
    assert found == {"response/r1": 1, "response/r2": 2}


def test_scorecards_read_the_old_name_as_the_new_one() -> None:
    line = Timeline(shop())
    line.push(DAY, survey("r1", 0, "late"))
    line.turn_to(NEW)
    line.push(2 * DAY, survey("r2", 0, "late", customer="ben"))
    sample = Sample(by=Dimension.CATEGORY, period=EVER, renamed=line.rules.renamed)
    (tally,) = count(line.store.rows.contributions.values(), sample).tallies
    assert (tally.value, tally.count) == ("late.delivery", 2)


def test_a_route_and_an_owner_that_say_the_old_name_mean_the_new_one() -> None:
    line = Timeline(NEW)
    line.push(DAY, survey("r1", 0, "late"))
    (alert,) = line.store.rows.alerts.values()
    assert (alert.category, alert.team, line.rules.labels["delivery"]) == ("late.delivery", "drivers", "Late delivery")


A, B, C = (CellKey(process="p", category=name, region=None) for name in "abc")
OPEN: dict[str, Any] = {"level": Level.LOCAL_ADJUSTMENT, "opened_on": START.date(), "last_alarm_on": START.date()}
AT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((CellState(cell=A),), {}),
        (
            (CellState(cell=A, acted_at=AT),),
            {C: CellState(cell=C, acted_at=AT)},
        ),
        (
            (CellState(cell=A, **OPEN), CellState(cell=C)),
            {C: CellState(cell=C, told_as="a", **OPEN)},
        ),
        (
            (CellState(cell=A, acted_at=AT), CellState(cell=B, **OPEN)),
            {A: CellState(cell=A, acted_at=AT), C: CellState(cell=C, told_as="b", **OPEN)},
        ),
        (
            (CellState(cell=A, **OPEN), CellState(cell=C, acted_at=AT)),
            {A: CellState(cell=A, **OPEN), C: CellState(cell=C, acted_at=AT)},
        ),
    ],
    ids=["nothing to carry", "what was done", "an open review", "the open one of two", "a memory of its own"],
)
def test_a_cell_takes_over_one_memory(states: tuple[CellState, ...], expected: dict[CellKey, CellState]) -> None:
    found = carried({one.cell: one for one in states}, {}, {"a": "c", "b": "c"})
    assert found.states == expected
    assert set(found.handed) == {cell for cell in expected if cell == C and states[-1].cell != C} | (
        {C} if states == (CellState(cell=A, **OPEN), CellState(cell=C)) else set()
    )


def test_what_was_done_about_a_review_of_the_old_name_was_done_about_the_new_one() -> None:
    later = AT + DAY
    found = carried({}, {A: AT, B: later}, {"a": "c", "b": "c"})
    assert found == Carried(states={}, acts={C: later}, handed={})
