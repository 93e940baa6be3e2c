from datetime import date, timedelta

import numpy as np
import pytest

from service.core.volume import CellHistory, CellKey, DayRange, Prior, VolumeSettings, fit_prior

FIRST_DAY = date(2025, 1, 6)
SETTINGS = VolumeSettings()


def cell(category: int, by_week: list[int], down_weighted: tuple[DayRange, ...] = ()) -> CellHistory:
    """Each week's customers count on its third day."""
    return CellHistory(
        cell=CellKey(process="order-to-cash", category=str(category), region=None),
        first_day=FIRST_DAY,
        counted={
            FIRST_DAY + timedelta(days=7 * week + 2): frozenset(f"{week}-{n}" for n in range(amount))
            for week, amount in enumerate(by_week)
        },
        down_weighted=down_weighted,
    )


def end_of_week(weeks: int) -> date:
    return FIRST_DAY + timedelta(days=7 * weeks - 1)


def test_without_history_every_value_is_a_default() -> None:
    assert fit_prior([], FIRST_DAY, SETTINGS) == Prior(
        a0=1.1, b0=1.1 / (4.12 / 7), phi=1.5, mean_rate=4.12 / 7, phi_cells=0, rate_cells=0
    )


def test_four_cells_or_seven_weeks_are_too_few_but_give_the_mean_rate() -> None:
    default_shape = Prior(a0=1.1, b0=1.1 / (4 / 7), phi=1.5, mean_rate=4 / 7, phi_cells=0, rate_cells=0)
    four_cells = [cell(n, [2, 6] * 4) for n in range(4)]
    seven_weeks = [cell(n, [2, 6, 4, 2, 6, 4, 4]) for n in range(9)]
    assert fit_prior(four_cells, end_of_week(8), SETTINGS) == default_shape
    assert fit_prior(seven_weeks, end_of_week(7), SETTINGS) == default_shape


def test_phi_is_the_mean_of_sample_variance_over_mean_of_the_busy_cells() -> None:
    noisy, wild, quiet = [2, 6] * 4, [1, 7] * 4, [0, 1] * 4
    prior = fit_prior(
        [cell(n, weeks) for n, weeks in enumerate([noisy] * 3 + [wild] * 3 + [quiet] * 3)],
        end_of_week(8),
        SETTINGS,
    )
    assert prior.phi == pytest.approx((np.var(noisy, ddof=1) / 4 + np.var(wild, ddof=1) / 4) / 2)
    assert (prior.phi_cells, prior.rate_cells) == (6, 9)


def test_phi_never_falls_to_one() -> None:
    assert fit_prior([cell(n, [4] * 8) for n in range(9)], end_of_week(8), SETTINGS).phi == 1.02


def test_alarmed_weeks_are_left_out() -> None:
    alarm = (DayRange(first=FIRST_DAY + timedelta(days=57), last=FIRST_DAY + timedelta(days=58)),)
    with_alarm = [cell(n, [2, 6] * 4 + [40], alarm) for n in range(6)]
    without = [cell(n, [2, 6] * 4) for n in range(6)]
    assert fit_prior(with_alarm, end_of_week(9), SETTINGS) == fit_prior(without, end_of_week(8), SETTINGS)


def test_days_before_the_first_whole_week_and_after_the_last_day_do_not_count() -> None:
    longer = [cell(n, [2, 6] * 4 + [30]) for n in range(6)]
    assert fit_prior(longer, end_of_week(8), SETTINGS) == fit_prior(
        [cell(n, [2, 6] * 4) for n in range(6)], end_of_week(8), SETTINGS
    )


def test_the_fit_finds_the_family_that_made_the_counts() -> None:
    rng = np.random.default_rng(7)
    rates = rng.gamma(1.5, 4 / 1.5, size=400)
    counts = rng.poisson(rng.gamma(np.repeat(rates[:, None], 10, axis=1) / 0.6, 0.6))
    prior = fit_prior([cell(n, row.tolist()) for n, row in enumerate(counts)], end_of_week(10), SETTINGS)
    assert prior.a0 == pytest.approx(1.5, rel=0.15)
    assert prior.phi == pytest.approx(1.6, rel=0.05)
    assert prior.mean_rate * 7 == pytest.approx(counts.mean())
    assert prior.b0 == prior.a0 / prior.mean_rate
