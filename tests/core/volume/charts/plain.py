"""The charts a second time: one cell, plain Python, from their formulas alone; None where there is no answer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """`weight` is the week's part in the baseline, which the last week of a cell has none of."""

    count: float
    exposure: float
    weight: float


def baseline(weeks: Sequence[Week]) -> list[Week]:
    return [week for week in weeks[:-1] if week.exposure > 0 and week.weight > 0]


def rate(weeks: Sequence[Week]) -> float | None:
    events = math.fsum(week.weight * week.count for week in baseline(weeks))
    watched = math.fsum(week.weight * week.exposure for week in baseline(weeks))
    return events / watched if events > 0 and weeks[-1].exposure > 0 else None


def u_limit(weeks: Sequence[Week]) -> float | None:
    centre = rate(weeks)
    return None if centre is None else centre + 3 * math.sqrt(centre / weeks[-1].exposure)


def laney_u_limit(weeks: Sequence[Week]) -> float | None:
    centre = rate(weeks)
    if centre is None or len(baseline(weeks)) < 2:
        return None
    scores = [
        ((week.count / week.exposure - centre) / math.sqrt(centre / week.exposure), week.weight)
        for week in baseline(weeks)
    ]
    ranges = [(abs(z - earlier), weight * before) for (earlier, before), (z, weight) in pairwise(scores)]
    mean_range = math.fsum(size * part for size, part in ranges) / math.fsum(part for _, part in ranges)
    return centre + 3 * math.sqrt(centre / weeks[-1].exposure) * mean_range / 1.128


def ewma(weeks: Sequence[Week], phi: float) -> tuple[float, float] | None:
    """The average and its limit; the variance is summed up over the weeks, not carried along."""
    centre = rate(weeks)
    if centre is None:
        return None
    watched = [week for week in weeks if week.exposure > 0]
    parts = [0.2 * 0.8**age for age in range(len(watched))][::-1]
    average = math.fsum(
        [centre * 0.8 ** len(watched)]
        + [part * week.count / week.exposure for part, week in zip(parts, watched, strict=True)]
    )
    variance = math.fsum(phi * centre / week.exposure * part**2 for part, week in zip(parts, watched, strict=True))
    return average, centre + 3 * math.sqrt(variance)


def cusum(weeks: Sequence[Week], h: float, *, restart: bool) -> float | None:
    centre = rate(weeks)
    if centre is None:
        return None
    total = 0.0
    for week in weeks:
        if week.exposure > 0:
            k = (2 * centre - centre) * week.exposure / math.log(2 * centre / centre)
            total = max(0.0, (0.0 if restart and total >= h else total) + week.count - k)
    return total
