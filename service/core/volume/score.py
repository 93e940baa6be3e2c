"""WeekGrid -> Scores: per cell the statistic T and, per window of 1 to 8 weeks, the evidence for a raised rate.

Refuses windows that leave too short a baseline: their evidence is -inf. The statistic is the logarithm of a Bayes
factor averaged over windows and over two shift sizes, each a product over weeks of negative binomial ratios with the
unknown baseline rate integrated out on eleven nodes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from service.core.volume.gamma import Matrix, log_rising
from service.core.volume.grid import BASELINE_WEEKS, MAX_WEEKS, MIN_BASELINE_DAYS, WeekGrid
from service.core.volume.prior import Priors

SHIFTS = (2.0, 3.0)
# How much is expected of each window of 1 to 8 weeks, for each shift: what trebles shows within about a month or is
# over by then; what doubles takes up to two to tell from chance.
WEIGHTS = np.array([(0, 0, 0, 2, 3, 6, 9, 12), (2, 5, 10, 15, 5, 0, 0, 0)], np.float64).T
WEIGHTS = WEIGHTS / WEIGHTS.sum()
_NODES = np.linspace(-3.2, 3.2, 11)
_SLOPE, _BEND = 0.4, 0.05
_SLOPE_RANGE = (-3.0, 2.0)
_CHUNK_CELLS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Arrays over cells, or over cells by windows (column k - 1 is the window of k weeks that ends with the tick).

    `warm_up` says that a cell has not been watched for long enough, `windows` how many windows lie after what was last
    done about it. `statistic` is T and `log_bayes_factor` the same before its slope in the estimated rate; both are
    -inf for a cell without a usable window. `log_bayes_factors` has each shift size, cells by windows by shifts. `x`
    and `exposure` belong to the window, `baseline_x` and `baseline_exposure` (weighted) to the weeks before it;
    `expected` is the mean of x.
    """

    warm_up: NDArray[np.bool_]
    windows: NDArray[np.int64]
    statistic: Matrix
    log_bayes_factor: Matrix
    log_bayes_factors: Matrix
    x: Matrix
    exposure: Matrix
    expected: Matrix
    baseline_x: Matrix
    baseline_exposure: Matrix

    @property
    def window_log_bayes_factor(self) -> Matrix:
        """The larger of the two shift sizes, cells by windows."""
        largest: Matrix = self.log_bayes_factors.max(axis=2)
        return largest


def score(grid: WeekGrid, priors: Priors, half_life_weeks: float | None = None) -> Scores:
    """T = ln(weighted mean over windows and shifts of the Bayes factor) - .4 d - .05 d², where d says how busy it is.

    d = clip(ln(rate / prior mean rate), -3, 2). An unusable window counts 0 in the mean. The weights are WEIGHTS.
    """
    return joined(
        [
            _score(grid.rows(start, start + _CHUNK_CELLS), priors.rows(start, start + _CHUNK_CELLS), half_life_weeks)
            for start in range(0, max(len(grid.counts), 1), _CHUNK_CELLS)
        ]
    )


def joined(parts: Sequence[Scores]) -> Scores:
    """The cells of several parts, one after the other."""
    if len(parts) == 1:
        return parts[0]
    return Scores(**{one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Scores)})


def usable_windows(history_days: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of the windows leave at least 28 days before them."""
    usable: NDArray[np.int64] = np.clip((history_days - MIN_BASELINE_DAYS) // 7, 0, MAX_WEEKS)
    return usable


def _score(grid: WeekGrid, priors: Priors, half_life_weeks: float | None) -> Scores:
    baseline_x, baseline_exposure = (
        _baselines(weekly, half_life_weeks) for weekly in (grid.weighted_counts, grid.weighted_exposure)
    )
    shape = priors.a0 + baseline_x / priors.phi
    rate = priors.b0 + baseline_exposure / priors.phi
    watched = usable_windows(grid.history_days)
    usable = np.minimum(watched, grid.windows)

    longest = np.maximum(usable - 1, 0)[:, None]
    node_shape = np.take_along_axis(shape, longest, axis=1)
    log_rate = np.log(node_shape / np.take_along_axis(rate, longest, axis=1))
    log_nodes = log_rate + _NODES * np.minimum(1.0, 1 / np.sqrt(node_shape))

    weekly_x, weekly_exposure = grid.counts[:, :MAX_WEEKS], grid.exposure[:, :MAX_WEEKS]
    factors = _log_bayes_factors(log_nodes, shape, rate, weekly_x, weekly_exposure, priors.phi)
    factors = np.where((np.arange(1, MAX_WEEKS + 1) <= usable[:, None])[:, :, None], factors, -np.inf)
    with np.errstate(divide="ignore"):
        weighted = factors + np.log(WEIGHTS)
    total = log_sum_exp(weighted.reshape(len(factors), WEIGHTS.size))
    busy = np.clip(log_rate[:, 0] - np.log(priors.a0 / priors.b0)[:, 0], *_SLOPE_RANGE)
    exposure = np.cumsum(weekly_exposure, axis=1)
    return Scores(
        warm_up=watched == 0,
        windows=grid.windows,
        statistic=total - _SLOPE * busy - _BEND * busy**2,
        log_bayes_factor=total,
        log_bayes_factors=factors,
        x=np.cumsum(weekly_x, axis=1),
        exposure=exposure,
        expected=shape / rate * exposure,
        baseline_x=baseline_x,
        baseline_exposure=baseline_exposure,
    )


def _baselines(weekly: Matrix, half_life_weeks: float | None) -> Matrix:
    """Sum the 52 weeks before each window; each row by itself, so that no cell depends on another in its last bits."""
    age = np.arange(BASELINE_WEEKS)
    decay = np.ones(BASELINE_WEEKS) if half_life_weeks is None else 0.5 ** (age / half_life_weeks)
    return np.stack(
        [(weekly[:, weeks : weeks + BASELINE_WEEKS] * decay).sum(axis=1) for weeks in range(1, MAX_WEEKS + 1)], axis=1
    )


def _log_bayes_factors(
    log_nodes: Matrix, shape: Matrix, rate: Matrix, weekly_x: Matrix, weekly_exposure: Matrix, phi: Matrix
) -> Matrix:
    """Cells by windows by shifts."""
    nodes = np.exp(log_nodes)
    r = nodes[:, :, None] * weekly_exposure[:, None, :] / (phi - 1)[:, :, None]
    # A week without exposure, which was not watched or is left out, says nothing; any positive r will do for it.
    exposed = r > 0
    r = np.where(exposed, r, 1.0)
    log_weight = shape[:, None, :] * log_nodes[:, :, None] - rate[:, None, :] * nodes[:, :, None]
    n = weekly_x[:, None, :]
    log_phi = np.log(phi)[:, :, None]

    def marginal(shift: float) -> Matrix:
        weeks = np.where(exposed, log_rising(shift * r, n) - shift * r * log_phi, 0.0)
        return log_sum_exp(np.swapaxes(log_weight + np.cumsum(weeks, axis=2), 1, 2))

    unshifted = marginal(1.0)
    return np.stack([marginal(shift) - unshifted for shift in SHIFTS], axis=2)


def log_sum_exp(values: Matrix) -> Matrix:
    """Over the last axis; -inf where every value is."""
    top = values.max(axis=-1)
    finite = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        result: Matrix = finite + np.log(np.exp(values - finite[..., None]).sum(axis=-1))
    return result
