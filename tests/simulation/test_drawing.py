import numpy as np
import pytest

from service.simulation.drawing import draw_year
from service.simulation.measure import year_of
from service.simulation.population import OUTAGE, SHIFTS, Population

SMALL = Population(cells=40, processes=8)
TREBLED = SHIFTS[0]


def test_the_same_seed_draws_the_same_year_and_another_seed_another() -> None:
    first, again, other = (year_of(seed, SMALL, TREBLED) for seed in (3, 3, 4))
    assert np.array_equal(first.counts, again.counts)
    assert first.planted == again.planted
    assert not np.array_equal(first.counts, other.counts)


@pytest.mark.parametrize("phi", [1.0, 1.5, 2.5])
def test_weekly_counts_have_the_mean_and_the_scatter_that_were_asked_for(phi: float) -> None:
    population = Population(cells=400, processes=10, sigma=0.05, weekly_median=6.0, phi=phi)
    weekly = draw_year(np.random.default_rng(5), population).counts.reshape(400, -1, 7).sum(axis=2)
    assert weekly.mean() == pytest.approx(6.0, rel=0.02)
    assert (weekly.var(axis=1, ddof=1) / weekly.mean(axis=1)).mean() == pytest.approx(phi, rel=0.03)


def test_rates_differ_between_cells_as_the_law_says() -> None:
    rates = draw_year(np.random.default_rng(6), Population(cells=4000, processes=10)).weekly_rates
    assert np.median(rates) == pytest.approx(2.5, rel=0.08)
    assert np.log(rates).std() == pytest.approx(1.0, rel=0.05)


def test_a_shift_lifts_its_cell_for_its_weeks_alone() -> None:
    population = Population(cells=200, processes=10, sigma=0.05, weekly_median=20.0, phi=1.0)
    inside, outside = [], []
    for seed in range(20):
        year = year_of(seed, population, TREBLED)
        weekly = year.counts.reshape(200, -1, 7).sum(axis=2)[:, population.history_weeks :]
        for one in year.planted:
            span = slice(one.start, one.start + one.weeks)
            inside.append(weekly[one.cell, span].mean())
            outside.append(np.delete(weekly[one.cell], np.r_[span]).mean())
    assert np.mean(inside) == pytest.approx(60, rel=0.02)
    assert np.mean(outside) == pytest.approx(20, rel=0.02)


def test_an_outage_strikes_five_cells_of_each_category_in_one_week() -> None:
    population = Population(cells=40, processes=8)
    year = year_of(1, population, OUTAGE)
    keys = population.keys(0)
    for category in {key.category for key in keys}:
        struck = [one for one in year.planted if keys[one.cell].category == category]
        assert len({keys[one.cell].process for one in struck}) == 5
        assert len({one.start for one in struck}) == 1


def test_drift_moves_the_rates_of_later_weeks() -> None:
    def spread(drift: float) -> float:
        population = Population(cells=500, processes=10, sigma=0.05, weekly_median=50.0, phi=1.0, drift=drift)
        last_weeks = draw_year(np.random.default_rng(9), population).counts[:, -28:].sum(axis=1)
        return float(np.log(last_weeks).std())

    assert spread(0.03) > 2 * spread(0.0)
