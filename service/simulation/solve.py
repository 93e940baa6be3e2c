"""A budget of false alarms -> the cuts that keep it, for the tenant and the legs that are given.

The statistic of a tick depends a little on the cut for a local adjustment, since alarmed weeks weigh less afterwards;
so years are watched anew for each pair of cuts, on seeds that are used for nothing else.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from service.simulation.measure import Heard, Rate, false_rates
from service.simulation.population import SCORED_WEEKS, Population, Rule

ROUNDS = 5
# By how much ln(rate) falls when a cut rises by one, about; the next round puts right what this misses.
_FALL = 1.0
_LARGEST_STEP = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """False openings per 100 cells and week; `pooled` is the part of each that siblings together may spend."""

    local: float = 1.0
    formal: float = 0.1
    pooled: float = 0.05


def solve(seeds: Sequence[int], population: Population, rule: Rule, budget: Budget, heard: Heard) -> Rule:
    """Find the cuts, to two decimals, that spend the budget."""
    for _ in range(ROUNDS):
        found = false_rates(seeds, population, rule, heard)
        share = budget.pooled if rule.pooled is not None else 0.0
        # The hours' cut is not solved for: what they spend is taken off what the days may.
        hourly = fmean(one.hourly_local for one in found)
        h_local = _moved(rule.thresholds.h_local, found, lambda one: one.local, budget.local * (1 - share) - hourly)
        h_formal = _moved(rule.thresholds.h_formal, found, lambda one: one.formal, budget.formal * (1 - share))
        if rule.pooled is not None:
            pooled = rule.pooled
            local = _moved(pooled.h_local, found, lambda one: one.pooled_local, budget.local * share)
            formal = _moved(pooled.h_formal, found, lambda one: one.pooled_formal, budget.formal * share)
            rule = replace(rule, pooled=replace(pooled, h_local=local, h_formal=max(local, formal)))
        rule = rule.with_cuts(h_local, max(h_local, h_formal))
    return rule


def _moved(cut: float, found: Sequence[Rate], rate: Callable[[Rate], float], wanted: float) -> float:
    # Where nothing was opened half an opening is supposed, so that a rare thing is not taken for an impossible one.
    seen = max(0.5 / (len(found) * SCORED_WEEKS), fmean(rate(one) for one in found))
    step = math.log(seen / wanted) / _FALL
    return round(cut + max(-_LARGEST_STEP, min(_LARGEST_STEP, step)), 2)
