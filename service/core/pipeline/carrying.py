"""What cells remember under the names of an earlier taxonomy -> the same under the present ones.

A review that is open stays under the key of its alert, whose category is remembered until it is over. Where several old
categories became one, the cell goes on with the memory of one of them, an open review first; the rest keep their own
until their reviews have ended, since nothing counts in them any more. Nothing is carried twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from service.core.records.renamed import Renamed, current
from service.core.volume import CellKey, CellState, is_blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """`states` and `acts` by the present names; `handed` has the old name of each cell that took over a memory."""

    states: Mapping[CellKey, CellState]
    acts: Mapping[CellKey, datetime]
    handed: Mapping[CellKey, CellKey]


def carried(states: Mapping[CellKey, CellState], acts: Mapping[CellKey, datetime], renamed: Renamed) -> Carried:
    if not renamed:
        return Carried(states=states, acts=acts, handed={})
    kept = {cell: state for cell, state in states.items() if named_now(cell, renamed) == cell}
    old = [(cell, state) for cell, state in states.items() if cell not in kept and not is_blank(state)]
    handed: dict[CellKey, CellKey] = {}
    for cell, state in sorted(old, key=lambda one: (not one[1].is_open, _order(one[0]))):
        new = named_now(cell, renamed)
        if new in handed or not is_blank(kept.get(new, CellState(cell=new))):
            kept[cell] = state
        else:
            told_as = state.told_as or cell.category
            kept[new] = replace(state, cell=new, told_as=told_as if is_followed(state) else None)
            handed[new] = cell
    known: dict[CellKey, datetime] = {}
    for cell, at in acts.items():
        name = cell if cell in kept else named_now(cell, renamed)
        known[name] = max(at, known.get(name, at))
    return Carried(states=kept, acts=known, handed=handed)


def named_now(cell: CellKey, renamed: Renamed) -> CellKey:
    """Return a cell under the present name of its category."""
    category = current(cell.category, renamed)
    return cell if category == cell.category else replace(cell, category=category)


def is_followed(state: CellState) -> bool:
    """Tell whether a review of the cell is open, or it is not known yet whether what was done about one has helped."""
    return state.is_open or state.unproven


def told_of(told_as: str | None, cell: CellKey) -> CellKey:
    """Return the cell as the key of its alert names it."""
    return cell if told_as is None else replace(cell, category=told_as)


def settled(after: CellState) -> CellState:
    """Forget the old name of a review once there is nothing left to say of it."""
    return after if after.told_as is None or is_followed(after) else replace(after, told_as=None)


def _order(cell: CellKey) -> tuple[str, str, str]:
    return (cell.process, cell.category, cell.region or "")
