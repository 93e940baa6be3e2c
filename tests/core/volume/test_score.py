import math
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.volume import CellHistory, CellKey, DayRange, Prior, VolumeSettings, evaluate, evaluate_all
from service.core.volume.grid import DayGrid, day_grid
from service.core.volume.score import score
from tests.core.volume import oracle

FIRST_DAY = date(2025, 1, 6)
CELL = CellKey(process="order-to-cash", category="refund", region=None)

priors = st.builds(
    lambda a0, mean_rate, phi: Prior(a0=a0, b0=a0 / mean_rate, phi=phi, mean_rate=mean_rate, phi_cells=9, rate_cells=9),
    st.floats(0.2, 5),
    st.floats(0.05, 5),
    st.floats(1.02, 4),
)


@st.composite
def cells(draw: st.DrawFn) -> tuple[oracle.Cell, int]:
    """A cell, and the number of the tick's day after the first one watched."""
    tick = draw(st.integers(0, 520))
    day = st.integers(0, tick)
    spread = draw(st.dictionaries(day, st.integers(1, 6), max_size=60))
    burst = draw(st.dictionaries(st.integers(max(0, tick - 40), tick), st.integers(1, 25), max_size=12))
    exposure = draw(st.one_of(st.just({}), st.dictionaries(day, st.floats(0.1, 4), max_size=40)))
    down = draw(st.sets(day, max_size=30))
    return (
        oracle.Cell(counts=spread | burst, weights=dict.fromkeys(down, 0.7), exposure=exposure),
        tick,
    )


def history(cell: oracle.Cell, tick: int) -> CellHistory:
    def at(day: int) -> date:
        return FIRST_DAY + timedelta(days=day)

    return CellHistory(
        cell=CELL,
        first_day=FIRST_DAY,
        counted={at(day): frozenset(f"{day}-{n}" for n in range(amount)) for day, amount in cell.counts.items()},
        exposure={at(day): cell.exposure.get(day, 1.0) for day in range(tick + 1)} if cell.exposure else None,
        down_weighted=tuple(DayRange(first=at(day), last=at(day)) for day in sorted(cell.weights)),
    )


@settings(max_examples=250, deadline=None)
@given(cells(), priors, st.sampled_from((None, 91, 182)))
def test_the_statistic_agrees_with_the_plain_version(
    cell_and_tick: tuple[oracle.Cell, int], prior: Prior, half_life: int | None
) -> None:
    cell, tick = cell_and_tick
    numbers = VolumeSettings(half_life_days=half_life)
    grid = day_grid((history(cell, tick),), FIRST_DAY + timedelta(days=tick), numbers)
    found = score(grid, prior, numbers)
    expected, windows = oracle.statistic(cell, tick, prior.a0, prior.b0, prior.phi, half_life)
    assert found.statistic[0] == pytest.approx(expected, rel=1e-9, abs=1e-9)
    usable = found.window_log_bayes_factor[0][: len(windows)]
    assert list(usable) == pytest.approx(list(windows.values()), rel=1e-9, abs=1e-9)
    assert all(found.window_log_bayes_factor[0][len(windows) :] == -float("inf"))


@given(cells(), priors, st.floats(0.01, 100))
def test_the_unit_of_exposure_is_irrelevant(cell_and_tick: tuple[oracle.Cell, int], prior: Prior, unit: float) -> None:
    cell, tick = cell_and_tick
    window_end = FIRST_DAY + timedelta(days=tick)
    watched = {FIRST_DAY + timedelta(days=day): cell.exposure.get(day, 1.0) for day in range(tick + 1)}
    plain = replace(history(cell, tick), exposure=watched)
    scaled = replace(plain, exposure={day: unit * amount for day, amount in watched.items()})
    scaled_prior = replace(prior, b0=prior.b0 * unit, mean_rate=prior.mean_rate / unit)
    one, other = (
        score(day_grid((of_cell,), window_end, VolumeSettings()), of_prior, VolumeSettings())
        for of_cell, of_prior in ((plain, prior), (scaled, scaled_prior))
    )
    assert other.statistic == pytest.approx(one.statistic, rel=1e-9, abs=1e-9)
    assert other.expected == pytest.approx(one.expected)


@settings(max_examples=25, deadline=None)
@given(st.lists(cells(), min_size=1, max_size=6), priors)
def test_the_company_of_other_cells_changes_no_cell(many: list[tuple[oracle.Cell, int]], prior: Prior) -> None:
    window_end = FIRST_DAY + timedelta(days=520)
    histories = tuple(history(cell, tick) for cell, tick in many) * 60
    together = evaluate_all(histories, window_end, prior, VolumeSettings())
    assert together == tuple(evaluate(one, window_end, prior, VolumeSettings()) for one in histories[: len(many)]) * 60


@pytest.mark.parametrize(
    ("phi", "newest", "published"),
    [(1.5, 5.0, (1.3, 2.2, 2.4)), (1.02, 5.0, (2.4, 3.3, 3.6))],
)
def test_an_even_half_a_week_and_then_five_scores_as_in_the_study_of_the_rule(
    phi: float, newest: float, published: tuple[float, ...]
) -> None:
    """The figures are for 8, 26 and 52 weeks of history."""
    a0, mean_rate = 1.1, 4.12 / 7
    prior = Prior(a0=a0, b0=a0 / mean_rate, phi=phi, mean_rate=mean_rate, phi_cells=9, rate_cells=9)
    counts, exposure = np.zeros((3, 420)), np.zeros((3, 420))
    watched = np.array([63, 189, 371])
    for row, days in enumerate(watched):
        exposure[row, -days:] = 1
        counts[row, -days:-7:7] = 0.5
        counts[row, -7] = newest
    grid = DayGrid(counts=counts, exposure=exposure, weights=np.ones((3, 420)), history_days=watched)
    assert score(grid, prior, VolumeSettings()).statistic == pytest.approx(published, abs=0.055)


def test_each_further_customer_in_the_newest_week_raises_the_statistic() -> None:
    prior = Prior(a0=1.1, b0=1.1 / 0.59, phi=1.5, mean_rate=0.59, phi_cells=9, rate_cells=9)
    window_end = FIRST_DAY + timedelta(days=111)
    steady = {FIRST_DAY + timedelta(days=7 * week): frozenset({f"w{week}a", f"w{week}b"}) for week in range(15)}
    histories = [
        CellHistory(
            cell=CELL,
            first_day=FIRST_DAY,
            counted={**steady, window_end: frozenset(f"n{n}" for n in range(amount))},
        )
        for amount in range(25)
    ]
    found = score(day_grid(histories, window_end, VolumeSettings()), prior, VolumeSettings()).statistic
    assert all(later > earlier for earlier, later in pairwise(found[2:]))


def test_counts_of_thousands_stay_finite() -> None:
    prior = Prior(a0=1.1, b0=0.01, phi=1.02, mean_rate=110.0, phi_cells=9, rate_cells=9)
    window_end = FIRST_DAY + timedelta(days=180)
    busy = {
        FIRST_DAY + timedelta(days=day): frozenset(f"{day}-{n}" for n in range(3000 if day > 170 else 300))
        for day in range(181)
    }
    evidence = evaluate(CellHistory(cell=CELL, first_day=FIRST_DAY, counted=busy), window_end, prior, VolumeSettings())
    assert evidence.statistic is not None
    assert evidence.statistic > 1000
    assert evidence.bayes_factor == math.exp(700)
    assert evidence.p == 0
