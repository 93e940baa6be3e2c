"""What the evidence of ticks makes of a cell's one alert and of the lines that are written; from events to a review."""

import dataclasses
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.alert import close
from service.core.follow_up import begun, review_state, taken
from service.core.identity import alert_id, alert_key
from service.core.pipeline.act import ActOutcome, Asked, Deed, act
from service.core.pipeline.rules import compile_playbook
from service.core.pipeline.tick import review, review_gates
from service.core.pipeline.timers import fire, reschedule
from service.core.pipeline.weighing import Weighed
from service.core.records.alerts import Alert, FollowUp
from service.core.records.facts import Facts
from service.core.records.words import AlertKind, AlertState, Level, ReviewState, ReviewStep
from service.core.volume import (
    CellKey,
    CellState,
    CourseWeek,
    DayRange,
    Evidence,
    Fallen,
    LevelReason,
    Method,
    Sibling,
    Thresholds,
    Transition,
)
from tests.builders import START, Timeline, Told, make_playbook, survey

QUARTER, HOUR, DAY, WEEK = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1), timedelta(days=7)
RULES = compile_playbook(make_playbook(fatigue={"repeat": []}))
CELL = CellKey(process="shipping", category="delivery", region=None)
KEY = alert_key(AlertKind.VOLUME, {"process": "shipping", "category": "delivery"}, team="drivers")
FIRST, SECOND = alert_id(KEY, 1), alert_id(KEY, 2)
SUNDAY = date(2026, 5, 10)
LOCAL, FORMAL = Level.LOCAL_ADJUSTMENT, Level.FORMAL_REVIEW


def due_at(end: date) -> datetime:
    """A day after the window."""
    return datetime.combine(end + 2 * DAY, time(), UTC)


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
        return self.told_of(evidence(end, level, x), transition, held, due_at(end), quiet=quiet)

    def hour(self, transition: Transition, level: Level | None, hour: int) -> list[tuple[str, str]]:
        """An hourly tick of the Monday after the last week."""
        end = datetime.combine(SUNDAY + self.week * WEEK + DAY, time(hour), UTC)
        found = dataclasses.replace(
            evidence(end.date(), level, 6),
            method=Method.HOURLY,
            window=DayRange(first=end.date(), last=end.date()),
            hours=(end - 3 * HOUR, end),
            course=(),
        )
        return self.told_of(found, transition, None, end + QUARTER)

    def told_of(
        self, found: Evidence, transition: Transition, held: Level | None, now: datetime, *, quiet: bool = False
    ) -> list[tuple[str, str]]:
        weighed = Weighed(
            evidence=found,
            state=CellState(cell=CELL, level=held),
            transition=transition,
            alert_key=KEY,
            team="drivers",
        )
        for name in self.facts.alerts:
            fire(self.facts, name, now, RULES)
        review([weighed], self.facts, now, RULES, quiet=quiet)
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
        return due_at(SUNDAY + self.week * WEEK)

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
        thresholds=Thresholds(rule="night-shift", h_local=1.5, h_formal=4.5),
        interval=(1.1, 9.00000001),
        course=(CourseWeek(last=end, x=x, expected=1.23456789, low=0, high=4),),
        downtime=Fallen(days=2, x=4),
    )


def opened() -> Cell:
    cell = Cell(Facts())
    cell.tick(Transition.OPENED, LOCAL, LOCAL)
    cell.later()
    return cell


def test_a_local_adjustment_is_told_raised_and_closed_as_one_alert() -> None:
    cell = Cell(Facts())
    assert (cell.tick(Transition.OPENED, LOCAL, LOCAL), cell.later()) == ([], [("opened", "medium")])
    # Nobody has taken it in the week between.
    assert cell.tick(Transition.RAISED, FORMAL, FORMAL, x=9) == [
        ("escalated", "medium"),
        ("severity_increased", "high"),
    ]
    assert cell.tick(Transition.CONTINUED, None, FORMAL, x=0) == []
    assert cell.tick(Transition.CLOSED, None, None, x=0) == [("resolved", "high")]
    assert (cell.alert().state, cell.alert().level, cell.alert().revision) == (AlertState.RESOLVED, FORMAL, 4)
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
        "measure": "volume",
        "cell": {"process": "shipping", "category": "delivery", "region": None},
        "window_end": "2026-05-10",
        "level": "local_adjustment",
        "episode_level": "local_adjustment",
        "transition": "opened",
        "alert_id": FIRST,
        "team": "drivers",
        "playbook": RULES.digest,
        "window": ["2026-05-04", "2026-05-10"],
        "hours": None,
        "x": 6,
        "expected": 1.2346,
        "ratio": 4.86,
        "interval": [1.1, 9.0],
        "p": None,
        "statistic": 3.0,
        "odds": 20.0,
        "says": "6 counted in 7 days where 1.2 were to be expected: "
        "20 times as likely if the rate has risen than if it has not.",
        "limit": None,
        "customers": 6,
        "largest_share": 0.2,
        "method": "averaged_bayes_factor",
        "reason": "statistic",
        "severity": None,
        "flags": [],
        "downtime": {"days": 2, "x": 4},
        "thresholds": {
            "rule": "night-shift",
            "h_local": 1.5,
            "h_formal": 4.5,
            "h_recurrence": 1.5,
            "local_min": 3,
            "formal_min": 5,
            "min_ratio": 1.5,
        },
        "course": [{"last": "2026-05-10", "x": 6, "expected": 1.2346, "low": 0, "high": 4}],
        "siblings": [],
    }
    (row,) = cell.facts.reviews
    assert row.ends_at == datetime(2026, 5, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("odds", "said"),
    [
        pytest.param(1.0, "1.0 times as likely if the rate has risen than if it has not.", id="even"),
        pytest.param(12_345.0, "12,000 times as likely if the rate has risen than if it has not.", id="likely"),
        pytest.param(1e300, "1,000,000,000 times as likely if the rate has risen than if it has not.", id="certain"),
        pytest.param(0.25, "4.0 times as likely if the rate has not risen as if it has.", id="unlikely"),
        pytest.param(0.0, "1,000,000,000 times as likely if the rate has not risen as if it has.", id="impossible"),
    ],
)
def test_the_odds_are_told_in_words(odds: float, said: str) -> None:
    cell, found = Cell(Facts()), dataclasses.replace(evidence(SUNDAY, LOCAL, 6), bayes_factor=odds)
    cell.told_of(found, Transition.OPENED, LOCAL, due_at(SUNDAY))
    assert cell.alert().evidence["says"] == f"6 counted in 7 days where 1.2 were to be expected: {said}"


def test_a_fixed_count_tells_no_odds() -> None:
    cell, found = Cell(Facts()), dataclasses.replace(evidence(SUNDAY, LOCAL, 6), statistic=None, bayes_factor=None)
    cell.told_of(found, Transition.OPENED, LOCAL, due_at(SUNDAY))
    assert cell.alert().evidence["says"] == "6 counted in 7 days where 1.2 were to be expected."


def test_what_several_cells_say_together_names_them() -> None:
    group = CellKey(process="*", category="delivery", region=None)
    found = dataclasses.replace(
        evidence(SUNDAY, LOCAL, 6), cell=group, siblings=(Sibling(cell=CELL, x=4, expected=0.98765432),), course=()
    )
    cell = Cell(Facts())
    cell.told_of(found, Transition.OPENED, LOCAL, due_at(SUNDAY))
    assert cell.alert().fields == {"process": "*", "category": "delivery"}
    assert cell.alert().evidence["siblings"] == [
        {"process": "shipping", "category": "delivery", "region": None, "x": 4, "expected": 0.9877}
    ]


def test_an_outage_is_told_by_the_hour_and_an_hour_without_an_alarm_is_no_line() -> None:
    cell = Cell(Facts())
    assert (cell.hour(Transition.OPENED, LOCAL, 10), cell.later()) == ([], [("opened", "medium")])
    assert cell.hour(Transition.CONTINUED, None, 11) == []
    assert cell.hour(Transition.CLOSED, None, 12) == [("resolved", "medium")]
    assert [(row.ends_at.hour, row.document["hours"], row.document["transition"]) for row in cell.facts.reviews] == [
        (10, ["2026-05-04T07:00:00Z", "2026-05-04T10:00:00Z"], "opened"),
        (12, ["2026-05-04T09:00:00Z", "2026-05-04T12:00:00Z"], "closed"),
    ]
    assert cell.facts.reviews[0].document["says"].startswith("6 counted in 3 hours where 1.2 were to be expected: ")


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


def acted(cell: Cell, at: datetime) -> None:
    """Somebody does something about the review."""
    asked = Asked(alert_id=FIRST, deed=Deed.RESOLVE, revision=cell.alert().revision, by="ana")
    assert act(cell.facts, asked, at, RULES).outcome is ActOutcome.DONE
    assert cell.heard() == [("resolved", "medium")]


def test_what_was_found_in_days_from_before_an_act_is_not_taken_up_again() -> None:
    cell = opened()
    acted(cell, cell.now + DAY)
    # The window of the next tick begins on the day before the act.
    assert cell.tick(Transition.CONTINUED, LOCAL, LOCAL) == []
    assert cell.alert().state is AlertState.RESOLVED
    assert cell.tick(Transition.OPENED, LOCAL, LOCAL) == []
    assert cell.later() == [("opened", "medium")]


def test_hours_from_before_an_act_are_not_taken_up_again_either() -> None:
    cell = opened()
    monday = datetime.combine(SUNDAY + DAY, time(), UTC)
    acted(cell, cell.now + HOUR)
    cell.facts.alerts.put(FIRST, replace(cell.alert(), follow_up=taken(FollowUp(), ReviewStep.ACTION, monday, "ana")))
    states = []
    for hour in (2, 3):
        cell.hour(Transition.OPENED, LOCAL, hour)
        states.append(cell.alert().state)
    assert states == [AlertState.RESOLVED, AlertState.OPEN]


def test_what_nobody_tolerates_is_taken_up_again_in_the_week_of_an_act() -> None:
    cell = opened()
    acted(cell, cell.now + DAY)
    cell.week += 1
    end = SUNDAY + cell.week * WEEK
    found = dataclasses.replace(evidence(end, FORMAL, 6), reason=LevelReason.ZERO_TOLERANCE)
    assert cell.told_of(found, Transition.OPENED, FORMAL, due_at(end)) == [("reopened", "high")]


def test_a_review_has_dates_from_the_first_tick_on_and_new_ones_when_it_is_raised() -> None:
    cell = opened()
    local = begun(LOCAL, cell.now, RULES.playbook.volume.reviews)
    assert cell.alert().follow_up == local
    cell.tick(Transition.CONTINUED, LOCAL, LOCAL)
    assert cell.alert().follow_up == local
    cell.tick(Transition.RAISED, FORMAL, FORMAL)
    assert cell.alert().follow_up == begun(FORMAL, cell.now, RULES.playbook.volume.reviews)


def test_proof_is_noted_on_the_review_that_was_acted_on_and_nobody_is_told() -> None:
    cell = opened()
    acted(cell, cell.now + DAY)
    cell.tick(Transition.CLOSED, None, None)
    assert review_state(cell.alert()) is ReviewState.ACTED_ON
    assert cell.tick(Transition.VERIFIED, None, None) == []
    assert review_state(cell.alert()) is ReviewState.VERIFIED
    assert cell.facts.reviews[-1].document["transition"] == "verified"


def test_a_review_whose_effect_nobody_can_tell_is_given_up() -> None:
    cell = opened()
    acted(cell, cell.now + DAY)
    cell.tick(Transition.UNVERIFIED, None, None)
    assert review_state(cell.alert()) is ReviewState.UNVERIFIED


def test_a_tick_that_was_missed_is_silent_and_the_newest_tells_what_still_holds() -> None:
    cell = Cell(Facts())
    cell.tick(Transition.OPENED, LOCAL, LOCAL, quiet=True)
    assert cell.later(2 * DAY) == []
    cell.tick(Transition.CONTINUED, LOCAL, LOCAL)
    assert cell.later() == [("opened", "medium")]


def test_only_cells_that_have_something_to_say_touch_their_alerts() -> None:
    def weighed(key: str, transition: Transition) -> Weighed:
        found = evidence(SUNDAY, None, 0)
        return Weighed(evidence=found, state=CellState(cell=CELL), transition=transition, alert_key=key, team="drivers")

    found = [weighed("z", Transition.CLOSED), weighed("b", Transition.NONE), weighed("a", Transition.CONTINUED)]
    assert review_gates(found) == ("a", "z")


def test_a_cell_with_nothing_to_say_touches_no_alert() -> None:
    cell = Cell(Facts())
    cell.tick(Transition.NONE, None, None)
    assert (list(cell.facts.alerts), cell.facts.reviews, list(cell.facts.cells)) == (
        [],
        [],
        [("shipping", "delivery", "", "volume")],
    )


def complaints(count: int, first: int = 0) -> list[dict[str, Any]]:
    return [survey(f"r{first + n}", 0, "late", customer=f"c{first + n}") for n in range(count)]


def test_from_events_to_a_review_of_the_team_that_has_the_process() -> None:
    timeline = Timeline()
    timeline.push(timedelta(), *complaints(12))
    wait = due_at(SUNDAY) - START + timedelta(minutes=1)
    timeline.wait(wait)
    told = [one for one in timeline.told() if one.at > 6 * DAY]
    assert told == [Told(at=wait, team="drivers", reason="opened", severity="medium", customers=12)]
    (row,) = timeline.store.rows.reviews
    assert (row.document["x"], row.document["transition"]) == (12, "opened")


def test_an_outage_under_a_review_by_days_ends_although_nobody_complains_any_more() -> None:
    timeline = Timeline()
    for week in range(10):
        timeline.push(week * WEEK, *complaints(3, 3 * week))
    timeline.push(10 * WEEK + 6 * DAY, *complaints(40, 30))
    timeline.wait(15 * WEEK)
    (alert,) = (one for one in timeline.store.rows.alerts.values() if one.kind is AlertKind.VOLUME)
    assert (alert.state, alert.level) == (AlertState.RESOLVED, FORMAL)
    told = [(one.document["method"], one.document["transition"]) for one in timeline.store.rows.reviews]
    assert told[0] == ("hourly_bayes_factor", "opened")
    assert told[-1] == ("averaged_bayes_factor", "closed")


def test_one_customer_who_writes_twenty_times_is_no_volume() -> None:
    timeline = Timeline()
    for hour in range(20):
        timeline.push(timedelta(hours=hour), survey(f"r{hour}", 0, "late", customer="anna"))
    timeline.wait(3 * WEEK)
    assert timeline.store.rows.reviews == []
    (alert,) = timeline.store.rows.alerts.values()
    assert (alert.kind, alert.events, alert.customers) == (AlertKind.EVENT, 20, 1)
