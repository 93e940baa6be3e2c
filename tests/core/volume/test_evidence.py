from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.records.words import Level
from service.core.volume import (
    CellHistory,
    CellState,
    Contact,
    DayRange,
    Evidence,
    EvidenceFlag,
    LevelReason,
    Method,
    Thresholds,
    VolumeSettings,
    advance,
    counted_customers,
    evaluate,
    evaluate_all,
    turnouts,
)
from service.core.volume.evidence import ratio_interval
from service.core.volume.settings import ExposureSource
from tests.core.volume import oracle
from tests.core.volume.cells import (
    CELL,
    FIRST_DAY,
    PRIOR,
    by_age,
    day,
    end_of,
    strangers,
    turnout,
)

SETTINGS = VolumeSettings()
THRESHOLDS = Thresholds()
# The statistic alone would do for FORMAL nearly everywhere, so that only the guards can keep a level down.
EAGER = Thresholds(h_local=0.5, h_formal=1.0)
HALF_A_WEEK_ENDING_BUSY, HALF_A_WEEK_ENDING_QUIET = [0, 1] * 26, [1, 0] * 26


def judge(by_week: Sequence[int], thresholds: Thresholds = THRESHOLDS) -> Evidence:
    return evaluate(strangers(by_week, thresholds=thresholds), end_of(by_week), PRIOR, SETTINGS)


def judge_customers(customers: dict[int, list[int]], last: date, thresholds: Thresholds = THRESHOLDS) -> Evidence:
    """Customers by the number of the day."""
    counted = CellHistory(cell=CELL, first_day=FIRST_DAY, counted=turnout(customers), thresholds=thresholds)
    return evaluate(counted, last, PRIOR, SETTINGS)


def test_a_steady_cell_calls_for_nothing() -> None:
    evidence = judge([2] * 20)
    assert (evidence.level, evidence.reason, evidence.method) == (None, LevelReason.STATISTIC, Method.BAYES_FACTOR)


def test_a_cell_at_more_than_three_times_its_rate_calls_for_a_formal_review_and_says_why() -> None:
    weeks = [2] * 16 + [7] * 4
    evidence = judge(weeks)
    rest = replace(evidence, expected=0, ratio=0, statistic=None, bayes_factor=None, p=None, course=(), interval=None)
    assert rest == Evidence(
        cell=CELL,
        window_end=end_of(weeks),
        level=Level.FORMAL_REVIEW,
        reason=LevelReason.STATISTIC,
        method=Method.BAYES_FACTOR,
        window=DayRange(first=end_of(weeks) - timedelta(days=27), last=end_of(weeks)),
        x=28,
        expected=0,
        ratio=0,
        customers=28,
        largest_share=1 / 28,
        statistic=None,
        bayes_factor=None,
        p=None,
        flags=(EvidenceFlag.EXPOSURE_UNKNOWN,),
        thresholds=THRESHOLDS,
        limit=None,
        siblings=(),
    )
    assert evidence.expected == pytest.approx(28 * (1.1 + 32 / 1.5) / (PRIOR.b0 + 112 / 1.5))
    assert evidence.ratio == 28 / evidence.expected
    assert evidence.interval == pytest.approx((1.8875, 6.3888), abs=1e-4)
    assert evidence.p == pytest.approx(oracle.tail(28, 28 * 32.5 / 112, 1.5 * 1.25))


@pytest.mark.parametrize(
    ("newest", "level", "reason"),
    [
        (4, None, LevelReason.FIXED_COUNT),
        (5, Level.LOCAL_ADJUSTMENT, LevelReason.FIXED_COUNT),
        (50, Level.LOCAL_ADJUSTMENT, LevelReason.FIXED_COUNT),
    ],
)
def test_under_five_weeks_a_fixed_count_decides_with_low_confidence(
    newest: int, level: Level | None, reason: LevelReason
) -> None:
    evidence = judge([1, 1, 1, newest])
    assert (evidence.level, evidence.reason, evidence.method) == (level, reason, Method.FIXED_COUNT)
    assert (evidence.statistic, evidence.bayes_factor) == (None, None)
    assert evidence.flags == (EvidenceFlag.LOW_CONFIDENCE, EvidenceFlag.EXPOSURE_UNKNOWN)
    assert evidence.window == DayRange(first=end_of(3) + timedelta(days=1), last=end_of(4))


def test_four_baseline_weeks_end_the_warm_up() -> None:
    assert judge([1, 1, 1, 1, 5]).method is Method.BAYES_FACTOR


def test_on_its_first_day_a_cell_has_no_baseline_and_no_p() -> None:
    evidence = judge_customers({0: [1, 2, 3, 4, 5]}, FIRST_DAY)
    assert (evidence.level, evidence.x, evidence.p) == (Level.LOCAL_ADJUSTMENT, 5, None)
    assert evidence.window == DayRange(first=FIRST_DAY, last=FIRST_DAY)


def test_too_few_events_hold_a_level_back() -> None:
    weeks = [0] * 52 + [5]
    assert judge(weeks, EAGER).level is Level.FORMAL_REVIEW
    held = judge(weeks, replace(EAGER, formal_min=6))
    assert (held.level, held.reason) == (Level.LOCAL_ADJUSTMENT, LevelReason.SMALL_WINDOW)
    silent = judge(weeks, replace(EAGER, formal_min=6, local_min=6))
    assert (silent.level, silent.reason) == (None, LevelReason.SMALL_WINDOW)


def test_a_small_ratio_holds_a_level_back() -> None:
    evidence = judge([300] * 30 + [444] * 4)
    assert evidence.statistic is not None
    assert evidence.statistic > THRESHOLDS.h_formal
    assert (evidence.level, evidence.reason) == (None, LevelReason.SMALL_WINDOW)


def test_few_customers_hold_a_level_back() -> None:
    evidence = judge_customers({7 * week + 2: [1, 2, 3, 4] for week in range(16, 20)}, end_of(20))
    assert evidence.statistic is not None
    assert evidence.statistic > THRESHOLDS.h_formal
    assert (evidence.level, evidence.reason, evidence.customers) == (
        Level.LOCAL_ADJUSTMENT,
        LevelReason.FEW_CUSTOMERS,
        4,
    )


def test_one_customer_behind_too_many_events_holds_every_level_back() -> None:
    one_a_week = {7 * week + 2: [1] for week in range(12, 20)}
    others = {7 * week + 3: [week] for week in range(14, 20)}
    evidence = judge_customers(one_a_week | others, end_of(20), EAGER)
    assert (evidence.level, evidence.reason) == (None, LevelReason.ONE_CUSTOMER)
    assert evidence.largest_share > 0.4
    trusting = judge_customers(one_a_week | others, end_of(20), replace(EAGER, max_customer_share=0.6))
    assert trusting.level is Level.FORMAL_REVIEW


@pytest.mark.parametrize("every", [0, 1, 3, 7])
@pytest.mark.parametrize("watched_weeks", [4, 30])
@pytest.mark.parametrize("method", [Method.BAYES_FACTOR, Method.U_CHART, Method.EWMA, Method.CUSUM])
def test_one_customer_twenty_times_gives_no_level(every: int, watched_weeks: int, method: Method) -> None:
    last = datetime.combine(end_of(watched_weeks), time(12), tzinfo=UTC)
    twenty = [Contact(cell=CELL, customer="ann", occurred_at=last - timedelta(days=every * n)) for n in range(20)]
    counted = counted_customers(turnouts(twenty))[CELL]
    lonely = CellHistory(cell=CELL, first_day=FIRST_DAY, counted=counted, thresholds=replace(EAGER, method=method))
    evidence = evaluate(lonely, last.date(), PRIOR, SETTINGS)
    assert (evidence.level, evidence.customers) == (None, 1)


def then_five_twice(before: list[int]) -> tuple[Evidence, Evidence]:
    """Five customers in a week, and in the next one too, as two ticks see it."""
    first = judge([*before, 5])
    state, _ = advance(CellState(cell=CELL), first.level, first.window, first.window_end, SETTINGS)
    weeks = [*before, 5, 5]
    later = replace(strangers(weeks), down_weighted=state.down_weighted)
    return first, evaluate(later, end_of(weeks), PRIOR, SETTINGS)


def told(evidence: Evidence) -> tuple[Level | None, float]:
    assert evidence.statistic is not None
    return evidence.level, round(evidence.statistic, 2)


def test_five_at_an_expected_half_is_local_and_formal_when_the_next_week_brings_five_again() -> None:
    first, second = then_five_twice(HALF_A_WEEK_ENDING_BUSY)
    assert (told(first), told(second)) == ((Level.LOCAL_ADJUSTMENT, 2.08), (Level.FORMAL_REVIEW, 4.17))


def test_five_after_a_week_without_any_takes_a_third_week_to_be_formal() -> None:
    first, second = then_five_twice(HALF_A_WEEK_ENDING_QUIET)
    assert (told(first), told(second)) == ((None, 1.56), (Level.LOCAL_ADJUSTMENT, 3.75))
    assert judge([*HALF_A_WEEK_ENDING_QUIET, 5, 5, 5]).level is Level.FORMAL_REVIEW


@settings(deadline=None)
@given(st.permutations([1] * 26 + [0] * 26))
def test_one_week_of_five_at_an_expected_half_is_never_formal_however_the_weeks_before_lie(before: list[int]) -> None:
    assert judge([*before, 5]).level is not Level.FORMAL_REVIEW


def test_a_down_weighted_past_hides_less_of_a_second_shift() -> None:
    weeks = [2] * 16 + [6] * 4 + [2] * 10 + [6] * 2
    first = DayRange(first=day(7 * 16), last=day(7 * 20 - 1))
    plain = judge(weeks)
    remembered = evaluate(replace(strangers(weeks), down_weighted=(first,)), end_of(weeks), PRIOR, SETTINGS)
    assert plain.statistic is not None
    assert remembered.statistic is not None
    assert remembered.statistic > plain.statistic


def test_exposure_explains_a_rise_that_follows_the_traffic() -> None:
    weeks = [4] * 16 + [12] * 4
    traffic = by_age([1.0] * 7 * 16 + [3.0] * 7 * 4)
    seeing = evaluate(replace(strangers(weeks), exposure=traffic), end_of(weeks), PRIOR, SETTINGS)
    assert judge(weeks).level is Level.FORMAL_REVIEW
    assert (seeing.level, seeing.flags) == (None, ())
    assert seeing.ratio == pytest.approx(1, abs=0.05)


def test_exposure_that_is_made_of_answers_says_so() -> None:
    answered = replace(strangers([2] * 20), exposure=by_age([1.0] * 140), exposed_to=ExposureSource.ANSWERS)
    assert evaluate(answered, end_of(20), PRIOR, SETTINGS).flags == (EvidenceFlag.EXPOSURE_BY_ANSWERS,)


def test_a_default_prior_is_said_aloud() -> None:
    for guessed in (replace(PRIOR, phi_cells=0), replace(PRIOR, rate_cells=0)):
        evidence = evaluate(strangers([2] * 20), end_of(20), guessed, SETTINGS)
        assert evidence.flags == (EvidenceFlag.EXPOSURE_UNKNOWN, EvidenceFlag.DEFAULT_PRIOR)


def test_a_cell_of_less_than_one_customer_a_week_is_said_to_be_small() -> None:
    assert judge([1, 0] * 10).flags == (EvidenceFlag.EXPOSURE_UNKNOWN, EvidenceFlag.SMALL_RATE)
    assert judge([2, 1] * 10).flags == (EvidenceFlag.EXPOSURE_UNKNOWN,)


def test_what_comes_after_the_tick_is_not_seen() -> None:
    steady = [2] * 20
    assert evaluate(strangers([*steady, 40, 40]), end_of(steady), PRIOR, SETTINGS) == judge(steady)


def test_no_cells_give_no_evidence() -> None:
    assert evaluate_all((), FIRST_DAY, PRIOR, SETTINGS) == ()


def test_a_half_life_is_among_the_settings() -> None:
    risen = strangers([1] * 30 + [4] * 16)
    forgetful = evaluate(risen, end_of(46), PRIOR, VolumeSettings(half_life_weeks=6))
    assert forgetful.expected > evaluate(risen, end_of(46), PRIOR, SETTINGS).expected


def test_each_cell_is_judged_by_its_own_thresholds_and_shows_them() -> None:
    weeks = [2] * 16 + [7] * 4
    strict = Thresholds(rule="volume.thresholds[1]", h_local=50, h_formal=60)
    found = evaluate_all((strangers(weeks), strangers(weeks, thresholds=strict)), end_of(weeks), PRIOR, SETTINGS)
    assert [(one.level, one.thresholds) for one in found] == [(Level.FORMAL_REVIEW, THRESHOLDS), (None, strict)]


@pytest.mark.parametrize(("rate", "phi"), [(3.0, 1.02), (3.0, 1.5), (12.0, 2.5)])
@pytest.mark.parametrize("times", [1.0, 3.0])
def test_the_interval_holds_the_true_ratio_about_nineteen_times_of_twenty(
    rate: float, phi: float, times: float
) -> None:
    dice, held, years = np.random.default_rng(7), 0, 4000
    baseline, weeks = 20, 4
    for before, after in zip(
        dice.negative_binomial(rate * baseline / (phi - 1), 1 / phi, years),
        dice.negative_binomial(times * rate * weeks / (phi - 1), 1 / phi, years),
        strict=True,
    ):
        low, high = ratio_interval(int(after), before / baseline * weeks, before / phi, phi)
        held += low <= times <= high
    assert 0.93 < held / years < 0.98


def test_the_interval_of_nothing_begins_at_nothing_and_that_of_more_lies_higher() -> None:
    assert ratio_interval(0, 2.0, 10.0, 1.5)[0] == 0.0
    ends = [ratio_interval(x, 2.0, 10.0, 1.5) for x in range(1, 30)]
    assert ends == sorted(ends)
    assert all(low < x / 2.0 < high for x, (low, high) in enumerate(ends, start=1))
