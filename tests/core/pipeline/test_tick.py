"""The weekly tick: which week, when; what a cell's evidence makes of its one alert; and from events to a review."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from service.core.alert import close
from service.core.identity import alert_id, alert_key
from service.core.pipeline.rules import compile_playbook
from service.core.pipeline.settle import fire, reschedule
from service.core.pipeline.tick import Weighed, due_at, review, review_gates, weigh_cells, window_end
from service.core.records.alerts import Alert
from service.core.records.facts import Facts
from service.core.records.words import AlertKind, AlertState, Level
from service.core.volume import CellKey, CellState, Contact, DayRange, Evidence, LevelReason, Method, Transition
from tests.builders import START, Timeline, Told, make_playbook, survey

DAY, WEEK = timedelta(days=1), timedelta(days=7)
RULES = compile_playbook(make_playbook(fatigue={"repeat": []}))
CELL = CellKey(process="shipping", category="delivery", region=None)
KEY = alert_key(AlertKind.VOLUME, {"process": "shipping", "category": "delivery"}, team="drivers")
FIRST, SECOND = alert_id(KEY, 1), alert_id(KEY, 2)
SUNDAY = date(2026, 5, 10)
LOCAL, FORMAL = Level.LOCAL_ADJUSTMENT, Level.FORMAL_REVIEW


@pytest.mark.parametrize(
    ("day", "end"),
    [
        pytest.param(4, 10, id="a Monday belongs to the week that ends on Sunday"),
        pytest.param(10, 10, id="a Sunday ends its week"),
        pytest.param(11, 17, id="the next Monday begins another"),
    ],
)
def test_the_week_of_an_instant(day: int, end: int) -> None:
    assert window_end(START.replace(day=day)) == date(2026, 5, end)


def test_a_tick_waits_for_the_end_of_its_week_and_for_the_late() -> None:
    assert due_at(SUNDAY, DAY) == datetime.fromisoformat("2026-05-12T00:00:00+00:00")


@dataclass
class Cell:
    """One cell over the weeks: each tick is told what its evidence calls for."""

    facts: Facts
    told: int = 0
    week: int = -1

    def tick(
        self, transition: Transition, level: Level | None, held: Level | None, *, x: int = 6, quiet: bool = False
    ) -> list[tuple[str, str]]:
        self.week += 1
        end = SUNDAY + self.week * WEEK
        weighed = Weighed(
            evidence=evidence(end, level, x),
            state=CellState(cell=CELL, level=held),
            transition=transition,
            alert_key=KEY,
            team="drivers",
        )
        for name in self.facts.alerts:
            fire(self.facts, name, due_at(end, DAY), RULES)
        review([weighed], self.facts, due_at(end, DAY), RULES, quiet=quiet)
        return self.heard()

    def later(self, wait: timedelta = timedelta(hours=1)) -> list[tuple[str, str]]:
        for name in self.facts.alerts:
            fire(self.facts, name, self.now + wait, RULES)
        return self.heard()

    def resolve(self) -> None:
        self.facts.alerts.put(FIRST, close(self.facts.alerts[FIRST], self.now + DAY))
        reschedule(self.facts, FIRST, self.now + DAY, RULES)
        assert self.heard() == [("resolved", "medium")]

    def heard(self) -> list[tuple[str, str]]:
        fresh = self.facts.notices[self.told :]
        self.told += len(fresh)
        return [(one.reason.value, one.alert.severity.value) for one in fresh]

    @property
    def now(self) -> datetime:
        return due_at(SUNDAY + self.week * WEEK, DAY)

    def alert(self, name: str = FIRST) -> Alert:
        return self.facts.alerts[name]


def evidence(end: date, level: Level | None, x: int) -> Evidence:
    return Evidence(
        cell=CELL,
        window_end=end,
        level=level,
        reason=LevelReason.STATISTIC,
        method=Method.BAYES_FACTOR,
        window=DayRange(first=end - timedelta(days=6), last=end),
        x=x,
        expected=1.23456789,
        ratio=4.86,
        customers=x,
        largest_share=0.2,
        statistic=3.0000001,
        bayes_factor=20.0,
        p=None,
        flags=(),
    )


def opened() -> Cell:
    cell = Cell(Facts())
    cell.tick(Transition.OPENED, LOCAL, LOCAL)
    cell.later()
    return cell


def test_a_local_adjustment_is_told_raised_and_closed_as_one_alert() -> None:
    cell = Cell(Facts())
    assert (cell.tick(Transition.OPENED, LOCAL, LOCAL), cell.later()) == ([], [("opened", "medium")])
    assert cell.tick(Transition.RAISED, FORMAL, FORMAL, x=9) == [("severity_increased", "high")]
    assert cell.tick(Transition.CONTINUED, None, FORMAL, x=0) == []
    assert cell.tick(Transition.CLOSED, None, None, x=0) == [("resolved", "high")]
    assert (cell.alert().state, cell.alert().level, cell.alert().revision) == (AlertState.RESOLVED, FORMAL, 3)
    assert [row.document["transition"] for row in cell.facts.reviews] == ["opened", "raised", "continued", "closed"]


def test_an_alert_and_its_line_say_what_was_found() -> None:
    cell = opened()
    assert (cell.alert().events, cell.alert().customers, cell.alert().team, cell.alert().fields) == (
        6,
        6,
        "drivers",
        {"process": "shipping", "category": "delivery"},
    )
    assert cell.facts.reviews[0].document == {
        "cell": {"process": "shipping", "category": "delivery", "region": None},
        "window_end": "2026-05-10",
        "level": "local_adjustment",
        "episode_level": "local_adjustment",
        "transition": "opened",
        "alert_id": FIRST,
        "team": "drivers",
        "window": ["2026-05-04", "2026-05-10"],
        "x": 6,
        "expected": 1.2346,
        "ratio": 4.86,
        "p": None,
        "statistic": 3.0,
        "odds": 20.0,
        "customers": 6,
        "largest_share": 0.2,
        "method": "averaged_bayes_factor",
        "reason": "statistic",
        "flags": [],
    }


def test_a_cell_that_alarms_again_within_the_window_reopens_its_alert() -> None:
    cell = opened()
    cell.tick(Transition.CLOSED, None, None)
    assert cell.tick(Transition.OPENED, LOCAL, LOCAL) == [("reopened", "medium")]
    assert cell.facts.gates[KEY].episodes == 1


def test_a_cell_that_alarms_later_opens_the_next() -> None:
    cell = opened()
    cell.tick(Transition.CLOSED, None, None)
    cell.week += 1
    assert (cell.tick(Transition.OPENED, LOCAL, LOCAL), cell.later()) == ([], [("opened", "medium")])
    assert (cell.alert().state, cell.alert(SECOND).episode) == (AlertState.RESOLVED, 2)
    assert cell.facts.gates[KEY].alert_id == SECOND


@pytest.mark.parametrize("weeks", [1, 2], ids=["within the reopen window", "after it"])
def test_what_a_team_has_resolved_stays_so_in_a_quiet_week(weeks: int) -> None:
    cell = opened()
    cell.resolve()
    for _ in range(weeks):
        cell.tick(Transition.CONTINUED, None, LOCAL)
    assert (cell.alert().state, list(cell.facts.alerts)) == (AlertState.RESOLVED, [FIRST])


def test_what_a_team_has_resolved_is_taken_up_again_where_it_goes_on() -> None:
    cell = opened()
    cell.resolve()
    assert cell.tick(Transition.CONTINUED, LOCAL, LOCAL) == [("reopened", "medium")]


def test_a_tick_that_was_missed_is_silent_and_the_newest_tells_what_still_holds() -> None:
    cell = Cell(Facts())
    cell.tick(Transition.OPENED, LOCAL, LOCAL, quiet=True)
    assert cell.later(2 * DAY) == []
    cell.tick(Transition.CONTINUED, LOCAL, LOCAL)
    assert cell.later() == [("opened", "medium")]


def test_a_cell_with_nothing_to_say_touches_no_alert() -> None:
    cell = Cell(Facts())
    cell.tick(Transition.NONE, None, None)
    assert (list(cell.facts.alerts), cell.facts.reviews, list(cell.facts.cells)) == (
        [],
        [],
        [("shipping", "delivery", "")],
    )


def contacts(count: int, weeks_ago: int = 0, region: str | None = None) -> list[Contact]:
    cell = CellKey(process="shipping", category="delivery", region=region)
    day = datetime.combine(SUNDAY - weeks_ago * WEEK, datetime.min.time(), tzinfo=START.tzinfo)
    return [Contact(cell=cell, customer=f"c{weeks_ago}-{n}-{region}", occurred_at=day) for n in range(count)]


@pytest.mark.parametrize(
    ("seen", "transition", "gates"),
    [
        pytest.param([], None, (), id="nobody, no cell"),
        pytest.param(contacts(9), Transition.OPENED, (KEY,), id="many at once"),
        pytest.param(contacts(1), Transition.NONE, (), id="one is not many"),
        pytest.param(contacts(9, weeks_ago=-1), None, (), id="what comes after the week is left for the next tick"),
        pytest.param(
            [*contacts(3, region="uk"), *contacts(3, region="de"), *contacts(3, region="fr")],
            Transition.OPENED,
            (KEY,),
            id="regions count together where the playbook does not part them",
        ),
    ],
)
def test_what_a_week_makes_of_its_contacts(
    seen: list[Contact], transition: Transition | None, gates: Sequence[str]
) -> None:
    weighed = weigh_cells(seen, {}, date(2026, 5, 4), SUNDAY, RULES)
    assert [one.transition for one in weighed] == ([] if transition is None else [transition])
    assert review_gates(weighed) == gates


def complaints(count: int, first: int = 0) -> list[dict[str, Any]]:
    return [survey(f"r{first + n}", 0, "late", customer=f"c{first + n}") for n in range(count)]


def test_from_events_to_a_review_of_the_team_that_has_the_process() -> None:
    timeline = Timeline()
    timeline.push(timedelta(), *complaints(12))
    timeline.wait(due_at(SUNDAY, DAY) - START + timedelta(minutes=1))
    told = [one for one in timeline.told() if one.at > 6 * DAY]
    wait = due_at(SUNDAY, DAY) - START + timedelta(minutes=1)
    assert told == [Told(at=wait, team="drivers", reason="opened", severity="medium", customers=12)]
    (row,) = timeline.store.rows.reviews
    assert (row.document["x"], row.document["transition"]) == (12, "opened")


def test_one_customer_who_writes_twenty_times_is_no_volume() -> None:
    timeline = Timeline()
    for hour in range(20):
        timeline.push(timedelta(hours=hour), survey(f"r{hour}", 0, "late", customer="anna"))
    timeline.wait(3 * WEEK)
    assert timeline.store.rows.reviews == []
    (alert,) = timeline.store.rows.alerts.values()
    assert (alert.kind, alert.events, alert.customers) == (AlertKind.EVENT, 20, 1)
