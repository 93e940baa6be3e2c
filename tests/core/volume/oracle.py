"""The volume rule a second time: one cell, plain Python, ln Gamma and log-sum-exp, written from its text alone."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`counts` and `weights` by day number, day 0 being the first one watched; `exposure` is 1 on a missing day."""

    counts: Mapping[int, int]
    weights: Mapping[int, float]
    exposure: Mapping[int, float]


def statistic(
    cell: Cell, tick: int, a0: float, b0: float, phi: float, half_life: int | None = None
) -> tuple[float, dict[int, float]]:
    """T, and the natural logarithm of each usable window's larger Bayes factor, by its weeks."""
    usable = [k for k in range(1, 9) if tick - 7 * k + 1 >= 28]
    if not usable:
        return -math.inf, {}
    baselines = {k: _baseline(cell, tick - 7 * k, a0, b0, phi, half_life) for k in usable}
    a, b = baselines[max(usable)]
    spread = min(1.0, a**-0.5)
    nodes = [math.log(a / b) + spread * (-3.2 + 0.64 * i) for i in range(11)]
    weeks = [_week(cell, tick, j) for j in range(1, 9)]
    factors: dict[int, list[float]] = {}
    for k, (a_k, b_k) in baselines.items():
        prior = [a_k * node - b_k * math.exp(node) for node in nodes]

        def marginal(rho: float, k: int = k, prior: Sequence[float] = prior) -> float:
            return _log_sum_exp(
                [
                    weight + math.fsum(_block(n, rho * math.exp(node) * e / (phi - 1), phi) for n, e in weeks[:k])
                    for weight, node in zip(prior, nodes, strict=True)
                ]
            )

        factors[k] = [marginal(rho) - marginal(1.0) for rho in (2.0, 3.0)]
    mean = _log_sum_exp([factor for pair in factors.values() for factor in pair]) - math.log(16)
    slope = 0.5 * min(2.0, max(-3.0, math.log((a / b) / (a0 / b0))))
    return mean - slope, {k: max(pair) for k, pair in factors.items()}


def tail(x: int, mean: float, dispersion: float) -> float:
    """P(X >= x) of a negative binomial by adding up what is below x."""
    r, q = mean / (dispersion - 1), 1 - 1 / dispersion
    below = math.fsum(
        math.exp(math.lgamma(n + r) - math.lgamma(r) - math.lgamma(n + 1) - r * math.log(dispersion) + n * math.log(q))
        for n in range(x)
    )
    return 1 - below


def _baseline(cell: Cell, end: int, a0: float, b0: float, phi: float, half_life: int | None) -> tuple[float, float]:
    a, b = a0, b0
    for day in range(max(0, end - 363), end + 1):
        m = cell.weights.get(day, 1.0) * (1.0 if half_life is None else 0.5 ** ((end - day) / half_life))
        a += m * cell.counts.get(day, 0) / phi
        b += m * cell.exposure.get(day, 1.0) / phi
    return a, b


def _week(cell: Cell, tick: int, j: int) -> tuple[int, float]:
    days = range(tick - 7 * j + 1, tick - 7 * j + 8)
    return sum(cell.counts.get(day, 0) for day in days), sum(cell.exposure.get(day, 1.0) for day in days)


def _block(n: int, r: float, phi: float) -> float:
    return math.lgamma(n + r) - math.lgamma(r) - r * math.log(phi)


def _log_sum_exp(values: Sequence[float]) -> float:
    top = max(values)
    return top + math.log(math.fsum(math.exp(value - top) for value in values))
