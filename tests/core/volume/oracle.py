"""The volume rule a second time: one cell, plain Python, ln Gamma and log-sum-exp, written from its text alone."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# What is expected of windows of 1 to 8 weeks, for a doubled and for a trebled rate.
DOUBLED = (0, 0, 0, 2, 3, 6, 9, 12)
TREBLED = (2, 5, 10, 15, 5, 0, 0, 0)
POOLED_DOUBLED = (80, 20, 10, 5, 2, 2, 2, 2)
POOLED_TREBLED = (40, 10, 5, 2, 1, 1, 1, 1)
# Which part of the siblings may have been struck.
STRUCK = (0.3, 0.6, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`counts` and `weights` by day number, day 0 being the first one watched; `exposure` is 1 on a missing day."""

    counts: Mapping[int, int]
    weights: Mapping[int, float]
    exposure: Mapping[int, float]


def statistic(
    cell: Cell, tick: int, a0: float, b0: float, phi: float, half_life: float | None = None
) -> tuple[float, dict[int, float]]:
    """T, and the natural logarithm of each usable window's larger Bayes factor, by its weeks; `half_life` in weeks."""
    factors = log_bayes_factors(cell, tick, a0, b0, phi, half_life)
    if not factors:
        return -math.inf, {}
    mean = _log_sum_exp(
        [
            math.log(weight / 69) + factor
            for k, pair in factors.items()
            for weight, factor in zip((DOUBLED[k - 1], TREBLED[k - 1]), pair, strict=True)
            if weight
        ]
    )
    a, b = _baseline(cell, tick - 7 * max(factors), a0, b0, phi, half_life)
    d = min(2.0, max(-3.0, math.log((a / b) / (a0 / b0))))
    return mean - 0.4 * d - 0.05 * d**2, {k: max(pair) for k, pair in factors.items()}


def pooled(
    cells: Sequence[tuple[Cell, int]], a0: float, b0: float, phi: float, half_life: float | None = None
) -> float:
    """The logarithm of the siblings' mean Bayes factor; each cell with its tick, both in its own days."""
    known = [log_bayes_factors(cell, tick, a0, b0, phi, half_life) for cell, tick in cells]
    total = sum(POOLED_DOUBLED) + sum(POOLED_TREBLED)
    terms = []
    for shift, weights in enumerate((POOLED_DOUBLED, POOLED_TREBLED)):
        for k, weight in enumerate(weights, start=1):
            for e in STRUCK:
                # A cell without a baseline before the window says nothing, and one that says all says at most e^60.
                each = [min(60.0, factors[k][shift]) if k in factors else 0.0 for factors in known]
                product = math.fsum(math.log(1 - e + e * math.exp(factor)) if e < 1 else factor for factor in each)
                terms.append(math.log(weight / total / len(STRUCK)) + product)
    return _log_sum_exp(terms)


def log_bayes_factors(
    cell: Cell, tick: int, a0: float, b0: float, phi: float, half_life: float | None = None
) -> dict[int, tuple[float, float]]:
    """The logarithms of each usable window's Bayes factors for a doubled and for a trebled rate, by its weeks."""
    usable = [k for k in range(1, 9) if tick - 7 * k + 1 >= 28]
    if not usable:
        return {}
    baselines = {k: _baseline(cell, tick - 7 * k, a0, b0, phi, half_life) for k in usable}
    a, b = baselines[max(usable)]
    spread = min(1.0, a**-0.5)
    nodes = [math.log(a / b) + spread * (-3.2 + 0.64 * i) for i in range(11)]
    weeks = [_week(cell, tick, j) for j in range(1, 9)]
    factors: dict[int, tuple[float, float]] = {}
    for k, (a_k, b_k) in baselines.items():
        prior = [a_k * node - b_k * math.exp(node) for node in nodes]

        def marginal(rho: float, k: int = k, prior: Sequence[float] = prior) -> float:
            return _log_sum_exp(
                [
                    weight + math.fsum(_block(n, rho * math.exp(node) * e / (phi - 1), phi) for n, e in weeks[:k])
                    for weight, node in zip(prior, nodes, strict=True)
                ]
            )

        factors[k] = (marginal(2.0) - marginal(1.0), marginal(3.0) - marginal(1.0))
    return factors


def tail(x: int, mean: float, dispersion: float) -> float:
    """P(X >= x) of a negative binomial by adding up what is below x."""
    r, q = mean / (dispersion - 1), 1 - 1 / dispersion
    below = math.fsum(
        math.exp(math.lgamma(n + r) - math.lgamma(r) - math.lgamma(n + 1) - r * math.log(dispersion) + n * math.log(q))
        for n in range(x)
    )
    return 1 - below


def _baseline(cell: Cell, end: int, a0: float, b0: float, phi: float, half_life: float | None) -> tuple[float, float]:
    """The 52 weeks up to a day; a week that ends j weeks before it counts half as much for every half-life in j."""
    a, b = a0, b0
    for day in range(max(0, end - 363), end + 1):
        j = (end - day) // 7
        m = cell.weights.get(day, 1.0) * (1.0 if half_life is None else 0.5 ** (j / half_life))
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
