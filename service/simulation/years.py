"""Years and a rule -> the ticks at which a local adjustment, and a formal review, began in each cell and group.

Every customer is another one, as in the study that the rule comes from, so that no guard on customers binds. The prior
is fitted to each year by itself at every tick, as it is live.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from service.core.records.words import Level
from service.core.volume import CellState, DayRange, Transition, advance, after_act, raise_levels
from service.core.volume.gamma import Matrix
from service.core.volume.grid import COLUMNS, GRID_DAYS, MAX_WEEKS, WeekGrid
from service.core.volume.levels import LEVELS, Crowd, find_levels
from service.core.volume.pooled import Siblings, pool, pooled_rank, siblings
from service.core.volume.prior import Prior, Priors, clean_weeks, fit_prior
from service.core.volume.recurrence import is_mended, raise_recurred
from service.core.volume.score import Scores, score
from service.simulation.drawing import Year
from service.simulation.population import Population, Rule

_MONDAY = date(2024, 1, 1)
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Openings:
    """Cells, or groups of siblings, by scored ticks: where an episode opened, and where it became formal."""

    local: Marks
    formal: Marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the rule did in several years: `groups` are the rows of each group of siblings."""

    cells: Openings
    pooled: Openings
    groups: tuple[Siblings, ...]


class _Grid:
    """Days of several years and what each lends to a baseline, as the grid of a tick."""

    def __init__(self, years: Sequence[Year]) -> None:
        counts = np.concatenate([year.counts for year in years])
        before = np.zeros((len(counts), GRID_DAYS))
        self._counts = np.concatenate([before, counts], axis=1)
        self._watched = np.concatenate([before, np.ones_like(counts)], axis=1)
        self._weights = np.ones_like(self._counts)
        self._formal = np.zeros_like(self._counts)
        self._acted = np.full(len(counts), -8 * MAX_WEEKS)

    def at(self, day: int) -> WeekGrid:
        """The grid of the tick after so many days."""
        span = slice(day, day + GRID_DAYS)
        counts, weights, watched = self._counts[:, span], self._weights[:, span], self._watched[:, span]
        exposure = _by_week(watched)
        return WeekGrid(
            counts=_by_week(counts),
            exposure=exposure,
            weighted_counts=_by_week(counts * weights),
            weighted_exposure=_by_week(watched * weights),
            clean=(exposure == 7) & (_by_week(self._formal[:, span]) == 0),  # noqa: PLR2004 - days of a week
            history_days=np.full(len(counts), day),
            windows=np.clip((day - 1 - self._acted) // 7, 0, MAX_WEEKS),
        )

    def remember(self, row: int, state: CellState, down_weight: float) -> None:
        """Take over what a cell's state says of its days."""
        for days in state.down_weighted:
            self._weights[row, _place(days)] = down_weight
        for days in state.formal:
            self._formal[row, _place(days)] = 1

    def act(self, row: int, day: int) -> None:
        """Let no window of a cell reach back to a day, counted from 0."""
        self._acted[row] = day


def watch(years: Sequence[Year], population: Population, rule: Rule, *, judged: Sequence[int] | None = None) -> Watched:
    """Tick through the scored weeks of several years at once; `judged` are the cells of each year to look at, or all.

    Siblings are judged only where all cells are.
    """
    rows = np.array(
        [year * population.cells + cell for year in range(len(years)) for cell in judged or range(population.cells)]
    )
    keys = [key for number in range(len(years)) for key in population.keys(number)]
    states = [CellState(cell=keys[row]) for row in rows]
    groups = siblings(keys) if rule.pooled is not None and judged is None else ()
    group_states = [CellState(cell=group.cell) for group in groups]
    ticks = range(7 * population.history_weeks + rule.tick_days, population.days + 1, rule.tick_days)
    cells, pooled = _nothing(len(rows), len(ticks)), _nothing(len(groups), len(ticks))
    grid = _Grid(years)
    for tick, day in enumerate(ticks):
        end = _MONDAY + timedelta(days=day - 1)
        for row in _closed(states, end, population):
            acted_on = _acted_on(states[row], population)
            states[row] = after_act(states[row], datetime.combine(acted_on, time(12), UTC))
            grid.act(int(rows[row]), (acted_on - _MONDAY).days)
        seen = grid.at(day)
        scores = _scored(seen, rows, len(years), population, rule)
        levels = find_levels(scores, [rule.thresholds] * len(rows), _strangers(scores))
        raise_levels(levels, states, {}, end, rule.legs)
        armed = [state.unproven for state in states]
        raise_recurred(scores, levels, armed, [rule.thresholds] * len(rows), _strangers(scores))
        busy = [state.level is not None or state.unproven for state in states]
        for row in np.flatnonzero((levels.rank > 0) | busy).tolist():
            window = _window(end, int(levels.weeks[row]))
            mended = states[row].unproven and is_mended(scores, row, rule.thresholds)
            states[row] = _step(cells, row, tick, states[row], levels.level(row), window, rule, mended=mended)
            if levels.rank[row]:
                grid.remember(int(rows[row]), states[row], rule.settings.down_weight)
        if rule.pooled is not None and groups:
            found = pool(scores, groups)
            for group in range(len(groups)):
                level = LEVELS[pooled_rank(found, group, rule.pooled)]
                if level is not None or group_states[group].level is not None:
                    window = _window(end, int(found.weeks[group]))
                    group_states[group] = _step(pooled, group, tick, group_states[group], level, window, rule)
    return Watched(cells=cells, pooled=pooled, groups=groups)


def first_prior(year: Year, population: Population) -> Prior:
    """The prior of one year as it is when its first scored week begins."""
    return fit_prior(clean_weeks(_Grid([year]).at(7 * population.history_weeks)))


def _scored(grid: WeekGrid, rows: NDArray[np.int64], years: int, population: Population, rule: Rule) -> Scores:
    each = population.cells
    priors = [fit_prior(clean_weeks(grid.rows(year * each, (year + 1) * each))) for year in range(years)]
    judged = WeekGrid(
        counts=grid.counts[rows],
        exposure=grid.exposure[rows],
        weighted_counts=grid.weighted_counts[rows],
        weighted_exposure=grid.weighted_exposure[rows],
        clean=grid.clean[rows],
        history_days=grid.history_days[rows],
        windows=grid.windows[rows],
    )
    return score(judged, Priors.each(priors, [len(rows) // years] * years), rule.settings.half_life_weeks)


def _closed(states: Sequence[CellState], end: date, population: Population) -> Iterator[int]:
    """The cells whose review somebody has closed by now."""
    if population.acted_after_days is not None:
        for row, state in enumerate(states):
            if state.opened_on is not None and _acted_on(state, population) <= end:
                yield row


def _acted_on(state: CellState, population: Population) -> date:
    return (state.opened_on or _MONDAY) + timedelta(days=population.acted_after_days or 0)


def _step(
    openings: Openings,
    row: int,
    tick: int,
    state: CellState,
    level: Level | None,
    window: DayRange,
    rule: Rule,
    *,
    mended: bool = False,
) -> CellState:
    after, transition = advance(state, level, window, window.last, rule.settings, mended=mended)
    openings.local[row, tick] = transition is Transition.OPENED
    openings.formal[row, tick] = after.level is Level.FORMAL_REVIEW and transition in (
        Transition.OPENED,
        Transition.RAISED,
    )
    return after


def _strangers(scores: Scores) -> "_Strangers":
    return _Strangers(scores.x)


class _Strangers:
    """Nobody counts twice."""

    def __init__(self, x: Matrix) -> None:
        self._x = x

    def __call__(self, row: int, weeks: int) -> Crowd:
        people = int(self._x[row, weeks - 1])
        return Crowd(customers=people, largest_share=1 / people if people else 0.0)


def _window(end: date, weeks: int) -> DayRange:
    return DayRange(first=end - timedelta(days=7 * weeks - 1), last=end)


def _place(days: DayRange) -> slice:
    first = (days.first - _MONDAY).days + GRID_DAYS
    return slice(max(0, first), first + len(days))


def _by_week(daily: Matrix) -> Matrix:
    """The newest week first."""
    weekly: Matrix = daily.reshape(len(daily), COLUMNS, 7).sum(axis=2)[:, ::-1]
    return np.ascontiguousarray(weekly)


def _nothing(rows: int, ticks: int) -> Openings:
    return Openings(local=np.zeros((rows, ticks), np.bool_), formal=np.zeros((rows, ticks), np.bool_))
