from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.volume import (
    CellHistory,
    CellKey,
    Judgement,
    Method,
    Prior,
    Thresholds,
    VolumeSettings,
    evaluate,
    evaluate_all,
    fit_prior,
)
from service.core.volume.grid import week_grid
from service.core.volume.levels import Crowd
from service.core.volume.prior import clean_weeks
from tests.core.volume import oracle
from tests.core.volume.cells import (
    CELL,
    FIRST_DAY,
    PRIOR,
    cells,
    day,
    end_of,
    history,
    priors,
    siblings,
    strangers,
    turnout,
)

SETTINGS = VolumeSettings()

methods = st.sampled_from(
    (Method.BAYES_FACTOR, Method.BAYES_FACTOR, Method.U_CHART, Method.P_CHART, Method.EWMA, Method.CUSUM)
)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(cells(), methods), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_the_company_of_other_cells_changes_no_cell_to_the_last_bit(
    many: list[tuple[tuple[oracle.Cell, int], Method]], random: Random
) -> None:
    histories = [replace(history(cell, tick), thresholds=Thresholds(method=method)) for (cell, tick), method in many]
    alone = [evaluate(one, day(520), PRIOR, SETTINGS) for one in histories]
    # More than are scored at once.
    places = [place % len(many) for place in range(600)]
    random.shuffle(places)
    found = evaluate_all([histories[place] for place in places], day(520), PRIOR, SETTINGS)
    assert found == tuple(alone[place] for place in places)


def test_thousands_of_cells_are_judged_as_each_of_them_alone() -> None:
    few = [
        strangers([week % 3 for week in range(30)] + [6 * row], thresholds=Thresholds(method=method))
        for row, method in enumerate(
            (Method.BAYES_FACTOR, Method.U_CHART, Method.EWMA, Method.BAYES_FACTOR, Method.CUSUM)
        )
    ]
    alone = evaluate_all(few, end_of(31), PRIOR, SETTINGS)
    judgement = Judgement(few * 1000, end_of(31), SETTINGS, PRIOR)
    assert [judgement.levels.level(row) for row in range(5000)] == [one.level for one in alone] * 1000
    for row in (0, 4094, 4095, 4096, 4097, 4999):
        assert judgement.evidence(row) == alone[row % 5]


@settings(max_examples=25, deadline=None)
@given(st.lists(cells(), min_size=1, max_size=5), priors)
def test_a_judgement_builds_the_same_evidence_when_it_is_asked_for(
    many: list[tuple[oracle.Cell, int]], prior: Prior
) -> None:
    histories = [history(cell, tick) for cell, tick in many]
    judgement = Judgement(histories, day(520), SETTINGS, prior)
    rows = range(len(histories))
    assert tuple(judgement.evidence(row) for row in reversed(rows))[::-1] == evaluate_all(
        histories, day(520), prior, SETTINGS
    )


def test_without_a_prior_it_is_fitted_to_these_very_cells() -> None:
    keys = [CellKey(process="order-to-cash", category=str(number), region=None) for number in range(9)]
    histories = siblings({key: [2, 6] * 10 for key in keys})
    judgement = Judgement(histories, end_of(20), SETTINGS)
    assert judgement.prior == fit_prior(clean_weeks(week_grid(histories, end_of(20), SETTINGS.down_weight)))
    assert (judgement.prior.phi_cells, judgement.prior.rate_cells) == (9, 9)


def test_who_is_behind_a_window_is_told_for_one_cell_and_for_several() -> None:
    customers: tuple[dict[int, list[int]], ...] = ({1: [1, 2], 9: [1, 3], 16: [1]}, {10: [1], 17: [4]}, {})
    histories = [CellHistory(cell=CELL, first_day=FIRST_DAY, counted=turnout(one)) for one in customers]
    judgement = Judgement(histories, end_of(3), SETTINGS, PRIOR)
    assert judgement.crowd(0, 1) == Crowd(customers=1, largest_share=1.0)
    assert judgement.crowd(0, 3) == Crowd(customers=3, largest_share=3 / 5)
    assert judgement.crowd_of((0, 1), 2) == Crowd(customers=3, largest_share=3 / 5)
    assert judgement.crowd(2, 8) == Crowd(customers=0, largest_share=0.0)
