"""What all cells together say of one: how much counts scatter (phi), and a Gamma(a0, b0) on the rates."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

_LEAST_PHI, _DEFAULT_PHI, _DEFAULT_A0, _DEFAULT_RATE = 1.02, 1.5, 1.1, 4.12 / 7
_CELLS, _WEEKS = 5, 8
_MOST_WEEKS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    a0: float
    b0: float
    phi: float


def fit(
    cells: Mapping[tuple[str, str], tuple[Mapping[date, int], Collection[date]]], first_day: date, end: date
) -> Prior:
    """Fit to the clean weeks, counted back from the tick: those without a day of an alarm. Rates are by the day."""
    weeks_of = [_clean_weeks(counts, light, first_day, end) for counts, light in cells.values()]
    events = sum(map(sum, weeks_of))
    rate = events / (7 * sum(map(len, weeks_of))) if events else _DEFAULT_RATE
    enough = [weeks for weeks in weeks_of if len(weeks) >= _WEEKS]
    busy = [weeks for weeks in enough if sum(weeks) >= len(weeks)]
    phi = _DEFAULT_PHI
    if len(busy) >= _CELLS:
        phi = max(_LEAST_PHI, math.fsum(map(_scatter, busy)) / len(busy))
    a0 = _DEFAULT_A0
    if len(enough) >= _CELLS and any(map(sum, enough)):
        shapes = [0.2 * (5 / 0.2) ** (step / 59) for step in range(60)]
        totals = [(sum(weeks) / phi, 7 * len(weeks) / phi) for weeks in enough]
        a0 = max(shapes, key=lambda a: math.fsum(_likelihood(a, a / rate, y, e) for y, e in totals))
    return Prior(a0=a0, b0=a0 / rate, phi=phi)


def _clean_weeks(counts: Mapping[date, int], light: Collection[date], first_day: date, end: date) -> list[int]:
    found = []
    for number in range(min(_MOST_WEEKS, ((end - first_day).days + 1) // 7)):
        days = [end - timedelta(days=7 * number + n) for n in range(7)]
        if not any(day in light for day in days):
            found.append(sum(counts.get(day, 0) for day in days))
    return found


def _scatter(weeks: list[int]) -> float:
    """Sample variance over mean."""
    mean = sum(weeks) / len(weeks)
    return math.fsum((n - mean) ** 2 for n in weeks) / (len(weeks) - 1) / mean


def _likelihood(a: float, b: float, y: float, e: float) -> float:
    return math.lgamma(a + y) - math.lgamma(a) + a * math.log(b) - (a + y) * math.log(b + e)
