"""Weeks of cells -> Prior: how noisy weekly counts are, and how rates differ between the cells.

Refuses to fit from fewer than five cells with eight clean weeks each: a default stands in, and the counts of cells say
so. A week is clean when it was watched whole and lies in no formal review. One that called for a local adjustment alone
stays in: most of these are chance, and without them counts would look calmer than they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from service.core.volume.gamma import Matrix, log_rising
from service.core.volume.grid import WeekGrid

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """The prior of each cell, as columns of one element a cell."""

    a0: Matrix
    b0: Matrix
    phi: Matrix

    @classmethod
    def of(cls, prior: Prior, cells: int) -> "Priors":
        """One prior for so many cells."""
        return cls.each((prior,), (cells,))

    @classmethod
    def each(cls, priors: Sequence[Prior], cells: Sequence[int]) -> "Priors":
        """Each prior for so many cells, one after the other."""
        columns = (
            np.repeat(np.array([getattr(one, name) for one in priors], np.float64), cells)[:, None]
            for name in ("a0", "b0", "phi")
        )
        a0, b0, phi = columns
        return cls(a0=a0, b0=b0, phi=phi)

    def rows(self, start: int, end: int) -> "Priors":
        """Those of some of the cells."""
        return Priors(a0=self.a0[start:end], b0=self.b0[start:end], phi=self.phi[start:end])


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanWeeks:
    """Of each cell the number of clean weeks, what counted in them, their exposure, and how much they scatter.

    `chi_square` is Pearson's, against the cell's own mean rate; 0 for a cell in which nothing counted.
    """

    weeks: Matrix
    totals: Matrix
    exposures: Matrix
    chi_square: Matrix


def clean_weeks(grid: WeekGrid) -> CleanWeeks:
    """Sum up the clean weeks of each cell, by itself."""
    clean = grid.clean & (grid.exposure > 0)
    counts, exposure = np.where(clean, grid.counts, 0.0), np.where(clean, grid.exposure, 0.0)
    totals, exposures = counts.sum(axis=1), exposure.sum(axis=1)
    rate = np.divide(totals, exposures, out=np.zeros(len(totals)), where=exposures > 0)
    expected = np.where(clean & (totals > 0)[:, None], exposure * rate[:, None], 1.0)
    scatter = np.where(clean & (totals > 0)[:, None], counts - expected, 0.0) ** 2 / expected
    return CleanWeeks(
        weeks=clean.sum(axis=1).astype(np.float64),
        totals=totals,
        exposures=exposures,
        chi_square=scatter.sum(axis=1),
    )


def joined(parts: Sequence[CleanWeeks]) -> CleanWeeks:
    """The cells of several parts, one after the other."""
    return CleanWeeks(
        **{one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(CleanWeeks)}
    )


def fit_prior(cells: CleanWeeks) -> Prior:
    """The pooled prior of all cells.

    phi = max(1.02, mean over cells with weekly mean >= 1 of Pearson's chi-square over its degrees of freedom), which is
    sample variance / mean at equal exposure; a0 by maximum likelihood on 60 log steps from .2 to 5 of the negative
    binomial of S / phi at exposure E / phi; b0 = a0 / pooled mean rate. Without enough cells phi is 1.5 and a0 1.1;
    with no event at all the mean rate is 4.12 a week.
    """
    mean_rate = float(cells.totals.sum() / cells.exposures.sum()) if cells.totals.sum() > 0 else DEFAULT_MEAN_RATE
    enough = cells.weeks >= MIN_WEEKS
    busy = enough & (cells.totals >= cells.weeks)
    phi, phi_cells = DEFAULT_PHI, int(busy.sum())
    if phi_cells >= MIN_CELLS:
        phi = max(_MIN_PHI, float((cells.chi_square[busy] / (cells.weeks[busy] - 1)).mean()))

    a0, rate_cells = DEFAULT_A0, int(enough.sum())
    if rate_cells >= MIN_CELLS and cells.totals[enough].sum() > 0:
        a0 = _most_likely_shape(cells.totals[enough] / phi, cells.exposures[enough] / phi, mean_rate)
    return Prior(
        a0=a0,
        b0=a0 / mean_rate,
        phi=phi,
        mean_rate=mean_rate,
        phi_cells=phi_cells if phi_cells >= MIN_CELLS else 0,
        rate_cells=rate_cells if rate_cells >= MIN_CELLS else 0,
    )


def _most_likely_shape(y: Matrix, exposure: Matrix, mean_rate: float) -> float:
    shapes = np.geomspace(0.2, 5.0, 60)
    # One shape at a time: all of them at once would take sixty times the room of the cells.
    likelihoods = [_log_likelihood(float(a), y, exposure, mean_rate) for a in shapes]
    return float(shapes[int(np.argmax(likelihoods))])


def _log_likelihood(a: float, y: Matrix, exposure: Matrix, mean_rate: float) -> float:
    b = a / mean_rate
    return float((log_rising(np.full(len(y), a), y) + a * np.log(b) - (a + y) * np.log(b + exposure)).sum())
