"""What was done about a cell, and the weeks since -> whether the trouble came back, or the cell is as it was before.

Closing a review says that something was done, so that from then on only windows wholly after that day are looked at.
For four weeks a far smaller rise than else calls for a formal review: the local adjustment did not help. Refuses to
call a cell mended before two whole weeks have passed.
"""

from collections.abc import Sequence

import numpy as np

from service.core.volume.gamma import Matrix
from service.core.volume.levels import CrowdOf, LevelReason, Levels, guards, held_back
from service.core.volume.score import SHIFTS, Scores, log_sum_exp
from service.core.volume.settings import Thresholds

ARMED_WEEKS = 4
PROOF_WEEKS = 2
_FORMAL = 2


def raise_recurred(
    scores: Scores,
    levels: Levels,
    armed: Sequence[bool],
    thresholds: Sequence[Thresholds],
    crowd: CrowdOf,
) -> None:
    """Raise in place the `armed` cells, those about which something was done whose effect nobody knows yet.

    The statistic is ln(mean over the two shifts of the Bayes factor of the one window of all weeks since the act).
    """
    for row in np.flatnonzero(np.array(armed, np.bool_) & ~scores.warm_up & (levels.rank < _FORMAL)).tolist():
        weeks, cut = int(scores.windows[row]), thresholds[row].h_recurrence
        if cut is None or not 1 <= weeks <= ARMED_WEEKS or since_act(scores, row) < cut:
            continue
        x, expected = float(scores.x[row, weeks - 1]), float(scores.expected[row, weeks - 1])
        _, _, guard = guards(thresholds[row])[0]
        if x < guard.min_x or x < thresholds[row].min_ratio * expected:
            continue
        if held_back(crowd(row, weeks), guard, thresholds[row].max_customer_share) is None:
            levels.rank[row], levels.weeks[row], levels.reasons[row] = _FORMAL, weeks, LevelReason.RECURRENCE


def since_act(scores: Scores, row: int) -> float:
    """The evidence of all weeks since the act together."""
    factors: Matrix = scores.log_bayes_factors[row, int(scores.windows[row]) - 1]
    return float(log_sum_exp(factors) - np.log(len(SHIFTS)))


def is_mended(scores: Scores, row: int, thresholds: Thresholds) -> bool:
    """Tell whether the last two weeks, wholly after the act, are likelier as before than at twice the rate.

    In a cell that is judged by a fixed count they have to stay below it together.
    """
    if scores.windows[row] < PROOF_WEEKS:
        return False
    if scores.warm_up[row]:
        return bool(scores.x[row, PROOF_WEEKS - 1] < thresholds.warm_up_min)
    return bool(scores.log_bayes_factors[row, PROOF_WEEKS - 1, 0] < 0)
