"""Scores of one kind, on its usual scale -> each figure that is made of them; deploy/docs/metrics.md has them in words.

Each figure is defined here and nowhere else, that of closed cases beside them. Refuses to mix kinds: a figure is of one
kind alone.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from service.core.intervals import Answers, Estimate, mean, share
from service.core.scale import scale_of

_PROMOTER_FROM = 9


class Measure(StrEnum):
    """The closed list of figures, in the order in which they are told."""

    NPS = "nps"
    CSAT = "csat"
    CES_MEAN = "ces_mean"
    CES_SHARE = "ces_share"
    BINARY = "binary"
    RATING_MEAN = "rating_mean"
    RATING_SHARE = "rating_share"
    FCR = "fcr"
    FOLLOW_UP = "follow_up"
    FIRST_ACTION_MEDIAN = "first_action_median"
    FIRST_ACTION_P90 = "first_action_p90"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """Of which kind of score a figure is made, and how; the scores are on the kind's usual scale."""

    kind: str
    estimate: Callable[[Answers], Estimate]


def net_promoter_score(answers: Answers) -> Estimate:
    """Return 100 (promoters - detractors) / n, -100..100: from 9 a promoter, below 7 a detractor, passive between.

    It is the mean of 100, 0 and -100, so its standard error is 100 √((p + d - (p - d)²) / n) with the shares p and d of
    promoters and detractors, the square root of the variance of a difference of two shares of the same answers.
    """
    passive_from = scale_of("nps").good_from
    sides: Counter[float] = Counter()
    for score, times in answers.items():
        sides[100.0 if score >= _PROMOTER_FROM else 0.0 if score >= passive_from else -100.0] += times
    return mean(sides, -100, 100)


def _good_share(kind: str) -> Callable[[Answers], Estimate]:
    """Return the share of answers that are good by the very bound from which severity finds nothing negative."""

    def estimate(answers: Answers) -> Estimate:
        good_from = scale_of(kind).good_from
        return share(sum(times for score, times in answers.items() if score >= good_from), sum(answers.values()))

    return estimate


def _mean(kind: str) -> Callable[[Answers], Estimate]:
    usual = scale_of(kind)
    return lambda answers: mean(answers, usual.low, usual.high)


def first_contact_resolution(closed: int, returned: int) -> Estimate:
    """Return 1 - returned / closed, the share of closed cases, at least one, after which nobody came back."""
    return share(closed - returned, closed)


DEFINITIONS: Mapping[Measure, Definition] = {
    Measure.NPS: Definition(kind="nps", estimate=net_promoter_score),
    Measure.CSAT: Definition(kind="csat", estimate=_good_share("csat")),
    Measure.CES_MEAN: Definition(kind="ces", estimate=_mean("ces")),
    Measure.CES_SHARE: Definition(kind="ces", estimate=_good_share("ces")),
    Measure.BINARY: Definition(kind="binary", estimate=_good_share("binary")),
    Measure.RATING_MEAN: Definition(kind="rating", estimate=_mean("rating")),
    Measure.RATING_SHARE: Definition(kind="rating", estimate=_good_share("rating")),
}
