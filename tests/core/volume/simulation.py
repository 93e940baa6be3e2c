"""A made-up year: cells with log-normal rates, overdispersed days and a shift here and there; the rule ticks weekly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from service.core.records.words import Level
from service.core.volume import CellHistory, CellKey, CellState, VolumeSettings, advance, evaluate_all, fit_prior

PHI = 1.5
HISTORY_WEEKS = 8
SCORED_WEEKS = 52
CLEAR_WEEKS = 2
START = date(2026, 1, 5)
_WEEKDAYS = np.array([1.25, 1.15, 1.1, 1.05, 1.0, 0.8, 0.65])


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """`row` runs at `factor` times its rate for `weeks` scored weeks from week `start`."""

    row: int
    factor: float
    start: int
    weeks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Openings:
    """Scored weeks by cells: where a LOCAL (or higher) and where a FORMAL condition began after two clear weeks."""

    local: NDArray[np.bool_]
    formal: NDArray[np.bool_]


def run_year(rng: np.random.Generator, cells: int, shifts: Sequence[Shift] = ()) -> Openings:
    """Tick through 52 weeks after 8 weeks of history, with episodes and their down-weighting, on one random year."""
    settings = VolumeSettings()
    histories = _histories(_daily_counts(rng, cells, shifts))
    prior = fit_prior(histories, START + timedelta(days=7 * HISTORY_WEEKS - 1), settings)
    states = [CellState(cell=history.cell) for history in histories]
    local, formal = (np.zeros((SCORED_WEEKS, cells), bool) for _ in range(2))
    for week in range(SCORED_WEEKS):
        window_end = START + timedelta(days=7 * (HISTORY_WEEKS + week + 1) - 1)
        seen = [
            replace(history, down_weighted=state.down_weighted)
            for history, state in zip(histories, states, strict=True)
        ]
        found = evaluate_all(seen, window_end, prior, settings)
        states = [advance(state, one, window_end, settings)[0] for state, one in zip(states, found, strict=True)]
        local[week] = [one.level is not None for one in found]
        formal[week] = [one.level is Level.FORMAL_REVIEW for one in found]
    return Openings(local=_began(local), formal=_began(formal))


def detected(openings: NDArray[np.bool_], shifts: Sequence[Shift]) -> float:
    """The share of shifts inside which the condition began."""
    return float(np.mean([openings[one.start : one.start + one.weeks, one.row].any() for one in shifts]))


def drawn_shifts(rng: np.random.Generator, rows: int, factor: float, weeks: int) -> tuple[Shift, ...]:
    """One shift in each of the first `rows` cells, in a random week that leaves room for it."""
    return tuple(
        Shift(row=row, factor=factor, start=int(rng.integers(0, SCORED_WEEKS - weeks + 1)), weeks=weeks)
        for row in range(rows)
    )


def _daily_counts(rng: np.random.Generator, cells: int, shifts: Sequence[Shift]) -> NDArray[np.int64]:
    weekly = rng.lognormal(np.log(2.5), 1.0, size=cells)
    weeks = np.ones((cells, HISTORY_WEEKS + SCORED_WEEKS))
    for one in shifts:
        weeks[one.row, HISTORY_WEEKS + one.start : HISTORY_WEEKS + one.start + one.weeks] = one.factor
    mean = np.repeat(weekly[:, None] / 7 * weeks, 7, axis=1) * np.tile(_WEEKDAYS, weeks.shape[1])
    counts: NDArray[np.int64] = rng.poisson(rng.gamma(mean / (PHI - 1), PHI - 1))
    return counts


def _histories(counts: NDArray[np.int64]) -> list[CellHistory]:
    """Every count is a customer of its own."""
    return [
        CellHistory(
            cell=CellKey(process="sim", category=str(row), region=None),
            first_day=START,
            counted={
                START + timedelta(days=int(day)): frozenset(f"{day}-{n}" for n in range(int(amount)))
                for day, amount in enumerate(of_cell)
                if amount
            },
        )
        for row, of_cell in enumerate(counts)
    ]


def _began(condition: NDArray[np.bool_]) -> NDArray[np.bool_]:
    began = condition.copy()
    for weeks in range(1, CLEAR_WEEKS + 1):
        began[weeks:] &= ~condition[:-weeks]
    return began
