"""A playbook's volume part -> the thresholds of each cell, and what holds for all of them.

Of the rules that match a cell the most specific holds: one that names the region before one that does not, then the
process, then the category. What it leaves out is as for all cells.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from service.core.playbook.volume import Volume, VolumeRule
from service.core.volume import (
    CellKey,
    DowntimeMode,
    DowntimeRule,
    HourlyThresholds,
    Legs,
    Method,
    PooledThresholds,
    RecontactThresholds,
    Thresholds,
    VolumeSettings,
)

_CELLS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRules:
    """The volume part of a playbook, compiled.

    `pooled` is None where siblings are not judged together, `hourly` where hours are not, `recontact` where it is not
    judged whether customers come back.
    """

    thresholds_of: Callable[[CellKey], Thresholds]
    settings: VolumeSettings
    legs: Legs
    pooled: PooledThresholds | None
    hourly: HourlyThresholds | None
    downtime: DowntimeRule
    recontact: RecontactThresholds | None = None


def compile_volume(volume: Volume) -> VolumeRules:
    """Compile a volume part without faults."""
    by_names = {(rule.region, rule.process, rule.category): _thresholds(volume, rule) for rule in volume.thresholds}
    rest = _thresholds(volume, None)

    @lru_cache(_CELLS)
    def thresholds_of(cell: CellKey) -> Thresholds:
        for region in _named(cell.region):
            for process in _named(cell.process):
                for category in _named(cell.category):
                    found = by_names.get((region, process, category))
                    if found is not None:
                        return found
        return rest

    pooled = None
    if volume.siblings.enabled:
        cuts = volume.sibling_cuts()
        pooled = PooledThresholds(h_local=cuts.local, h_formal=cuts.formal, guards=rest)
    return VolumeRules(
        thresholds_of=thresholds_of if by_names else lambda _: rest,
        settings=VolumeSettings(half_life_weeks=volume.half_life_weeks),
        legs=Legs(
            zero_tolerance=frozenset(volume.zero_tolerance),
            two_of_three=volume.two_of_three,
            several_regions=volume.several_regions,
        ),
        pooled=pooled,
        hourly=HourlyThresholds(
            h=volume.hourly.h,
            min_customers=volume.hourly.min_customers,
            min_ratio=volume.hourly.min_ratio,
            max_customer_share=volume.max_customer_share,
        )
        if volume.hourly.enabled
        else None,
        downtime=DowntimeRule(
            mode=DowntimeMode(volume.downtime.mode), least=volume.downtime.least, after=volume.downtime.after
        ),
        recontact=_recontact(volume, rest) if volume.recontact.enabled else None,
    )


def _recontact(volume: Volume, rest: Thresholds) -> RecontactThresholds:
    """Take the guards of all cells; nothing calls for a formal review."""
    cut = volume.recontact_cut()
    return RecontactThresholds(
        cell=replace(
            rest, rule="volume.recontact", method=Method.BAYES_FACTOR, h_local=cut, h_formal=math.inf, h_recurrence=None
        ),
        min_closed=volume.recontact.min_closed,
    )


def _named(name: str | None) -> tuple[str | None, ...]:
    return (None,) if name is None else (name, None)


def _thresholds(volume: Volume, rule: VolumeRule | None) -> Thresholds:
    cuts = volume.cuts(rule)
    return Thresholds(
        rule="volume" if rule is None else rule.id,
        method=Method((rule and rule.method) or volume.method),
        h_local=cuts.local,
        h_formal=cuts.formal,
        h_recurrence=volume.recurrence_cut(),
        local_min=int(volume.figure("local_min", rule)),
        formal_min=int(volume.figure("formal_min", rule)),
        min_ratio=volume.figure("min_ratio", rule),
        local_min_customers=int(volume.figure("local_min_customers", rule)),
        formal_min_customers=int(volume.figure("formal_min_customers", rule)),
        max_customer_share=volume.figure("max_customer_share", rule),
        warm_up_min=int(volume.figure("warm_up_min", rule)),
    )
