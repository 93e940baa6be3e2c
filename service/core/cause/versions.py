"""Instances of two versions of a process -> whether the later one is complained of more, less, or neither.

Refuses to say from fewer than thirty instances of either, or fewer than five complaints of both together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.core.cause.case import Case
from service.core.intervals import Estimate, difference, share

LEAST_INSTANCES = 30
LEAST_COMPLAINTS = 5


class VersionVerdict(StrEnum):
    """What the interval of the difference says."""

    WORSE = "worse"
    BETTER = "better"
    NO_DIFFERENCE = "no_difference"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One version: `instances` that no outage struck, the `negative` ones of them, and how many an outage did strike.

    `rate` is None where there are no instances.
    """

    version: str
    instances: int
    negative: int
    in_outage: int
    rate: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`difference` is the rate after less that before, with Newcombe's interval; None where a side has no rate."""

    before: Side
    after: Side
    difference: Estimate | None
    verdict: VersionVerdict


def compare_versions(before: str, after: str, cases: Sequence[Case]) -> Comparison:
    """Compare what is known of two versions; what an outage struck is counted apart and not compared.

    It is worse where the whole interval of the difference is above 0, better where it is below.
    """
    first, last = _side(before, cases), _side(after, cases)
    apart = None if first.rate is None or last.rate is None else difference(last.rate, first.rate)
    return Comparison(before=first, after=last, difference=apart, verdict=_verdict(first, last, apart))


def _side(version: str, cases: Sequence[Case]) -> Side:
    own = [one for one in cases if one.version == version]
    counted = [one for one in own if not one.outage]
    negative = sum(one.negative for one in counted)
    return Side(
        version=version,
        instances=len(counted),
        negative=negative,
        in_outage=len(own) - len(counted),
        rate=share(negative, len(counted)) if counted else None,
    )


def _verdict(before: Side, after: Side, apart: Estimate | None) -> VersionVerdict:
    few = min(before.instances, after.instances) < LEAST_INSTANCES
    if apart is None or few or before.negative + after.negative < LEAST_COMPLAINTS:
        return VersionVerdict.TOO_FEW
    if apart.low > 0:
        return VersionVerdict.WORSE
    return VersionVerdict.BETTER if apart.high < 0 else VersionVerdict.NO_DIFFERENCE
