"""DayGrid -> Scores: per cell the statistic T and, per window of 1 to 8 weeks, the evidence for a raised rate.

Refuses windows that leave too short a baseline: their evidence is -inf. The statistic is the logarithm of a Bayes
factor averaged over windows and over two shift sizes, each a product over weeks of negative binomial ratios with the
unknown baseline rate integrated out on eleven nodes.
"""

from dataclasses import dataclass

import numpy as np

from service.core.volume.gamma import Matrix, log_rising
from service.core.volume.grid import MAX_WEEKS, DayGrid
from service.core.volume.prior import Prior
from service.core.volume.settings import VolumeSettings

_SHIFTS = (2.0, 3.0)
_NODES = np.linspace(-3.2, 3.2, 11)
_SLOPE = 0.5
_SLOPE_RANGE = (-3.0, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Arrays over cells, or over cells by windows (column k - 1 is the window of k weeks that ends with the tick).

    `statistic` is T and `log_bayes_factor` the same before its slope in the estimated rate; both are -inf for a cell
    without a usable window. `window_log_bayes_factor` is the larger of the two shift sizes. `x` and `exposure` belong
    to the window, `baseline_x` and `baseline_exposure` (weighted) to the days before it; `expected` is the mean of x.
    """

    statistic: Matrix
    log_bayes_factor: Matrix
    window_log_bayes_factor: Matrix
    x: Matrix
    exposure: Matrix
    expected: Matrix
    baseline_x: Matrix
    baseline_exposure: Matrix


def score(grid: DayGrid, prior: Prior, settings: VolumeSettings) -> Scores:
    """T = ln(mean over windows and shifts of the Bayes factor) - 0.5 clip(ln(rate / prior mean rate), -3, 2).

    An unusable window counts 0 in the mean, whose divisor is always 16.
    """
    baseline_x, baseline_exposure = _baselines(grid, settings)
    shape = prior.a0 + baseline_x / prior.phi
    rate = prior.b0 + baseline_exposure / prior.phi
    usable_windows = np.clip((grid.history_days - settings.min_baseline_days) // 7, 0, MAX_WEEKS)
    usable = np.arange(1, MAX_WEEKS + 1) <= usable_windows[:, None]

    longest = np.maximum(usable_windows - 1, 0)[:, None]
    node_shape = np.take_along_axis(shape, longest, axis=1)
    log_rate = np.log(node_shape / np.take_along_axis(rate, longest, axis=1))
    log_nodes = log_rate + _NODES * np.minimum(1.0, 1 / np.sqrt(node_shape))

    weekly_x, weekly_exposure = _last_weeks(grid.counts), _last_weeks(grid.exposure)
    per_shift = _log_bayes_factors(log_nodes, shape, rate, weekly_x, weekly_exposure, prior.phi)
    per_shift = np.where(usable, per_shift, -np.inf)
    total = _log_sum_exp(np.concatenate(list(per_shift), axis=1)) - np.log(len(_SHIFTS) * MAX_WEEKS)
    slope = _SLOPE * np.clip(log_rate[:, 0] - np.log(prior.a0 / prior.b0), *_SLOPE_RANGE)
    exposure = np.cumsum(weekly_exposure, axis=1)
    return Scores(
        statistic=total - slope,
        log_bayes_factor=total,
        window_log_bayes_factor=per_shift.max(axis=0),
        x=np.cumsum(weekly_x, axis=1),
        exposure=exposure,
        expected=shape / rate * exposure,
        baseline_x=baseline_x,
        baseline_exposure=baseline_exposure,
    )


def _baselines(grid: DayGrid, settings: VolumeSettings) -> tuple[Matrix, Matrix]:
    days = settings.baseline_days
    age = np.arange(days - 1, -1, -1)
    decay = np.ones(days) if settings.half_life_days is None else 0.5 ** (age / settings.half_life_days)
    weighted = (grid.weights * grid.counts, grid.weights * grid.exposure)
    width = grid.counts.shape[1]
    x, exposure = (
        np.stack(
            [
                (matrix[:, width - 7 * weeks - days : width - 7 * weeks] * decay).sum(axis=1)
                for weeks in range(1, MAX_WEEKS + 1)
            ],
            axis=1,
        )
        for matrix in weighted
    )
    return x, exposure


def _last_weeks(matrix: Matrix) -> Matrix:
    """Cells by weeks, the newest week first."""
    newest = matrix[:, -7 * MAX_WEEKS :].reshape(len(matrix), MAX_WEEKS, 7).sum(axis=2)
    return np.ascontiguousarray(newest[:, ::-1])


def _log_bayes_factors(
    log_nodes: Matrix, shape: Matrix, rate: Matrix, weekly_x: Matrix, weekly_exposure: Matrix, phi: float
) -> Matrix:
    """Shifts by cells by windows."""
    nodes = np.exp(log_nodes)
    r = nodes[:, :, None] * weekly_exposure[:, None, :] / (phi - 1)
    # A cell that is not watched yet has no exposure; any positive r will do, since its windows are not usable.
    r = np.where(r > 0, r, 1.0)
    log_weight = shape[:, None, :] * log_nodes[:, :, None] - rate[:, None, :] * nodes[:, :, None]
    n = weekly_x[:, None, :]

    def marginal(shift: float) -> Matrix:
        weeks = log_rising(shift * r, n) - shift * r * np.log(phi)
        return _log_sum_exp(np.swapaxes(log_weight + np.cumsum(weeks, axis=2), 1, 2))

    unshifted = marginal(1.0)
    return np.stack([marginal(shift) - unshifted for shift in _SHIFTS])


def _log_sum_exp(values: Matrix) -> Matrix:
    """Over the last axis; -inf where every value is."""
    top = values.max(axis=-1)
    finite = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        result: Matrix = finite + np.log(np.exp(values - finite[..., None]).sum(axis=-1))
    return result
