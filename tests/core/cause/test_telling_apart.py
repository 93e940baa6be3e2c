import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.core.cause.telling_apart import told_apart
from service.core.cause.testing import Outcomes

flags = st.lists(st.booleans(), min_size=60, max_size=60).map(np.array)


@given(st.lists(flags, max_size=5), flags)
def test_whoever_is_explained_is_explained_in_the_end_by_one_who_stands(
    found: list[np.ndarray], negative: np.ndarray
) -> None:
    stands = told_apart(found, Outcomes(negative=negative, strata=np.zeros(60, np.int64)))
    for one in range(len(stands)):
        at, seen = one, set[int]()
        while (by := stands[at].explained_by) is not None:
            assert at not in seen
            seen.add(at)
            at = by
    assert all(one in stands[by].not_told_apart for one in range(len(stands)) for by in stands[one].not_told_apart)
