from dataclasses import replace
from datetime import date, timedelta

import pytest

from service.core.records.words import Level
from service.core.volume import (
    CellHistory,
    CellKey,
    DayRange,
    Evidence,
    EvidenceFlag,
    LevelReason,
    Method,
    Prior,
    VolumeSettings,
    evaluate,
    evaluate_all,
)
from tests.core.volume.oracle import tail

CELL = CellKey(process="order-to-cash", category="refund", region=None)
FIRST_DAY = date(2025, 1, 6)
SETTINGS = VolumeSettings()
PRIOR = Prior(a0=1.1, b0=1.1 / (4.12 / 7), phi=1.5, mean_rate=4.12 / 7, phi_cells=50, rate_cells=90)


def strangers(by_week: list[int]) -> CellHistory:
    """A cell whose every count is another customer, on the third day of its week."""
    return CellHistory(
        cell=CELL,
        first_day=FIRST_DAY,
        counted={
            FIRST_DAY + timedelta(days=7 * week + 2): frozenset(f"{week}-{n}" for n in range(amount))
            for week, amount in enumerate(by_week)
        },
    )


def end_of(by_week: list[int]) -> date:
    return FIRST_DAY + timedelta(days=7 * len(by_week) - 1)


def judge(by_week: list[int], settings: VolumeSettings = SETTINGS) -> Evidence:
    return evaluate(strangers(by_week), end_of(by_week), PRIOR, settings)


def test_a_steady_cell_calls_for_nothing() -> None:
    evidence = judge([2] * 20)
    assert (evidence.level, evidence.reason, evidence.method) == (None, LevelReason.STATISTIC, Method.BAYES_FACTOR)


def test_a_cell_at_more_than_three_times_its_rate_calls_for_a_formal_review_and_says_why() -> None:
    weeks = [2] * 16 + [7] * 4
    evidence = judge(weeks)
    rest = replace(evidence, expected=0, ratio=0, statistic=None, bayes_factor=None, p=None)
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
    )
    assert evidence.expected == pytest.approx(28 * (1.1 + 32 / 1.5) / (PRIOR.b0 + 112 / 1.5))
    assert evidence.ratio == 28 / evidence.expected
    assert evidence.p == pytest.approx(tail(28, 28 * 32.5 / 112, 1.5 * 1.25))


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
    assert evidence.window == DayRange(first=end_of([0] * 3) + timedelta(days=1), last=end_of([0] * 4))


def test_four_baseline_weeks_end_the_warm_up() -> None:
    assert judge([1, 1, 1, 1, 5]).method is Method.BAYES_FACTOR


def test_on_its_first_day_a_cell_has_no_baseline_and_no_p() -> None:
    evidence = evaluate(replace(strangers([]), counted={FIRST_DAY: frozenset("abcde")}), FIRST_DAY, PRIOR, SETTINGS)
    assert (evidence.level, evidence.x, evidence.p) == (Level.LOCAL_ADJUSTMENT, 5, None)
    assert evidence.window == DayRange(first=FIRST_DAY, last=FIRST_DAY)


def test_too_few_events_hold_a_level_back() -> None:
    weeks = [0] * 52 + [5]
    # The statistic alone would do for FORMAL here, so that only the guards can keep it down.
    eager = replace(SETTINGS, h_local=0.5, h_formal=1.0)
    assert judge(weeks, eager).level is Level.FORMAL_REVIEW
    held = judge(weeks, replace(eager, formal_min=6))
    assert (held.level, held.reason) == (Level.LOCAL_ADJUSTMENT, LevelReason.SMALL_WINDOW)
    silent = judge(weeks, replace(eager, formal_min=6, local_min=6))
    assert (silent.level, silent.reason) == (None, LevelReason.SMALL_WINDOW)


def test_a_small_ratio_holds_a_level_back() -> None:
    weeks = [300] * 30 + [444] * 4
    evidence = judge(weeks)
    assert evidence.statistic is not None
    assert evidence.statistic > SETTINGS.h_formal
    assert (evidence.level, evidence.reason) == (None, LevelReason.SMALL_WINDOW)


def test_few_customers_hold_a_level_back() -> None:
    weeks = [1] * 20
    regulars = {FIRST_DAY + timedelta(days=7 * week + 2): frozenset("abcd" if week >= 16 else ()) for week in range(20)}
    history = replace(strangers(weeks), counted=regulars)
    evidence = evaluate(history, end_of(weeks), PRIOR, SETTINGS)
    assert evidence.statistic is not None
    assert evidence.statistic > SETTINGS.h_formal
    assert (evidence.level, evidence.reason, evidence.customers) == (
        Level.LOCAL_ADJUSTMENT,
        LevelReason.FEW_CUSTOMERS,
        4,
    )


def test_one_customer_behind_too_many_events_holds_every_level_back() -> None:
    one_a_week = {FIRST_DAY + timedelta(days=7 * week + 2): frozenset({"angry"}) for week in range(12, 20)}
    others = {FIRST_DAY + timedelta(days=7 * week + 3): frozenset({f"other-{week}"}) for week in range(14, 20)}
    history = replace(strangers([]), counted=one_a_week | others)
    eager = replace(SETTINGS, h_local=0.5, h_formal=1.0)
    evidence = evaluate(history, end_of([0] * 20), PRIOR, eager)
    assert (evidence.level, evidence.reason) == (None, LevelReason.ONE_CUSTOMER)
    assert evidence.largest_share > 0.4
    trusting = evaluate(history, end_of([0] * 20), PRIOR, replace(eager, max_customer_share=0.6))
    assert trusting.level is Level.FORMAL_REVIEW


def test_a_down_weighted_past_hides_less_of_a_second_shift() -> None:
    weeks = [2] * 16 + [6] * 4 + [2] * 10 + [6] * 2
    first = DayRange(first=FIRST_DAY + timedelta(days=7 * 16), last=FIRST_DAY + timedelta(days=7 * 20 - 1))
    plain = evaluate(strangers(weeks), end_of(weeks), PRIOR, SETTINGS)
    remembered = evaluate(replace(strangers(weeks), down_weighted=(first,)), end_of(weeks), PRIOR, SETTINGS)
    assert plain.statistic is not None
    assert remembered.statistic is not None
    assert remembered.statistic > plain.statistic


def test_exposure_explains_a_rise_that_follows_the_traffic() -> None:
    weeks = [4] * 16 + [12] * 4
    traffic = {FIRST_DAY + timedelta(days=day): 3.0 if day >= 7 * 16 else 1.0 for day in range(7 * 20)}
    blind = judge(weeks)
    seeing = evaluate(replace(strangers(weeks), exposure=traffic), end_of(weeks), PRIOR, SETTINGS)
    assert blind.level is Level.FORMAL_REVIEW
    assert (seeing.level, seeing.flags) == (None, ())


def test_a_default_prior_is_said_aloud() -> None:
    guessed = replace(PRIOR, phi_cells=0)
    evidence = evaluate(strangers([2] * 20), end_of([2] * 20), guessed, SETTINGS)
    assert evidence.flags == (EvidenceFlag.EXPOSURE_UNKNOWN, EvidenceFlag.DEFAULT_PRIOR)


def test_what_comes_after_the_tick_is_not_seen() -> None:
    steady = [2] * 20
    future = evaluate(strangers([*steady, 40, 40]), end_of(steady), PRIOR, SETTINGS)
    assert future == judge(steady)


def test_no_cells_give_no_evidence() -> None:
    assert evaluate_all((), FIRST_DAY, PRIOR, SETTINGS) == ()
