"""What the years gave -> one report: false alarms and power with their bounds, and the same of the rivals."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from statistics import NormalDist, fmean, stdev
from typing import Any

import numpy as np

from service.simulation.drawing import Planted
from service.simulation.hours import Outage
from service.simulation.measure import Heard, false_rates, hours_found, outages, power, spread, year_of
from service.simulation.population import LASTING, OUTAGE, SCORED_WEEKS, SHIFTS, Population, Rule, Shift
from service.simulation.rivals import Judged, Rival, began, cut_for, judge_year
from service.simulation.years import Marks

# One-sided: nineteen of twenty such bounds lie above the true rate.
_Z = NormalDist().inv_cdf(0.95)
_DIGITS = 4
_SUDDEN = Outage(factor=20.0, hours=6)
_RATES = (1, 5, 10, 20, 10**9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to find out beside the rule's own figures."""

    rivals: bool = True
    outages: bool = True


def shifts_of(population: Population) -> tuple[Shift, ...]:
    """What is planted; where people act on reviews, shifts that outlast what they do as well."""
    return SHIFTS if population.acted_after_days is None else (*SHIFTS, *LASTING)


def parts_of(rule: Rule, population: Population, asked: Asked) -> int:
    """How many times the seeds are gone through."""
    struck = (rule.pooled is not None) + (rule.hourly is not None) if asked.outages else 0
    return 1 + len(shifts_of(population)) + asked.rivals * (1 + len(SHIFTS)) + struck


def simulate(seeds: Sequence[int], population: Population, rule: Rule, asked: Asked, heard: Heard) -> dict[str, Any]:
    """Return the report as JSON; each figure is a mean over seeds, `upper_95` a bound of it on one side."""
    rates = false_rates(seeds, population, rule, heard)
    local, formal = [one.all_local for one in rates], [one.all_formal for one in rates]
    report: dict[str, Any] = {
        "cells": population.cells,
        "weeks": SCORED_WEEKS,
        "seeds": len(seeds),
        "false_per_100_cells_week": {"local": _mean(local), "formal": _mean(formal)},
        "upper_95": {"local": _upper(local), "formal": _upper(formal)},
        "false_by_siblings": {
            "local": _mean([one.pooled_local for one in rates]),
            "formal": _mean([one.pooled_formal for one in rates]),
        },
        "false_by_hours": {"local": _mean([one.hourly_local for one in rates])},
        "power": {},
        "standard_error": {},
        "population": asdict(population),
        "rule": told(rule),
    }
    for shift in shifts_of(population):
        found = power(seeds, population, rule, shift, heard)
        locals_, formals = [one.local for one in found], [one.formal for one in found]
        report["power"][shift.name] = {"local": _mean(locals_), "formal": _mean(formals)}
        report["standard_error"][shift.name] = {"local": _error(locals_), "formal": _error(formals)}
    if asked.outages and rule.pooled is not None:
        struck = outages(seeds, population, rule, OUTAGE, heard)
        report[OUTAGE.name] = {
            name: _mean([getattr(one, name) for one in struck])
            for name in ("pooled", "any_cell", "best_cell", "one_cell")
        }
    if asked.outages and rule.hourly is not None:
        seen = hours_found(seeds, population, rule.hourly, _SUDDEN, heard)
        report["outage_x20_6h"] = {
            f"from_{low}_a_week": _mean([float(found) for rate, found in seen if low <= rate < high])
            for low, high in pairwise(_RATES)
            if any(low <= rate < high for rate, _ in seen)
        }
    if asked.rivals:
        report["rivals"] = _rivals(seeds, population, heard)
    return report


def told(rule: Rule) -> dict[str, Any]:
    """The rule as the report names it."""
    return {
        "tick": "daily" if rule.tick_days == 1 else "weekly",
        "h_local": rule.thresholds.h_local,
        "h_formal": rule.thresholds.h_formal,
        "h_recurrence": rule.thresholds.h_recurrence,
        "siblings": None if rule.pooled is None else {"h_local": rule.pooled.h_local, "h_formal": rule.pooled.h_formal},
        "hourly": None if rule.hourly is None else {"h": rule.hourly.h},
        "legs": {"two_of_three": rule.legs.two_of_three, "several_regions": rule.legs.several_regions},
        "half_life_weeks": rule.settings.half_life_weeks,
    }


def _rivals(seeds: Sequence[int], population: Population, heard: Heard) -> dict[str, Any]:
    """The ceilings' cuts are found on the very years that their false alarms are counted in, which flatters them."""
    null = list(spread(partial(_judged, population=population, shift=None), seeds, heard))
    report: dict[str, Any] = {
        chart.value: {
            "false_per_100_cells_week": _mean(
                [float(one.charts[chart].sum()) / SCORED_WEEKS / population.cells * 100 for one in null]
            ),
            "power": {},
        }
        for chart in (Rival.FIXED_COUNT, Rival.C_CHART)
    }
    report |= {rival.value: {"power": {}} for rival in (Rival.RATE_UNKNOWN, Rival.RATE_KNOWN)}
    unit = population.cells / 100
    for shift in SHIFTS:
        judged = list(spread(partial(_judged, population=population, shift=shift), seeds, heard))
        years = [year_of(seed, population, shift) for seed in seeds]
        for chart in (Rival.FIXED_COUNT, Rival.C_CHART):
            seen = [_share(one.charts[chart], year.planted) for one, year in zip(judged, years, strict=True)]
            report[chart.value]["power"][shift.name] = _mean(seen)
        for rival in (Rival.RATE_UNKNOWN, Rival.RATE_KNOWN):
            name, found = (rival, shift.name), {}
            for level, budget in (("local", 1.0), ("formal", 0.1)):
                cut = cut_for([one.statistics[name] for one in null], budget * unit)
                marks = [began(one.statistics[name] >= cut) for one in judged]
                found[level] = _mean([_share(mark, year.planted) for mark, year in zip(marks, years, strict=True)])
            report[rival.value]["power"][shift.name] = found
    return report


def _judged(seeds: tuple[int, ...], population: Population, shift: Shift | None) -> list[Judged]:
    looked_for = SHIFTS if shift is None else (shift,)
    return [judge_year(year_of(seed, population, shift), population, looked_for) for seed in seeds]


def _share(openings: Marks, planted: Sequence[Planted]) -> float:
    return float(np.mean([openings[one.cell, one.start : one.start + one.weeks].any() for one in planted]))


def _mean(figures: Sequence[float]) -> float:
    return round(fmean(figures), _DIGITS)


def _error(figures: Sequence[float]) -> float | None:
    return round(stdev(figures) / math.sqrt(len(figures)), _DIGITS) if len(figures) > 1 else None


def _upper(figures: Sequence[float]) -> float | None:
    error = _error(figures)
    return None if error is None else round(fmean(figures) + _Z * error, _DIGITS)
