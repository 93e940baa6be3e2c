"""A kernel adds up bells around its centres: a view counts by its scale, and nothing depends on the batch."""

from math import exp

import numpy as np
import pytest
from scipy.sparse import csr_array

from service.core.classify import Kernel
from service.core.classify.terms import Rows


def kernel(**scales: float) -> Kernel:
    """Return two bells, one at (1, 0) that weighs 2 and one at (0, 1) that weighs -1, alike in every view."""
    return Kernel(
        centres=dict.fromkeys(scales, np.eye(2, dtype=np.float32)),
        scales=scales,
        weights=np.array([2.0, -1.0], np.float32),
        bias=0.5,
    )


def rows(*of: tuple[float, float]) -> Rows:
    return csr_array(np.array(of, np.float32))


@pytest.mark.parametrize(
    ("scale", "row", "value"),
    [
        pytest.param(1.0, (1.0, 0.0), 0.5 + 2 - exp(-2), id="at a centre"),
        pytest.param(1.0, (0.0, 0.0), 0.5 + 2 * exp(-1) - exp(-1), id="as far from both"),
        pytest.param(0.5, (1.0, 0.0), 0.5 + 2 - exp(-0.5), id="half a scale, a quarter of the exponent"),
        pytest.param(1.0, (90.0, 90.0), 0.5, id="far from all, the bias"),
    ],
)
def test_a_value(scale: float, row: tuple[float, float], value: float) -> None:
    (found,) = kernel(static=scale).values({"static": rows(row)}).tolist()
    assert found == pytest.approx(value, abs=1e-3)


def test_distances_of_several_views_add_up() -> None:
    (found,) = kernel(static=1.0, question=1.0).values({"static": rows((1, 0)), "question": rows((0, 1))}).tolist()
    assert found == pytest.approx(0.5 + 2 * exp(-2) - exp(-2), abs=1e-3)


def test_a_value_is_the_same_in_every_batch() -> None:
    many = np.random.default_rng(1).normal(size=(150, 2)).astype(np.float32)
    together = kernel(static=1.0).values({"static": csr_array(many)})
    alone = [kernel(static=1.0).values({"static": csr_array(one[None])})[0] for one in many]
    assert together.tolist() == alone
    assert kernel(static=1.0).values({"static": csr_array(many[:0])}).tolist() == []
