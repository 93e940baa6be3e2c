"""A population that is drawn, and measured again in what was drawn."""

import numpy as np
import pytest

from service.core.volume.grid import GRID_DAYS, MAX_WEEKS, WeekGrid
from service.core.volume.prior import CleanWeeks, clean_weeks
from service.simulation import Population, Tenant, measured
from service.simulation.drawing import draw_year


def seen(population: Population, seed: int) -> CleanWeeks:
    """The clean weeks of the last sixty weeks of one year."""
    counts = draw_year(np.random.default_rng(seed), population).counts[:, -GRID_DAYS:]
    weekly = counts.reshape(len(counts), -1, 7).sum(axis=2)[:, ::-1].astype(np.float64)
    exposure = np.full_like(weekly, 7.0)
    return clean_weeks(
        WeekGrid(
            counts=weekly,
            exposure=exposure,
            weighted_counts=weekly,
            weighted_exposure=exposure,
            clean=exposure > 0,
            history_days=np.full(len(counts), 7 * weekly.shape[1]),
            windows=np.full(len(counts), MAX_WEEKS),
        )
    )


def found(population: Population, seed: int = 1) -> Tenant:
    tenant = measured(population.keys(0), seen(population, seed))
    assert tenant is not None
    return tenant


@pytest.mark.parametrize(("median", "sigma", "phi"), [(2.5, 1.0, 1.5), (0.8, 0.5, 1.2), (6.0, 0.8, 2.5)])
def test_what_was_drawn_is_measured(median: float, sigma: float, phi: float) -> None:
    population = Population(cells=600, processes=10, weekly_median=median, sigma=sigma, phi=phi)
    again = found(population).population
    assert again.weekly_median == pytest.approx(median, rel=0.2)
    assert again.sigma == pytest.approx(sigma, rel=0.15)
    assert again.phi == pytest.approx(phi, rel=0.1)


def test_cells_processes_and_regions_are_counted_and_few_cells_are_filled_up() -> None:
    small = found(Population(cells=12, processes=3, regions=2))
    assert (small.cells, small.population.cells) == (12, 24)
    assert (small.population.processes, small.population.regions, small.population.history_weeks) == (3, 2, 60)


def test_cells_that_are_all_alike_have_the_least_spread() -> None:
    assert found(Population(cells=40, processes=10, sigma=0.05, phi=2.5)).population.sigma < 0.2


@pytest.mark.parametrize(("cells", "weeks"), [(4, 60), (20, 7)])
def test_nothing_is_measured_in_few_cells_or_weeks(cells: int, weeks: int) -> None:
    known = seen(Population(cells=20, processes=10), 1)
    enough = np.arange(20) < cells
    short = CleanWeeks(
        weeks=np.where(enough, float(weeks), 3.0),
        totals=known.totals,
        exposures=known.exposures,
        chi_square=known.chi_square,
    )
    assert measured(Population(cells=20, processes=10).keys(0), short) is None


def test_nothing_is_measured_where_nobody_complained() -> None:
    quiet = CleanWeeks(weeks=np.full(9, 20.0), totals=np.zeros(9), exposures=np.full(9, 140.0), chi_square=np.zeros(9))
    assert measured(Population(cells=9, processes=9).keys(0), quiet) is None
