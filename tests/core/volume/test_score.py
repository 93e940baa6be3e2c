import math
from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.volume import CellHistory, Prior, VolumeSettings, evaluate
from service.core.volume.grid import COLUMNS, WeekGrid, week_grid
from service.core.volume.prior import Priors
from service.core.volume.score import WEIGHTS, Scores, score
from tests.core.volume import oracle
from tests.core.volume.cells import CELL, FIRST_DAY, PRIOR, cells, day, end_of, history, priors, strangers, turnout


def scored(
    histories: Sequence[CellHistory], tick: int, prior: Prior = PRIOR, half_life_weeks: float | None = None
) -> Scores:
    return score(week_grid(histories, day(tick), 0.7), Priors.of(prior, len(histories)), half_life_weeks)


def same_to_the_last_bit(one: Scores, other: Scores) -> bool:
    return all(np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(Scores))


@settings(max_examples=250, deadline=None)
@given(cells(), priors, st.sampled_from((None, 13, 26.0, 4.5)))
def test_the_statistic_agrees_with_the_plain_version(
    cell_and_tick: tuple[oracle.Cell, int], prior: Prior, half_life: float | None
) -> None:
    cell, tick = cell_and_tick
    found = scored((history(cell, tick),), tick, prior, half_life)
    expected, windows = oracle.statistic(cell, tick, prior.a0, prior.b0, prior.phi, half_life)
    assert found.statistic[0] == pytest.approx(expected, rel=1e-9, abs=1e-9)
    usable = found.window_log_bayes_factor[0][: len(windows)]
    assert list(usable) == pytest.approx(list(windows.values()), rel=1e-9, abs=1e-9)
    assert all(found.window_log_bayes_factor[0][len(windows) :] == -math.inf)


def test_the_weights_are_all_of_one() -> None:
    assert WEIGHTS.tolist() == [
        [pytest.approx(doubled / 69), pytest.approx(trebled / 69)]
        for doubled, trebled in zip(oracle.DOUBLED, oracle.TREBLED, strict=True)
    ]
    assert WEIGHTS.sum() == pytest.approx(1)


@settings(deadline=None)
@given(cells(), priors)
def test_the_statistic_is_its_bayes_factor_less_what_a_busy_cell_has_to_bring(
    cell_and_tick: tuple[oracle.Cell, int], prior: Prior
) -> None:
    cell, tick = cell_and_tick
    found = scored((history(cell, tick),), tick, prior)
    if math.isfinite(found.statistic[0]):
        lowest, highest = 0.4 * -3 + 0.05 * 9, 0.4 * 2 + 0.05 * 4
        assert lowest - 1e-9 <= found.log_bayes_factor[0] - found.statistic[0] <= highest + 1e-9


@settings(deadline=None)
@given(cells(), priors, st.floats(0.01, 100))
def test_the_unit_of_exposure_is_irrelevant(cell_and_tick: tuple[oracle.Cell, int], prior: Prior, unit: float) -> None:
    cell, tick = cell_and_tick
    plain = history(replace(cell, exposure={0: 1.0, **cell.exposure}), tick)
    assert plain.exposure is not None
    scaled = replace(plain, exposure=unit * plain.exposure)
    one = scored((plain,), tick, prior)
    other = scored((scaled,), tick, replace(prior, b0=prior.b0 * unit, mean_rate=prior.mean_rate / unit))
    assert other.statistic == pytest.approx(one.statistic, rel=1e-9, abs=1e-9)
    assert other.expected == pytest.approx(one.expected)


@settings(max_examples=50, deadline=None)
@given(st.lists(cells(), min_size=1, max_size=8), st.lists(st.integers(1, 5), min_size=1, max_size=3), priors)
def test_chunks_of_any_size_give_the_same_to_the_last_bit(
    many: list[tuple[oracle.Cell, int]], sizes: list[int], prior: Prior
) -> None:
    grid = week_grid([history(cell, tick) for cell, tick in many], day(520), 0.7)
    whole = score(grid, Priors.of(prior, len(many)))
    start = 0
    while start < len(many):
        end = start + sizes[start % len(sizes)]
        part = score(grid.rows(start, end), Priors.of(prior, len(many)).rows(start, end))
        assert same_to_the_last_bit(part, rows_of(whole, slice(start, end)))
        start = end


def rows_of(scores: Scores, rows: slice) -> Scores:
    return Scores(**{field.name: getattr(scores, field.name)[rows] for field in fields(Scores)})


def test_a_cell_scores_alike_on_either_side_of_a_chunks_edge() -> None:
    many = [strangers([week % 3 for week in range(30)] + [row % 7]) for row in range(7)]
    found = scored(many * 200, 7 * 31 - 1)
    alone = scored(many, 7 * 31 - 1)
    assert all(same_to_the_last_bit(rows_of(found, slice(at, at + 7)), alone) for at in range(0, 1400, 7))


def test_each_cell_has_its_own_prior() -> None:
    history_of_all = strangers([1] * 30 + [4] * 2)
    busy = replace(PRIOR, b0=PRIOR.b0 / 4, mean_rate=4 * PRIOR.mean_rate)
    grid = week_grid((history_of_all, history_of_all), end_of(32), 0.7)
    both = score(grid, Priors.each((PRIOR, busy), (1, 1)))
    for row, prior in enumerate((PRIOR, busy)):
        assert same_to_the_last_bit(rows_of(both, slice(row, row + 1)), scored((history_of_all,), 7 * 32 - 1, prior))


def test_no_cells_have_no_scores() -> None:
    assert scored((), 100).statistic.tolist() == []


@pytest.mark.parametrize(
    ("phi", "weeks_of_five", "expected"),
    [
        (1.5, 1, (0.68, 1.72, 1.97)),
        (1.5, 2, (2.51, 3.71, 4.02)),
        (1.02, 1, (1.62, 2.81, 3.14)),
        (1.02, 2, (4.36, 6.44, 7.11)),
    ],
)
def test_an_even_half_a_week_and_then_five_scores_a_little_less_than_in_the_study_of_the_rule(
    phi: float, weeks_of_five: int, expected: tuple[float, ...]
) -> None:
    """The figures are for 8, 26 and 52 weeks of history.

    The study has 1.3, 2.2 and 2.4 for one week at phi 1.5, and 2.4, 3.3 and 3.6 at 1.02: it weighed all windows alike.
    """
    counts, exposure = np.zeros((3, COLUMNS)), np.zeros((3, COLUMNS))
    watched = np.array([8, 26, 52]) + weeks_of_five
    for row, weeks in enumerate(watched):
        exposure[row, :weeks] = 7
        counts[row, :weeks] = 0.5
        counts[row, :weeks_of_five] = 5
    grid = WeekGrid(
        counts=counts,
        exposure=exposure,
        weighted_counts=counts,
        weighted_exposure=exposure,
        clean=exposure > 0,
        history_days=7 * watched,
        windows=np.full(3, 8),
    )
    found = score(grid, Priors.of(replace(PRIOR, phi=phi), 3))
    assert found.statistic == pytest.approx(expected, abs=0.0051)


def test_each_further_customer_in_the_newest_week_raises_the_statistic() -> None:
    found = scored([strangers([2] * 15 + [amount]) for amount in range(25)], 7 * 16 - 1).statistic
    assert all(later > earlier for earlier, later in pairwise(found[2:]))


def test_with_a_half_life_a_rate_that_has_risen_long_ago_is_what_is_expected() -> None:
    risen = (strangers([1] * 30 + [4] * 16),)
    forgetful, flat = (scored(risen, 7 * 46 - 1, half_life_weeks=half_life) for half_life in (6.0, None))
    assert forgetful.expected[0, 0] > flat.expected[0, 0]
    assert forgetful.statistic[0] < flat.statistic[0]


def test_counts_of_thousands_stay_finite() -> None:
    prior = Prior(a0=1.1, b0=0.01, phi=1.02, mean_rate=110.0, phi_cells=9, rate_cells=9)
    crowd = {number: range(3000 if number > 170 else 300) for number in range(181)}
    busy = CellHistory(cell=CELL, first_day=FIRST_DAY, counted=turnout(crowd))
    evidence = evaluate(busy, day(180), prior, VolumeSettings())
    assert evidence.statistic is not None
    assert evidence.statistic > 1000
    assert evidence.bayes_factor == math.exp(700)
    assert evidence.p == 0
