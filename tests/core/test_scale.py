"""Scores of any scale and orientation on the usual scale of their kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.records.feedback import Metric
from service.core.scale import Scale, on_scale, scale_of
from tests.builders import make_metric

KINDS = ("nps", "csat", "ces", "binary", "rating")


@pytest.mark.parametrize(
    ("kind", "scale"),
    [
        ("nps", Scale(low=0, high=10, good_from=7)),
        ("csat", Scale(low=1, high=5, good_from=4)),
        ("ces", Scale(low=1, high=7, good_from=5)),
        ("binary", Scale(low=0, high=1, good_from=0.5)),
        ("rating", Scale(low=1, high=5, good_from=4)),
    ],
)
def test_each_kind_has_a_usual_scale(kind: str, scale: Scale) -> None:
    assert scale_of(kind) == scale


@pytest.mark.parametrize("kind", KINDS)
def test_a_score_of_the_usual_scale_stays_as_it_is(kind: str) -> None:
    usual = scale_of(kind)
    for raw in range(int(usual.low), int(usual.high) + 1):
        assert on_scale(make_metric(kind, raw, usual.low, usual.high)) == raw


@pytest.mark.parametrize(
    ("metric", "score"),
    [
        pytest.param(make_metric("ces", 2, 1, 7, higher_is_better=False), 6, id="effort 2 of 7 is ease 6"),
        pytest.param(make_metric("ces", 5, 1, 5), 7, id="ease 5 of 5 is a 7 of 7"),
        pytest.param(make_metric("ces", 3, 1, 5, higher_is_better=False), 4, id="the middle stays the middle"),
        pytest.param(make_metric("csat", 2, 1, 3), 3, id="CSAT 2 of 3 is a 3 of 5"),
        pytest.param(make_metric("csat", 100, 0, 100), 5, id="CSAT 100 % is a 5 of 5"),
        pytest.param(make_metric("nps", 4, 0, 5), 8, id="NPS 4 of 0 to 5 is an 8"),
        pytest.param(make_metric("binary", 2, 1, 2), 1, id="2 of 1 and 2 is the good one"),
        pytest.param(make_metric("rating", 10, 0, 10), 5, id="a rating of ten points is one of five"),
    ],
)
def test_a_score_of_another_scale_is_moved_in_proportion(metric: Metric, score: float) -> None:
    assert on_scale(metric) == score


@given(st.sampled_from(KINDS), st.integers(-100, 100), st.integers(1, 100), st.data())
def test_a_score_turned_round_on_a_scale_turned_round_is_the_same(
    kind: str, low: int, points: int, data: st.DataObject
) -> None:
    raw = low + data.draw(st.integers(0, points))
    high = low + points
    turned = make_metric(kind, low + high - raw, low, high, higher_is_better=False)
    assert on_scale(turned) == on_scale(make_metric(kind, raw, low, high))
