import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.volume.charts import arl, decision_intervals, h_for, reference_value


def test_the_reference_value_lies_between_the_means_as_lucas_has_it() -> None:
    assert reference_value(3.0, 2.0) == pytest.approx((6 - 3) / (math.log(6) - math.log(3)))
    assert reference_value(1.0, 2.0) == pytest.approx(1.443, abs=5e-4)


def test_lucas_tables_of_run_lengths() -> None:
    """Lucas 1985, tables 2 and 3, k .25, h 10, mean .25: 438, and 333 from a head start of 5.

    As quoted in the examples of R's spc::pois.cusum.arl.
    """
    assert arl(0.25, 0.25, 10) == pytest.approx(438, abs=0.5)
    assert arl(0.25, 0.25, 10, head_start=5) == pytest.approx(333, abs=0.5)


@pytest.mark.parametrize(
    ("mean", "from_nothing", "from_half"), [(1.88, 37.2, 29.19), (1.88 + 0.9627 * math.sqrt(1.88), 5.49, 3.33)]
)
def test_lawsons_run_lengths(mean: float, from_nothing: float, from_half: float) -> None:
    """Lucas's chart with k 2, h 6, in control and out of it: the example output of R's IAcsSPCR::arl."""
    assert arl(mean, 2, 6) == pytest.approx(from_nothing, abs=0.05)
    assert arl(mean, 2, 6, head_start=3) == pytest.approx(from_half, abs=0.005)


def test_knoths_exact_design_for_the_health_events_of_rossi() -> None:
    """Mean .52, run lengths 500 and 7: k .948, h 3.832, mu1 1.563777, as R's spc::pois.cusum.crit.L0L1 has it.

    Met, its threshold signals with probability .12 there, so that 500 lies between always and never.
    """
    met, passed = (arl(0.52, 0.948, h, resolution=1000) for h in (3.832, 3.833))
    assert met < 500 < passed
    assert 0.12 * met + 0.88 * passed == pytest.approx(500, abs=0.05)
    assert arl(1.563777, 0.948, 3.832, resolution=1000) == pytest.approx(7, abs=0.01)
    assert reference_value(0.52, 1.563777 / 0.52) == pytest.approx(0.948, abs=5e-7)
    assert h_for(0.52, 1.563777 / 0.52, 500) == pytest.approx(3.832, abs=0.04)


@pytest.mark.parametrize(
    ("mean", "h", "exact", "simulated"), [(1.0, 6, 512.24, 505), (3.0, 6, 322.98, 324), (3.0, 7, 645.58, 641)]
)
def test_the_run_lengths_of_our_study(mean: float, h: float, exact: float, simulated: float) -> None:
    """The simulated figures of shared/reference/feedback.md, section 4.5, each within 1.5 % of the exact one."""
    found = arl(mean, reference_value(mean, 2.0), h)
    assert found == pytest.approx(exact, abs=0.01)
    assert found == pytest.approx(simulated, rel=0.015)
    assert found == pytest.approx(arl(mean, reference_value(mean, 2.0), h, resolution=150), rel=1e-4)


def test_an_interval_below_one_step_makes_it_a_shewhart_chart() -> None:
    """With h next to nothing the sum signals on the first count above k: one week in 1 / P(X > k)."""
    assert arl(2.0, 4.5, 0.01) == pytest.approx(1 / (1 - math.exp(-2) * (1 + 2 + 2 + 8 / 6 + 16 / 24)))


def test_an_interval_is_met_whatever_its_last_digit() -> None:
    assert 3 * 0.1 != 0.3
    assert arl(0.05, 0.1, 3 * 0.1) == arl(0.05, 0.1, 0.3)


def test_as_the_variance_nears_the_mean_counts_become_poisson() -> None:
    assert arl(2.0, 3.0, 4.0, phi=1 + 1e-9) == pytest.approx(arl(2.0, 3.0, 4.0), rel=1e-6)
    assert arl(2.0, 3.0, 4.0, phi=0.5) == arl(2.0, 3.0, 4.0)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.1, 12), st.floats(1.6, 3), st.floats(20, 200), st.sampled_from((1.0, 1.5)))
def test_a_solved_interval_is_long_enough_and_hardly_longer(
    mean: float, ratio: float, target: float, phi: float
) -> None:
    """Held against a finer chain. One step of the chain less must be too short, give or take k's being a fraction."""
    h = h_for(mean, ratio, target, phi=phi)
    k = reference_value(mean, ratio)
    assert arl(mean, k, h, phi=phi, resolution=64) >= 0.75 * target
    if h > 1:
        assert arl(mean, k, h - 1, phi=phi, resolution=64) < target


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 10), st.floats(0.1, 2), st.floats(0.5, 6))
def test_run_lengths_shrink_with_the_mean_and_grow_with_h_and_k(mean: float, ahead: float, h: float) -> None:
    k = mean + ahead
    length = arl(mean, k, h, resolution=16)
    assert length >= 1
    assert arl(1.2 * mean, k, h, resolution=16) <= length * (1 + 1e-9)
    assert arl(mean, k, h + 0.5, resolution=16) >= length * (1 - 1e-9)
    assert arl(mean, k, h, head_start=h / 2, resolution=16) <= length * (1 + 1e-9)


@pytest.mark.parametrize("mean", [2.0, 5.0])
def test_overdispersed_counts_need_more_than_the_scaled_interval_of_a_poisson_count(mean: float) -> None:
    """At phi 3, phi h(mu0 / phi) has 73 and 82 weeks between false alarms where 100 are wanted."""
    scaled = 3 * h_for(mean / 3, target_arl=100)
    assert 0.8 < scaled / h_for(mean, target_arl=100, phi=3.0) < 0.95
    assert 65 < arl(mean, reference_value(mean, 2.0), scaled, phi=3.0, resolution=32) < 85


def test_cells_get_the_interval_of_their_own_mean_and_dispersion() -> None:
    mean = np.array([3.0, np.nan, 0.5, 0.0, 3.0, 0.001])
    found = decision_intervals(mean, target_arl=100, phi=np.array([1.0, 1.0, 1.5, 1.0, 1.0, 1.0]))
    of_three, of_half = h_for(3.0, target_arl=100), h_for(0.5, target_arl=100, phi=1.5)
    expected = [of_three, math.nan, of_half, math.nan, of_three, h_for(0.02, target_arl=100)]
    assert found == pytest.approx(expected, nan_ok=True)
    assert decision_intervals(np.zeros(0)).shape == (0,)
