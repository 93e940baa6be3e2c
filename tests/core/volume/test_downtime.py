"""Which days downtimes spoil, what these days count for in each mode, and what of a window fell on them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.records.feedback import Downtime
from service.core.volume.counting import CellKey
from service.core.volume.downtime import Fallen, days_down, fallen, ratio, with_downtimes
from service.core.volume.evidence import evaluate
from service.core.volume.flags import EvidenceFlag
from service.core.volume.grid import GRID_DAYS, CellHistory, DaysDown, week_grid, weekly_trials
from service.core.volume.settings import DowntimeMode, DowntimeRule, Method, Thresholds, VolumeSettings
from tests.core.volume import oracle
from tests.core.volume.cells import CELL, PRIOR, by_age, cells, day, end_of, history, strangers, turnout

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
END = day(199)
TAG, EXCLUDE, STRATIFY = (DowntimeRule(mode=mode) for mode in DowntimeMode)


def at(number: int, hour: float = 0) -> datetime:
    """An hour of a day; the first day watched is number 0."""
    return datetime.combine(day(number), time(), UTC) + hour * HOUR


def down(start: datetime, hours: float | None, *, process: str = CELL.process, region: str | None = None) -> Downtime:
    return Downtime(
        source="/engine",
        downtime_id="d1",
        process=process,
        region=region,
        started_at=start,
        ended_at=None if hours is None else start + hours * HOUR,
        occurred_at=start,
        event_id="e1",
    )


def spoilt(*downtimes: Downtime, rule: DowntimeRule = TAG, end: date = END) -> list[int]:
    """The numbers of the days."""
    marks = days_down(downtimes, end, rule)
    return [] if marks is None else sorted(199 - int(age) for age in np.flatnonzero(marks))


@pytest.mark.parametrize(
    ("downtimes", "days"),
    [
        pytest.param([down(at(190, 10), 1)], [190, 191], id="an hour, and what is said of it within a day"),
        pytest.param([down(at(190, 10), 0.99)], [], id="less than an hour"),
        pytest.param([down(at(190, 22), 2)], [190, 191], id="up to midnight"),
        pytest.param([down(at(190, 22.5), 1)], [190, 191], id="half an hour of the day after an hour on each side"),
        pytest.param([down(at(190, 0.5), 72)], [190, 191, 192, 193], id="three days, half an hour late"),
        pytest.param([down(at(190, 9), 0.5), down(at(190, 20), 0.5)], [190], id="two halves are an hour"),
        pytest.param([down(at(190, 9), 0.5), down(at(190, 9.25), 0.5)], [], id="what overlaps counts once"),
        pytest.param([down(at(190, 9), 0.5), down(at(190, 9), 0.5)], [], id="and what is told twice"),
        pytest.param([down(at(198, 12), None)], [198, 199], id="what still lasts ends at the tick"),
        pytest.param([down(at(199, 23.5), None)], [], id="of which half an hour is not enough"),
        pytest.param([down(at(199, 22), 400)], [199], id="what ends after the tick"),
        pytest.param([down(at(200, 1), 2)], [], id="what began after the tick"),
        pytest.param([down(at(190, 9), 0)], [], id="a downtime of no length"),
        pytest.param([down(at(-300, 0), 40)], [], id="before all that is looked at"),
    ],
)
def test_the_days_of_downtimes(downtimes: Sequence[Downtime], days: list[int]) -> None:
    assert spoilt(*downtimes) == days


def test_how_much_and_how_long_after_is_the_playbook_s_to_say() -> None:
    outage = down(at(190, 10), 3)
    assert spoilt(outage, rule=DowntimeRule(least=4 * HOUR)) == []
    assert spoilt(outage, rule=DowntimeRule(least=3 * HOUR, after=timedelta())) == [190]
    assert spoilt(outage, rule=DowntimeRule(after=3 * DAY)) == [190, 191, 192, 193]


def test_a_downtime_that_lasted_from_the_first_day_to_the_last_spoils_all_of_them() -> None:
    marks = days_down([down(at(-1000), None)], END, TAG)
    assert marks is not None
    assert (len(marks), marks.tolist()) == (GRID_DAYS, [1.0] * GRID_DAYS)


spans = st.lists(
    st.tuples(st.integers(-20, 12_000), st.one_of(st.none(), st.integers(0, 300))).map(
        lambda one: down(at(0) + one[0] * HOUR / 2, None if one[1] is None else one[1] / 2)
    ),
    max_size=6,
)


@given(spans, st.sampled_from((HOUR / 2, HOUR, 5 * HOUR)), st.sampled_from((timedelta(), DAY, 60 * HOUR)))
def test_days_are_those_that_counting_half_hours_finds(
    downtimes: list[Downtime], least: timedelta, after: timedelta
) -> None:
    rule, over = DowntimeRule(least=least, after=after), at(200)
    covered = [(one.started_at, one.ended_at or over) for one in downtimes]
    covered += [
        (one.ended_at, one.ended_at + after)
        for one in downtimes
        if one.ended_at is not None and one.ended_at - one.started_at >= least
    ]
    expected = []
    for number in range(200 - GRID_DAYS, 200):
        halves = [at(number, half / 2) for half in range(48)]
        met = sum(any(start <= half < stop for start, stop in covered) for half in halves)
        if met * HOUR / 2 >= least:
            expected.append(number)
    assert spoilt(*downtimes, rule=rule) == expected
    assert spoilt(*downtimes[::-1], rule=rule) == expected


UK, DE, ANY = (replace(CELL, region=region) for region in ("uk", "de", None))


def under(
    cells_of: Sequence[CellHistory], *downtimes: Downtime, rule: DowntimeRule = TAG, by_region: bool = False
) -> list[CellHistory]:
    return with_downtimes(cells_of, downtimes, END, rule, by_region=by_region)


def affected(cell: CellKey, *, region: str | None, by_region: bool) -> bool:
    (found,) = under([strangers([1] * 28, cell=cell)], down(at(190), 9, region=region), by_region=by_region)
    return found.down is not None


def test_a_downtime_of_a_region_concerns_the_whole_process_unless_regions_are_parted() -> None:
    assert affected(ANY, region="uk", by_region=False)
    assert [affected(cell, region="uk", by_region=True) for cell in (UK, DE, ANY)] == [True, False, False]
    assert [affected(cell, region=None, by_region=True) for cell in (UK, DE, ANY)] == [True, True, True]


def test_what_no_downtime_concerns_stays_as_it_was() -> None:
    one = strangers([1] * 28)
    assert under([one]) == under([one], down(at(190), 9, process="returns")) == [one]
    assert under([one], down(at(190), 0.5)) == [one]


# Two weeks before the tick's, one customer on the second day and one on the third.
QUIET = replace(
    strangers([1] * 28), first_day=day(0), counted=turnout({7 * w + 2: [w] for w in range(28)} | {198: [99]})
)


def test_tagging_changes_no_figure() -> None:
    (found,) = under([QUIET], down(at(198), 9))
    assert found.down is not None
    assert (found.down.scale, found.counted) == (None, QUIET.counted)
    plain, tagged = (week_grid([one], END, 0.7) for one in (QUIET, found))
    assert (plain.counts.tolist(), plain.exposure.tolist()) == (tagged.counts.tolist(), tagged.exposure.tolist())


def test_days_that_are_left_out_have_no_customers_and_no_exposure() -> None:
    (found,) = under([replace(QUIET, exposure=np.full(GRID_DAYS, 0.5))], down(at(198), 9), rule=EXCLUDE)
    grid = week_grid([found], END, 0.7)
    assert (grid.counts[0, 0], grid.exposure[0, :2].tolist()) == (0, [2.5, 3.5])
    assert 198 not in (found.counted.days - day(0).toordinal()).tolist()


def test_days_that_are_left_out_lend_nothing_to_a_baseline_and_have_no_answers() -> None:
    cell = replace(QUIET, trials=np.ones(GRID_DAYS), down_weighted=strangers([1]).down_weighted)
    (found,) = under([cell], down(at(150), 24), rule=EXCLUDE)
    grid = week_grid([found], END, 0.7)
    assert grid.weighted_exposure[0].sum() == 198
    assert weekly_trials(found, END).sum() == 198
    assert bool(grid.clean[0, 7])


def test_a_week_that_is_left_out_has_nothing_to_say() -> None:
    bursting = replace(
        QUIET, counted=turnout({7 * week + 2: range(week, week + 1) for week in range(28)} | {198: range(50, 90)})
    )
    (found,) = under([bursting], down(at(193), 24 * 7), rule=EXCLUDE)
    evidence = evaluate(found, END, PRIOR, VolumeSettings())
    assert (evidence.level, evidence.x, evidence.ratio) == (None, 0, 0.0)
    (tagged,) = under([bursting], down(at(193), 24 * 7))
    assert evaluate(tagged, END, PRIOR, VolumeSettings()).level is not None


def test_a_week_that_is_left_out_calls_for_nothing_where_the_guards_ask_for_nobody() -> None:
    thresholds = Thresholds(h_local=-5, h_formal=50, local_min=0, local_min_customers=0)
    (found,) = under([replace(QUIET, thresholds=thresholds)], down(at(140), 24 * 60), rule=EXCLUDE)
    assert evaluate(found, END, PRIOR, VolumeSettings()).level is None


@pytest.mark.parametrize("method", [Method.U_CHART, Method.EWMA, Method.CUSUM, Method.P_CHART])
def test_a_chart_of_a_week_that_is_left_out_has_no_point(method: Method) -> None:
    cell = replace(QUIET, thresholds=Thresholds(method=method), trials=np.ones(GRID_DAYS))
    (found,) = under([cell], down(at(193), 24 * 7), rule=EXCLUDE)
    evidence = evaluate(found, END, PRIOR, VolumeSettings())
    assert (evidence.level, evidence.method, evidence.statistic) == (None, Method.FIXED_COUNT, None)


@given(cells(), st.sets(st.integers(0, 520), max_size=40))
def test_leaving_days_out_is_the_rule_without_their_exposure(
    given_cell: tuple[oracle.Cell, int], out: set[int]
) -> None:
    cell, tick = given_cell
    plain = replace(
        cell,
        counts={number: amount for number, amount in cell.counts.items() if number not in out},
        exposure={**cell.exposure, **dict.fromkeys((number for number in out if number <= tick), 0.0)},
    )
    end = day(tick)
    downtimes = [down(at(number), 24) for number in sorted(out)]
    rule = DowntimeRule(mode=DowntimeMode.EXCLUDE, after=timedelta())
    (found,) = with_downtimes([history(cell, tick)], downtimes, end, rule, by_region=False)
    expected, _ = oracle.statistic(plain, tick, PRIOR.a0, PRIOR.b0, PRIOR.phi)
    evidence = evaluate(found, end, PRIOR, VolumeSettings())
    if evidence.statistic is None:
        assert expected == -np.inf
    else:
        assert evidence.statistic == pytest.approx(expected, rel=1e-6, abs=1e-6)


class TestRatio:
    """Twenty-eight weeks up to the tick with one customer each Wednesday; every fourth Tuesday has a downtime."""

    TUESDAYS = tuple(range(1, 196, 28))

    def ratio(
        self, on_each: int, *, downtimes: Sequence[int] = TUESDAYS, exposure: float | None = None
    ) -> float | None:
        people = {number: range(1000 + 50 * number, 1000 + 50 * number + on_each) for number in downtimes}
        cell = replace(
            strangers([1] * 28),
            counted=turnout({7 * week + 2: range(week, week + 1) for week in range(28)} | people),
            exposure=None if exposure is None else np.full(GRID_DAYS, exposure),
        )
        marks = by_age([float(number in downtimes) for number in range(196)])
        return ratio(marks, [cell], end_of(28))

    def test_it_is_what_counted_on_such_days_over_what_other_days_let_one_expect(self) -> None:
        # Five of them before the last 56 days; 20 customers on the 135 other days.
        assert self.ratio(4) == pytest.approx((20 + 1) / (20 / 135 * 5 + 1))

    def test_the_unit_of_exposure_makes_no_difference(self) -> None:
        assert self.ratio(4, exposure=3.0) == pytest.approx(self.ratio(4))

    def test_it_is_never_below_one_nor_above_twenty(self) -> None:
        assert (self.ratio(0), self.ratio(50)) == (1.0, 20.0)

    def test_fewer_than_three_days_before_the_longest_window_tell_nothing(self) -> None:
        assert self.ratio(4, downtimes=(1, 29, 140)) is None
        assert self.ratio(4, downtimes=(1, 29, 139)) is not None

    def test_without_other_days_there_is_nothing_to_compare_with(self) -> None:
        assert self.ratio(1, downtimes=range(140)) is None

    def test_all_cells_of_the_process_are_counted_together(self) -> None:
        marks = by_age([float(number in self.TUESDAYS) for number in range(196)])
        one = replace(strangers([0] * 28), counted=turnout({number: [number] for number in self.TUESDAYS}))
        assert ratio(marks, [one, one], end_of(28)) == 11.0
        assert ratio(marks, [one], end_of(28)) == 6.0


def test_days_of_a_downtime_have_more_exposure_where_they_usually_bring_more() -> None:
    outages = [down(at(number), 9) for number in (20, 60, 101, 198)]
    people = {number: range(1000 + 20 * number, 1000 + 20 * number + 4) for number in (20, 60, 101)}
    cell = replace(QUIET, counted=turnout({7 * week + 2: range(week, week + 1) for week in range(28)} | people))
    (found,) = under([cell], *outages, rule=DowntimeRule(mode=DowntimeMode.STRATIFY, after=timedelta()))
    grid = week_grid([found], END, 0.7)
    # 12 on three days, where 21 on the other 141 make 0.4 of them.
    worth = 13 / (21 / 141 * 3 + 1)
    assert grid.exposure[0, :2].tolist() == [pytest.approx(6 + worth), 7]
    assert found.counted.days.tolist() == cell.counted.days.tolist()


def test_where_nothing_is_known_of_the_ratio_days_count_as_any_and_the_review_says_so() -> None:
    (found,) = under([QUIET], down(at(198), 9), rule=STRATIFY)
    assert found.down == DaysDown(days=found.down.days, ratio_unknown=True) if found.down else False
    assert set(evaluate(found, END, PRIOR, VolumeSettings()).flags) >= {
        EvidenceFlag.DOWNTIME,
        EvidenceFlag.DOWNTIME_RATIO_UNKNOWN,
    }


class TestFallen:
    def test_it_counts_the_days_of_the_window_and_who_counted_on_them(self) -> None:
        (found,) = under([QUIET], down(at(198), 9))
        assert fallen([found], END, 1) == Fallen(days=2, x=1)

    def test_days_before_the_window_are_none_of_it(self) -> None:
        (found,) = under([QUIET], down(at(191), 3))
        assert (fallen([found], END, 1), fallen([found], END, 2)) == (None, Fallen(days=2, x=1))

    def test_nor_are_days_before_the_cell_was_watched(self) -> None:
        (found,) = under([replace(QUIET, first_day=day(197))], down(at(195), 24))
        assert fallen([found], END, 8) is None

    def test_of_several_cells_a_day_is_one_day_and_each_cell_s_customers_count(self) -> None:
        other = replace(QUIET, cell=CellKey(process="returns", category="refund", region=None))
        found = under([QUIET, other], down(at(198), 9), down(at(190, 3), 1, process="returns"))
        assert fallen(found, END, 2) == Fallen(days=4, x=2)

    def test_a_cell_without_a_downtime_has_none(self) -> None:
        assert fallen([QUIET], END, 8) is None
