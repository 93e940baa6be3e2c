"""Cells as the tests make them: every count a customer of its own, unless a test says who it is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from hypothesis import strategies as st

from service.core.volume import GRID_DAYS, CellHistory, CellKey, DayRange, Prior, Thresholds, Turnout
from service.core.volume.gamma import Matrix
from service.core.volume.settings import DEFAULT_THRESHOLDS
from tests.core.volume import oracle

FIRST_DAY = date(2025, 1, 6)
CELL = CellKey(process="order-to-cash", category="refund", region=None)
PRIOR = Prior(a0=1.1, b0=1.1 / (4.12 / 7), phi=1.5, mean_rate=4.12 / 7, phi_cells=50, rate_cells=90)

priors = st.builds(
    lambda a0, mean_rate, phi: Prior(a0=a0, b0=a0 / mean_rate, phi=phi, mean_rate=mean_rate, phi_cells=9, rate_cells=9),
    st.floats(0.2, 5),
    st.floats(0.05, 5),
    st.floats(1.02, 4),
)


def day(number: int) -> date:
    """The first day watched is number 0."""
    return FIRST_DAY + timedelta(days=number)


def end_of(weeks: Sequence[int] | int) -> date:
    """The last day of so many weeks."""
    return day(7 * (weeks if isinstance(weeks, int) else len(weeks)) - 1)


def turnout(customers: Mapping[int, Iterable[int]]) -> Turnout:
    """Customers by the number of the day."""
    pairs = [(day(number).toordinal(), customer) for number in sorted(customers) for customer in customers[number]]
    return Turnout(
        np.array([ordinal for ordinal, _ in pairs], np.int64), np.array([customer for _, customer in pairs], np.int64)
    )


def strangers(
    by_week: Sequence[int],
    *,
    cell: CellKey = CELL,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    first_customer: int = 0,
) -> CellHistory:
    """A cell whose every count is another customer, on the third day of its week."""
    ends = [first_customer + sum(by_week[:week]) for week in range(len(by_week) + 1)]
    return CellHistory(
        cell=cell,
        first_day=FIRST_DAY,
        counted=turnout({7 * week + 2: range(ends[week], ends[week + 1]) for week in range(len(by_week))}),
        thresholds=thresholds,
    )


def siblings(by_cell: Mapping[CellKey, Sequence[int]]) -> list[CellHistory]:
    """Cells of strangers, who are strangers to those of the other cells too."""
    made, known = [], 0
    for cell, by_week in by_cell.items():
        made.append(strangers(by_week, cell=cell, first_customer=known))
        known += sum(by_week)
    return made


def by_age(amounts: Sequence[float]) -> Matrix:
    """Amounts of the days from the first to the tick's -> the same from the tick's day back, as a history has them."""
    aged = np.zeros(GRID_DAYS)
    newest_first = np.array(amounts, np.float64)[::-1][:GRID_DAYS]
    aged[: len(newest_first)] = newest_first
    return aged


@st.composite
def cells(draw: st.DrawFn) -> tuple[oracle.Cell, int]:
    """A cell, and the number of the tick's day after the first one watched."""
    tick = draw(st.integers(0, 520))
    number = st.integers(0, tick)
    spread = draw(st.dictionaries(number, st.integers(1, 6), max_size=60))
    burst = draw(st.dictionaries(st.integers(max(0, tick - 40), tick), st.integers(1, 25), max_size=12))
    exposure = draw(st.one_of(st.just({}), st.dictionaries(number, st.floats(0.1, 4), max_size=40)))
    down = draw(st.sets(number, max_size=30))
    return oracle.Cell(counts=spread | burst, weights=dict.fromkeys(down, 0.7), exposure=exposure), tick


def history(cell: oracle.Cell, tick: int, *, key: CellKey = CELL, ends: date | None = None) -> CellHistory:
    """The same cell for the core; it ends on its tick's day, or on another where it is watched from a later day."""
    first = day(0) if ends is None else ends - timedelta(days=tick)
    numbers = sorted(number for number, amount in cell.counts.items() for _ in range(amount))
    return CellHistory(
        cell=key,
        first_day=first,
        counted=Turnout(np.array(numbers, np.int64) + first.toordinal(), np.arange(len(numbers))),
        exposure=by_age([cell.exposure.get(number, 1.0) for number in range(tick + 1)]) if cell.exposure else None,
        down_weighted=tuple(
            DayRange(first=first + timedelta(days=number), last=first + timedelta(days=number))
            for number in sorted(cell.weights)
        ),
    )
