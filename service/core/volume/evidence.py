"""Cell histories -> Evidence: what a tick found in each cell, at which level, and why not at the next one.

Refuses to build the evidence of a cell before it is asked for: of many cells few have anything to tell.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from service.core.intervals import Z
from service.core.records.words import Level
from service.core.volume.counting import CellKey, DayRange
from service.core.volume.course import CourseWeek, course
from service.core.volume.downtime import Fallen, fallen, flags_of
from service.core.volume.flags import EvidenceFlag
from service.core.volume.gamma import tail_probability
from service.core.volume.grid import CellHistory, WeekGrid, week_grid
from service.core.volume.levels import Crowd, LevelReason, Levels, find_levels
from service.core.volume.plotted import Plotted, plot
from service.core.volume.prior import Prior, Priors, clean_weeks, fit_prior
from service.core.volume.prior import joined as join_weeks
from service.core.volume.recurrence import is_mended, since_act
from service.core.volume.score import Scores, score
from service.core.volume.score import joined as join_scores
from service.core.volume.settings import ExposureSource, Method, Thresholds, VolumeSettings

_MAX_LOG = 700.0
_CHUNK_CELLS = 4096
# Below so many a week no rule tells most shifts from chance; deploy/docs/volume.md has the figures.
_SMALL_RATE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """What one cell brings to the evidence of several."""

    cell: CellKey
    x: int
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedBehind:
    """Of how many closed cases a finding is, and in how many days a customer may come back."""

    cases: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one tick found in one cell, or in several that are judged together.

    `level` is None where nothing calls for action. `window` is the one with the largest Bayes factor among those that
    carry the level, or among all where there is none. `x` counts customers, once in any seven days; `expected` is its
    mean if nothing changed; `ratio` is x / expected. `largest_share` is the part of x that one customer supplies.
    `statistic` is T and `bayes_factor` the odds for a raised rate (capped at 1e304), both None under a fixed count; of
    a chart `statistic` is the plotted point, `limit` its limit, or that of a recurrence. `p` is P(X >= x) by the
    overdispersed predictive, None without a baseline; it explains and does not decide. `siblings` are the cells that a
    pooled finding is of, `hours` the span of an hourly one, from its first instant up to its end. `course` is the last
    weeks for a person to look at. `downtime` is what of the window fell on days of downtimes, None where nothing did.
    `mended` says that the two weeks after an act are as before; `harm` is the mean severity score of the last four.
    `interval` holds the ratio with 95 %, None for charts, siblings and hours. `closed` is of a finding about
    recontacts, whose `window` ends as long before the tick as a customer may take.
    """

    cell: CellKey
    window_end: date
    level: Level | None
    reason: LevelReason
    method: Method
    window: DayRange
    x: int
    expected: float
    ratio: float
    customers: int
    largest_share: float
    statistic: float | None
    bayes_factor: float | None
    p: float | None
    flags: tuple[EvidenceFlag, ...]
    thresholds: Thresholds
    limit: float | None = None
    hours: tuple[datetime, datetime] | None = None
    closed: ClosedBehind | None = None
    siblings: tuple[Sibling, ...] = ()
    course: tuple[CourseWeek, ...] = ()
    interval: tuple[float, float] | None = None
    mended: bool = False
    harm: float | None = None
    downtime: Fallen | None = None


class Judgement:
    """What a tick found in all cells, by their place in the order given; `levels` may still be raised."""

    def __init__(
        self, histories: Sequence[CellHistory], window_end: date, settings: VolumeSettings, prior: Prior | None = None
    ) -> None:
        """Judge every cell; without a prior it is fitted to these very cells."""
        self.histories = histories
        self.window_end = window_end
        self._settings = settings
        self.prior: Prior = prior or fit_prior(join_weeks([clean_weeks(grid) for grid in self._grids()]))
        self.scores: Scores = join_scores(
            [score(grid, Priors.of(self.prior, len(grid.counts)), settings.half_life_weeks) for grid in self._grids()]
        )
        self.levels: Levels = find_levels(self.scores, [one.thresholds for one in histories], self.crowd)
        self.plotted: dict[int, Plotted] = plot(
            histories, window_end, settings.down_weight, self.prior.phi, self.levels, self.crowd
        )

    def _grids(self) -> Iterator[WeekGrid]:
        """The cells, some at a time: the weeks of all of them at once would take the most room of all."""
        for start in range(0, max(len(self.histories), 1), _CHUNK_CELLS):
            some = self.histories[start : start + _CHUNK_CELLS]
            yield week_grid(some, self.window_end, self._settings.down_weight)

    def crowd(self, row: int, weeks: int) -> Crowd:
        """Who is behind the window of so many weeks of one cell."""
        return self.crowd_of((row,), weeks)

    def crowd_of(self, rows: Sequence[int], weeks: int) -> Crowd:
        """Who is behind the window of so many weeks of several cells."""
        some = [self.histories[row] for row in rows]
        counted = np.concatenate([one.counted.within(window_of(one, self.window_end, weeks)) for one in some])
        if not len(counted):
            return Crowd(customers=0, largest_share=0.0)
        _, times = np.unique(counted, return_counts=True)
        return Crowd(customers=len(times), largest_share=float(times.max() / times.sum()))

    def evidence(self, row: int) -> Evidence:
        """What was found in one cell."""
        history, scores, levels = self.histories[row], self.scores, self.levels
        weeks, warm_up = int(levels.weeks[row]), bool(scores.warm_up[row])
        method = Method.FIXED_COUNT if warm_up else history.thresholds.method
        statistic: float | None = float(scores.statistic[row])
        bayes_factor: float | None = math.exp(min(_MAX_LOG, float(scores.log_bayes_factor[row])))
        recurred = levels.reasons[row] is LevelReason.RECURRENCE
        x, expected, limit = int(scores.x[row, weeks - 1]), float(scores.expected[row, weeks - 1]), None
        point = None if recurred else self.plotted.get(row)
        if recurred:
            statistic = since_act(scores, row)
            bayes_factor = math.exp(min(_MAX_LOG, statistic))
            method, limit = Method.BAYES_FACTOR, history.thresholds.h_recurrence
        elif point is not None:
            method, statistic, bayes_factor = point.method, point.value, None
            expected, limit = expected if point.expected is None else point.expected, point.limit
        elif warm_up or scores.windows[row] == 0:
            statistic = bayes_factor = None
        crowd, down = self.crowd(row, weeks), fallen((history,), self.window_end, weeks)
        return Evidence(
            cell=history.cell,
            window_end=self.window_end,
            level=levels.level(row),
            reason=levels.reasons[row],
            method=method,
            window=window_of(history, self.window_end, weeks),
            x=x,
            expected=expected,
            ratio=x / expected if expected > 0 else 0.0,
            customers=crowd.customers,
            largest_share=crowd.largest_share,
            statistic=statistic,
            bayes_factor=bayes_factor,
            p=_predictive_p(scores, row, weeks, self.prior.phi),
            flags=(*_flags(history, method, self.prior, point, expected / weeks), *flags_of(down)),
            thresholds=history.thresholds,
            limit=limit,
            course=self.course((row,), weeks),
            interval=None if point is not None else self._interval(row, weeks),
            mended=is_mended(scores, row, history.thresholds),
            harm=history.harm,
            downtime=down,
        )

    def _interval(self, row: int, weeks: int) -> tuple[float, float] | None:
        shape = self.prior.a0 + float(self.scores.baseline_x[row, weeks - 1]) / self.prior.phi
        x, expected = (float(array[row, weeks - 1]) for array in (self.scores.x, self.scores.expected))
        return ratio_interval(int(x), expected, shape, self.prior.phi) if expected > 0 else None

    def course(self, rows: Sequence[int], weeks: int) -> tuple[CourseWeek, ...]:
        """The last weeks of some cells, beside the baseline of the window of so many weeks."""
        grid = week_grid([self.histories[row] for row in rows], self.window_end, self._settings.down_weight)
        known = self.scores
        exposure, baseline = (array[list(rows), weeks - 1] for array in (known.exposure, known.baseline_exposure))
        expected = known.expected[list(rows), weeks - 1]
        rates = np.divide(expected, exposure, out=np.zeros(len(rows)), where=exposure > 0)
        # A week is as sure as the baseline is long: the very spread of the predictive p, for one week.
        week = exposure / weeks
        spreads = self.prior.phi * (1 + np.divide(week, baseline, out=np.zeros(len(rows)), where=baseline > 0))
        return course(self.window_end, grid.counts, grid.exposure, rates, spreads)


def evaluate(history: CellHistory, window_end: date, prior: Prior, settings: VolumeSettings) -> Evidence:
    """One cell at the tick whose last day is `window_end`."""
    return evaluate_all((history,), window_end, prior, settings)[0]


def evaluate_all(
    histories: Sequence[CellHistory], window_end: date, prior: Prior, settings: VolumeSettings
) -> tuple[Evidence, ...]:
    """Every cell, in the order given; no cell's evidence depends on the others."""
    judgement = Judgement(histories, window_end, settings, prior)
    return tuple(judgement.evidence(row) for row in range(len(histories)))


def window_of(history: CellHistory, window_end: date, weeks: int) -> DayRange:
    """The last weeks of a cell, as far as it was watched in them."""
    first = window_end - timedelta(days=7 * weeks - 1)
    return DayRange(first=max(first, min(history.first_day, window_end)), last=window_end)


def ratio_interval(x: int, expected: float, shape: float, phi: float) -> tuple[float, float]:
    """The 95 % interval of the rate of a window over the one before it, of x counted where so many were expected.

    (x + 1/2) / expected e^(± 1.96 √(1 / (x / phi + 1/2) + 1 / shape)): the usual one of two rates on the scale of the
    logarithm, with counts that scatter by phi and `shape` such counts behind what was expected. That of nothing begins
    at 0.
    """
    half = Z * math.sqrt(1 / (x / phi + 0.5) + 1 / shape)
    centre = (x + 0.5) / expected
    return (centre * math.exp(-half) if x else 0.0), centre * math.exp(half)


def _predictive_p(scores: Scores, row: int, weeks: int, phi: float) -> float | None:
    """P(X >= x) with mean e (S + 1/2) / E and variance phi mean (1 + e / E): S, E baseline, e the window's exposure."""
    x, exposure, baseline_x, baseline_exposure = (
        float(array[row, weeks - 1])
        for array in (scores.x, scores.exposure, scores.baseline_x, scores.baseline_exposure)
    )
    if baseline_exposure == 0 or exposure == 0:
        return None
    mean = exposure * (baseline_x + 0.5) / baseline_exposure
    return tail_probability(int(x), mean, phi * (1 + exposure / baseline_exposure))


def _flags(
    history: CellHistory, method: Method, prior: Prior, point: Plotted | None, weekly: float
) -> tuple[EvidenceFlag, ...]:
    raised = {
        EvidenceFlag.LOW_CONFIDENCE: method is Method.FIXED_COUNT,
        EvidenceFlag.EXPOSURE_UNKNOWN: history.exposure is None,
        EvidenceFlag.EXPOSURE_BY_ANSWERS: history.exposed_to is ExposureSource.ANSWERS,
        EvidenceFlag.DEFAULT_PRIOR: prior.phi_cells == 0 or prior.rate_cells == 0,
        EvidenceFlag.SMALL_RATE: weekly < _SMALL_RATE,
        EvidenceFlag.SMALL_SUBGROUP: point is not None and point.too_small,
    }
    return tuple(flag for flag, holds in raised.items() if holds)
