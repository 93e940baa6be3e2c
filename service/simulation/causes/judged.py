"""One seed -> what the search for causes makes of the process that the seed stands for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from service.core.cause import (
    Case,
    FeatureKind,
    Finding,
    VersionTally,
    VersionVerdict,
    causes_of,
    compare_versions,
)
from service.simulation.causes.process import (
    ATTRIBUTES,
    BY_HAND,
    CONFOUNDED,
    CONFOUNDERS,
    SOUGHT,
    Plant,
    Process,
    draw_cases,
)

TOP = 3
_OLD_VERSION = "6"
# What has nothing to do with any plant, however the dice fall.
_UNRELATED = frozenset({FeatureKind.TIER, FeatureKind.REGION})


class Told(StrEnum):
    """What was said of something: nothing, that it stands, that it is explained, or that it is not told apart."""

    NOT_NAMED = "not_named"
    STANDS = "stands"
    EXPLAINED = "explained"
    NOT_TOLD_APART = "not_told_apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`rank` is the plant's place among the findings, from 1; None where it was not named, or nothing was planted.

    `unrelated` is whether something stands that has nothing to do with a plant or an outage, `without_strata` how many
    are named where outages are not taken out.
    """

    negative: int
    named: int
    rank: int | None
    plant: Told
    confounder: Told
    by_hand: Told
    unrelated: bool
    without_strata: int
    version: VersionVerdict


def judge_seed(seed: int, process: Process, plant: Plant | None) -> Judged:
    """Draw the process of a seed and look for causes; each plant has dice of its own."""
    number = 0 if plant is None else 1 + list(Plant).index(plant)
    cases = draw_cases(np.random.default_rng((seed, number)), process, plant)
    found = causes_of(cases)
    ranks = [] if plant is None else [at for at, one in enumerate(found.findings, 1) if _is(one, *SOUGHT[plant])]
    return Judged(
        negative=found.negative,
        named=len(found.findings) + found.more,
        rank=ranks[0] if ranks else None,
        plant=Told.NOT_NAMED if plant is None else _told(found.findings, *SOUGHT[plant]),
        confounder=(
            Told.NOT_NAMED
            if plant is None
            else _told(found.findings, FeatureKind.ATTRIBUTE, f"{CONFOUNDERS[plant]}={CONFOUNDED}")
        ),
        by_hand=_told(found.findings, FeatureKind.ACTIVITY, BY_HAND),
        unrelated=any(_unrelated(one) for one in found.findings if one.explained_by is None),
        without_strata=_without_strata(cases) if plant is None else 0,
        version=compare_versions(_tally(_OLD_VERSION, cases), _tally(SOUGHT[Plant.VERSION][1], cases)).verdict,
    )


def _tally(version: str, cases: Sequence[Case]) -> VersionTally:
    own = [one for one in cases if one.version == version]
    calm = [one for one in own if not one.outage]
    return VersionTally(
        version=version,
        instances=len(calm),
        negative=sum(one.negative for one in calm),
        in_outage=len(own) - len(calm),
    )


def _without_strata(cases: Sequence[Case]) -> int:
    return len(causes_of([replace(one, outage=False) for one in cases]).findings)


def _told(findings: Sequence[Finding], kind: FeatureKind, value: str) -> Told:
    for one in findings:
        if _is(one, kind, value):
            if one.explained_by is not None:
                return Told.EXPLAINED
            return Told.NOT_TOLD_APART if one.not_told_apart else Told.STANDS
    return Told.NOT_NAMED


def _is(one: Finding, kind: FeatureKind, value: str) -> bool:
    names = (one.tested.feature, *one.tested.also)
    return any(name.kind is kind and name.value == value for name in names)


def _unrelated(one: Finding) -> bool:
    feature = one.tested.feature
    return feature.kind in _UNRELATED or feature.value.partition("=")[0] in ATTRIBUTES
