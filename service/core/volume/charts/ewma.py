"""Weekly counts and exposure -> Charted by an exponentially weighted moving average of the weekly rates.

Refuses cells without a baseline, as `charted` says. Every watched week is smoothed, those outside the baseline too: an
average that skipped alarmed weeks would forget a shift while it lasts.
"""

import numpy as np

from service.core.volume.charts.charted import ROUNDING, Charted, Mask, baseline_rate, charted, per_exposure
from service.core.volume.gamma import Matrix


def ewma_chart(
    counts: Matrix,
    exposure: Matrix,
    weights: Matrix | Mask,
    *,
    phi: Matrix | float = 1.0,
    smoothing: float = 0.2,
    sigmas: float = 3.0,
) -> Charted:
    """Events per unit of exposure: z = lambda x / e + (1 - lambda) z from z = mu0, limit mu0 + L sqrt(phi mu0 v).

    Arrays are cells by weeks, oldest first; exposure 0 leaves a week out, so that z neither moves nor fades. mu0 is
    the baseline's rate and `phi`, scalar or per cell, variance / mean of a weekly count. v = lambda^2 / e +
    (1 - lambda)^2 v from v = 0 is exact for weeks of any exposure; after t weeks of one exposure e it is lambda /
    (2 - lambda) (1 - (1 - lambda)^(2t)) / e. No cell is `too_small`.
    Lucas and Saccucci, Technometrics 32 (1990) 1-12, with the limits that widen from the start; for counts Borror,
    Champ and Rigdon, Journal of Quality Technology 30 (1998) 352-361.
    """
    rate = baseline_rate(counts, exposure, weights)
    watched = exposure > 0
    rates = per_exposure(counts, exposure)
    noise = per_exposure(np.ones_like(exposure), exposure)
    z, v = rate, np.zeros(len(counts))
    for week in range(counts.shape[1]):
        z = np.where(watched[:, week], smoothing * rates[:, week] + (1 - smoothing) * z, z)
        v = np.where(watched[:, week], smoothing**2 * noise[:, week] + (1 - smoothing) ** 2 * v, v)
    limit = rate + sigmas * np.sqrt(phi * rate * v)
    return charted(
        value=z,
        centre=rate,
        limit=limit,
        signal=z > limit * (1 + ROUNDING),
        judged=watched[:, -1],
        too_small=np.zeros(len(counts), np.bool_),
    )
