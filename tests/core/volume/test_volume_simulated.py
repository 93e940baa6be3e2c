"""A small seeded run of the whole rule; its bounds leave about three standard errors around the study's figures."""

import numpy as np

from tests.core.volume.simulation import SCORED_WEEKS, detected, drawn_shifts, run_year


def test_a_hundred_quiet_cells_raise_about_one_local_a_week_and_a_tenth_of_a_formal() -> None:
    years = [run_year(np.random.default_rng(seed), cells=100) for seed in (11, 12)]
    local = np.mean([year.local.sum() / SCORED_WEEKS for year in years])
    formal = np.mean([year.formal.sum() / SCORED_WEEKS for year in years])
    assert 0.5 < local <= 1.3
    assert 0.01 < formal <= 0.2


def test_a_month_at_three_times_the_rate_is_found_as_formal_about_six_times_in_ten() -> None:
    local, formal = [], []
    for seed in (21, 22):
        rng = np.random.default_rng(seed)
        shifts = drawn_shifts(rng, rows=60, factor=3.0, weeks=4)
        year = run_year(rng, 60, shifts)
        local.append(detected(year.local, shifts))
        formal.append(detected(year.formal, shifts))
    assert np.mean(local) >= 0.68
    assert 0.48 <= np.mean(formal) <= 0.78
