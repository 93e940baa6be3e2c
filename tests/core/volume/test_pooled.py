import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.records.words import Level
from service.core.volume import (
    EVERY,
    CellHistory,
    CellKey,
    DayRange,
    Evidence,
    EvidenceFlag,
    Judgement,
    LevelReason,
    Method,
    PooledThresholds,
    Prior,
    Sibling,
    Siblings,
    Thresholds,
    VolumeSettings,
    pooled_evidence,
)
from service.core.volume.grid import week_grid
from service.core.volume.pooled import POOLED_WEIGHTS, PooledScores, pool, pooled_rank
from service.core.volume.pooled import siblings as groups_of
from service.core.volume.prior import Priors
from service.core.volume.score import Scores, score
from tests.core.volume import oracle
from tests.core.volume.cells import PRIOR, by_age, cells, day, end_of, history, priors, siblings, turnout

SETTINGS = VolumeSettings()
LIMITS = PooledThresholds(h_local=3.4, h_formal=6.0, h_without_strongest=0.0)
EAGER = replace(LIMITS, h_local=1.0, h_formal=2.0)
PROCESSES = ("billing", "delivery", "onboarding", "order-to-cash", "returns")
USUAL = [1, 0] * 10
EVERYWHERE = CellKey(process=EVERY, category="outage", region=None)


def key(process: str, category: str = "outage", region: str | None = None) -> CellKey:
    return CellKey(process=process, category=category, region=region)


def scores_of(histories: Sequence[CellHistory], tick: int, prior: Prior = PRIOR) -> Scores:
    return score(week_grid(histories, day(tick), 0.7), Priors.of(prior, len(histories)))


def judge(newest: Sequence[int], before: Sequence[int] = USUAL) -> Judgement:
    """One category in as many processes, which had all the same weeks before the newest."""
    histories = siblings({key(process): [*before, last] for process, last in zip(PROCESSES, newest, strict=False)})
    return Judgement(histories, end_of(len(before) + 1), SETTINGS, PRIOR)


def pooled(newest: Sequence[int], thresholds: PooledThresholds = LIMITS) -> Evidence:
    (found,) = pooled_evidence(judge(newest), thresholds)
    return found


def without_strongest(newest: Sequence[int]) -> float:
    judgement = judge(newest)
    (rest,) = pool(judgement.scores, groups_of([one.cell for one in judgement.histories])).without_strongest.tolist()
    return float(rest)


def test_siblings_share_a_category_a_process_or_both_over_regions() -> None:
    keys = [key(process) for process in ("billing", "delivery", "returns")]
    keys += [key("returns", "refund", region) for region in ("fr", "it", "uk")]
    assert groups_of(keys) == (
        Siblings(cell=key(EVERY, "outage"), rows=(0, 1, 2)),
        Siblings(cell=key("returns", EVERY), rows=(2, 3, 4, 5)),
        Siblings(cell=key("returns", "refund", EVERY), rows=(3, 4, 5)),
    )


def test_fewer_than_three_cells_are_no_group() -> None:
    assert groups_of([key("billing"), key("delivery"), key("returns", "refund")]) == ()
    assert groups_of([]) == ()
    assert pooled_evidence(judge([9, 9]), LIMITS) == ()


def test_of_groups_of_the_same_cells_the_closest_kin_stands() -> None:
    regions = [key("returns", "refund", region) for region in ("fr", "it", "uk")]
    assert groups_of(regions) == (Siblings(cell=key("returns", "refund", EVERY), rows=(0, 1, 2)),)
    categories = [key("returns", category) for category in ("delay", "refund", "rude")]
    assert groups_of(categories) == (Siblings(cell=key("returns", EVERY), rows=(0, 1, 2)),)


keys = st.builds(
    key,
    st.sampled_from(PROCESSES[:3]),
    st.sampled_from(("outage", "refund", "rude")),
    st.sampled_from((None, "fr", "it", "uk")),
)


@given(st.lists(keys, unique=True))
def test_each_group_holds_every_cell_under_its_key_and_no_two_hold_the_same(many: list[CellKey]) -> None:
    groups = groups_of(many)
    for group in groups:
        assert group.rows == tuple(
            row
            for row, cell in enumerate(many)
            if group.cell.process in {EVERY, cell.process}
            and group.cell.category in {EVERY, cell.category}
            and (group.cell.region is None or cell.region is not None)
        )
        assert len(group.rows) >= 3
    assert len({group.rows for group in groups}) == len(groups)


@settings(max_examples=100, deadline=None)
@given(st.lists(cells(), min_size=3, max_size=6), priors)
def test_the_pooled_statistic_agrees_with_the_plain_version(many: list[tuple[oracle.Cell, int]], prior: Prior) -> None:
    histories = [history(cell, tick, ends=day(520)) for cell, tick in many]
    rows = tuple(range(len(many)))
    some = (Siblings(cell=EVERYWHERE, rows=rows), Siblings(cell=EVERYWHERE, rows=rows[:0:-1] + rows[:1]))
    found = pool(scores_of(histories, 520, prior), (*some, replace(some[0], rows=rows[1:])))
    plain = [oracle.pooled(of, prior.a0, prior.b0, prior.phi) for of in (many, many, many[1:])]
    assert found.statistic == pytest.approx(plain, rel=1e-9, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.lists(cells(), min_size=3, max_size=6), priors)
def test_without_the_strongest_there_is_no_more_evidence_than_with_it_and_no_less_than_without_any_one(
    many: list[tuple[oracle.Cell, int]], prior: Prior
) -> None:
    scores = scores_of([history(cell, tick, ends=day(520)) for cell, tick in many], 520, prior)
    rows = tuple(range(len(many)))
    found = pool(scores, (Siblings(cell=EVERYWHERE, rows=rows),))
    others = pool(scores, [Siblings(cell=EVERYWHERE, rows=(*rows[:row], *rows[row + 1 :])) for row in rows])
    assert found.without_strongest[0] <= min(found.statistic[0], *others.statistic) + 1e-9


def test_a_group_is_weighed_alike_in_any_company() -> None:
    scores = scores_of(siblings({key(it): [*USUAL, n] for n, it in enumerate(PROCESSES)}), 7 * 21 - 1)
    few = [Siblings(cell=EVERYWHERE, rows=rows) for rows in ((0, 1, 2), (4, 2, 3, 1), (0, 1, 2, 3, 4), (2, 3, 4))]
    many, alone = pool(scores, few * 500), [pool(scores, (group,)) for group in few]
    assert many.statistic.tolist() == [float(one.statistic[0]) for one in alone] * 500
    assert many.without_strongest.tolist() == [float(one.without_strongest[0]) for one in alone] * 500
    assert many.weeks.tolist() == [int(one.weeks[0]) for one in alone] * 500


def test_the_weights_are_all_of_one() -> None:
    total = sum(oracle.POOLED_DOUBLED) + sum(oracle.POOLED_TREBLED)
    assert POOLED_WEIGHTS.tolist() == [
        [pytest.approx(doubled / total), pytest.approx(trebled / total)]
        for doubled, trebled in zip(oracle.POOLED_DOUBLED, oracle.POOLED_TREBLED, strict=True)
    ]


def test_cells_without_a_baseline_say_nothing() -> None:
    fresh = [replace(one, first_day=day(7 * 19)) for one in siblings({key(it): [0] * 20 + [9] for it in PROCESSES})]
    found = pool(scores_of(fresh, 7 * 21 - 1), groups_of([one.cell for one in fresh]))
    assert found.statistic.tolist() == [pytest.approx(0)]
    assert found.without_strongest.tolist() == [pytest.approx(0)]


def test_five_small_cells_that_rise_together_are_found_where_none_is_found_alone() -> None:
    judgement = judge([3] * 5)
    assert judgement.levels.rank.tolist() == [0] * 5
    (found,) = pooled_evidence(judgement, LIMITS)
    rest = replace(found, expected=0, ratio=0, statistic=None, bayes_factor=None, siblings=(), course=())
    assert rest == Evidence(
        cell=EVERYWHERE,
        window_end=end_of(21),
        level=Level.LOCAL_ADJUSTMENT,
        reason=LevelReason.STATISTIC,
        method=Method.POOLED,
        window=DayRange(first=day(7 * 20), last=end_of(21)),
        x=15,
        expected=0,
        ratio=0,
        customers=15,
        largest_share=1 / 15,
        statistic=None,
        bayes_factor=None,
        p=None,
        flags=(EvidenceFlag.EXPOSURE_UNKNOWN,),
        thresholds=Thresholds(rule="volume.siblings", h_local=3.4, h_formal=6.0),
        limit=None,
        siblings=(),
    )
    each = 7 * (1.1 + 10 / 1.5) / (PRIOR.b0 + 140 / 1.5)
    assert found.siblings == tuple(
        Sibling(cell=key(process), x=3, expected=found.expected / 5) for process in PROCESSES
    )
    assert found.expected == pytest.approx(5 * each)
    assert found.ratio == pytest.approx(3 / each)
    assert found.statistic is not None
    assert found.statistic > 3.4
    assert found.bayes_factor == math.exp(found.statistic)


def test_a_stronger_rise_of_all_is_a_formal_review_and_the_usual_is_nothing() -> None:
    assert [pooled([newest] * 5).level for newest in (0, 1, 2, 3, 4, 5)] == [
        None,
        None,
        None,
        Level.LOCAL_ADJUSTMENT,
        Level.FORMAL_REVIEW,
        Level.FORMAL_REVIEW,
    ]


def test_three_of_five_that_rise_are_a_common_cause_too() -> None:
    assert judge([5, 5, 5, 0, 1]).levels.rank.tolist() == [0] * 5
    assert pooled([5, 5, 5, 0, 1]).level is Level.LOCAL_ADJUSTMENT


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 500))
def test_one_wild_cell_among_quiet_ones_is_no_finding_of_all(wild: int) -> None:
    assert without_strongest([wild, 0, 1, 0, 1]) < 0
    assert pooled([wild, 0, 1, 0, 1]).level is None


def test_one_wild_cell_is_told_from_a_common_rise_by_what_is_left_without_it() -> None:
    careless, careful = (replace(LIMITS, h_without_strongest=least) for least in (-9.0, 1.0))
    assert pooled([200, 0, 1, 0, 1], careless).level is Level.FORMAL_REVIEW
    assert [round(without_strongest([200, *[others] * 4]), 1) for others in (0, 1, 3)] == [-1.2, 0.3, 3.4]
    assert [pooled([200, *[others] * 4], careful).level for others in (0, 1, 3)] == [None, None, Level.FORMAL_REVIEW]


@pytest.mark.parametrize(
    ("statistic", "rest", "rank"),
    [(3.39, 0.5, 0), (3.4, 0.5, 1), (5.99, 0.5, 1), (6.0, 0.5, 2), (9.0, 0.0, 2), (9.0, -0.01, 0)],
)
def test_a_group_has_to_reach_its_thresholds_and_to_stand_without_its_strongest(
    statistic: float, rest: float, rank: int
) -> None:
    scores = PooledScores(
        statistic=np.array([0.0, statistic]),
        without_strongest=np.array([0.0, rest]),
        weeks=np.array([1, 1]),
        mended=np.array([False, False]),
    )
    assert pooled_rank(scores, 1, LIMITS) == rank


def contacts_of(customers_by_cell: Sequence[Sequence[int]]) -> Judgement:
    """Cells as in `judge`, whose customers of the newest week are given."""
    made: list[CellHistory] = []
    for process, newest, one in zip(
        PROCESSES, customers_by_cell, siblings({key(it): USUAL for it in PROCESSES}), strict=True
    ):
        usual = {7 * week + 2: [1000 * len(made) + week] for week in range(0, 20, 2)}
        made.append(replace(one, cell=key(process), counted=turnout(usual | {7 * 20 + 2: newest})))
    return Judgement(made, end_of(21), SETTINGS, PRIOR)


def test_the_same_few_customers_in_every_cell_are_no_common_cause() -> None:
    regulars = contacts_of([[1, 2]] * 5)
    (found,) = pooled_evidence(regulars, EAGER)
    assert (found.level, found.reason, found.x, found.customers) == (None, LevelReason.FEW_CUSTOMERS, 10, 2)
    (four,) = pooled_evidence(contacts_of([[1, 2], [2, 3], [3, 4], [4, 1], [1, 2]]), EAGER)
    assert (four.level, four.reason, four.customers) == (Level.LOCAL_ADJUSTMENT, LevelReason.FEW_CUSTOMERS, 4)


def test_one_customer_behind_too_much_of_what_all_cells_count_holds_the_finding_back() -> None:
    angry = contacts_of([[1, 2], [1, 3], [1, 4], [1, 5], [1, 6]])
    (found,) = pooled_evidence(angry, EAGER)
    assert (found.level, found.reason, found.largest_share) == (None, LevelReason.ONE_CUSTOMER, 0.5)


def test_a_finding_names_the_ten_cells_that_exceed_their_expectation_most() -> None:
    risen = {key(f"p{number:02}"): [*USUAL, number % 7] for number in range(14)}
    (found,) = pooled_evidence(
        Judgement(siblings({key("busy as ever"): [6] * 21} | risen), end_of(21), SETTINGS, PRIOR), LIMITS
    )
    assert [(one.cell.process, one.x) for one in found.siblings] == [
        (f"p{number:02}", number % 7) for number in (6, 13, 5, 12, 4, 11, 3, 10, 2, 9)
    ]


def test_a_finding_may_come_from_a_window_of_several_weeks() -> None:
    histories = siblings({key(process): [*USUAL, 2, 2] for process in PROCESSES})
    (found,) = pooled_evidence(Judgement(histories, end_of(22), SETTINGS, PRIOR), LIMITS)
    assert (found.level, found.window, found.x) == (
        Level.LOCAL_ADJUSTMENT,
        DayRange(first=day(7 * 20), last=end_of(22)),
        20,
    )


def test_exposure_that_all_cells_know_explains_a_rise_of_all() -> None:
    traffic = by_age([1.0] * 7 * 20 + [5.0] * 7)
    histories = [
        replace(one, exposure=traffic) for one in siblings({key(process): [*USUAL, 3] for process in PROCESSES})
    ]
    (found,) = pooled_evidence(Judgement(histories, end_of(21), SETTINGS, PRIOR), LIMITS)
    assert (found.level, found.flags) == (None, ())
    partly = [*histories[:4], replace(histories[4], exposure=None)]
    (unsure,) = pooled_evidence(Judgement(partly, end_of(21), SETTINGS, PRIOR), LIMITS)
    assert unsure.flags == (EvidenceFlag.EXPOSURE_UNKNOWN,)
