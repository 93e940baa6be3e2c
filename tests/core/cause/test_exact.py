from itertools import product
from math import comb, inf, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.cause.exact import Table, least_surprise, lift, surprise


@st.composite
def strata(draw: st.DrawFn, most: int = 12) -> Table:
    with_cases, without_cases = draw(st.integers(0, most)), draw(st.integers(0, most))
    return Table(draw(st.integers(0, with_cases)), with_cases, draw(st.integers(0, without_cases)), without_cases)


def written_out(tables: list[Table]) -> float:
    """Every way in which the negatives of each stratum can lie, counted."""
    observed = sum(one.with_negative for one in tables)
    ways = [
        [comb(t.with_cases, x) * comb(t.without_cases, t.negative - x) for x in range(t.negative + 1)] for t in tables
    ]
    as_many = sum(
        prod(ways[at][x] for at, x in enumerate(placed))
        for placed in product(*(range(len(each)) for each in ways))
        if sum(placed) >= observed
    )
    return as_many / prod(sum(each) for each in ways)


@pytest.mark.parametrize(
    ("table", "p"),
    [
        # Fisher 1935, the lady tasting tea: three, and all four, of four cups.
        (Table(3, 4, 1, 4), 17 / 70),
        (Table(4, 4, 0, 4), 1 / 70),
        # Fisher 1935, twins of criminals.
        (Table(10, 13, 2, 17), 0.00046518),
    ],
)
def test_one_stratum_is_fishers_exact_test(table: Table, p: float) -> None:
    assert surprise([table]) == pytest.approx(p, rel=1e-4)


@given(st.lists(strata(), min_size=1, max_size=3))
def test_the_surprise_is_that_of_all_ways_written_out(tables: list[Table]) -> None:
    assert surprise(tables) == pytest.approx(written_out(tables), rel=1e-9)


@given(st.lists(strata(), min_size=1, max_size=3))
def test_nothing_is_more_surprising_than_all_negatives_with_the_feature(tables: list[Table]) -> None:
    least = least_surprise(tables)
    assert 0 < least <= surprise(tables) * (1 + 1e-9)
    utmost = [
        Table(most := min(one.with_cases, one.negative), one.with_cases, one.negative - most, one.without_cases)
        for one in tables
    ]
    assert surprise(utmost) == pytest.approx(least)


def test_a_surprise_beyond_what_a_float_resolves_near_one_keeps_its_digits() -> None:
    assert surprise([Table(40, 40, 0, 960)]) == pytest.approx(1 / comb(1000, 40), rel=1e-6)


def test_strata_that_are_alike_inside_surprise_nobody_however_unlike_they_are() -> None:
    """Half of either stratum is negative with and without; thrown together, the feature seems to make a difference."""
    calm, outage = Table(2, 40, 20, 400), Table(40, 80, 20, 40)
    assert surprise([calm, outage]) > 0.5
    assert surprise([calm + outage]) < 1e-9
    assert (round(lift([calm, outage]), 9), round(lift([calm + outage]), 2)) == (1.0, 3.85)


def test_the_lift_is_the_ratio_of_the_two_shares_of_negatives() -> None:
    assert lift([Table(30, 100, 10, 100)]) == pytest.approx(3.0)
    assert lift([Table(5, 10, 0, 100)]) == inf
    assert lift([Table(0, 10, 0, 100)]) == 1.0
    assert lift([Table(0, 0, 7, 100)]) == 1.0


def test_a_sample_of_those_who_did_not_complain_has_the_lift_of_all() -> None:
    everyone, one_in_ten = Table(30, 330, 40, 3040), Table(30, 60, 40, 340)
    assert lift([one_in_ten], weight=10) == pytest.approx(lift([everyone]))


@given(st.lists(strata(), min_size=1, max_size=3), st.floats(1, 50))
def test_with_one_stratum_the_lift_of_mantel_and_haenszel_is_the_plain_one(tables: list[Table], weight: float) -> None:
    one = tables[0]
    if one.with_cases and one.without_cases and one.without_negative:
        inside = one.with_negative + weight * (one.with_cases - one.with_negative)
        outside = one.without_negative + weight * (one.without_cases - one.without_negative)
        plain = (one.with_negative / inside) / (one.without_negative / outside)
        assert lift([one], weight) == pytest.approx(plain)
    assert lift(tables, weight) >= 0
