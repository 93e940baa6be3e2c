import math
from statistics import NormalDist, fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.intervals import Estimate, Z, difference, mean, share

answers_of_seven = st.dictionaries(st.floats(1, 7), st.integers(1, 500), min_size=1, max_size=20)


def test_the_intervals_are_of_95_percent() -> None:
    assert pytest.approx(NormalDist().inv_cdf(0.975), abs=1e-12) == Z


@pytest.mark.parametrize(
    ("good", "n", "low", "high"),
    [
        (2, 5, 0.12, 0.77),
        (6, 20, 0.15, 0.52),
        (12, 50, 0.14, 0.37),
        # Newcombe 1998, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_share_has_the_published_interval_of_wilson(good: int, n: int, low: float, high: float) -> None:
    found = share(good, n)
    digits = 2 if n in (5, 20, 50) and good else 4
    assert (round(found.low, digits), round(found.high, digits), found.figure) == (low, high, good / n)


def test_where_all_or_none_are_good_one_end_is_the_share_itself() -> None:
    assert share(0, 7) == Estimate(figure=0.0, low=0.0, high=share(0, 7).high)
    assert share(7, 7) == Estimate(figure=1.0, low=share(7, 7).low, high=1.0)


@given(st.integers(1, 10**7), st.data())
def test_an_interval_holds_its_share_and_stays_within_nothing_and_all(n: int, data: st.DataObject) -> None:
    found = share(data.draw(st.integers(0, n)), n)
    assert 0 <= found.low <= found.figure <= found.high <= 1


@given(st.integers(1, 10**6), st.data())
def test_the_ends_are_the_shares_at_which_the_answers_would_just_be_surprising(n: int, data: st.DataObject) -> None:
    good = data.draw(st.integers(0, n))
    found = share(good, n)
    for end in (found.low, found.high):
        if 0 < end < 1:
            surprise = abs(good / n - end) / math.sqrt(end * (1 - end) / n)
            assert surprise == pytest.approx(Z, rel=1e-6)


@given(answers_of_seven)
def test_a_mean_and_its_error_are_those_of_the_answers_written_out(answers: dict[float, int]) -> None:
    written_out = [score for score, times in answers.items() for _ in range(times)]
    found = mean(answers, 1, 7)
    assert found.figure == pytest.approx(fmean(written_out))
    assert found.standard_error == pytest.approx(pstdev(written_out) / math.sqrt(len(written_out)), abs=1e-9)


@given(answers_of_seven)
def test_an_interval_holds_its_mean_and_stays_on_the_scale(answers: dict[float, int]) -> None:
    found = mean(answers, 1, 7)
    assert 1 <= found.low <= found.figure <= found.high <= 7


@given(st.lists(st.tuples(st.floats(1, 7), st.integers(1, 500)), min_size=1, max_size=20, unique_by=lambda one: one[0]))
def test_the_order_of_the_answers_changes_no_bit(answers: list[tuple[float, int]]) -> None:
    assert mean(dict(answers), 1, 7) == mean(dict(reversed(answers)), 1, 7)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        # Newcombe 1998, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_a_difference_of_shares_has_the_published_interval_of_newcombe(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    found = difference(share(*one), share(*other))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_a_difference_turned_round_has_its_interval_turned_round(n: int, m: int, data: st.DataObject) -> None:
    one, other = share(data.draw(st.integers(0, n)), n), share(data.draw(st.integers(0, m)), m)
    there, back = difference(one, other), difference(other, one)
    assert -1 - 1e-12 <= there.low <= there.figure <= there.high <= 1 + 1e-12
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))
