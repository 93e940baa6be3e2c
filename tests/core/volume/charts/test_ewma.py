import math

import numpy as np
import pytest

from service.core.volume.charts import ewma_chart
from tests.core.volume.charts.ewma_chain import (
    after_known_rate,
    count_run_length,
    normal_run_length,
    upper_limits,
    week_by_week,
)

# Twenty values from N(10, 1), then ten from N(11, 1): Montgomery's table 9.1.
CONCENTRATIONS = np.array(
    [
        *(9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40, 10.08),
        *(9.37, 10.62, 10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52),
    ]
)
# A rate with a variance of 1, so that the chart's limits are those of a chart of standard normal values, moved by it.
MEAN, PHI = 10.0, 0.1
STEADY_WEEKS = 60


def test_montgomerys_concentrations_have_his_averages_and_limits() -> None:
    """Montgomery, Introduction to Statistical Quality Control, example 9.2, lambda .1 and L 2.7.

    Averages 9.945, 9.7495, 9.70355, ..., 10.6468, 10.6341, the last two beyond the limit, which is 10.27 and 10.36 in
    periods 1 and 2 and 10.62 in the end.
    """
    chart = ewma_chart(*week_by_week(CONCENTRATIONS, MEAN), phi=PHI, smoothing=0.1, sigmas=2.7)
    assert chart.value[:6] == pytest.approx([9.945, 9.7495, 9.70355, 9.8992, 10.1253, 10.1307], abs=5e-5)
    assert chart.value[-3:] == pytest.approx([10.5731, 10.6468, 10.6341], abs=5e-5)
    assert chart.limit[[0, 1, 29]] == pytest.approx([10.27, 10.36, 10.62], abs=5e-3)
    assert (np.flatnonzero(chart.signal) + 1).tolist() == [29, 30]


@pytest.mark.parametrize(
    ("smoothing", "sigmas", "published"),
    [
        (0.5, 3.071, (500, 255, 88.8, 35.9, 17.5, 6.53, 3.63, 2.50, 1.93, 1.58, 1.34, 1.07)),
        (0.03, 2.437, (500, 76.7, 29.3, 17.6, 12.6, 8.07, 5.99, 4.80, 4.03, 3.49, 3.11, 2.55)),
    ],
)
def test_the_limit_in_the_long_run_has_the_run_lengths_of_lucas_and_saccucci(
    smoothing: float, sigmas: float, published: tuple[float, ...]
) -> None:
    """Lucas and Saccucci 1990, table 3, two-sided with constant limits, as in the examples of R's spc::xewma.arl."""
    upper = upper_limits(400, MEAN, PHI, smoothing, sigmas)[-1:]
    found = [
        normal_run_length(MEAN + shift, MEAN, smoothing, upper, 2 * MEAN - upper)
        for shift in (0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5)
    ]
    assert found == pytest.approx(published, rel=3e-3)


def test_the_limit_in_the_long_run_has_the_run_length_of_the_sas_manual() -> None:
    """11.154267016 for lambda .25, L 3 and a shift of 1: SAS/QC manual 1999, quoted in spc::xewma.arl."""
    upper = upper_limits(200, MEAN, PHI, 0.25, 3.0)[-1:]
    assert normal_run_length(MEAN + 1, MEAN, 0.25, upper, 2 * MEAN - upper) == pytest.approx(11.154267016, abs=1e-8)


def test_the_limits_that_widen_have_the_run_lengths_of_knoth() -> None:
    """One-sided, lambda .1, 500 in control: by a thousand million runs of Knoth's, in the examples of spc::xewma.arl.

    He gives no L. The one below gives 500, and is asked for the other six.
    """
    upper = upper_limits(200, MEAN, PHI, 0.1, 2.54331677)
    floor = np.full(200, MEAN - 6 * math.sqrt(0.1 / 1.9))
    found = [normal_run_length(MEAN + shift, MEAN, 0.1, upper, floor) for shift in (0, 0.5, 1, 1.5, 2, 2.5, 3)]
    assert found == pytest.approx([500, 21.637, 6.7596, 3.5398, 2.3038, 1.7004, 1.3675], abs=1e-3)


@pytest.mark.parametrize(
    ("mean", "in_control", "doubled", "simulated", "simulated_doubled"),
    [(1.0, 363.4, 8.87, 354, 8.5), (3.0, 512.6, 3.82, 517, 3.9), (10.0, 695.0, 1.64, 692, 1.6)],
)
def test_poisson_counts_have_about_the_run_lengths_of_our_study(
    mean: float, in_control: float, doubled: float, simulated: float, simulated_doubled: float
) -> None:
    """The simulated figures of shared/reference/feedback.md, section 4.5, against those of a chain.

    At a mean of 1 four counts in week 1 meet the limit of 1.6 to the last digit. Here that is no signal; as one, the
    run lengths would be 358 and 8.4, which is nearer to the study's.
    """
    upper = upper_limits(STEADY_WEEKS, mean, 1.0, 0.2, 3.0)
    found = count_run_length(mean, mean, 0.2, upper), count_run_length(2 * mean, mean, 0.2, upper)
    assert found == pytest.approx((in_control, doubled), rel=1e-2)
    assert found == pytest.approx((simulated, simulated_doubled), rel=5e-2)


def test_cells_in_control_signal_for_the_first_time_as_rarely_as_the_chain_says() -> None:
    """4,000 seeded cells of mean 3 over 60 weeks, in each of which one in 512.6 should signal for the first time."""
    rng = np.random.default_rng(45)
    counts = rng.poisson(3.0, (4_000, STEADY_WEEKS)).astype(np.float64)
    signalled = np.zeros(len(counts), np.bool_)
    for weeks in range(1, STEADY_WEEKS + 1):
        signalled |= ewma_chart(*after_known_rate(counts[:, :weeks], np.ones((4_000, weeks)), 3.0)).signal
    assert signalled.mean() == pytest.approx(1 - (1 - 1 / 512.6) ** STEADY_WEEKS, abs=0.015)


def test_the_limit_is_the_textbooks_when_every_week_has_one_exposure() -> None:
    weeks = np.arange(1, 31)
    for exposure in (1.0, 40.0):
        counts, watched, weights = week_by_week(np.full(30, 2.0 * exposure), 2.0)
        watched[:, 1:] *= exposure
        chart = ewma_chart(counts, watched, weights, phi=1.7)
        variance = 1.7 * 2.0 / exposure * 0.2 / 1.8 * (1 - 0.8 ** (2 * weeks))
        assert chart.limit == pytest.approx(2.0 + 3 * np.sqrt(variance))
        assert chart.value == pytest.approx(2.0)


def test_an_average_that_meets_its_limit_does_not_signal() -> None:
    """Four events in the first week at a rate of 1: average and limit are both 1.6."""
    chart = ewma_chart(*after_known_rate(np.array([[4.0], [4.001]]), np.ones((2, 1)), 1.0))
    assert (chart.value[0], chart.limit[0]) == pytest.approx((1.6, 1.6))
    assert chart.signal.tolist() == [False, True]


def test_overdispersion_is_told_cell_by_cell() -> None:
    counts, exposure, weights = after_known_rate(np.full((2, 5), 3.0), np.ones((2, 5)), 3.0)
    limits = ewma_chart(counts, exposure, weights, phi=np.array([1.0, 4.0])).limit
    assert limits[1] - 3 == pytest.approx(2 * (limits[0] - 3))
