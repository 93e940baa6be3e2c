"""What was found of causes and versions -> the documents that clients read."""

from typing import Any, Literal

from service.api.shown.answer import Shown, Utc
from service.core.access import Principal
from service.core.cause import (
    Causes,
    CauseStatus,
    Compared,
    Comparison,
    Feature,
    FeatureKind,
    Finding,
    Gathered,
    Table,
    Tested,
    VersionTally,
    VersionVerdict,
    finite,
)
from service.core.intervals import Estimate

_DIGITS = 6


class FeatureShown(Shown):
    """What instances can have; `value` names it within its kind, `words` say it of an instance."""

    kind: FeatureKind
    value: str
    words: str


class ShareShown(Shown):
    """How many of `instances` are negative, and the share of these among all that they stand for, with 95 %."""

    instances: int
    negative: int
    share: float
    low: float
    high: float


class ComparedShown(Shown):
    """A feature with its other names, which hold of the very same instances.

    `lift` is the share of negatives with it over that without, `lift_within_outages` the same within those that a
    downtime struck and within the others; None where nobody without it is negative.
    """

    feature: FeatureShown
    also: tuple[FeatureShown, ...]
    having: ShareShown
    others: ShareShown
    lift: float | None
    lift_within_outages: float | None
    p: float
    q: float


class FindingShown(ComparedShown):
    """What stands out. `explained_by` is another finding beside which nothing is left of it."""

    words: str
    explained_by: FeatureShown | None
    not_told_apart: tuple[FeatureShown, ...]
    examples: tuple[str, ...]


class WindowShown(Shown):
    """What was compared: instances of a process, and of a region unless it is None, that ran from `since` to `until`.

    `of` says whether negative is what was complained of in the alert's cell, or what the alert holds.
    """

    process: str
    category: str
    region: str | None
    since: Utc
    until: Utc
    of: Literal["cell", "alert"]


class OutageShown(Shown):
    """Instances that a downtime struck, and the negative ones of them."""

    instances: int
    negative: int


class CauseShown(Shown):
    """What negative instances have oftener than others: an association, which nothing here proves to be a cause.

    `instances` were looked at, of `instances_in_all`; where these are more, it is a sample, and of what is not negative
    each stands for `weight`. `features` were tested. `handoffs` are ranked by lift, whether they are named or not.
    """

    alert_id: str
    status: CauseStatus
    association: Literal["associated_with"] = "associated_with"
    compared: WindowShown
    instances: int
    instances_in_all: int
    negative: int
    weight: float
    outage: OutageShown
    features: int
    findings: tuple[FindingShown, ...]
    more: int
    handoffs: tuple[ComparedShown, ...]


class VersionShown(Shown):
    """One version: `in_outage` instances were struck by a downtime and are not among `instances`.

    Of fewer than five instances nothing more is said to who may not read that (`hidden`).
    """

    version: str
    first_at: Utc | None
    instances: int | None
    negative: int | None
    in_outage: int | None
    rate: float | None
    low: float | None
    high: float | None
    hidden: bool = False


class VersionsShown(Shown):
    """`difference` is the rate after less that before, with 95 % between `low` and `high`."""

    process: str
    since: Utc
    until: Utc
    before: VersionShown
    after: VersionShown
    difference: float | None
    low: float | None
    high: float | None
    verdict: VersionVerdict


def show_cause(alert_id: str, asked: Compared, gathered: Gathered, found: Causes) -> CauseShown:
    """Show what stands out."""
    outage = found.outage or Table(0, 0, 0, 0)
    return CauseShown(
        alert_id=alert_id,
        status=found.status,
        compared=WindowShown(
            process=asked.process,
            category=asked.category,
            region=asked.region,
            since=asked.since,
            until=asked.until,
            of="cell" if asked.alert_id is None else "alert",
        ),
        instances=found.cases,
        instances_in_all=gathered.negative + gathered.others,
        negative=found.negative,
        weight=round(found.weight, _DIGITS),
        outage=OutageShown(instances=outage.with_cases, negative=outage.with_negative),
        features=found.features,
        findings=tuple(_finding(one) for one in found.findings),
        more=found.more,
        handoffs=tuple(ComparedShown(**_compared(one)) for one in found.handoffs),
    )


def show_versions(process: str, since: Utc, until: Utc, found: Comparison, asker: Principal) -> VersionsShown:
    """Show how two versions compare."""
    hidden = asker.hides(found.before.instances) or asker.hides(found.after.instances)
    figure, low, high = _figures(None if hidden else found.difference)
    return VersionsShown(
        process=process,
        since=since,
        until=until,
        before=_version(found.before, asker),
        after=_version(found.after, asker),
        difference=figure,
        low=low,
        high=high,
        verdict=found.verdict,
    )


def _finding(one: Finding) -> FindingShown:
    return FindingShown(
        **_compared(one.tested),
        words=one.words,
        explained_by=None if one.explained_by is None else _feature(one.explained_by),
        not_told_apart=tuple(_feature(other) for other in one.not_told_apart),
        examples=one.examples,
    )


def _compared(one: Tested) -> dict[str, Any]:
    table = one.table
    lift, within = finite(one.lift), finite(one.lift_within)
    return {
        "feature": _feature(one.feature),
        "also": tuple(_feature(other) for other in one.also),
        "having": _share(table.with_cases, table.with_negative, one.share_with),
        "others": _share(table.without_cases, table.without_negative, one.share_without),
        "lift": None if lift is None else round(lift, _DIGITS),
        "lift_within_outages": None if within is None else round(within, _DIGITS),
        "p": one.p,
        "q": one.q,
    }


def _feature(one: Feature) -> FeatureShown:
    return FeatureShown(kind=one.kind, value=one.value, words=one.words)


def _share(instances: int, negative: int, share: Estimate) -> ShareShown:
    figure, low, high = (round(one, _DIGITS) for one in (share.figure, share.low, share.high))
    return ShareShown(instances=instances, negative=negative, share=figure, low=low, high=high)


def _figures(found: Estimate | None) -> tuple[float, float, float] | tuple[None, None, None]:
    if found is None:
        return None, None, None
    return round(found.figure, _DIGITS), round(found.low, _DIGITS), round(found.high, _DIGITS)


def _version(one: VersionTally, asker: Principal) -> VersionShown:
    if asker.hides(one.instances):
        none = dict.fromkeys(("instances", "negative", "in_outage", "rate", "low", "high"))
        return VersionShown(**none, version=one.version, first_at=one.first_at, hidden=True)
    figure, low, high = _figures(one.rate)
    return VersionShown(
        version=one.version,
        first_at=one.first_at,
        instances=one.instances,
        negative=one.negative,
        in_outage=one.in_outage,
        rate=figure,
        low=low,
        high=high,
    )
