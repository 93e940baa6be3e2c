"""What holds for every chart, on made-up cells."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.core.volume.charts import Charted, cusum_chart, ewma_chart, laney_p_chart, laney_u_chart, p_chart, u_chart
from service.core.volume.gamma import Matrix
from tests.core.volume.charts import plain

H, PHI = 4.0, 1.5
Cells = tuple[Matrix, Matrix, Matrix]
Chart = Callable[[Matrix, Matrix, Matrix], Charted]
RATES: tuple[Chart, ...] = (u_chart, laney_u_chart, partial(ewma_chart, phi=PHI), partial(cusum_chart, h=H))
CHARTS: tuple[Chart, ...] = (*RATES, p_chart, laney_p_chart, partial(cusum_chart, h=H, restart=True))


@st.composite
def cells(draw: st.DrawFn) -> Cells:
    """Counts, exposure (no less than the counts, so that it may be trials) and weights, some weeks unwatched."""
    shape = (draw(st.integers(1, 4)), draw(st.integers(2, 10)))

    def matrix(values: st.SearchStrategy[float]) -> Matrix:
        return np.array([[draw(values) for _ in range(shape[1])] for _ in range(shape[0])], np.float64)

    counts = matrix(st.integers(0, 20).map(float))
    watched = matrix(st.sampled_from((1.0, 1.0, 1.0, 0.0)))
    exposure = watched * (counts + matrix(st.floats(0.5, 30)))
    return counts, exposure, matrix(st.sampled_from((1.0, 1.0, 0.7, 0.0)))


def same(one: Charted, other: Charted) -> None:
    for name in ("value", "centre", "limit"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-9, abs=1e-9, nan_ok=True)
    assert one.too_small.tolist() == other.too_small.tolist()


@given(cells())
def test_every_chart_agrees_with_the_plain_version(made_up: Cells) -> None:
    found = {name: chart(*made_up) for name, chart in zip(("u", "laney", "ewma", "cusum"), RATES, strict=True)}
    again = cusum_chart(*made_up, h=H, restart=True)
    for row, figures in enumerate(zip(*made_up, strict=True)):
        weeks = [plain.Week(count=x, exposure=e, weight=w) for x, e, w in zip(*figures, strict=True)]
        average = plain.ewma(weeks, PHI)
        expected = {
            "u": plain.u_limit(weeks),
            "laney": plain.laney_u_limit(weeks),
            "ewma": None if average is None else average[1],
            "cusum": None if average is None else H,
        }
        for name, limit in expected.items():
            assert found[name].limit[row] == pytest.approx(math.nan if limit is None else limit, nan_ok=True)
        if average is not None:
            assert found["ewma"].value[row] == pytest.approx(average[0])
            for chart, restart in ((found["cusum"], False), (again, True)):
                assert chart.value[row] == pytest.approx(plain.cusum(weeks, H, restart=restart), abs=1e-9)


@given(cells(), st.data())
def test_the_order_of_cells_is_irrelevant(made_up: Cells, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(made_up[0]))))
    for chart in CHARTS:
        straight, shuffled = chart(*made_up), chart(*(matrix[order] for matrix in made_up))
        for name in Charted.__slots__:
            np.testing.assert_array_equal(getattr(straight, name)[order], getattr(shuffled, name))


@given(cells(), st.integers(1, 10))
def test_more_events_in_the_last_week_raise_the_value_alone(made_up: Cells, more: int) -> None:
    counts, exposure, weights = made_up
    # The last week's exposure stays what it is, so it must leave room for what is added to it.
    exposure[:, -1] += np.where(exposure[:, -1] > 0, more, 0)
    raised = counts.copy()
    raised[:, -1] += more
    for chart in CHARTS:
        before, after = chart(counts, exposure, weights), chart(raised, exposure, weights)
        judged = np.isfinite(before.limit)
        assert (after.value[judged] >= before.value[judged]).all()
        assert (after.signal | ~before.signal).all()
        np.testing.assert_array_equal(after.limit, before.limit)
        np.testing.assert_array_equal(after.centre, before.centre)


@given(st.floats(0.05, 0.95), st.lists(st.floats(0.1, 50), min_size=3, max_size=30))
def test_a_cell_that_is_always_as_expected_never_signals(rate: float, weeks: list[float]) -> None:
    exposure = np.array([weeks])
    for chart in CHARTS:
        found = chart(rate * exposure, exposure, np.ones_like(exposure))
        assert not found.signal.any()
        assert found.value[0] == pytest.approx(found.centre[0], abs=1e-9)


@given(cells(), st.floats(0.01, 100))
def test_the_unit_of_exposure_is_irrelevant(made_up: Cells, unit: float) -> None:
    counts, exposure, weights = made_up
    for chart in RATES:
        one, other = chart(counts, exposure, weights), chart(counts, unit * exposure, weights)
        assert other.signal.tolist() == one.signal.tolist()
        assert other.too_small.tolist() == one.too_small.tolist()
    for rate_chart in RATES[:3]:
        one, other = rate_chart(counts, exposure, weights), rate_chart(counts, unit * exposure, weights)
        assert unit * other.limit == pytest.approx(one.limit, nan_ok=True)
        assert unit * other.value == pytest.approx(one.value, nan_ok=True)


@given(cells(), st.data())
def test_an_unwatched_week_is_as_good_as_none(made_up: Cells, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, made_up[0].shape[1] - 1))
    counts, exposure, weights = (
        np.insert(matrix, at, filler, axis=1) for matrix, filler in zip(made_up, (99.0, 0.0, 1.0), strict=True)
    )
    for chart in CHARTS:
        same(chart(*made_up), chart(counts, exposure, weights))


@given(cells(), st.floats(0.1, 1))
def test_weights_count_among_themselves_alone_and_never_for_the_last_week(made_up: Cells, part: float) -> None:
    counts, exposure, weights = made_up
    others = part * weights
    others[:, -1] = 1 - weights[:, -1]
    for chart in CHARTS:
        same(chart(counts, exposure, weights), chart(counts, exposure, others))


@given(cells())
def test_a_mask_is_as_good_as_weights_of_nought_and_one(made_up: Cells) -> None:
    counts, exposure, weights = made_up
    for chart in (u_chart, laney_u_chart, p_chart, laney_p_chart, ewma_chart, partial(cusum_chart, h=H)):
        same(chart(counts, exposure, weights > 0), chart(counts, exposure, np.where(weights > 0, 1.0, 0.0)))


@given(cells(), st.sampled_from(("no event", "no weight", "no baseline week", "last week unwatched")))
def test_without_a_baseline_or_a_week_to_judge_there_is_no_answer(made_up: Cells, lacking: str) -> None:
    counts, exposure, weights = made_up
    match lacking:
        case "no event":
            counts[:, :-1] = 0
        case "no weight":
            weights[:, :-1] = 0
        case "no baseline week":
            exposure[:, :-1] = 0
        case _:
            exposure[:, -1] = 0
    for chart in (*CHARTS, cusum_chart):
        found = chart(counts, exposure, weights)
        assert np.isnan([found.value, found.centre, found.limit]).all()
        assert not (found.signal | found.too_small).any()


@given(cells())
def test_wider_limits_signal_less(made_up: Cells) -> None:
    for chart in (u_chart, laney_u_chart, p_chart, laney_p_chart, ewma_chart):
        narrow, wide = chart(*made_up, sigmas=2.0), chart(*made_up, sigmas=3.5)
        assert (narrow.signal | ~wide.signal).all()


@given(cells())
def test_a_signal_is_a_value_above_the_limit_and_of_a_cusum_also_one_that_meets_it(made_up: Cells) -> None:
    for chart in CHARTS:
        found = chart(*made_up)
        assume(not np.isclose(found.value, found.limit).any())
        assert found.signal.tolist() == (found.value > found.limit).tolist()


def test_no_cells_and_a_single_week_are_no_trouble() -> None:
    for chart in (*CHARTS, cusum_chart):
        assert chart(np.zeros((0, 5)), np.ones((0, 5)), np.ones((0, 5))).signal.shape == (0,)
        assert not chart(np.ones((2, 1)), np.ones((2, 1)), np.ones((2, 1))).signal.any()
