"""CellState and Evidence -> the next CellState and a Transition: one episode per run of alarmed ticks.

Refuses to lower an open episode's level: what a review was opened for stays until the cell has been clear long enough.
Ticks of a cell come in the order of their days, each once.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from service.core.records.words import Level
from service.core.volume.counting import CellKey, DayRange, merged
from service.core.volume.evidence import Evidence
from service.core.volume.grid import MAX_WEEKS
from service.core.volume.settings import VolumeSettings


class Transition(StrEnum):
    """What a tick did to the cell's episode; `continued` covers clear days before it closes."""

    NONE = "none"
    OPENED = "opened"
    RAISED = "raised"
    CONTINUED = "continued"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellState:
    """What a cell remembers between ticks; a new cell has only its key.

    `level` is the highest of the open episode, None without one. `down_weighted` holds disjoint ranges in order, no
    older than a baseline reaches.
    """

    cell: CellKey
    level: Level | None = None
    opened_on: date | None = None
    last_alarm_on: date | None = None
    down_weighted: tuple[DayRange, ...] = ()


def advance(
    state: CellState, evidence: Evidence, window_end: date, settings: VolumeSettings
) -> tuple[CellState, Transition]:
    """The state after the tick.

    An episode opens at the evidence's level, rises with it, and closes once `close_after_days` have passed since its
    last alarmed tick. Each alarmed tick takes the days of its window out of the full-weight baseline, oldest first,
    until the budget of the span is spent: from then on the new level is the baseline.
    """
    if evidence.level is None:
        return _after_clear_tick(state, window_end, settings)
    alarmed = replace(
        state,
        last_alarm_on=window_end,
        down_weighted=_with_window(state.down_weighted, evidence.window, window_end, settings),
    )
    if state.level is None:
        return replace(alarmed, level=evidence.level, opened_on=window_end), Transition.OPENED
    if (state.level, evidence.level) == (Level.LOCAL_ADJUSTMENT, Level.FORMAL_REVIEW):
        return replace(alarmed, level=evidence.level), Transition.RAISED
    return alarmed, Transition.CONTINUED


def _after_clear_tick(state: CellState, window_end: date, settings: VolumeSettings) -> tuple[CellState, Transition]:
    kept = replace(state, down_weighted=_recent(state.down_weighted, window_end, settings))
    if state.level is None or state.last_alarm_on is None:
        return kept, Transition.NONE
    if (window_end - state.last_alarm_on).days < settings.close_after_days:
        return kept, Transition.CONTINUED
    return replace(kept, level=None, opened_on=None, last_alarm_on=None), Transition.CLOSED


def _with_window(
    taken: tuple[DayRange, ...], window: DayRange, window_end: date, settings: VolumeSettings
) -> tuple[DayRange, ...]:
    span_start = window_end - timedelta(days=settings.down_weight_span_days - 1)
    days = {day for days in taken for day in days}
    budget = settings.down_weight_budget_days - sum(day >= span_start for day in days)
    fresh = [day for day in window if day not in days]
    return _recent(merged(days.union(fresh[: max(0, budget)])), window_end, settings)


def _recent(taken: tuple[DayRange, ...], window_end: date, settings: VolumeSettings) -> tuple[DayRange, ...]:
    oldest = window_end - timedelta(days=settings.baseline_days + 7 * MAX_WEEKS - 1)
    return tuple(replace(days, first=max(days.first, oldest)) for days in taken if days.last >= oldest)
