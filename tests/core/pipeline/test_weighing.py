"""What a tick makes of all that is known: which cells it judges, what they remember, to whom it belongs."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from service.core.identity import alert_key
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.pipeline.weighing import Weighed, weigh_cells, weigh_hours
from service.core.records.words import AlertKind, Level
from service.core.volume import (
    GRID_DAYS,
    WEEK_HOURS,
    CellKey,
    CellState,
    Contact,
    DayRange,
    EvidenceFlag,
    Harm,
    LevelReason,
    Method,
    Prior,
    Tempo,
    Transition,
    Watched,
    WatchedHours,
    turnouts,
)
from tests.builders import make_playbook

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
SUNDAY = date(2026, 5, 10)
MONDAY = SUNDAY - 6 * DAY
YEAR_AGO = SUNDAY - 52 * WEEK + DAY
LOCAL, FORMAL = Level.LOCAL_ADJUSTMENT, Level.FORMAL_REVIEW


def rules(**volume: Any) -> Rules:  # noqa: ANN401 - fields of the volume part
    return compile_playbook(make_playbook(volume=volume))


def cell(process: str = "shipping", category: str = "delivery", region: str | None = None) -> CellKey:
    return CellKey(process=process, category=category, region=region)


def contacts(of: CellKey, count: int, on: date = SUNDAY) -> list[Contact]:
    """So many customers, whom no other cell or day has."""
    at = datetime.combine(on, time(), UTC)
    return [Contact(cell=of, customer=f"{of}-{on}-{n}", occurred_at=at) for n in range(count)]


def steady(of: CellKey, weeks: int = 51) -> list[Contact]:
    """One customer in each of the weeks before the tick's."""
    return [one for week in range(1, weeks + 1) for one in contacts(of, 1, SUNDAY - week * WEEK)]


def watched(
    seen: Iterable[Contact],
    states: Iterable[CellState] = (),
    *,
    since: date = YEAR_AGO,
    critical: Iterable[CellKey] = (),
    hours: tuple[int, ...] = (0,) * WEEK_HOURS,
    completed: Mapping[str, float] | None = None,
    acts: Mapping[CellKey, datetime] | None = None,
    harms: Mapping[CellKey, Harm] | None = None,
) -> Watched:
    """Every process is watched since a day; `completed` are instances on each day of the last year."""
    found = turnouts(seen)
    return Watched(
        contacts=found,
        states={state.cell: state for state in states},
        first_days={key.process: since for key in found},
        critical=dict.fromkeys(critical, datetime.combine(SUNDAY, time(), UTC)),
        hours=hours,
        completed={(process, None): np.full(GRID_DAYS, a_day) for process, a_day in (completed or {}).items()},
        acts=acts or {},
        harms=harms or {},
    )


def found(seen: Watched, given: Rules | None = None) -> dict[CellKey, Weighed]:
    return {one.evidence.cell: one for one in weigh_cells(seen, SUNDAY, given or rules()).cells}


def test_a_week_in_which_nobody_complains_has_no_cells() -> None:
    assert found(watched([])) == {}


def test_a_cell_that_calls_for_nothing_and_remembers_nothing_is_not_told_of() -> None:
    assert found(watched(contacts(cell(), 1))) == {}


def test_many_at_once_open_the_review_of_the_team_of_the_process() -> None:
    ((key, one),) = found(watched(contacts(cell(), 9), since=MONDAY)).items()
    assert (key, one.transition, one.team) == (cell(), Transition.OPENED, "drivers")
    assert one.alert_key == alert_key(AlertKind.VOLUME, {"process": "shipping", "category": "delivery"}, team="drivers")
    assert one.state == CellState(
        cell=cell(),
        level=LOCAL,
        opened_on=SUNDAY,
        last_alarm_on=SUNDAY,
        down_weighted=(DayRange(first=MONDAY, last=SUNDAY),),
        alarms=(SUNDAY,),
    )


def test_a_process_that_nobody_owns_is_the_desk_s() -> None:
    (one,) = found(watched(contacts(cell("unassigned"), 9), since=MONDAY)).values()
    assert one.team == "desk"


def test_a_process_is_watched_from_its_own_first_day() -> None:
    young, old = cell("returns", "refund"), cell()
    seen = turnouts([*steady(old), *contacts(young, 9)])
    told = found(Watched(contacts=seen, states={}, first_days={"shipping": YEAR_AGO, "returns": SUNDAY - 2 * DAY}))
    assert told[young].evidence.method is Method.FIXED_COUNT
    assert told[young].evidence.window == DayRange(first=SUNDAY - 2 * DAY, last=SUNDAY)


REGIONS = [one for region in ("uk", "de", "fr") for one in contacts(cell(region=region), 3)]


def test_regions_count_together_where_the_playbook_does_not_part_them() -> None:
    (one,) = found(watched(REGIONS, since=MONDAY)).values()
    assert (one.evidence.cell, one.evidence.x) == (cell(), 9)


def test_regions_are_cells_where_the_playbook_parts_them() -> None:
    more = [*REGIONS, *contacts(cell(region="de"), 6, SUNDAY - DAY)]
    told = found(watched(more, since=MONDAY), rules(by_region=True))
    assert {key: one.evidence.x for key, one in told.items()} == {cell(region="de"): 9}
    assert told[cell(region="de")].alert_key == alert_key(
        AlertKind.VOLUME, {"process": "shipping", "category": "delivery", "region": "de"}, team="drivers"
    )


def test_a_customer_of_two_regions_counts_once_where_these_are_one_cell() -> None:
    seen = [Contact(cell=cell(region=region), customer="anna", occurred_at=one.occurred_at)
            for region in ("uk", "de") for one in contacts(cell(), 1)]  # fmt: skip
    told = found(watched([*seen, *contacts(cell(region="uk"), 5)], since=MONDAY))
    assert told[cell()].evidence.x == 6


def test_a_critical_complaint_counts_for_the_cell_that_its_region_is_put_into() -> None:
    given = rules(zero_tolerance=["delivery"])
    told = found(watched(contacts(cell(region="uk"), 1), critical=[cell(region="uk")]), given)
    assert (told[cell()].evidence.level, told[cell()].evidence.reason) == (FORMAL, LevelReason.ZERO_TOLERANCE)


def test_each_cell_has_the_thresholds_of_its_own_rule() -> None:
    given = rules(thresholds=[{"id": "calm", "category": "refund", "warm_up_min": 20}])
    seen = [*contacts(cell(), 9), *contacts(cell("returns", "refund"), 9)]
    told = found(watched(seen, since=MONDAY), given)
    assert {key: one.evidence.thresholds.rule for key, one in told.items()} == {cell(): "volume"}


def test_what_a_process_completes_is_the_exposure_of_its_cells() -> None:
    seen = [*steady(cell()), *contacts(cell(), 20)]
    (unknown,) = found(watched(seen)).values()
    (known,) = found(watched(seen, completed={"shipping": 4.0})).values()
    assert (EvidenceFlag.EXPOSURE_UNKNOWN in unknown.evidence.flags, known.evidence.flags) == (
        True,
        tuple(flag for flag in unknown.evidence.flags if flag is not EvidenceFlag.EXPOSURE_UNKNOWN),
    )
    assert known.evidence.x == unknown.evidence.x


def test_an_open_episode_is_gone_on_with_and_closed_although_nobody_complains() -> None:
    def remembered(alarm: date) -> CellState:
        return CellState(cell=cell(), level=LOCAL, opened_on=alarm, last_alarm_on=alarm)

    seen = contacts(cell("returns", "refund"), 1)
    assert {
        alarm: found(watched(seen, [remembered(alarm)]))[cell()].transition
        for alarm in (SUNDAY - WEEK, SUNDAY - 2 * WEEK)
    } == {SUNDAY - WEEK: Transition.CONTINUED, SUNDAY - 2 * WEEK: Transition.CLOSED}


def test_a_cell_whose_memory_has_faded_is_not_judged_any_more() -> None:
    assert found(watched(contacts(cell(), 1), [CellState(cell=cell("returns", "refund"))])) == {}


EVERYWHERE = cell("*", "outage")
STRUCK = [cell(process, "outage") for process in ("billing", "returns", "shipping")]


def outage(*, customers: int = 5) -> list[Contact]:
    return [one for each in STRUCK for one in (*steady(each), *contacts(each, customers))]


def test_what_several_processes_complain_of_at_once_goes_to_arbitration() -> None:
    one = found(watched(outage()))[EVERYWHERE]
    assert (one.evidence.method, one.evidence.level, one.transition) == (Method.POOLED, LOCAL, Transition.OPENED)
    assert (one.team, one.evidence.x) == ("judges", 15)
    assert [sibling.cell for sibling in one.evidence.siblings] == STRUCK
    assert one.alert_key == alert_key(AlertKind.VOLUME, {"process": "*", "category": "outage"}, team="judges")


def test_what_one_process_has_everywhere_is_its_team_s() -> None:
    each = [cell("shipping", category) for category in ("delivery", "outage", "safety")]
    seen = [one for key in each for one in (*steady(key), *contacts(key, 5))]
    assert found(watched(seen))[cell("shipping", "*")].team == "drivers"


def test_siblings_are_not_judged_together_where_the_playbook_says_so() -> None:
    assert EVERYWHERE not in found(watched(outage()), rules(siblings={"enabled": False}))


def test_siblings_have_an_episode_of_their_own_that_takes_no_weight_from_the_cells() -> None:
    state = CellState(
        cell=EVERYWHERE,
        level=FORMAL,
        opened_on=SUNDAY - WEEK,
        last_alarm_on=SUNDAY - WEEK,
        down_weighted=(DayRange(first=YEAR_AGO, last=SUNDAY - WEEK),),
    )
    without, together = found(watched(outage())), found(watched(outage(), [state]))
    assert (together[EVERYWHERE].transition, together[EVERYWHERE].state.level) == (Transition.CONTINUED, FORMAL)
    assert together[EVERYWHERE].evidence == without[EVERYWHERE].evidence


@pytest.mark.parametrize(
    ("seen", "given"),
    [
        pytest.param(steady(STRUCK[0]), rules(), id="too few are left"),
        pytest.param(steady(STRUCK[0]) + steady(STRUCK[1]) + steady(STRUCK[2]),
                     rules(siblings={"enabled": False}), id="the playbook judges them together no more"),
    ],
)  # fmt: skip
def test_an_episode_of_siblings_that_are_no_group_any_more_comes_to_its_end(seen: list[Contact], given: Rules) -> None:
    def transition(alarm: date) -> Transition:
        state = CellState(cell=EVERYWHERE, level=LOCAL, opened_on=alarm, last_alarm_on=alarm)
        return found(watched(seen, [state]), given)[EVERYWHERE].transition

    assert [transition(SUNDAY - WEEK), transition(SUNDAY - 2 * WEEK)] == [Transition.CONTINUED, Transition.CLOSED]


def test_a_tick_of_days_tells_those_of_hours_the_prior_and_how_busy_each_hour_is() -> None:
    busy = (23, *(0,) * (WEEK_HOURS - 1))
    known = weigh_cells(watched(steady(cell()), hours=busy), SUNDAY, rules()).tempo
    assert (known.prior.a0, known.prior.phi, known.prior.rate_cells) == (1.1, 1.5, 0)
    assert known.hours[0] == pytest.approx(24 * known.hours[1], rel=1e-5)
    assert sum(known.hours) == pytest.approx(WEEK_HOURS, rel=1e-5)


NOON = datetime.combine(SUNDAY, time(12), UTC)
PRIOR = Prior(a0=1.1, b0=1.1 / (4.12 / 7), phi=1.5, mean_rate=4.12 / 7, phi_cells=50, rate_cells=90)
EVEN = Tempo(prior=PRIOR, hours=(1.0,) * WEEK_HOURS)


def burst(of: CellKey, count: int) -> list[Contact]:
    """So many customers in the hour before noon, after a year of one a week."""
    last = [Contact(cell=of, customer=f"{of}-{n}", occurred_at=NOON - HOUR) for n in range(count)]
    return [*steady(of), *last]


def hours(
    seen: Iterable[Contact],
    states: Iterable[CellState] = (),
    given: Rules | None = None,
    *,
    known: Tempo | None = EVEN,
    acts: Mapping[CellKey, datetime] | None = None,
) -> dict[CellKey, tuple[Transition, datetime | None]]:
    """What the hour that ends at noon does in each cell that is told of, and the alarm that the cell remembers."""
    contacts_by_hours = turnouts(seen, hours=True)
    told_of = WatchedHours(
        contacts=contacts_by_hours,
        states={state.cell: state for state in states},
        first_days={"shipping": YEAR_AGO, "returns": YEAR_AGO},
        tempo=known,
        acts=acts or {},
    )
    return {
        one.evidence.cell: (one.transition, one.state.outage_on) for one in weigh_hours(told_of, NOON, given or rules())
    }


def outage_since(alarm: datetime, level: Level | None = None) -> CellState:
    opened = None if level is None else SUNDAY
    return CellState(cell=cell(), level=level, opened_on=opened, last_alarm_on=opened, outage_on=alarm)


def test_an_outage_opens_in_the_hour_that_shows_it_and_no_other_cell_is_told_of() -> None:
    assert hours([*burst(cell(), 12), *steady(cell("returns", "refund"))]) == {cell(): (Transition.OPENED, NOON)}


def test_no_hour_is_judged_before_a_tick_of_days_or_where_the_playbook_wants_none() -> None:
    assert hours(burst(cell(), 12), known=None) == {}
    assert hours(burst(cell(), 12), given=rules(hourly={"enabled": False})) == {}


def test_regions_share_an_outage_where_the_playbook_does_not_part_them() -> None:
    parts = [*burst(cell(region="uk"), 6), *burst(cell(region="de"), 6)]
    assert hours(parts) == {cell(): (Transition.OPENED, NOON)}


@pytest.mark.parametrize(
    ("clear", "level", "expected"),
    [
        pytest.param(23, None, (Transition.CONTINUED, NOON - 23 * HOUR), id="it goes on for a day"),
        pytest.param(24, None, (Transition.CLOSED, None), id="and then is over"),
        pytest.param(23, FORMAL, (Transition.NONE, NOON - 23 * HOUR), id="a review by days tells while it is open"),
        pytest.param(24, FORMAL, (Transition.NONE, None), id="and beyond its end"),
    ],
)
def test_an_outage_is_over_after_a_clear_day(
    clear: int, level: Level | None, expected: tuple[Transition, datetime | None]
) -> None:
    assert hours([], [outage_since(NOON - clear * HOUR, level)]) == {cell(): expected}


def test_an_outage_that_is_open_when_hours_are_turned_off_ends_with_the_next_tick_of_days() -> None:
    troubled = CellState(cell=cell(), outage_on=datetime.combine(SUNDAY, time(), UTC))
    given = Watched(contacts=turnouts(steady(cell())), states={cell(): troubled}, first_days={"shipping": YEAR_AGO})
    (found,) = weigh_cells(given, SUNDAY, rules(hourly={"enabled": False})).cells
    assert (found.transition, found.state) == (Transition.CLOSED, CellState(cell=cell()))
    assert weigh_cells(given, SUNDAY, rules()).cells[0].transition is Transition.NONE


def on(day: date, hour: int = 12) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def local_since(opened: date) -> CellState:
    days = DayRange(first=opened - 6 * DAY, last=opened)
    return CellState(
        cell=cell(),
        level=LOCAL,
        opened_on=opened,
        last_alarm_on=opened,
        down_weighted=(days,),
        alarms=(opened,),
    )


class TestActs:
    """Somebody has closed the review of a cell."""

    def test_the_first_tick_that_hears_of_it_ends_the_episode(self) -> None:
        at = on(SUNDAY - 5 * DAY)
        told = found(watched(steady(cell()), [local_since(SUNDAY - WEEK)], acts={cell(): at}))[cell()]
        assert (told.transition, told.state.level, told.state.acted_at, told.state.unproven) == (
            Transition.CLOSED,
            None,
            at,
            True,
        )

    def test_an_act_that_is_known_or_long_ago_ends_nothing(self) -> None:
        at = on(SUNDAY - 2 * WEEK)
        known = replace(local_since(SUNDAY - WEEK), acted_at=at)
        assert found(watched(steady(cell()), [known], acts={cell(): at}))[cell()].transition is Transition.CONTINUED
        old = {cell(): on(SUNDAY - 8 * WEEK)}
        told = found(watched(steady(cell()), [local_since(SUNDAY - WEEK)], acts=old))[cell()]
        assert told.transition is Transition.CONTINUED

    def test_an_act_after_the_window_of_a_tick_that_was_missed_ends_it_too(self) -> None:
        told = found(watched(steady(cell()), [local_since(SUNDAY - WEEK)], acts={cell(): on(SUNDAY + 3 * DAY)}))[cell()]
        assert (told.transition, told.evidence.statistic) == (Transition.CLOSED, None)

    def test_two_weeks_as_before_are_told_as_proof(self) -> None:
        state = CellState(cell=cell(), acted_at=on(SUNDAY - 2 * WEEK), unproven=True)
        told = found(watched(steady(cell()), [state]))[cell()]
        assert (told.transition, told.state.unproven) == (Transition.VERIFIED, False)

    def test_a_cell_that_falls_silent_is_judged_until_it_is_proved(self) -> None:
        state = CellState(cell=cell(), acted_at=on(SUNDAY - 2 * WEEK), unproven=True)
        assert found(watched(steady(cell("returns", "refund")), [state]))[cell()].transition is Transition.VERIFIED

    def test_what_comes_back_is_a_formal_review_by_recurrence(self) -> None:
        state = CellState(cell=cell(), acted_at=on(SUNDAY - 2 * WEEK), unproven=True)
        seen = [*steady(cell(), 40), *contacts(cell(), 5, SUNDAY - WEEK), *contacts(cell(), 6)]
        told = found(watched(seen, [state]))[cell()]
        assert (told.transition, told.evidence.level, told.evidence.reason) == (
            Transition.OPENED,
            FORMAL,
            LevelReason.RECURRENCE,
        )

    def test_siblings_that_are_no_group_any_more_are_given_up_in_the_end(self) -> None:
        group = CellKey(process="*", category="delivery", region=None)
        state = CellState(cell=group, acted_at=on(SUNDAY - 8 * WEEK), unproven=True)
        assert found(watched(steady(cell()), [state]))[group].transition is Transition.UNVERIFIED

    def test_an_outage_is_over_for_who_has_closed_it_however_the_last_hours_were(self) -> None:
        acts = {cell(): NOON - HOUR / 2}
        assert hours(burst(cell(), 12), [outage_since(NOON - HOUR)], acts=acts) == {cell(): (Transition.CLOSED, None)}

    def test_an_act_of_more_than_eight_weeks_ago_ends_no_outage(self) -> None:
        acts = {cell(): NOON - 57 * DAY}
        going_on = outage_since(NOON - HOUR)
        assert hours(burst(cell(), 12), [going_on], acts=acts) == {cell(): (Transition.CONTINUED, NOON)}

    def test_an_outage_that_begins_after_the_act_is_told_although_days_have_not_heard_of_it_yet(self) -> None:
        acts = {cell(): NOON - DAY}
        troubled = outage_since(NOON - DAY - HOUR, LOCAL)
        assert hours(burst(cell(), 12), [troubled], acts=acts) == {cell(): (Transition.OPENED, NOON)}


def test_the_severity_of_a_cell_is_the_mean_over_its_regions() -> None:
    parts = {cell(region="uk"): Harm(contacts=3, score=120), cell(region="de"): Harm(contacts=1, score=80)}
    seen = [*steady(cell(region="uk")), *contacts(cell(region="uk"), 40)]
    assert found(watched(seen, harms=parts))[cell()].evidence.harm == 50.0
    assert found(watched(seen))[cell()].evidence.harm is None
