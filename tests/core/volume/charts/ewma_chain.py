"""Run lengths of a moving average within given limits, by other means than simulation: a chain, and an integral."""

import math

import numpy as np

from service.core.volume.charts import ewma_chart
from service.core.volume.gamma import Matrix

# So many units watched in one week fix the rate and leave the average without noise, where it starts.
KNOWN = 1e12


def after_known_rate(counts: Matrix, exposure: Matrix, rate: float) -> tuple[Matrix, Matrix, Matrix]:
    """Counts, exposure and weights of cells by weeks that come after a baseline which knows the rate."""
    baseline = np.full((len(counts), 1), KNOWN)
    weights = np.zeros((len(counts), counts.shape[1] + 1))
    weights[:, 0] = 1.0
    return (
        np.concatenate([baseline * rate, counts], axis=1),
        np.concatenate([baseline, exposure], axis=1),
        weights,
    )


def week_by_week(values: Matrix, rate: float) -> tuple[Matrix, Matrix, Matrix]:
    """One cell for each week, in which that week is the last and no later one is known."""
    weeks = len(values)
    back = np.arange(weeks)[:, None] - np.arange(weeks - 1, -1, -1)
    counts = np.where(back >= 0, values[np.maximum(back, 0)], 0.0)
    return after_known_rate(counts, np.where(back >= 0, 1.0, 0.0), rate)


def upper_limits(weeks: int, mu0: float, phi: float, smoothing: float, sigmas: float) -> Matrix:
    """The chart's own limit in week 1, 2, ..."""
    return ewma_chart(*week_by_week(np.full(weeks, mu0), mu0), phi=phi, smoothing=smoothing, sigmas=sigmas).limit


def count_run_length(mean: float, mu0: float, smoothing: float, upper: Matrix, lower: float = 0.0) -> float:
    """Weeks until the average of Poisson counts leaves the limits, the last of `upper` staying for good.

    A chain on 800 points; what lands between two points is shared out among them. A limit that is met is kept.
    """
    points = np.linspace(lower, upper[-1], 801)
    count = np.arange(math.ceil(mean + 10 * math.sqrt(mean) + 10))
    probability = np.exp(
        count * math.log(mean) - mean - np.array([math.lgamma(n + 1) for n in count.tolist()], np.float64)
    )
    landing = (1 - smoothing) * points[:, None] + smoothing * count
    share = (landing - lower) / (points[1] - points[0])
    left = np.clip(np.floor(share).astype(np.int64), 0, len(points) - 2)
    inside = (landing >= lower) & (landing <= upper[-1])
    row = np.broadcast_to(np.arange(len(points))[:, None], left.shape)
    chain = np.zeros((len(points), len(points)))
    np.add.at(chain, (row, left), np.where(inside, probability * (left + 1 - share), 0.0))
    np.add.at(chain, (row, left + 1), np.where(inside, probability * (share - left), 0.0))
    lengths = np.linalg.solve(np.eye(len(points)) - chain, np.ones(len(points)))
    for limit in upper[::-1]:
        ahead = np.where(landing <= limit + 1e-9, np.interp(landing, points, lengths), 0.0)
        lengths = 1 + np.where(inside, ahead, 0.0) @ probability
    return float(np.interp(mu0, points, lengths))


def normal_run_length(mean: float, mu0: float, smoothing: float, upper: Matrix, lower: Matrix) -> float:
    """Weeks until the average of normal values with standard deviation 1 leaves limits that end up constant.

    Knoth's way, EWMA schemes with non-homogeneous transition kernels, Sequential Analysis 22 (2003) 241-255: the
    integral equation of the run length on Gauss-Legendre nodes between the limits of each week.
    """
    node, weight = np.polynomial.legendre.leggauss(60)

    def kernel(start: Matrix, low: float, high: float) -> tuple[Matrix, Matrix]:
        target = (high + low) / 2 + (high - low) / 2 * node
        step = (target - (1 - smoothing) * start[:, None]) / smoothing - mean
        density = np.exp(-(step**2) / 2) / math.sqrt(2 * math.pi) / smoothing
        return target, density * weight * (high - low) / 2

    at, _ = kernel(np.zeros(1), lower[-1], upper[-1])
    lengths = np.linalg.solve(np.eye(len(at)) - kernel(at, lower[-1], upper[-1])[1], np.ones(len(at)))
    for week in range(len(upper) - 1, 0, -1):
        start, _ = kernel(np.zeros(1), lower[week - 1], upper[week - 1])
        lengths = 1 + kernel(start, lower[week], upper[week])[1] @ lengths
    return float(1 + (kernel(np.array([mu0]), lower[0], upper[0])[1] @ lengths)[0])
