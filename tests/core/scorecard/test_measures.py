import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.intervals import Answers, Z, share
from service.core.scorecard.loop import LoopTally, loop_figures
from service.core.scorecard.measures import DEFINITIONS, Measure, net_promoter_score

points_of_ten = st.dictionaries(st.integers(0, 10).map(float), st.integers(1, 300), min_size=1)


def figure(measure: Measure, answers: Answers) -> float:
    return DEFINITIONS[measure].estimate(answers).figure


def test_every_figure_is_defined() -> None:
    looped = loop_figures(LoopTally(value=None, negative=0, waits={}))
    assert [*DEFINITIONS, Measure.FCR, *looped] == list(Measure)


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ({0.0: 1}, -100),
        ({6.0: 1}, -100),
        ({6.999: 1}, -100),
        ({7.0: 1}, 0),
        ({8.999: 1}, 0),
        ({9.0: 1}, 100),
        ({10.0: 1}, 100),
        ({9.0: 5, 10.0: 5, 7.0: 6, 0.0: 4}, 30),
    ],
)
def test_nps_is_the_promoters_less_the_detractors_in_a_hundred(answers: Answers, score: float) -> None:
    assert figure(Measure.NPS, answers) == score


@pytest.mark.parametrize(("n", "margin"), [(10, 48), (30, 28), (100, 15), (400, 8)])
def test_half_promoters_and_a_fifth_detractors_have_the_published_margins(n: int, margin: int) -> None:
    found = net_promoter_score({10.0: n * 5 // 10, 8.0: n * 3 // 10, 2.0: n * 2 // 10})
    assert found.figure == 30
    assert [round(found.figure - found.low), round(found.high - found.figure)] == [margin, margin]


@given(points_of_ten)
def test_the_error_of_nps_agrees_with_the_formula_over_answers_written_out(answers: dict[float, int]) -> None:
    written_out = [score for score, times in answers.items() for _ in range(times)]
    n = len(written_out)
    p = sum(score >= 9 for score in written_out) / n
    d = sum(score <= 6 for score in written_out) / n
    error = 100 * math.sqrt(max(0.0, p + d - (p - d) ** 2) / n)
    found = net_promoter_score(answers)
    assert found.figure == pytest.approx(100 * (p - d), abs=1e-9)
    assert found.standard_error == pytest.approx(error, rel=1e-9, abs=1e-6)
    assert found.low == pytest.approx(max(-100, 100 * (p - d) - Z * error), abs=1e-5)
    assert found.high == pytest.approx(min(100, 100 * (p - d) + Z * error), abs=1e-5)


@given(points_of_ten)
def test_turning_every_answer_round_the_middle_can_not_make_nps_leave_its_scale(answers: dict[float, int]) -> None:
    found = net_promoter_score(answers)
    assert -100 <= found.low <= found.figure <= found.high <= 100


def test_csat_is_the_share_of_fours_and_fives_and_not_a_mean() -> None:
    # The example of Delighted's help pages, told there as 69.
    found = DEFINITIONS[Measure.CSAT].estimate({5.0: 50, 4.0: 24, 3.0: 20, 2.0: 3, 1.0: 10})
    assert found == share(74, 107)
    assert round(100 * found.figure) == 69


def test_ease_is_told_as_a_mean_and_as_the_share_of_five_to_seven() -> None:
    answers = {1.0: 2, 4.0: 3, 5.0: 1, 6.0: 2, 7.0: 2}
    assert figure(Measure.CES_MEAN, answers) == pytest.approx((2 * 1 + 3 * 4 + 5 + 2 * 6 + 2 * 7) / 10)
    assert figure(Measure.CES_SHARE, answers) == 0.5


def test_a_rating_is_told_as_a_mean_of_five_points_and_as_its_top_two() -> None:
    answers = {1.0: 1, 2.8: 1, 4.0: 1, 5.0: 1}
    assert (figure(Measure.RATING_MEAN, answers), figure(Measure.RATING_SHARE, answers)) == (3.2, 0.5)


def test_of_two_answers_the_share_of_the_good_one_is_told() -> None:
    assert figure(Measure.BINARY, {0.0: 1, 1.0: 3}) == 0.75
