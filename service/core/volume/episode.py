"""CellState and the tick's level -> the next CellState and a Transition: one episode per run of alarmed ticks.

Refuses to lower an open episode's level: what a review was opened for stays until the cell has been clear long enough.
Ticks of a cell come in the order of their days, each once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from service.core.records.words import Level
from service.core.volume.counting import CellKey, DayRange, merged
from service.core.volume.grid import GRID_DAYS, MAX_WEEKS, windows_since
from service.core.volume.settings import VolumeSettings

# Three weeks that end with the tick.
ALARMS_REACH_DAYS = 21
OUTAGE_CLEAR = timedelta(hours=24)


class Transition(StrEnum):
    """What a tick did to the cell's episode; `continued` covers clear days before it closes.

    `verified`: what was done about it has helped; `unverified`: eight weeks have passed, and nobody can tell.
    """

    NONE = "none"
    OPENED = "opened"
    RAISED = "raised"
    CONTINUED = "continued"
    CLOSED = "closed"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellState:
    """What a cell remembers between ticks; a new cell has only its key.

    `level` is the highest of the open episode, None without one. `down_weighted` are the days of alarms, `formal` those
    of formal reviews among them and beyond the budget; both hold disjoint ranges in order, no older than a baseline
    reaches. `alarms` are the alarmed ticks of the last three weeks. `outage_on` is the end of the last alarmed hour of
    an episode by the hour, None without one. `acted_at` is when a person last closed its review, for as long as windows
    reach back to it; `unproven` that since then there was neither an alarm nor proof that it has helped. `told_as` is
    the category under which its review was opened, where an earlier taxonomy called it so.
    """

    cell: CellKey
    level: Level | None = None
    opened_on: date | None = None
    last_alarm_on: date | None = None
    down_weighted: tuple[DayRange, ...] = ()
    formal: tuple[DayRange, ...] = ()
    alarms: tuple[date, ...] = ()
    outage_on: datetime | None = None
    acted_at: datetime | None = None
    unproven: bool = False
    told_as: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether a review of the cell is open, by days or by the hour."""
        return self.level is not None or self.outage_on is not None


def after_acts(
    states: Mapping[CellKey, CellState], acts: Mapping[CellKey, datetime], window_end: date
) -> Mapping[CellKey, CellState]:
    """The states once each cell has heard of what a person did about it; what is past all windows is forgotten."""
    known = dict(states)
    for cell, at in acts.items():
        state = known.get(cell) or CellState(cell=cell)
        if is_news(at, state, window_end):
            known[cell] = after_act(state, at)
    return known


def is_news(acted_at: datetime | None, state: CellState, window_end: date) -> bool:
    """Whether there was an act that a cell has not heard of, and that a window may still reach back to."""
    if acted_at is None or windows_since(acted_at, window_end) == MAX_WEEKS:
        return False
    return state.acted_at is None or state.acted_at < acted_at


def after_act(state: CellState, acted_at: datetime) -> CellState:
    """The state of a cell about which something was done: its episode is over, and what it did must show."""
    return replace(
        state,
        level=None,
        opened_on=None,
        last_alarm_on=None,
        alarms=(),
        outage_on=None,
        acted_at=acted_at,
        unproven=True,
    )


def advance(
    state: CellState,
    level: Level | None,
    window: DayRange,
    window_end: date,
    settings: VolumeSettings,
    *,
    mended: bool = False,
) -> tuple[CellState, Transition]:
    """The state after a tick that found `level` in `window`.

    An episode opens at its level, rises with it, and closes once `close_after_days` have passed since its last alarmed
    tick. Each alarmed tick takes the days of its window out of the full-weight baseline, oldest first, until the budget
    of the span is spent: from then on the new level is the baseline. `mended` says that a cell about which something
    was done is as it was before.
    """
    state = _forgetful(state, window_end)
    if level is None:
        return _after_clear_tick(state, window_end, settings, mended=mended)
    after = replace(
        state,
        level=Level.FORMAL_REVIEW if Level.FORMAL_REVIEW in (state.level, level) else level,
        opened_on=state.opened_on if state.level is not None else window_end,
        last_alarm_on=window_end,
        down_weighted=_with_window(state.down_weighted, window, window_end, settings),
        alarms=(*state.alarms, window_end),
        unproven=False,
    )
    if after.level is Level.FORMAL_REVIEW:
        after = replace(after, formal=merged(day for days in (*state.formal, window) for day in days))
    if state.level is None:
        return after, Transition.OPENED
    return after, Transition.CONTINUED if after.level is state.level else Transition.RAISED


def advance_hours(state: CellState, end: datetime, *, alarmed: bool, told: bool = True) -> tuple[CellState, Transition]:
    """The state after a tick of hours, and what it did; it closes after 24 clear hours.

    Unless it is `told` nothing else happens: while an episode by days is open, it is that episode's review that tells.
    """
    if alarmed:
        opened = Transition.OPENED if state.outage_on is None else Transition.CONTINUED
        return replace(state, outage_on=end), opened if told else Transition.NONE
    if state.outage_on is None:
        return state, Transition.NONE
    if end - state.outage_on < OUTAGE_CLEAR:
        return state, Transition.CONTINUED if told else Transition.NONE
    return replace(state, outage_on=None), Transition.CLOSED if told else Transition.NONE


def is_blank(state: CellState) -> bool:
    """Tell whether a state says no more than that of a cell which nobody has met."""
    return state == CellState(cell=state.cell)


def _after_clear_tick(
    state: CellState, window_end: date, settings: VolumeSettings, *, mended: bool
) -> tuple[CellState, Transition]:
    if state.unproven and mended:
        return replace(state, unproven=False), Transition.VERIFIED
    if state.unproven and state.acted_at is None:
        return replace(state, unproven=False), Transition.UNVERIFIED
    if state.level is None or state.last_alarm_on is None:
        return state, Transition.NONE
    if (window_end - state.last_alarm_on).days < settings.close_after_days:
        return state, Transition.CONTINUED
    # An outage that goes on keeps the alert; its own end closes it.
    closed = Transition.CLOSED if state.outage_on is None else Transition.NONE
    return replace(state, level=None, opened_on=None, last_alarm_on=None), closed


def _with_window(
    taken: tuple[DayRange, ...], window: DayRange, window_end: date, settings: VolumeSettings
) -> tuple[DayRange, ...]:
    span_start = window_end - timedelta(days=settings.down_weight_span_days - 1)
    days = {day for days in taken for day in days}
    budget = settings.down_weight_budget_days - sum(day >= span_start for day in days)
    fresh = [day for day in window if day not in days]
    return merged(days.union(fresh[: max(0, budget)]))


def _forgetful(state: CellState, window_end: date) -> CellState:
    """Drop what no later tick can reach."""
    if is_blank(state):
        return state
    oldest = window_end - timedelta(days=GRID_DAYS - 1)
    recent = window_end - timedelta(days=ALARMS_REACH_DAYS)
    return replace(
        state,
        down_weighted=_since(state.down_weighted, oldest),
        formal=_since(state.formal, oldest),
        alarms=tuple(day for day in state.alarms if day > recent),
        acted_at=state.acted_at if windows_since(state.acted_at, window_end) < MAX_WEEKS else None,
    )


def _since(taken: tuple[DayRange, ...], oldest: date) -> tuple[DayRange, ...]:
    return tuple(replace(days, first=max(days.first, oldest)) for days in taken if days.last >= oldest)
