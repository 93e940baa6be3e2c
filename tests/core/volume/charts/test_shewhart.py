"""Published limits of u and p charts. A judged week is never in its own baseline, so each set of limits that was
computed from all samples is asked for with the sample once more, as one week after them."""

import numpy as np
import pytest

from service.core.volume.charts import Charted, laney_p_chart, laney_u_chart, p_chart, u_chart
from service.core.volume.gamma import Matrix

# Nonconforming cans among 50: Montgomery's orange juice, qcc's `orangejuice`.
CANS = (12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6)
# Nonconformities on five computers: Montgomery's personal computers, qcc's `pcmanufact`.
COMPUTERS = (10, 12, 8, 14, 10, 16, 11, 7, 10, 15, 9, 5, 7, 11, 12, 6, 8, 10, 7, 5)
# Nonconformities on 100 circuit boards: Montgomery, qcc's `circuit`.
BOARDS = (21, 24, 16, 12, 15, 5, 28, 20, 31, 25, 20, 24, 16, 19, 10, 17, 13, 22, 18, 39, 30, 24, 16, 19, 17, 15)
# Defects on a roll of 30 square metres: `Fabric` of SAS/QC.
FABRIC = (12, 11, 9, 15, 7, 6, 5, 10, 8, 8, 14, 5, 9, 13, 7, 5, 8, 11, 7, 12)
# Patients seen within four hours and attendances in twenty weeks: Mohammed and others 2013, `nhs_accidents`.
SEEN = (266501, 264225, 276532, 281461, 269071, 261215, 270409, 279778, 270483, 270320)
SEEN_LATER = (267923, 271478, 255353, 256820, 261835, 259144, 255910, 260863, 264465, 260989)
CAME = (280443, 276823, 291681, 296155, 282343, 275888, 283867, 295251, 284468, 282529)
CAME_LATER = (279618, 283932, 266629, 268091, 276803, 271578, 266005, 273520, 278574, 273772)
# Hospital infections and risk days in 24 months, all hospitals: qicharts2's `hospital_infections`.
INFECTIONS = (575, 521, 585, 528, 507, 519, 457, 505, 494, 512, 543, 506)
INFECTIONS_LATER = (509, 521, 549, 531, 509, 528, 419, 512, 495, 513, 454, 490)
RISK_DAYS = (
    *(310466.833333, 282346.791667, 309089.708333, 287977.333333, 297743.375, 286988.25, 261120.333333, 268720.75),
    *(284437.875, 290449.5, 288104.458333, 279961.375, 289803.958333, 275950.583333, 290824.458333, 285495.75),
    *(282515.208333, 273927.875, 253085.625, 262410.708333, 275529.25, 282405.083333, 259530.791667, 256235.458333),
)
# Defectives and their lots: SPC_P.csv of JASP's quality control module.
DEFECTIVES = (21, 16, 30, 31, 24, 33, 32, 29, 23, 17, 14, 31, 29, 25, 15, 43, 20, 26, 23, 28)
LOTS = (150, 153, 170, 226, 154, 130, 190, 165, 176, 144, 132, 144, 156, 158, 142, 212, 155, 138, 141, 130)


def each_again(counts: tuple[float, ...], sizes: tuple[float, ...]) -> tuple[Matrix, Matrix, Matrix]:
    """One cell for each sample: all of them as the baseline, and then that sample as the judged week."""
    count, size = np.array(counts, np.float64), np.array(sizes, np.float64)
    rows = np.ones((len(count), 1))
    return (
        np.concatenate([rows * count, count[:, None]], axis=1),
        np.concatenate([rows * size, size[:, None]], axis=1),
        np.ones((len(count), len(count) + 1)),
    )


def signals(chart: Charted) -> list[int]:
    """The numbers, from 1, of the samples that signal."""
    return (np.flatnonzero(chart.signal) + 1).tolist()


def test_the_orange_juice_cans_have_montgomerys_p_chart() -> None:
    """Montgomery, Introduction to Statistical Quality Control, 7.2.1: 347 of 1,500, UCL .4102, 15 and 23 beyond.

    Seven digits as `qcc` prints them for `orangejuice`.
    """
    chart = p_chart(*each_again(CANS, (50,) * 30))
    assert sum(CANS) == 347
    assert chart.centre == pytest.approx(0.2313333, abs=5e-8)
    assert chart.limit == pytest.approx(0.4102391, abs=5e-8)
    assert signals(chart) == [15, 23]
    assert not chart.too_small.any()


def test_without_their_two_causes_the_cans_have_montgomerys_revised_limits() -> None:
    """Montgomery, 7.2.1: without samples 15 and 23, pbar .2150 and UCL .3893, beyond which sample 21 now lies."""
    counts, sizes, weights = each_again(CANS, (50,) * 30)
    weights[:, [14, 22]] = 0
    chart = p_chart(counts, sizes, weights)
    assert chart.centre == pytest.approx(0.2150, abs=5e-5)
    assert chart.limit == pytest.approx(0.3893, abs=5e-5)
    assert signals(chart) == [15, 21, 23]


def test_the_personal_computers_have_montgomerys_u_chart() -> None:
    """Montgomery, 7.3.1: 193 on twenty samples of 5, ubar 1.93, UCL 3.79; 3.793867 in the vignette of `qcc` 3.0."""
    chart = u_chart(*each_again(COMPUTERS, (5,) * 20))
    assert sum(COMPUTERS) == 193
    assert chart.centre == pytest.approx(1.93)
    assert chart.limit == pytest.approx(3.793867, abs=5e-7)
    assert signals(chart) == []


def test_the_circuit_boards_have_montgomerys_c_chart() -> None:
    """Montgomery, 7.3.1: c chart, cbar 19.85, UCL 33.22, sample 20 beyond; more digits as `qcc` prints them.

    Without samples 6 and 20, `qcc` has 19.66667 and 32.9708, and as a u chart of 100 boards .1966667 and .329708.
    """
    counts, sizes, weights = each_again(BOARDS, (1,) * 26)
    chart = u_chart(counts, sizes, weights)
    assert chart.centre == pytest.approx(19.84615, abs=5e-6)
    assert chart.limit == pytest.approx(33.21086, abs=5e-6)
    assert signals(chart) == [20]
    clean = np.ones_like(weights, np.bool_)
    clean[:, [5, 19]] = False
    revised, per_board = u_chart(counts, sizes, clean), u_chart(counts, 100 * sizes, clean)
    assert (revised.centre[0], revised.limit[0]) == pytest.approx((19.66667, 32.9708), abs=5e-5)
    assert (per_board.centre[0], per_board.limit[0]) == pytest.approx((0.1966667, 0.329708), abs=5e-7)


def test_the_fabric_has_the_u_chart_of_sas() -> None:
    """SAS/QC User's Guide, SHEWHART procedure, data set FABLIM: 0.30333 and 0.60500 a square metre."""
    chart = u_chart(*each_again(FABRIC, (30,) * 20))
    assert (chart.centre[0], chart.limit[0]) == pytest.approx((0.30333, 0.60500), abs=5e-6)


def test_ten_weeks_of_attendances_give_the_later_ones_the_limits_of_qicharts2() -> None:
    """P and P' charts frozen after ten weeks, computed with R's qicharts2 0.8.1, for weeks 11, 13 and 20.

    From test/fixtures/qicharts2.ts of AUS-DOH-Safety-and-Quality/PowerBI-SPC. The data are those on which Mohammed and
    others, BMJ Quality and Safety 22 (2013) 362-368, show what very large subgroups do to a p chart.
    """
    rows = np.ones((10, 1))
    counts = np.concatenate([rows * np.array(SEEN, np.float64), np.array(SEEN_LATER, np.float64)[:, None]], axis=1)
    trials = np.concatenate([rows * np.array(CAME, np.float64), np.array(CAME_LATER, np.float64)[:, None]], axis=1)
    plain, prime = p_chart(counts, trials, np.ones_like(counts)), laney_p_chart(counts, trials, np.ones_like(counts))
    assert prime.centre == pytest.approx(0.95105964383277042)
    assert plain.limit[[0, 2, 9]] == pytest.approx([0.95228362893516849, 0.95231308802522185, 0.95229662811152571])
    assert prime.limit[[0, 2, 9]] == pytest.approx([0.96347286817633804, 0.96377163185660875, 0.96360470122895214])
    assert len(signals(plain)) == 8
    assert signals(prime) == []


def test_two_years_of_infections_have_the_laney_u_chart_of_qicharts2() -> None:
    """U' chart of qicharts2 0.8.1, moving ranges unscreened, from the same file: months 1, 2, 19 and 24."""
    chart = laney_u_chart(*each_again(INFECTIONS + INFECTIONS_LATER, RISK_DAYS))
    assert chart.centre[0] == pytest.approx(0.0018235751654857592)
    assert chart.limit[[0, 1, 18, 23]] == pytest.approx(
        [0.0020707685554866486, 0.0020827859287502314, 0.0020973608398624551, 0.002095672849618205], rel=1e-9
    )


def test_varying_lots_have_the_laney_p_chart_of_jasp() -> None:
    """Read to four digits off the picture that JASP's own test compares with, laney-p-chart.svg; CL = 0.1611."""
    chart = laney_p_chart(*each_again(DEFECTIVES, LOTS))
    assert chart.centre[0] == pytest.approx(0.1611, abs=5e-5)
    assert chart.limit[:6] == pytest.approx([0.2944, 0.2931, 0.2863, 0.2697, 0.2927, 0.3043], abs=1e-4)


def test_a_proportion_has_no_limit_above_one() -> None:
    chart = p_chart(np.array([[9.0, 9.0, 10.0]]), np.full((1, 3), 10.0), np.ones((1, 3)))
    assert (chart.limit[0], chart.value[0], chart.signal[0]) == (1, 1, False)
    always = np.full((1, 4), 7.0)
    for of in (p_chart, laney_p_chart):
        assert of(always, always, np.ones((1, 4))).limit[0] == 1


def test_fewer_than_four_expected_events_are_marked_as_too_small() -> None:
    """The rule n >= 4 / pbar of QI Charts' selection rules (unaettie.com, qccrules)."""
    trials = np.array([[100.0, 100.0, 199.0], [100.0, 100.0, 200.0]])
    counts = np.array([[2.0, 2.0, 90.0], [2.0, 2.0, 90.0]])
    for of in (u_chart, p_chart, laney_u_chart, laney_p_chart):
        chart = of(counts, trials, np.ones((2, 3)))
        assert chart.too_small.tolist() == [True, False]
        assert chart.signal.all()


def test_a_week_left_out_does_not_break_the_chain_of_moving_ranges() -> None:
    ones = np.ones((1, 4))
    whole = laney_u_chart(np.array([[4.0, 9.0, 2.0, 5.0]]), ones, ones)
    gap = np.array([[1.0, 1.0, 0.0, 1.0, 1.0]])
    unwatched = laney_u_chart(np.array([[4.0, 9.0, 70.0, 2.0, 5.0]]), gap, np.ones((1, 5)))
    unclean = laney_u_chart(np.array([[4.0, 9.0, 70.0, 2.0, 5.0]]), np.ones((1, 5)), gap > 0)
    assert unwatched.limit == pytest.approx(whole.limit)
    assert unclean.limit == pytest.approx(whole.limit)


def test_one_baseline_week_has_no_moving_range() -> None:
    counts, ones = np.array([[4.0, 9.0]]), np.ones((1, 2))
    assert np.isnan(laney_u_chart(counts, ones, ones).limit[0])
    assert u_chart(counts, ones, ones).limit[0] == pytest.approx(10)
