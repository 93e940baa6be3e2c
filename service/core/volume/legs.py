"""Levels of a tick -> the same with some cells raised to a formal review, for reasons other than their own statistic.

Each leg is switched in the playbook, and each but zero tolerance costs false alarms, which `simulate-volume` counts.
Refuses to raise a cell for the sake of a leg that is off.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from service.core.volume.counting import WEEK, CellKey
from service.core.volume.episode import CellState
from service.core.volume.levels import LevelReason, Levels

_FORMAL = 2
_STAND_IN = LevelReason.FIXED_COUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """`zero_tolerance` names categories of which one critical feedback calls for a formal review.

    With `two_of_three` a second local adjustment within three weeks does, the windows of a week being disjoint; with
    `several_regions` one at the same tick as a level in another region of the same process and category.
    """

    zero_tolerance: frozenset[str] = frozenset()
    two_of_three: bool = False
    several_regions: bool = False


def raise_levels(
    levels: Levels,
    states: Sequence[CellState],
    critical: Mapping[CellKey, datetime],
    window_end: date,
    legs: Legs,
) -> None:
    """Raise cells in place; `critical` says when the last critical feedback of the tick's week began in each cell.

    A fixed count is raised by nothing but zero tolerance: it stands in until there is something to compare with. What
    was critical before somebody acted was known to who acted; what came after it is not tolerated, that very week.
    """
    local = [row for row in np.flatnonzero(levels.rank == 1).tolist() if levels.reasons[row] is not _STAND_IN]
    # A formal review in one region supports the other no less than a local adjustment there would.
    in_region = Counter(
        (states[row].cell.process, states[row].cell.category) for row in np.flatnonzero(levels.rank).tolist()
    )
    for row in local:
        cell = states[row].cell
        if legs.two_of_three and any(WEEK <= window_end - day < 3 * WEEK for day in states[row].alarms):
            _raise(levels, row, LevelReason.TWO_OF_THREE)
        elif legs.several_regions and in_region[cell.process, cell.category] > 1:
            _raise(levels, row, LevelReason.SEVERAL_REGIONS)
    if legs.zero_tolerance and critical:
        for row, state in enumerate(states):
            at = critical.get(state.cell) if state.cell.category in legs.zero_tolerance else None
            unknown = at is not None and (state.acted_at is None or at > state.acted_at)
            if unknown and levels.rank[row] < _FORMAL:
                _raise(levels, row, LevelReason.ZERO_TOLERANCE)
                levels.weeks[row] = 1


def _raise(levels: Levels, row: int, reason: LevelReason) -> None:
    levels.rank[row] = _FORMAL
    levels.reasons[row] = reason
