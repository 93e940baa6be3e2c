"""Features and who was complained of -> how much oftener each one was, and how much of that chance would give.

What an outage explains is taken out first: everything is compared within those that an outage struck, and within the
others. Refuses to count in what could not be surprising whoever had complained; that is known from totals alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.core.cause.exact import Table, least_surprise, lift, surprise
from service.core.cause.features import Feature, Flags, Told
from service.core.intervals import Estimate, share

# What is named has so many negatives, such a lift and at most such a share of false discoveries.
LEAST_NEGATIVE = 5
LEAST_LIFT = 1.5
MOST_Q = 0.10

Strata = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Who was negative and in which stratum; each other instance stands for `weight` of them."""

    negative: Flags
    strata: Strata
    weight: float = 1.0

    def split(self, by: Flags) -> "Outcomes":
        """Return the same, with each stratum split into those with something and those without."""
        return Outcomes(negative=self.negative, strata=self.strata * 2 + by, weight=self.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One feature: `share_with` and `share_without` are of negatives, `lift` is the ratio of these two.

    `lift_within` is the same within strata of outage, `p` the chance of as many negatives or more within these, and
    `q` the share of false discoveries among all features that are as surprising (Benjamini and Hochberg 1995).
    """

    feature: Feature
    also: tuple[Feature, ...]
    table: Table
    share_with: Estimate
    share_without: Estimate
    lift: float
    lift_within: float
    p: float
    q: float

    @property
    def named(self) -> bool:
        enough = self.table.with_negative >= LEAST_NEGATIVE and self.q <= MOST_Q
        return enough and min(self.lift, self.lift_within) >= LEAST_LIFT


def tables(holds: Flags, outcomes: Outcomes) -> tuple[Table, ...]:
    """Count a feature in each stratum that is not empty."""
    strata = int(outcomes.strata.max(initial=0)) + 1
    # The four cells of each stratum are counted in one go.
    cells = np.bincount(outcomes.strata * 4 + holds * 2 + outcomes.negative, minlength=strata * 4).reshape(-1, 2, 2)
    found = (Table(one[1][1], sum(one[1]), one[0][1], sum(one[0])) for one in cells.tolist())
    return tuple(table for table in found if table.cases)


def tested(features: Sequence[Told], outcomes: Outcomes) -> tuple[Tested, ...]:
    """Test what could be found, the most surprising first."""
    counted = [(told, strata) for told in features if _could_be_found(strata := tables(told.holds, outcomes))]
    surprises = [surprise(strata) for _, strata in counted]
    found = [
        _tested(told, strata, outcomes.weight, (p, q))
        for (told, strata), p, q in zip(counted, surprises, false_discoveries(surprises), strict=True)
    ]
    # The features come in a fixed order, and sorting keeps it where two are as surprising.
    return tuple(sorted(found, key=lambda one: (one.p, -one.lift_within)))


def false_discoveries(surprises: Sequence[float]) -> tuple[float, ...]:
    """Return q of each: the smallest p · m / rank of it and of all that are less surprising, at most 1."""
    order = sorted(range(len(surprises)), key=surprises.__getitem__, reverse=True)
    found, least = [1.0] * len(surprises), 1.0
    for place, at in enumerate(order):
        least = min(least, surprises[at] * (len(surprises) / (len(surprises) - place)))
        found[at] = least
    return tuple(found)


def _could_be_found(strata: Sequence[Table]) -> bool:
    most = sum(min(one.with_cases, one.negative) for one in strata)
    return most >= LEAST_NEGATIVE and least_surprise(strata) <= MOST_Q


def _tested(told: Told, strata: Sequence[Table], weight: float, surprising: tuple[float, float]) -> Tested:
    whole = sum(strata[1:], strata[0])
    return Tested(
        feature=told.feature,
        also=told.also,
        table=whole,
        share_with=weighted_share(whole.with_negative, whole.with_cases, weight),
        share_without=weighted_share(whole.without_negative, whole.without_cases, weight),
        lift=lift((whole,), weight),
        lift_within=lift(strata, weight),
        p=surprising[0],
        q=surprising[1],
    )


def weighted_share(negative: int, cases: int, weight: float) -> Estimate:
    """Return the share of negatives with Wilson's interval, where each other case stands for `weight`.

    The odds of a sample of the others are `weight` times too high, and so are those at the ends of its interval.
    """
    found = share(negative, cases)
    if weight == 1.0:
        return found
    low, figure, high = (one / (one + weight * (1 - one)) for one in (found.low, found.figure, found.high))
    return Estimate(figure=figure, low=low, high=high)


def finite(figure: float) -> float | None:
    """Return a lift, or None where nobody without the feature is negative."""
    return figure if math.isfinite(figure) else None
