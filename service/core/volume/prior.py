"""Cell histories -> Prior: how noisy weekly counts are, and how rates differ between the cells of one family.

Refuses to fit from fewer than five cells with eight clean weeks each: a default stands in, and the counts of cells say
so. A week is clean when no day of it is down-weighted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from service.core.volume.gamma import Matrix, log_rising
from service.core.volume.grid import CellHistory, DayGrid, day_grid
from service.core.volume.settings import VolumeSettings

MIN_WEEKS = 8
MIN_CELLS = 5
DEFAULT_PHI = 1.5
DEFAULT_A0 = 1.1
DEFAULT_MEAN_RATE = 4.12 / 7
_MIN_PHI = 1.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Gamma(a0, b0) on a cell's rate per exposure day, and phi = variance / mean of its counts.

    `phi_cells` and `rate_cells` are the cells behind phi and a0; 0 means that the default stands.
    """

    a0: float
    b0: float
    phi: float
    mean_rate: float
    phi_cells: int
    rate_cells: int


def fit_prior(histories: Sequence[CellHistory], last_day: date, settings: VolumeSettings) -> Prior:
    """The pooled prior of a cell family from the clean weeks that end with `last_day`.

    phi = max(1.02, mean over cells with weekly mean >= 1 of Pearson's chi-square over its degrees of freedom), which is
    sample variance / mean at equal exposure; a0 by maximum likelihood on 60 log steps from .2 to 5 of the negative
    binomial of S / phi at exposure E / phi; b0 = a0 / pooled mean rate. Without enough cells phi is 1.5 and a0 1.1;
    with no event at all the mean rate is 4.12 a week.
    """
    counts, exposure, clean = _weeks(day_grid(histories, last_day, settings))
    weeks, totals, exposures = clean.sum(axis=1), counts.sum(axis=1), exposure.sum(axis=1)
    mean_rate = float(totals.sum() / exposures.sum()) if totals.sum() > 0 else DEFAULT_MEAN_RATE

    enough = weeks >= MIN_WEEKS
    busy = enough & (totals >= weeks)
    phi, phi_cells = DEFAULT_PHI, int(busy.sum())
    if phi_cells >= MIN_CELLS:
        expected = np.where(clean[busy], exposure[busy] * (totals[busy] / exposures[busy])[:, None], 1.0)
        chi_square = (np.where(clean[busy], counts[busy] - expected, 0.0) ** 2 / expected).sum(axis=1)
        phi = max(_MIN_PHI, float((chi_square / (weeks[busy] - 1)).mean()))

    a0, rate_cells = DEFAULT_A0, int(enough.sum())
    if rate_cells >= MIN_CELLS and totals[enough].sum() > 0:
        a0 = _most_likely_shape(totals[enough] / phi, exposures[enough] / phi, mean_rate)
    return Prior(
        a0=a0,
        b0=a0 / mean_rate,
        phi=phi,
        mean_rate=mean_rate,
        phi_cells=phi_cells if phi_cells >= MIN_CELLS else 0,
        rate_cells=rate_cells if rate_cells >= MIN_CELLS else 0,
    )


def _weeks(grid: DayGrid) -> tuple[Matrix, Matrix, NDArray[np.bool_]]:
    cells, days = grid.counts.shape
    whole = days - days % 7
    by_week = (cells, whole // 7, 7)
    counts, exposure, weights = (
        matrix[:, days - whole :].reshape(by_week) for matrix in (grid.counts, grid.exposure, grid.weights)
    )
    clean = ((exposure > 0) & (weights == 1)).all(axis=2)
    return np.where(clean, counts.sum(axis=2), 0.0), np.where(clean, exposure.sum(axis=2), 0.0), clean


def _most_likely_shape(y: Matrix, exposure: Matrix, mean_rate: float) -> float:
    a = np.geomspace(0.2, 5.0, 60)[:, None]
    b = a / mean_rate
    log_likelihood = (log_rising(a, y) + a * np.log(b) - (a + y) * np.log(b + exposure)).sum(axis=1)
    return float(a[np.argmax(log_likelihood), 0])
