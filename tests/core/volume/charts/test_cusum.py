import math

import numpy as np
import pytest

from service.core.volume.charts import arl, cusum_chart, h_for, reference_value
from tests.core.volume.charts.ewma_chain import after_known_rate, week_by_week


def test_the_sum_rises_by_what_exceeds_k_and_signals_on_reaching_h() -> None:
    """By hand, at a rate of ln 2, for which k is 1: 0, 2, 1, 3, 2, 4."""
    chart = cusum_chart(*week_by_week(np.array([1.0, 3.0, 0.0, 3.0, 0.0, 3.0]), math.log(2)), h=3)
    assert chart.value == pytest.approx([0, 2, 1, 3, 2, 4])
    assert chart.signal.tolist() == [False, False, False, True, False, True]
    assert chart.limit == pytest.approx(3)
    assert chart.centre == pytest.approx(0)


def test_with_restart_the_week_after_a_signal_begins_at_nothing() -> None:
    chart = cusum_chart(
        *week_by_week(np.array([1.0, 3.0, 0.0, 3.0, 0.0, 3.0]), math.log(2)), h=np.full(6, 3.0), restart=True
    )
    assert chart.value == pytest.approx([0, 2, 1, 3, 0, 2])


def test_more_exposure_lets_more_pass() -> None:
    counts, exposure, weights = week_by_week(np.array([4.0, 4.0]), math.log(2))
    exposure[:, -1] = [2, 3]
    assert cusum_chart(counts, exposure, weights, h=3).value == pytest.approx([2, 4 - 1 + 4 - 3])


def test_a_decision_interval_of_its_own_is_solved_for_each_cell() -> None:
    """Each cell's mean weekly count is its rate over its mean exposure, 2 and 1 here."""
    counts, exposure = np.array([[4.0, 4.0, 4.0], [1.0, 1.0, 1.0]]), np.array([[2.0, 2.0, 2.0], [1.0, 1.0, 1.0]])
    chart = cusum_chart(counts, exposure, np.ones((2, 3)), target_arl=200, phi=np.array([1.0, 1.5]))
    assert chart.limit == pytest.approx([h_for(4, target_arl=200), h_for(1, target_arl=200, phi=1.5)])


@pytest.mark.parametrize(("mean", "h", "phi"), [(1.0, 3.0, 1.0), (4.0, 4.0, 1.0), (2.0, 6.0, 2.0)])
def test_begun_anew_after_every_signal_it_signals_in_one_week_of_the_run_length(
    mean: float, h: float, phi: float
) -> None:
    """A seeded run of 20,000 cells up to week 80, Poisson and negative binomial, against the Markov chain."""
    rng = np.random.default_rng(1985)
    shape = (20_000, 80)
    rates = rng.gamma(mean / (phi - 1), phi - 1, shape) if phi > 1 else np.full(shape, mean)
    counts = rng.poisson(rates).astype(np.float64)
    chart = cusum_chart(*after_known_rate(counts, np.ones(shape), mean), h=h, restart=True)
    assert 1 / chart.signal.mean() == pytest.approx(arl(mean, reference_value(mean, 2.0), h, phi=phi), rel=0.15)
