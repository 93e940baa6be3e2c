"""Products on a grid are exact, so that nothing depends on the order in which they are added up."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.core.classify.exact import FINEST, whole


@given(st.integers(1, 600), st.integers(0, 2**32 - 1))
def test_products_of_rows_of_length_one_are_those_of_whole_numbers(width: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(7, width)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    on_grid = whole(rows, FINEST)
    assert np.array_equal(on_grid @ on_grid.T, on_grid.astype(np.int64) @ on_grid.astype(np.int64).T)
    assert np.allclose(on_grid @ on_grid.T / FINEST**2, rows @ rows.T, atol=2e-3)
