"""Instances -> what is over-represented among those that were complained of, worded as an association.

Refuses with a status where there are too few complaints, or too few others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from service.core.cause.case import Case
from service.core.cause.exact import Table
from service.core.cause.features import LEAST_CASES, Feature, FeatureKind, Flags, features_of
from service.core.cause.telling_apart import Standing, told_apart
from service.core.cause.testing import LEAST_NEGATIVE, Outcomes, Tested, finite, tables, tested

EXAMPLES = 5
# So many findings are shown and held against one another.
MOST_FINDINGS = 25
MOST_HANDOFFS = 10


class CauseStatus(StrEnum):
    """Whether something could be compared, and whether it stands out."""

    FOUND = "found"
    NOTHING_STANDS_OUT = "nothing_stands_out"
    TOO_FEW_NEGATIVES = "too_few_negatives"
    TOO_FEW_OTHERS = "too_few_others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One feature that is named: `examples` are negative instances with it, those outside outages first."""

    tested: Tested
    explained_by: Feature | None
    not_told_apart: tuple[Feature, ...]
    examples: tuple[str, ...]

    @property
    def words(self) -> str:
        one, lift = self.tested, finite(self.tested.lift)
        times = f"{lift:.1f} times as often" if lift is not None else "only there"
        said = (
            f"Associated with complaints: {one.feature.words}. {one.table.with_negative} of {one.table.with_cases} "
            f"such instances were complained of ({one.share_with.figure:.0%}), and {one.table.without_negative} of "
            f"{one.table.without_cases} others ({one.share_without.figure:.0%}): {times}."
        )
        if self.explained_by is not None:
            return f"{said} Nothing is left of it where one looks apart at whether {self.explained_by.words}."
        if self.not_told_apart:
            others = "; ".join(other.words for other in self.not_told_apart)
            return f"{said} These instances cannot tell it from: {others}."
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """`findings` has what stands by itself first, then the most surprising; `more` counts what was left out of it.

    `handoffs` are those with five negatives or more, named or not, the highest lift first. `outage` compares instances
    that an outage struck with the others. `features` is how many were tested, `weight` how many instances each one
    stands for that is not negative.
    """

    status: CauseStatus
    cases: int
    negative: int
    weight: float = 1.0
    outage: Table | None = None
    features: int = 0
    findings: tuple[Finding, ...] = ()
    more: int = 0
    handoffs: tuple[Tested, ...] = ()


def causes_of(cases: Sequence[Case], weight: float = 1.0) -> Causes:
    """Compare the negative instances with the others, each of which stands for `weight` instances, at least 1."""
    ordered = sorted(cases, key=lambda one: one.instance_id)
    negative = np.array([one.negative for one in ordered], np.bool_)
    outage = np.array([one.outage for one in ordered], np.bool_)
    count = int(negative.sum())
    if count < LEAST_NEGATIVE:
        return Causes(status=CauseStatus.TOO_FEW_NEGATIVES, cases=len(ordered), negative=count, weight=weight)
    if len(ordered) - count < LEAST_CASES:
        return Causes(status=CauseStatus.TOO_FEW_OTHERS, cases=len(ordered), negative=count, weight=weight)
    outcomes = Outcomes(negative=negative, strata=outage.astype(np.int64), weight=weight)
    features = features_of(ordered)
    results = tested(features, outcomes)
    holds = {told.feature: told.holds for told in features}
    named = [one for one in results if one.named]
    shown = named[:MOST_FINDINGS]
    stands = told_apart([holds[one.feature] for one in shown], outcomes)
    findings = [
        _finding(one, standing, shown, _examples(ordered, holds[one.feature]))
        for one, standing in zip(shown, stands, strict=True)
    ]
    return Causes(
        status=CauseStatus.FOUND if findings else CauseStatus.NOTHING_STANDS_OUT,
        cases=len(ordered),
        negative=count,
        weight=weight,
        outage=_outage(outage, negative),
        features=len(results),
        findings=tuple(sorted(findings, key=lambda one: one.explained_by is not None)),
        more=len(named) - len(shown),
        handoffs=_handoffs(results),
    )


def _finding(one: Tested, standing: Standing, shown: Sequence[Tested], examples: tuple[str, ...]) -> Finding:
    by = standing.explained_by
    return Finding(
        tested=one,
        explained_by=None if by is None else shown[by].feature,
        not_told_apart=tuple(shown[other].feature for other in standing.not_told_apart),
        examples=examples,
    )


def _examples(cases: Sequence[Case], holds: Flags) -> tuple[str, ...]:
    fitting = (cases[at] for at in np.flatnonzero(holds).tolist() if cases[at].negative)
    return tuple(one.instance_id for one in sorted(fitting, key=lambda one: one.outage))[:EXAMPLES]


def _outage(outage: Flags, negative: Flags) -> Table:
    (table,) = tables(outage, Outcomes(negative=negative, strata=np.zeros(len(outage), np.int64)))
    return table


def _handoffs(results: Sequence[Tested]) -> tuple[Tested, ...]:
    enough = (
        replace(one, feature=feature, also=tuple(other for other in names if other is not feature))
        for one in results
        if one.table.with_negative >= LEAST_NEGATIVE
        for names in ((one.feature, *one.also),)
        for feature in names
        if feature.kind is FeatureKind.HANDOFF
    )
    return tuple(sorted(enough, key=lambda one: (-one.lift, one.p, one.feature.value)))[:MOST_HANDOFFS]
