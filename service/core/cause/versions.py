"""What became of the instances of two versions -> whether the later one is complained of more, less, or neither.

Refuses to say from fewer than thirty instances of either, or fewer than five complaints of both together.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from service.core.cause.gathering import in_downtime
from service.core.intervals import Estimate, difference, share
from service.core.records.feedback import Downtime, Instance

LEAST_INSTANCES = 30
LEAST_COMPLAINTS = 5


class VersionVerdict(StrEnum):
    """What the interval of the difference says."""

    WORSE = "worse"
    BETTER = "better"
    NO_DIFFERENCE = "no_difference"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionTally:
    """One version in a period: `instances` that began in it and that no downtime struck, the `negative` ones of them.

    `in_outage` counts those that one did strike; `first_at` is when the first of all of them began, None of none.
    """

    version: str
    first_at: datetime | None = None
    instances: int = 0
    negative: int = 0
    in_outage: int = 0

    @property
    def rate(self) -> Estimate | None:
        return share(self.negative, self.instances) if self.instances else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`difference` is the rate after less that before, with Newcombe's interval; None where a side has no rate."""

    before: VersionTally
    after: VersionTally
    difference: Estimate | None
    verdict: VersionVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsAsked:
    """Of which process versions are counted, among instances that began from `since` up to, not at, `until`."""

    process: str
    since: datetime
    until: datetime


def count_versions(
    asked: VersionsAsked, instances: Iterable[Instance], complained: Collection[str], downtimes: Sequence[Downtime]
) -> tuple[VersionTally, ...]:
    """Count the versions of a process; `complained` are the instances that were ever complained of."""
    found: dict[str, VersionTally] = {}
    for one in instances:
        if one.process != asked.process or one.version is None or one.started_at is None:
            continue
        if not asked.since <= one.started_at < asked.until:
            continue
        known = found.get(one.version, VersionTally(version=one.version, first_at=one.started_at))
        struck = in_downtime(one, downtimes)
        found[one.version] = replace(
            known,
            first_at=min(known.first_at or one.started_at, one.started_at),
            instances=known.instances + (not struck),
            negative=known.negative + (not struck and one.instance_id in complained),
            in_outage=known.in_outage + struck,
        )
    return tuple(found.values())


def chosen(
    tallies: Iterable[VersionTally], before: str | None, after: str | None
) -> tuple[VersionTally, VersionTally] | None:
    """Return the two versions to compare; what is not named is the latest other one, and None says that there is none.

    The latest is that whose first instance began last. A version that is named and has no instance is a tally of none.
    """
    by_name = sorted(tallies, key=lambda one: one.version)
    known = {one.version: one for one in sorted(by_name, key=_begun, reverse=True)}
    later = after if after is not None else next((name for name in known if name != before), None)
    earlier = before if before is not None else next((name for name in known if name != later), None)
    if later is None or earlier is None:
        return None
    return known.get(earlier, VersionTally(version=earlier)), known.get(later, VersionTally(version=later))


def compare_versions(before: VersionTally, after: VersionTally) -> Comparison:
    """Compare two versions: worse where the whole interval of the difference is above 0, better where it is below."""
    apart = None if before.rate is None or after.rate is None else difference(after.rate, before.rate)
    return Comparison(before=before, after=after, difference=apart, verdict=_verdict(before, after, apart))


def _begun(tally: VersionTally) -> float:
    return tally.first_at.timestamp() if tally.first_at is not None else 0.0


def _verdict(before: VersionTally, after: VersionTally, apart: Estimate | None) -> VersionVerdict:
    few = min(before.instances, after.instances) < LEAST_INSTANCES
    if apart is None or few or before.negative + after.negative < LEAST_COMPLAINTS:
        return VersionVerdict.TOO_FEW
    if apart.low > 0:
        return VersionVerdict.WORSE
    return VersionVerdict.BETTER if apart.high < 0 else VersionVerdict.NO_DIFFERENCE
