"""The clean weeks of a tenant's own cells -> the population that a simulation draws such tenants from.

Refuses to guess from fewer than five cells with eight clean weeks each: None.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.core.volume import CellKey
from service.core.volume.prior import MIN_CELLS, MIN_WEEKS, CleanWeeks, fit_prior
from service.simulation.population import Population

_DIGITS = 3
_WEEK_DAYS = 7
_LEAST_CELLS = 20
_LEAST_HISTORY, _MOST_HISTORY = 5, 104
_LEAST_SIGMA, _MOST_SIGMA = 0.05, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """What was measured: the cells with enough clean weeks, how many these are at most, and who counted in them."""

    population: Population
    cells: int
    weeks: int
    customers: int


def measured(keys: Sequence[CellKey], weeks: CleanWeeks) -> Tenant | None:
    """Fit a population by moments; `weeks` has one element a cell of `keys`.

    The rates m of cells are log-normal with mean M and squared coefficient of variation C = max(0, var(m) - mean(phi m
    / weeks)) / M², which takes out what the counts scatter by themselves: sigma² = ln(1 + C), median = M / √(1 + C).
    phi is that of the rule. Drift is not measured.
    """
    enough = weeks.weeks >= MIN_WEEKS
    if int(enough.sum()) < MIN_CELLS or weeks.totals[enough].sum() == 0:
        return None
    phi = fit_prior(weeks).phi
    watched = weeks.exposures[enough] / _WEEK_DAYS
    rates = weeks.totals[enough] / watched
    mean = float(rates.mean())
    spread = max(0.0, float(rates.var(ddof=1)) - float((phi * rates / watched).mean())) / mean**2
    known = [key for key, seen in zip(keys, enough.tolist(), strict=True) if seen]
    processes = len({key.process for key in known})
    regions = len({key.region for key in known})
    groups = processes * regions
    longest = int(weeks.weeks.max())
    return Tenant(
        population=Population(
            cells=groups * math.ceil(max(len(known), _LEAST_CELLS) / groups),
            processes=processes,
            regions=regions,
            weekly_median=round(mean / math.sqrt(1 + spread), _DIGITS),
            sigma=round(float(np.clip(math.sqrt(math.log1p(spread)), _LEAST_SIGMA, _MOST_SIGMA)), _DIGITS),
            phi=round(phi, _DIGITS),
            history_weeks=min(_MOST_HISTORY, max(_LEAST_HISTORY, longest)),
        ),
        cells=len(known),
        weeks=longest,
        customers=int(weeks.totals[enough].sum()),
    )
