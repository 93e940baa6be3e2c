"""Counts of instances in strata -> by how much negatives are more frequent with a feature, and how surprising that is.

Refuses nothing. The test is exact and conditional on all margins, so that taking a sample of the instances that nobody
complained of leaves it right.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """Two by two: of the `cases` with and without a feature, the negative ones."""

    with_negative: int
    with_cases: int
    without_negative: int
    without_cases: int

    @property
    def negative(self) -> int:
        return self.with_negative + self.without_negative

    @property
    def cases(self) -> int:
        return self.with_cases + self.without_cases

    def __add__(self, other: "Table") -> "Table":
        return Table(
            self.with_negative + other.with_negative,
            self.with_cases + other.with_cases,
            self.without_negative + other.without_negative,
            self.without_cases + other.without_cases,
        )


def surprise(strata: Sequence[Table]) -> float:
    """Return P(as many negatives with the feature or more | the margins of each stratum), one-sided.

    In a stratum of N cases, K of them negative and n with the feature, the negatives with it are hypergeometric where
    the feature makes no difference; their sum over strata has the convolution of these for a distribution. With one
    stratum it is Fisher's exact test (Fisher 1935); with several, its exact form by strata (Gart 1970).
    """
    low, chances = _distribution(strata)
    observed = sum(one.with_negative for one in strata)
    return min(1.0, float(chances[observed - low :].sum() / chances.sum()))


def least_surprise(strata: Sequence[Table]) -> float:
    """Return the smallest value that `surprise` can take with these margins, whoever the negatives are."""
    _, chances = _distribution(strata)
    return float(chances[-1] / chances.sum())


def lift(strata: Sequence[Table], weight: float = 1.0) -> float:
    """Return the ratio of the shares of negatives with and without a feature; infinite where none is without.

    With several strata it is that of Mantel and Haenszel, Σ aᵢ mᵢ / Nᵢ over Σ cᵢ nᵢ / Nᵢ: a and c negatives of n cases
    with and m without. Each case that is not negative stands for `weight` cases.
    """
    above = below = 0.0
    for one in strata:
        inside = one.with_negative + weight * (one.with_cases - one.with_negative)
        outside = one.without_negative + weight * (one.without_cases - one.without_negative)
        if inside and outside:
            above += one.with_negative * outside / (inside + outside)
            below += one.without_negative * inside / (inside + outside)
    return above / below if below else math.inf if above else 1.0


def _distribution(strata: Sequence[Table]) -> tuple[int, Figures]:
    """Return the least count that the margins allow, and the chance of it and of each one above."""
    low, chances = 0, np.ones(1)
    for one in strata:
        least = max(0, one.with_cases + one.negative - one.cases)
        most = min(one.with_cases, one.negative)
        low += least
        if most > least:
            chances = np.convolve(chances, _hypergeometric(one, least, most))
    return low, chances


def _hypergeometric(table: Table, least: int, most: int) -> Figures:
    logs = _log_factorials(1 << table.cases.bit_length())
    count = np.arange(least, most + 1)
    others = table.cases - table.negative
    inside = table.with_cases - count
    log_chance = logs[table.negative] - logs[count] - logs[table.negative - count] + logs[others] - logs[inside]
    log_chance += logs[table.with_cases] + logs[table.without_cases] - logs[table.cases] - logs[others - inside]
    chances: Figures = np.exp(log_chance)
    return chances


@lru_cache(maxsize=8)
def _log_factorials(below: int) -> Figures:
    return np.array([math.lgamma(n + 1) for n in range(below)])
