"""Weekly counts and exposure -> Charted by a cumulative sum that looks for an increase of the rate by a given ratio.

Refuses cells without a baseline, as `charted` says. A ratio must be above 1: at 1 there is nothing to look for.
"""

import numpy as np

from service.core.volume.charts.charted import ROUNDING, Charted, Mask, baseline_rate, charted
from service.core.volume.charts.run_length import RATIO, TARGET_ARL, decision_intervals, reference_value
from service.core.volume.gamma import Matrix


def cusum_chart(
    counts: Matrix,
    exposure: Matrix,
    weights: Matrix | Mask,
    *,
    h: Matrix | float | None = None,
    ratio: float = RATIO,
    target_arl: float = TARGET_ARL,
    phi: Matrix | float = 1.0,
    restart: bool = False,
) -> Charted:
    """Events: S = max(0, S + x - k) from S = 0, which signals from S = h on, as Lucas has it; its centre is 0.

    Arrays are cells by weeks, oldest first; exposure 0 leaves a week out. k = mu0 e (ratio - 1) / ln(ratio) in a week
    of exposure e, where mu0 is the baseline's rate: at any exposure x - k is the log likelihood ratio of a Poisson
    count over ln(ratio), so that one h serves all weeks. `h` is scalar or per cell. Without it, it is solved for
    `target_arl` weeks between false alarms, from the cell's mean weekly count in control and its `phi`, variance /
    mean, scalar or per cell. With `restart` the week after a signal begins at 0, as after an action; without, S comes
    down by about k less mu0 e a week from wherever a shift has taken it. No cell is `too_small`.
    Lucas, Counted data CUSUM's, Technometrics 27 (1985) 129-144.
    """
    rate = baseline_rate(counts, exposure, weights)
    watched = exposure > 0
    if h is None:
        # A cell that is not judged needs no h, which would cost the most of all here.
        weekly = np.where(watched[:, -1], rate, np.nan) * exposure.sum(axis=1) / np.maximum(watched.sum(axis=1), 1)
        limit = decision_intervals(weekly, ratio=ratio, target_arl=target_arl, phi=phi)
    else:
        limit = np.where(np.isfinite(rate), h, np.nan)
    reached = limit * (1 - ROUNDING)
    k = exposure * reference_value(rate, ratio)[:, None]
    total = np.zeros(len(counts))
    for week in range(counts.shape[1]):
        start = np.where(total >= reached, 0.0, total) if restart else total
        total = np.where(watched[:, week], np.maximum(0.0, start + counts[:, week] - k[:, week]), total)
    return charted(
        value=total,
        centre=np.zeros(len(counts)),
        limit=limit,
        signal=total >= reached,
        judged=watched[:, -1],
        too_small=np.zeros(len(counts), np.bool_),
    )
