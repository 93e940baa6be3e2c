"""Weekly counts, exposure and weights -> the baseline's rate per cell, and Charted, the answer of every chart.

Refuses a cell whose judged week was not watched, or whose baseline holds no event: without one event there is no spread
to draw a limit by. Such a cell has NaN for every figure and no signal; what stands in for the chart is the caller's
choice.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.core.volume.gamma import Matrix

Mask = NDArray[np.bool_]

# A value that equals its limit must not signal, or miss its signal, for the last digit of a division.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Charted:
    """Arrays over cells, for the judged week alone, which is the last one.

    `value` is the plotted point, `centre` where it lies while nothing changes, and `limit` the upper control limit, all
    in the chart's own unit. `signal` says that the point calls for action, which an increase alone can do. `too_small`
    marks cells whose subgroup is below the size from which the chart is sensible; their signals are not suppressed.
    """

    value: Matrix
    centre: Matrix
    limit: Matrix
    signal: Mask
    too_small: Mask


def charted(*, value: Matrix, centre: Matrix, limit: Matrix, signal: Mask, judged: Mask, too_small: Mask) -> Charted:
    """The answer where a cell is judged, and NaN or False elsewhere; `judged` also needs a finite limit."""
    usable = judged & np.isfinite(limit)
    return Charted(
        value=np.where(usable, value, np.nan),
        centre=np.where(usable, centre, np.nan),
        limit=np.where(usable, limit, np.nan),
        signal=usable & signal,
        too_small=usable & too_small,
    )


def baseline_weights(exposure: Matrix, weights: Matrix | Mask) -> Matrix:
    """Cells by the weeks before the judged one: each week's part in the baseline, 0 where it was not watched.

    `weights` is cells by weeks, from 0 to 1 or a mask; its last column is ignored, so that no week is judged by itself.
    """
    part: Matrix = np.where(exposure[:, :-1] > 0, weights[:, :-1], 0.0)
    return part


def baseline_rate(counts: Matrix, exposure: Matrix, weights: Matrix | Mask) -> Matrix:
    """Weighted events per unit of exposure over the baseline, one per cell; NaN where there is no event."""
    part = baseline_weights(exposure, weights)
    events = np.where(part > 0, part * counts[:, :-1], 0.0).sum(axis=1)
    watched = (part * exposure[:, :-1]).sum(axis=1)
    rate: Matrix = np.divide(events, watched, out=np.full(len(events), np.nan), where=events > 0)
    return rate


def per_exposure(counts: Matrix, exposure: Matrix) -> Matrix:
    """Counts / exposure, and 0 where nothing was watched."""
    rates: Matrix = np.divide(counts, exposure, out=np.zeros(exposure.shape), where=exposure > 0)
    return rates
