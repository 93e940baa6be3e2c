import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.records.words import Level
from service.core.volume import (
    CellHistory,
    DayRange,
    Evidence,
    EvidenceFlag,
    LevelReason,
    Method,
    Thresholds,
    VolumeSettings,
    evaluate,
    evaluate_all,
)
from service.core.volume.charts import h_for
from tests.core.volume.cells import CELL, FIRST_DAY, PRIOR, by_age, day, end_of, strangers, turnout
from tests.core.volume.charts import plain

SETTINGS = VolumeSettings()
LIMITS = Thresholds()
CHARTS = (Method.U_CHART, Method.P_CHART, Method.EWMA, Method.CUSUM)
STEADY = [4] * 30
ANSWERS = 12


def charted(by_week: Sequence[int], method: Method, limits: Thresholds = LIMITS) -> CellHistory:
    """As many answers every day, so that a p chart has something to go by."""
    counted = strangers(by_week, thresholds=replace(limits, method=method))
    return replace(counted, trials=by_age([ANSWERS] * 7 * len(by_week)))


def judge(history: CellHistory, weeks: int) -> Evidence:
    return evaluate(history, end_of(weeks), PRIOR, SETTINGS)


def chart(by_week: Sequence[int], method: Method, limits: Thresholds = LIMITS) -> Evidence:
    return judge(charted(by_week, method, limits), len(by_week))


def plainly(by_week: Sequence[int], method: Method) -> tuple[float, float]:
    """The point and the limit of the last week, by the formulas of each chart alone."""
    size = 7 * ANSWERS if method is Method.P_CHART else 7
    settled = settled_weeks(by_week, method)
    weeks = [plain.Week(count=count, exposure=size, weight=int(at < settled)) for at, count in enumerate(by_week)]
    rate = plain.rate(weeks)
    assert rate is not None
    if method is Method.U_CHART:
        return by_week[-1] / 7, rate + 3 * math.sqrt(rate / 7)
    if method is Method.P_CHART:
        return by_week[-1] / size, rate + 3 * math.sqrt(rate * (1 - rate) / size)
    if method is Method.EWMA:
        found = plain.ewma(weeks, PRIOR.phi)
        assert found is not None
        return found
    h = h_for(7 * rate, phi=PRIOR.phi)
    total = plain.cusum(weeks, h, restart=True)
    assert total is not None
    return total, h


def settled_weeks(by_week: Sequence[int], method: Method) -> int:
    """How many weeks make the baseline: EWMA and CUSUM leave out the newest eight where four others are left."""
    before = len(by_week) - 1
    return before - 8 if method in (Method.EWMA, Method.CUSUM) and before - 8 >= 4 else before


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=9, max_size=50).filter(lambda weeks: sum(weeks[: max(4, len(weeks) - 9)]) > 0)
)
@pytest.mark.parametrize("method", CHARTS)
def test_the_point_and_the_limit_are_those_of_the_chart(method: Method, by_week: list[int]) -> None:
    evidence = chart(by_week, method)
    value, limit = plainly(by_week, method)
    assert evidence.method is method
    assert evidence.bayes_factor is None
    assert evidence.statistic == pytest.approx(value)
    assert evidence.limit == pytest.approx(limit)
    settled = by_week[: settled_weeks(by_week, method)]
    assert evidence.expected == pytest.approx(sum(settled) / len(settled))


@pytest.mark.parametrize("method", CHARTS)
@pytest.mark.parametrize("newest", [20, 40, 80])
def test_a_chart_calls_for_a_local_adjustment_at_most(method: Method, newest: int) -> None:
    weeks = [*STEADY, newest]
    evidence = chart(weeks, method)
    value, limit = plainly(weeks, method)
    rest = replace(evidence, expected=0, ratio=0, statistic=None, limit=None, p=None, course=())
    assert value > limit
    assert rest == Evidence(
        cell=CELL,
        window_end=end_of(31),
        level=Level.LOCAL_ADJUSTMENT,
        reason=LevelReason.CHART,
        method=method,
        window=DayRange(first=day(7 * 30), last=end_of(31)),
        x=newest,
        expected=0,
        ratio=0,
        customers=newest,
        largest_share=1 / newest,
        statistic=None,
        bayes_factor=None,
        p=None,
        flags=(EvidenceFlag.EXPOSURE_UNKNOWN,),
        thresholds=Thresholds(method=method),
        limit=None,
        siblings=(),
    )
    assert evidence.ratio == pytest.approx(newest / 4)


@pytest.mark.parametrize("method", CHARTS)
def test_a_steady_cell_stays_below_its_limit(method: Method) -> None:
    evidence = chart([*STEADY, 4], method)
    assert (evidence.level, evidence.reason, evidence.window) == (
        None,
        LevelReason.CHART,
        DayRange(first=day(7 * 30), last=end_of(31)),
    )
    assert evidence.statistic is not None
    assert evidence.limit is not None
    assert evidence.statistic < evidence.limit


@pytest.mark.parametrize("method", [Method.EWMA, Method.CUSUM])
def test_a_chart_with_a_memory_finds_a_small_rise_that_lasts(method: Method) -> None:
    found = {used: [chart([*STEADY, *[8] * n], used).level for n in range(1, 9)] for used in (Method.U_CHART, method)}
    assert found[Method.U_CHART] == [None] * 8
    assert Level.LOCAL_ADJUSTMENT in found[method]


def test_a_cusum_begins_anew_after_a_signal() -> None:
    weeks = [*STEADY, 30, 4]
    assert chart(weeks[:-1], Method.CUSUM).level is Level.LOCAL_ADJUSTMENT
    assert (chart(weeks, Method.CUSUM).level, chart(weeks, Method.CUSUM).statistic) == (None, 0)


@pytest.mark.parametrize("method", CHARTS)
def test_too_few_or_too_low_a_ratio_hold_a_signal_back(method: Method) -> None:
    for limits in (Thresholds(local_min=21), Thresholds(min_ratio=5.1)):
        evidence = chart([*STEADY, 20], method, limits)
        assert (evidence.level, evidence.reason) == (None, LevelReason.SMALL_WINDOW)


@pytest.mark.parametrize("method", CHARTS)
def test_too_few_customers_hold_a_signal_back(method: Method) -> None:
    held = chart([*STEADY, 20], method, Thresholds(local_min_customers=21))
    assert (held.level, held.reason) == (None, LevelReason.FEW_CUSTOMERS)
    one = chart([*STEADY, 20], method, Thresholds(max_customer_share=0.04))
    assert (one.level, one.reason) == (None, LevelReason.ONE_CUSTOMER)


@pytest.mark.parametrize("method", CHARTS)
def test_weeks_of_an_alarm_are_no_baseline(method: Method) -> None:
    alarm = (DayRange(first=day(70), last=day(76)),)
    weeks = [*[4] * 10, 60, *[4] * 20, 14]
    calm = [*[4] * 30, 14]
    for formal in ((), alarm):
        evidence = judge(replace(charted(weeks, method), down_weighted=alarm, formal=formal), len(weeks))
        if method in {Method.U_CHART, Method.P_CHART}:
            assert evidence.limit == pytest.approx(chart(calm, method).limit)
        assert evidence.limit is not None
        blind = chart(weeks, method).limit
        assert blind is not None
        assert evidence.limit < blind


@pytest.mark.parametrize("method", CHARTS)
@pytest.mark.parametrize(("newest", "level"), [(4, None), (5, Level.LOCAL_ADJUSTMENT), (50, Level.LOCAL_ADJUSTMENT)])
def test_without_an_event_to_go_by_the_fixed_count_decides(method: Method, newest: int, level: Level | None) -> None:
    evidence = chart([*[0] * 30, newest], method)
    assert (evidence.level, evidence.reason, evidence.method) == (level, LevelReason.FIXED_COUNT, Method.FIXED_COUNT)
    assert (evidence.statistic, evidence.limit, evidence.bayes_factor) == (None, None, None)
    assert EvidenceFlag.LOW_CONFIDENCE in evidence.flags
    assert evidence.expected == pytest.approx(7 * 1.1 / (PRIOR.b0 + 210 / 1.5))


@pytest.mark.parametrize("method", CHARTS)
def test_in_the_warm_up_the_fixed_count_decides(method: Method) -> None:
    evidence = chart([1, 1, 1, 5], method)
    assert (evidence.level, evidence.method, evidence.limit) == (
        Level.LOCAL_ADJUSTMENT,
        Method.FIXED_COUNT,
        None,
    )


def test_a_p_chart_without_the_answers_of_the_week_leaves_it_to_the_fixed_count_and_still_knows_what_is_usual() -> None:
    answered = by_age([ANSWERS] * 7 * 30 + [0] * 7)
    for trials in (answered, None):
        evidence = judge(replace(charted([*STEADY, 20], Method.P_CHART), trials=trials), 31)
        assert (evidence.level, evidence.method) == (Level.LOCAL_ADJUSTMENT, Method.FIXED_COUNT)
        assert evidence.expected == pytest.approx(4, abs=0.05)
        assert evidence.flags == (EvidenceFlag.LOW_CONFIDENCE, EvidenceFlag.EXPOSURE_UNKNOWN)


def test_a_p_chart_explains_a_rise_that_follows_the_answers() -> None:
    busy = by_age([ANSWERS] * 7 * 30 + [5 * ANSWERS] * 7)
    evidence = judge(replace(charted([*STEADY, 20], Method.P_CHART), trials=busy), 31)
    assert evidence.level is None
    assert evidence.expected == pytest.approx(20)


@pytest.mark.parametrize("method", [Method.U_CHART, Method.EWMA, Method.CUSUM])
def test_the_other_charts_explain_a_rise_that_follows_the_exposure(method: Method) -> None:
    traffic = by_age([1.0] * 7 * 30 + [5.0] * 7)
    evidence = judge(replace(charted([*STEADY, 20], method), exposure=traffic), 31)
    assert evidence.level is None
    assert evidence.expected == pytest.approx(20)


def test_a_shewhart_chart_says_when_its_weeks_are_too_small_for_it() -> None:
    small = [1] * 30
    assert EvidenceFlag.SMALL_SUBGROUP not in chart([*STEADY, 4], Method.U_CHART).flags
    assert EvidenceFlag.SMALL_SUBGROUP in chart([*small, 1], Method.U_CHART).flags
    assert EvidenceFlag.SMALL_SUBGROUP in chart([*small, 1], Method.P_CHART).flags
    assert EvidenceFlag.SMALL_SUBGROUP not in chart([*small, 1], Method.EWMA).flags


def test_cells_with_charts_and_cells_without_are_judged_side_by_side() -> None:
    weeks = [*STEADY, 20]
    methods = (Method.CUSUM, Method.BAYES_FACTOR, Method.U_CHART, Method.P_CHART, Method.U_CHART, Method.EWMA)
    found = evaluate_all([charted(weeks, method) for method in methods], end_of(31), PRIOR, SETTINGS)
    assert found == tuple(chart(weeks, method) for method in methods)
    assert [one.method for one in found] == list(methods)


def test_the_exposure_of_a_cell_is_the_size_of_its_subgroups() -> None:
    history = replace(charted([*STEADY, 20], Method.U_CHART), exposure=np.full(420, 2.0))
    evidence = judge(history, 31)
    assert evidence.statistic == pytest.approx(20 / 14)
    assert evidence.limit == pytest.approx(4 / 14 + 3 * math.sqrt(4 / 14 / 14))


def test_who_counts_twice_in_a_lasting_rise_is_one_customer_of_the_judged_week() -> None:
    regulars = {7 * week + 2: range(3) for week in range(31)} | {7 * 30 + 3: range(9)}
    history = CellHistory(
        cell=CELL, first_day=FIRST_DAY, counted=turnout(regulars), thresholds=Thresholds(method=Method.U_CHART)
    )
    evidence = judge(history, 31)
    assert (evidence.x, evidence.customers, evidence.level) == (12, 9, Level.LOCAL_ADJUSTMENT)
