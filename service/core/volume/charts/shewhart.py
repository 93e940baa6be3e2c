"""Weekly counts out of an exposure or of trials -> Charted by a u or p chart, plain or with Laney's correction.

Refuses cells without a baseline as `charted` says; Laney's forms also need two baseline weeks, for one moving range.
The last week alone is plotted, so these charts see large shifts at once and small ones late.
"""

from dataclasses import replace

import numpy as np

from service.core.volume.charts.charted import (
    ROUNDING,
    Charted,
    Mask,
    baseline_rate,
    baseline_weights,
    charted,
    per_exposure,
)
from service.core.volume.gamma import Matrix

SIGMAS = 3.0
# d2 of a moving range of two: its mean, in standard deviations of a normal distribution.
_MEAN_RANGE = 1.128
_LEAST_EXPECTED = 4.0


def u_chart(counts: Matrix, exposure: Matrix, weights: Matrix | Mask, *, sigmas: float = SIGMAS) -> Charted:
    """Events per unit of exposure: ubar + L sqrt(ubar / n), ubar = sum of counts / sum of exposure of the baseline.

    All three are cells by weeks, oldest first; exposure 0 leaves a week out. `too_small` marks n < 4 / ubar, that is
    fewer than four expected events. Montgomery, Introduction to Statistical Quality Control, section 7.3.
    """
    centre = baseline_rate(counts, exposure, weights)
    return _shewhart(counts, exposure, centre, variance=centre, width=sigmas)


def p_chart(counts: Matrix, trials: Matrix, weights: Matrix | Mask, *, sigmas: float = SIGMAS) -> Charted:
    """Events per trial: pbar + L sqrt(pbar (1 - pbar) / n), at most 1, where `counts` never exceeds `trials`.

    Shapes as for `u_chart`. `too_small` marks n < 4 / pbar. Montgomery, section 7.2.
    """
    centre = baseline_rate(counts, trials, weights)
    return _at_most_one(_shewhart(counts, trials, centre, variance=centre * (1 - centre), width=sigmas))


def laney_u_chart(counts: Matrix, exposure: Matrix, weights: Matrix | Mask, *, sigmas: float = SIGMAS) -> Charted:
    """As `u_chart`, its sigma multiplied by sigma_z, which measures what Poisson noise leaves unexplained.

    sigma_z = mean moving range of the baseline's z values / 1.128. It may fall below 1 and narrow the limit, as
    published. Laney, Improved control charts for attributes, Quality Engineering 14 (2002) 531-537.
    """
    centre = baseline_rate(counts, exposure, weights)
    width = sigmas * _sigma_z(counts, exposure, baseline_weights(exposure, weights), centre, centre)
    return _shewhart(counts, exposure, centre, variance=centre, width=width)


def laney_p_chart(counts: Matrix, trials: Matrix, weights: Matrix | Mask, *, sigmas: float = SIGMAS) -> Charted:
    """As `p_chart`, its sigma multiplied by sigma_z of `laney_u_chart`; the limit is at most 1."""
    centre = baseline_rate(counts, trials, weights)
    variance = centre * (1 - centre)
    width = sigmas * _sigma_z(counts, trials, baseline_weights(trials, weights), centre, variance)
    return _at_most_one(_shewhart(counts, trials, centre, variance=variance, width=width))


def _shewhart(counts: Matrix, exposure: Matrix, centre: Matrix, *, variance: Matrix, width: Matrix | float) -> Charted:
    """`variance` is that of one unit of exposure, `width` the number of standard errors up to the limit."""
    size = exposure[:, -1]
    value = per_exposure(counts[:, -1], size)
    limit = centre + width * np.sqrt(per_exposure(variance, size))
    return charted(
        value=value,
        centre=centre,
        limit=limit,
        signal=value > limit * (1 + ROUNDING),
        judged=size > 0,
        too_small=size * centre < _LEAST_EXPECTED * (1 - ROUNDING),
    )


def _at_most_one(chart: Charted) -> Charted:
    # No proportion lies above 1, so a capped limit takes no signal away.
    return replace(chart, limit=np.minimum(chart.limit, 1.0))


def _sigma_z(counts: Matrix, exposure: Matrix, part: Matrix, centre: Matrix, variance: Matrix) -> Matrix:
    """One per cell; NaN below two baseline weeks. A range weighs as much as its two weeks, multiplied."""
    size = exposure[:, :-1]
    error = np.sqrt(per_exposure(np.broadcast_to(variance[:, None], size.shape), size))
    z = np.divide(per_exposure(counts[:, :-1], size) - centre[:, None], error, out=np.zeros_like(size), where=error > 0)
    # A week that is left out does not break the chain: its neighbours are compared with each other.
    kept = part > 0
    position = np.where(kept, np.arange(size.shape[1]), -1)
    before = np.full_like(position, -1)
    before[:, 1:] = np.maximum.accumulate(position, axis=1)[:, :-1]
    earlier = np.maximum(before, 0)
    weight = np.where(kept & (before >= 0), part * np.take_along_axis(part, earlier, axis=1), 0.0)
    ranges = (weight * np.abs(z - np.take_along_axis(z, earlier, axis=1))).sum(axis=1)
    total = weight.sum(axis=1)
    mean_range: Matrix = np.divide(ranges, total, out=np.full(len(total), np.nan), where=total > 0)
    return mean_range / _MEAN_RANGE
