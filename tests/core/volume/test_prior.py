from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from service.core.volume import CellHistory, CellKey, DayRange, Prior, fit_prior
from service.core.volume.grid import week_grid
from service.core.volume.prior import Priors, clean_weeks, joined
from tests.core.volume.cells import FIRST_DAY, by_age, day, end_of, strangers

NINTH_WEEK = (DayRange(first=day(57), last=day(58)),)


def cell(category: int, by_week: Sequence[int]) -> CellHistory:
    return strangers(by_week, cell=CellKey(process="order-to-cash", category=str(category), region=None))


def fit(histories: Sequence[CellHistory], last_day: date) -> Prior:
    return fit_prior(clean_weeks(week_grid(histories, last_day, 0.7)))


def test_without_history_every_value_is_a_default() -> None:
    assert fit([], FIRST_DAY) == Prior(
        a0=1.1, b0=1.1 / (4.12 / 7), phi=1.5, mean_rate=4.12 / 7, phi_cells=0, rate_cells=0
    )


def test_four_cells_or_seven_weeks_are_too_few_but_give_the_mean_rate() -> None:
    default_shape = Prior(a0=1.1, b0=1.1 / (4 / 7), phi=1.5, mean_rate=4 / 7, phi_cells=0, rate_cells=0)
    assert fit([cell(n, [2, 6] * 4) for n in range(4)], end_of(8)) == default_shape
    assert fit([cell(n, [2, 6, 4, 2, 6, 4, 4]) for n in range(9)], end_of(7)) == default_shape


def test_phi_is_the_mean_of_sample_variance_over_mean_of_the_busy_cells() -> None:
    noisy, wild, quiet = [2, 6] * 4, [1, 7] * 4, [0, 1] * 4
    prior = fit([cell(n, weeks) for n, weeks in enumerate([noisy] * 3 + [wild] * 3 + [quiet] * 3)], end_of(8))
    assert prior.phi == pytest.approx((np.var(noisy, ddof=1) / 4 + np.var(wild, ddof=1) / 4) / 2)
    assert (prior.phi_cells, prior.rate_cells) == (6, 9)


def test_phi_never_falls_to_one() -> None:
    assert fit([cell(n, [4] * 8) for n in range(9)], end_of(8)).phi == 1.02


def test_counts_that_follow_the_traffic_are_not_noise() -> None:
    traffic = by_age(([1.0] * 7 + [3.0] * 7) * 4)
    blind = [cell(n, [3, 9] * 4) for n in range(9)]
    prior = fit([replace(one, exposure=traffic) for one in blind], end_of(8))
    assert prior.phi == 1.02
    assert prior.mean_rate == pytest.approx(3 / 7)
    assert fit(blind, end_of(8)).phi > 1.5


def test_weeks_of_a_formal_review_are_left_out() -> None:
    reviewed = [replace(cell(n, [2, 6] * 4 + [40]), down_weighted=NINTH_WEEK, formal=NINTH_WEEK) for n in range(6)]
    assert fit(reviewed, end_of(9)) == fit([cell(n, [2, 6] * 4) for n in range(6)], end_of(8))


def test_weeks_that_called_for_a_local_adjustment_alone_stay_in_whole() -> None:
    plain = [cell(n, [2, 6] * 4 + [9]) for n in range(6)]
    adjusted = [replace(one, down_weighted=NINTH_WEEK) for one in plain]
    assert fit(adjusted, end_of(9)) == fit(plain, end_of(9))
    assert fit(adjusted, end_of(9)) != fit([cell(n, [2, 6] * 4) for n in range(6)], end_of(8))


def test_days_before_the_first_whole_week_and_after_the_last_day_do_not_count() -> None:
    whole = fit([cell(n, [2, 6] * 4) for n in range(6)], end_of(8))
    assert fit([cell(n, [2, 6] * 4 + [30]) for n in range(6)], end_of(8)) == whole
    longer = [replace(cell(n, [30, *[2, 6] * 4]), first_day=day(2)) for n in range(6)]
    assert fit(longer, end_of(9)) == whole


def test_the_fit_finds_the_family_that_made_the_counts() -> None:
    rng = np.random.default_rng(7)
    rates = rng.gamma(1.5, 4 / 1.5, size=400)
    counts = rng.poisson(rng.gamma(np.repeat(rates[:, None], 10, axis=1) / 0.6, 0.6))
    prior = fit([cell(n, row.tolist()) for n, row in enumerate(counts)], end_of(10))
    assert prior.a0 == pytest.approx(1.5, rel=0.15)
    assert prior.phi == pytest.approx(1.6, rel=0.05)
    assert prior.mean_rate * 7 == pytest.approx(counts.mean())
    assert prior.b0 == prior.a0 / prior.mean_rate


def test_cells_may_be_summed_up_some_at_a_time() -> None:
    histories = [cell(n, row.tolist()) for n, row in enumerate(np.random.default_rng(3).poisson(3, (20, 12)))]
    parts = [clean_weeks(week_grid(some, end_of(12), 0.7)) for some in (histories[:7], histories[7:8], histories[8:])]
    assert fit_prior(joined(parts)) == fit(histories, end_of(12))


def test_the_clean_weeks_of_a_cell_are_summed_up_by_themselves() -> None:
    grid = week_grid((cell(0, [2, 6, 4]), cell(1, [0, 0, 0]), cell(2, [])), end_of(3), 0.7)
    weeks = clean_weeks(grid)
    assert (weeks.weeks.tolist(), weeks.totals.tolist(), weeks.exposures.tolist(), weeks.chi_square.tolist()) == (
        [3, 3, 3],
        [12, 0, 0],
        [21, 21, 21],
        [2, 0, 0],
    )


def test_each_prior_stands_once_for_each_of_its_cells() -> None:
    one, other = (
        Prior(a0=a0, b0=a0 / 2, phi=phi, mean_rate=2.0, phi_cells=9, rate_cells=9) for a0, phi in ((1, 1.5), (3, 2))
    )
    priors = Priors.each((one, other), (2, 1))
    assert (priors.a0.tolist(), priors.b0.tolist(), priors.phi.tolist()) == (
        [[1], [1], [3]],
        [[0.5], [0.5], [1.5]],
        [[1.5], [1.5], [2]],
    )
    assert priors.rows(1, 3).phi.tolist() == [[1.5], [2]]
    assert Priors.of(other, 2).a0.tolist() == [[3], [3]]
