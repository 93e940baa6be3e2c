from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.records.feedback import Metric
from service.core.scorecard import Dimension, Estimate, Measure, Scorecard, Tally, Unsaid, scorecard_line, scorecards
from tests.builders import make_metric

KINDS = ("nps", "csat", "ces", "binary", "rating")


def tallies(*given: tuple[str | None, Metric, int]) -> list[Tally]:
    return [Tally(value=value, score=score, count=times) for value, score, times in given]


def lines(given: Sequence[Tally], floor: int = 1) -> list[tuple[str | None, str, int, float | str]]:
    found = [scorecard_line(card) for card in scorecards(Dimension.SEGMENT, given, floor)]
    return [(line["value"], line["metric"], line["n"], line["figure"]) for line in found]


@st.composite
def scores(draw: st.DrawFn) -> Metric:
    low = draw(st.integers(-5, 5))
    high = low + draw(st.integers(1, 20))
    return make_metric(
        draw(st.sampled_from(KINDS)), draw(st.integers(low, high)), low, high, higher_is_better=draw(st.booleans())
    )


drawn_tallies = st.lists(
    st.builds(
        lambda value, score, times: Tally(value=value, score=score, count=times),
        st.sampled_from((None, "a", "b", "é")),
        scores(),
        st.integers(1, 40),
    ),
    max_size=30,
)


def test_each_kind_of_score_makes_its_own_figures() -> None:
    given = tallies(*(("a", make_metric(kind, 1, 0, 1), 40) for kind in KINDS))
    assert lines(given) == [
        ("a", "nps", 40, 100.0),
        ("a", "csat", 40, 1.0),
        ("a", "ces_mean", 40, 7.0),
        ("a", "ces_share", 40, 1.0),
        ("a", "binary", 40, 1.0),
        ("a", "rating_mean", 40, 5.0),
        ("a", "rating_share", 40, 1.0),
    ]


def test_values_are_in_the_order_of_code_points_and_none_is_last() -> None:
    five = make_metric("csat", 5, 1, 5)
    given = tallies((None, five, 1), ("é", five, 1), ("b", five, 1), ("B", five, 1), ("", five, 1))
    assert [value for value, *_ in lines(given)] == ["", "B", "b", "é", None]


def test_scores_of_different_scales_are_one_figure() -> None:
    given = tallies(
        ("a", make_metric("csat", 5, 1, 5), 10),
        ("a", make_metric("csat", 3, 1, 3), 10),
        ("a", make_metric("csat", 7, 1, 10), 10),
        ("a", make_metric("csat", 8, 1, 10), 10),
    )
    assert lines(given) == [("a", "csat", 40, 0.75)]


@pytest.mark.parametrize("high", range(2, 101))
def test_seven_of_ten_is_passive_however_it_is_written(high: int) -> None:
    given = tallies(
        ("a", make_metric("nps", 0.7 * high, 0, high), 1), ("a", make_metric("nps", 0.9 * high, 0, high), 1)
    )
    assert lines(given) == [("a", "nps", 2, 50.0)]


def test_a_figure_is_told_with_how_sure_it_is() -> None:
    given = tallies(("a", make_metric("csat", 5, 1, 5), 74), ("a", make_metric("csat", 2, 1, 5), 33))
    (card,) = scorecards(Dimension.PROCESS, given, 30)
    assert scorecard_line(card) == {
        "by": "process",
        "value": "a",
        "metric": "csat",
        "n": 107,
        "censored": None,
        "figure": 0.691589,
        "standard_error": None,
        "low": 0.598715,
        "high": 0.771183,
    }


def test_the_thirtieth_answer_makes_a_figure() -> None:
    nine = make_metric("nps", 9, 0, 10)
    below, at = (scorecards(Dimension.TEAM, tallies(("desk", nine, n)), 30) for n in (29, 30))
    assert below == (Scorecard(by=Dimension.TEAM, value="desk", measure=Measure.NPS, n=29, said=Unsaid.INSUFFICIENT),)
    said = Estimate(figure=100.0, standard_error=0.0, low=100.0, high=100.0)
    assert at == (Scorecard(by=Dimension.TEAM, value="desk", measure=Measure.NPS, n=30, said=said),)


@given(drawn_tallies, st.integers(1, 300))
def test_below_the_floor_there_is_never_a_number(given: list[Tally], floor: int) -> None:
    for card in scorecards(Dimension.SEGMENT, given, floor):
        line = scorecard_line(card)
        told = [line[name] for name in ("figure", "standard_error", "low", "high")]
        if card.n < floor:
            assert told == ["insufficient", None, None, None]
        else:
            assert line["low"] <= line["figure"] <= line["high"]


@given(drawn_tallies)
def test_both_orientations_give_the_same_figures(given: list[Tally]) -> None:
    turned = [
        Tally(
            value=one.value,
            score=make_metric(
                one.score.kind,
                one.score.scale_min + one.score.scale_max - one.score.raw,
                one.score.scale_min,
                one.score.scale_max,
                higher_is_better=not one.score.higher_is_better,
            ),
            count=one.count,
        )
        for one in given
    ]
    assert scorecards(Dimension.SEGMENT, turned, 1) == scorecards(Dimension.SEGMENT, given, 1)


@given(drawn_tallies, st.randoms(use_true_random=False))
def test_the_order_of_the_tallies_changes_nothing(given: list[Tally], dice: Random) -> None:
    shuffled = sorted(given, key=lambda _: dice.random())
    assert scorecards(Dimension.SEGMENT, shuffled, 5) == scorecards(Dimension.SEGMENT, given, 5)


@given(drawn_tallies)
def test_every_answer_is_in_the_figures_of_its_kind(given: list[Tally]) -> None:
    counted = sum(
        card.n
        for card in scorecards(Dimension.SEGMENT, given, 1)
        if card.measure not in (Measure.CES_MEAN, Measure.RATING_MEAN)
    )
    assert counted == sum(one.count for one in given)
