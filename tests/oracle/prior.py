"""What all cells together say of one: how much counts scatter (phi), and a Gamma(a0, b0) on the rates."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_LEAST_PHI, _DEFAULT_PHI, _DEFAULT_A0, _DEFAULT_RATE = 1.02, 1.5, 1.1, 4.12 / 7
_CELLS, _WEEKS = 5, 8

# What counted in a week, and its exposure.
Week = tuple[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """`default` says that for want of cells one figure stands in or both do."""

    a0: float
    b0: float
    phi: float
    default: bool


def fit(cells: Sequence[Sequence[Week]]) -> Prior:
    """Fit to the clean weeks of each cell. Rates are by the day, of mean exposure."""
    events, exposed = map(sum, zip((0, 0.0), *(week for weeks in cells for week in weeks), strict=True))
    rate = events / exposed if events else _DEFAULT_RATE
    enough = [weeks for weeks in cells if len(weeks) >= _WEEKS]
    busy = [weeks for weeks in enough if sum(n for n, _ in weeks) >= len(weeks)]
    phi = _DEFAULT_PHI
    if len(busy) >= _CELLS:
        phi = max(_LEAST_PHI, math.fsum(map(_scatter, busy)) / len(busy))
    a0 = _DEFAULT_A0
    if len(enough) >= _CELLS and any(n for weeks in enough for n, _ in weeks):
        shapes = [0.2 * (5 / 0.2) ** (step / 59) for step in range(60)]
        totals = [(sum(n for n, _ in weeks) / phi, math.fsum(e for _, e in weeks) / phi) for weeks in enough]
        a0 = max(shapes, key=lambda a: math.fsum(_likelihood(a, a / rate, y, e) for y, e in totals))
    return Prior(a0=a0, b0=a0 / rate, phi=phi, default=len(busy) < _CELLS or len(enough) < _CELLS)


def _scatter(weeks: Sequence[Week]) -> float:
    """How far the weeks lie from what their exposure lets one expect; sample variance over mean where all are alike."""
    rate = sum(n for n, _ in weeks) / math.fsum(e for _, e in weeks)
    return math.fsum((n - e * rate) ** 2 / (e * rate) for n, e in weeks) / (len(weeks) - 1)


def _likelihood(a: float, b: float, y: float, e: float) -> float:
    return math.lgamma(a + y) - math.lgamma(a) + a * math.log(b) - (a + y) * math.log(b + e)
