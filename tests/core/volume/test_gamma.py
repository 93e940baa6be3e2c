import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.volume.gamma import log_rising, tail_probability
from tests.core.volume import oracle


@given(st.floats(1e-6, 1e6), st.integers(0, 400))
def test_log_rising_is_the_sum_of_logarithms(r: float, n: int) -> None:
    exact = math.fsum(math.log(r + step) for step in range(n))
    assert log_rising(np.array([r]), np.array([float(n)]))[0] == pytest.approx(exact, rel=1e-12, abs=1e-11)


@given(st.floats(1e-3, 1e3), st.floats(0, 1e3))
def test_log_rising_takes_fractions(r: float, n: float) -> None:
    assert log_rising(np.array([r]), np.array([n]))[0] == pytest.approx(
        math.lgamma(r + n) - math.lgamma(r), rel=1e-10, abs=1e-10
    )


@given(st.floats(1e-6, 1e9))
def test_log_rising_by_nothing_is_nothing(r: float) -> None:
    assert log_rising(np.array([r]), np.zeros(1))[0] == 0


@given(st.integers(0, 300), st.floats(0.01, 200), st.floats(1.02, 5))
def test_the_tail_is_what_is_left_above(x: int, mean: float, dispersion: float) -> None:
    assert tail_probability(x, mean, dispersion) == pytest.approx(oracle.tail(x, mean, dispersion), rel=1e-6, abs=1e-9)


def test_five_customers_at_an_expected_half_with_phi_one_and_a_half() -> None:
    assert tail_probability(5, 0.5, 1.5) == pytest.approx(1 / 243)
