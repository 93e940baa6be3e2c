"""Instances -> what can be said of each of them: features, and of which instances each holds.

No feature looks at complaints: which features there are, and where numbers and waits are cut, is decided by all
instances alike. So that nobody's outcome picks what is tested, those that hold of too few, or of nearly all, are left
out by their totals alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from service.core.cause.attributes import attribute_values
from service.core.cause.case import Case

Flags = NDArray[np.bool_]

# Of so many instances a feature must hold, and of so many it must not.
LEAST_CASES = 5
# A wait is long above this share of all waits between the same two activities.
LONG_WAIT = 0.9
_MOST_VARIANTS = 50
_MOST_FEATURES = 500


class FeatureKind(StrEnum):
    """What a feature is about; of names for the very same instances the first kind here is the one that is shown."""

    VERSION = "version"
    LOOP = "loop"
    HANDOFF = "handoff"
    WAIT = "wait"
    ACTIVITY = "activity"
    ATTRIBUTE = "attribute"
    REGION = "region"
    TIER = "tier"
    VARIANT = "variant"


@dataclass(frozen=True, slots=True)
class Feature:
    """`value` names it within its kind; `words` say of an instance what it has, as in "instances where ..."."""

    kind: FeatureKind
    value: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A feature with the instances that it holds of, and its other names: features that hold of the very same ones."""

    feature: Feature
    also: tuple[Feature, ...]
    holds: Flags


def features_of(cases: Sequence[Case]) -> tuple[Told, ...]:
    """Return what can be compared, in the order of kinds and values; at most 500, those of the most instances."""
    found: dict[Feature, set[int]] = defaultdict(set)
    for at, case in enumerate(cases):
        for feature in _of_case(case):
            found[feature].add(at)
    for feature, at in (*_long_waits(cases), *_variants(cases), *_attributes(cases)):
        found[feature].add(at)
    most = len(cases) - LEAST_CASES
    enough = [feature for feature, holds in found.items() if LEAST_CASES <= len(holds) <= most]
    kept = sorted(enough, key=lambda one: (-len(found[one]), _order(one)))[:_MOST_FEATURES]
    names: dict[bytes, list[Feature]] = defaultdict(list)
    flags: dict[bytes, Flags] = {}
    for feature in sorted(kept, key=_order):
        holds = np.zeros(len(cases), np.bool_)
        holds[list(found[feature])] = True
        key = np.packbits(holds).tobytes()
        names[key].append(feature)
        flags[key] = holds
    return tuple(Told(feature=one[0], also=tuple(one[1:]), holds=flags[key]) for key, one in names.items())


def _order(feature: Feature) -> tuple[int, str]:
    return list(FeatureKind).index(feature.kind), feature.value


def _of_case(case: Case) -> Iterator[Feature]:
    for activity, times in Counter(visit.activity for visit in case.visits).items():
        yield Feature(FeatureKind.ACTIVITY, activity, f"{activity} was done")
        if times > 1:
            yield Feature(FeatureKind.LOOP, activity, f"{activity} was done more than once")
    for before, after in pairwise(case.visits):
        if before.team is not None and after.team is not None and before.team != after.team:
            words = f"{before.team} handed over to {after.team}"
            yield Feature(FeatureKind.HANDOFF, f"{before.team} -> {after.team}", words)
    if case.version is not None:
        yield Feature(FeatureKind.VERSION, case.version, f"the version is {case.version}")
    if case.tier is not None:
        yield Feature(FeatureKind.TIER, case.tier, f"the customer's tier is {case.tier}")
    if case.region is not None:
        yield Feature(FeatureKind.REGION, case.region, f"the region is {case.region}")


def _long_waits(cases: Sequence[Case]) -> Iterator[tuple[Feature, int]]:
    """Yield waits from the end of one activity, or else its start, to the start of the next one."""
    waits: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for at, case in enumerate(cases):
        for before, after in pairwise(case.visits):
            waited = after.started_at - (before.ended_at or before.started_at)
            waits[before.activity, after.activity].append((at, max(0.0, waited.total_seconds())))
    for (before_it, after_it), all_waits in waits.items():
        limit = float(np.quantile([seconds for _, seconds in all_waits], LONG_WAIT))
        words = f"the wait from {before_it} to {after_it} was over {_span(limit)}, longer than nine of ten"
        feature = Feature(FeatureKind.WAIT, f"{before_it} -> {after_it}", words)
        yield from ((feature, at) for at, seconds in all_waits if seconds > limit)


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def _variants(cases: Sequence[Case]) -> Iterator[tuple[Feature, int]]:
    paths: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, case in enumerate(cases):
        if case.whole and case.visits:
            paths[tuple(visit.activity for visit in case.visits)].append(at)
    common = sorted(paths.items(), key=lambda one: (-len(one[1]), one[0]))[:_MOST_VARIANTS]
    for path, holds in common:
        value = " -> ".join(path)
        feature = Feature(FeatureKind.VARIANT, value, f"the path was {value}")
        yield from ((feature, at) for at in holds)


def _attributes(cases: Sequence[Case]) -> Iterator[tuple[Feature, int]]:
    by_name: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for at, case in enumerate(cases):
        for name, value in case.attributes.items():
            by_name[name].append((at, value))
    for name, values in by_name.items():
        for said, at in attribute_values(values):
            yield Feature(FeatureKind.ATTRIBUTE, f"{name}={said}", f"{name} is {said}"), at
