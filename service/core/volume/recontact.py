"""The closed cases of cells -> whether their customers come back more often than before, by the very rule of volume.

What is counted are the customers who came back, on the day on which their case was closed; the exposure of a day are
the cases closed on it. Refuses a formal review, a finding where there is nothing to compare with yet, and one of few
cases.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import numpy as np

from service.core.volume.counting import NOBODY, CellKey, Days, Turnout, counted_customers, together
from service.core.volume.episode import CellState, is_blank
from service.core.volume.evidence import ClosedBehind, Evidence, Judgement
from service.core.volume.gamma import Matrix
from service.core.volume.grid import GRID_DAYS, CellHistory
from service.core.volume.levels import LevelReason
from service.core.volume.settings import ExposureSource, RecontactThresholds, Thresholds, VolumeSettings


@dataclass(frozen=True, slots=True, eq=False)
class ClosedCases:
    """The closed cases of one cell: each one's day, as an ordinal of `date`, and those whose customer came back."""

    days: Days
    returned: Turnout

    @classmethod
    def of(cls, days: Sequence[int], customers: Sequence[int], returned: Sequence[bool]) -> "ClosedCases":
        """Cases by columns; equal numbers in `customers` are the same customer, in every cell."""
        all_days, came_back = np.array(days, np.int64), np.array(returned, np.bool_)
        return cls(days=all_days, returned=Turnout(all_days[came_back], np.array(customers, np.int64)[came_back]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Closings:
    """What a tick has to know of all closed cases; `states` is what each cell remembers of recontacts.

    `acts` says when a person last closed a review of a cell's recontacts.
    """

    cases: Mapping[CellKey, ClosedCases]
    states: Mapping[CellKey, CellState]
    acts: Mapping[CellKey, datetime] = field(default_factory=dict)


def cases_together(parts: Sequence[ClosedCases]) -> ClosedCases:
    """The cases of several cells as those of one, in no order."""
    return ClosedCases(
        days=np.concatenate([one.days for one in parts]), returned=together([one.returned for one in parts])
    )


def judge_recontacts(
    closings: Closings, end: date, days: int, thresholds: RecontactThresholds, settings: VolumeSettings
) -> Iterator[Evidence]:
    """Yield what a tick whose window ends with `end` found in the cells that have anything to tell or to remember.

    A customer may come back for so many days, so that the cases of the last ones are not judged yet.
    """
    last = end - timedelta(days=days)
    histories, daily = _histories(closings, last, thresholds.cell)
    judgement = Judgement(histories, last, settings)
    levels = judgement.levels
    for row, history in enumerate(histories):
        closed = int(daily[row][: 7 * int(levels.weeks[row])].sum())
        if levels.reasons[row] is LevelReason.FIXED_COUNT:
            levels.rank[row] = 0
        elif levels.rank[row] and closed < thresholds.min_closed:
            levels.rank[row], levels.reasons[row] = 0, LevelReason.SMALL_WINDOW
        if levels.rank[row] or not is_blank(_state(closings, history.cell)):
            behind = ClosedBehind(cases=closed, days=days)
            yield replace(judgement.evidence(row), window_end=end, closed=behind)


def _histories(closings: Closings, last: date, thresholds: Thresholds) -> tuple[list[CellHistory], list[Matrix]]:
    """Every cell with a case closed up to the last day, or with something to remember; and its cases of each day."""
    counted = counted_customers({cell: cases.returned for cell, cases in closings.cases.items()})
    remembered = {cell for cell, state in closings.states.items() if not is_blank(state)}
    histories, closed = [], []
    for cell in sorted({*closings.cases, *remembered}, key=lambda key: (key.process, key.category, key.region or "")):
        daily = _daily(closings.cases[cell].days if cell in closings.cases else NOBODY.days, last)
        ages = np.flatnonzero(daily)
        if not len(ages) and cell not in remembered:
            continue
        watched = int(ages[-1]) + 1 if len(ages) else 1
        state = _state(closings, cell)
        closed.append(daily)
        histories.append(
            CellHistory(
                cell=cell,
                first_day=last - timedelta(days=watched - 1),
                counted=counted.get(cell, NOBODY),
                exposure=daily / daily[:watched].mean() if len(ages) else None,
                exposed_to=ExposureSource.CLOSED_CASES,
                down_weighted=state.down_weighted,
                formal=state.formal,
                acted_at=state.acted_at,
                thresholds=thresholds,
            )
        )
    return histories, closed


def _state(closings: Closings, cell: CellKey) -> CellState:
    return closings.states.get(cell) or CellState(cell=cell)


def _daily(days: Days, last: date) -> Matrix:
    """How many cases were closed on each day, the last one first."""
    ages = last.toordinal() - days
    return np.bincount(ages[(ages >= 0) & (ages < GRID_DAYS)], minlength=GRID_DAYS).astype(np.float64)
