"""Counts of answers -> a figure with its 95 % interval: of twenty such intervals about nineteen hold the true figure.

Refuses to judge how the answers were gathered: an interval says nothing of those who did not answer. `answers` maps a
score to how many gave it, at least one in all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, fsum, sqrt

Answers = Mapping[float, int]

# The 97.5th percentile of the standard normal distribution.
Z = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure between the ends of its interval; a share has no standard error, since its interval is lopsided."""

    figure: float
    standard_error: float | None = None
    low: float
    high: float


def share(good: int, n: int) -> Estimate:
    """Return good / n, 0..1, with Wilson's score interval.

    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), from Wilson, "Probable inference, the law of succession, and
    statistical inference", 1927. Unlike p ± z √(p(1-p)/n) it stays within 0..1 and is right for small n.
    """
    p = good / n
    width = 1 + Z * Z / n
    centre = (p + Z * Z / (2 * n)) / width
    half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / width
    # At 0 and at n one end is the share itself, which rounding would miss by a hair.
    return Estimate(figure=p, low=min(p, max(0.0, centre - half)), high=max(p, min(1.0, centre + half)))


def mean(answers: Answers, low: float, high: float) -> Estimate:
    """Return the mean of scores between `low` and `high`, with its standard error and normal interval, cut at these.

    SE = √(Σ(x - mean)² / n²), the standard deviation of the answers over √n. Sums are exact before they are rounded
    once, so that the order of the answers does not matter.
    """
    n = sum(answers.values())
    average = fsum(score * times for score, times in answers.items()) / n
    error = sqrt(fsum(times * (score - average) ** 2 for score, times in answers.items())) / n
    return Estimate(
        figure=average,
        standard_error=error,
        low=max(low, average - Z * error),
        high=min(high, average + Z * error),
    )


def quantile(answers: Answers, q: float) -> Estimate:
    """Return the least answer that a share of at least q do not exceed, 0 < q < 1, between two of the answers.

    They are those of the ranks ⌈nq - z √(nq(1-q))⌉ and ⌈nq + z √(nq(1-q))⌉, within 1..n: an interval for a quantile
    that assumes nothing of how answers are spread. From Conover, "Practical Nonparametric Statistics", 1999, 3.2.
    """
    n = sum(answers.values())
    half = Z * sqrt(n * q * (1 - q))
    # What is whole but for the last bits of a number is not a rank further.
    low, middle, high = (min(n, max(1, ceil(round(n * q + shift, 9)))) for shift in (-half, 0.0, half))
    return Estimate(figure=_ranked(answers, middle), low=_ranked(answers, low), high=_ranked(answers, high))


def _ranked(answers: Answers, rank: int) -> float:
    seen = 0
    for answer in sorted(answers):
        seen += answers[answer]
        if seen >= rank:
            return answer
    raise ValueError("there are fewer answers")


def difference(one: Estimate, other: Estimate) -> Estimate:
    """Return one share less another, of different answers, -1..1, with Newcombe's interval of their two intervals.

    The ends are d - √((p₁ - l₁)² + (u₂ - p₂)²) and d + √((u₁ - p₁)² + (p₂ - l₂)²) with the ends l and u of the shares'
    own intervals: method 10 of Newcombe, "Interval estimation for the difference between independent proportions:
    comparison of eleven methods", 1998.
    """
    apart = one.figure - other.figure
    below = sqrt((one.figure - one.low) ** 2 + (other.high - other.figure) ** 2)
    above = sqrt((one.high - one.figure) ** 2 + (other.figure - other.low) ** 2)
    return Estimate(figure=apart, low=apart - below, high=apart + above)
