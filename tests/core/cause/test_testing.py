import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.cause.testing import false_discoveries, weighted_share
from service.core.intervals import share


def test_the_shares_of_false_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    """Benjamini and Hochberg 1995, section 3.2: at 0.05 the first four of fifteen are found."""
    published = (0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719)
    found = false_discoveries((*published, 0.6528, 0.759, 1.0))
    assert [q <= 0.05 for q in found] == [True] * 4 + [False] * 11
    assert found[3] == pytest.approx(0.0095 * 15 / 4)


@given(st.lists(st.floats(0, 1), max_size=30))
def test_a_smaller_surprise_never_has_a_larger_share_and_none_is_below_its_own_chance(chances: list[float]) -> None:
    found = false_discoveries(chances)
    assert all(p <= q <= 1 for p, q in zip(chances, found, strict=True))
    assert np.all(np.diff([found[at] for at in np.argsort(chances, kind="stable")]) >= 0)


def test_the_share_of_a_sample_is_that_of_all_and_so_is_about_its_interval() -> None:
    assert weighted_share(5, 40, 1.0) == share(5, 40)
    sampled = weighted_share(50, 100, 10.0)
    assert sampled.figure == pytest.approx(50 / 550)
    assert sampled.low < 50 / 550 < sampled.high
    # The odds at either end are a tenth of those in the sample.
    ends = share(50, 100)
    assert sampled.high / (1 - sampled.high) == pytest.approx(ends.high / (1 - ends.high) / 10)
