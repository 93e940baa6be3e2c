"""The steps of one process instance, in any order -> its course: what was done, by whom, how often, with what pauses.

A step that was corrected counts as it was told last, one that was withdrawn not at all. Nothing is refused: an activity
that was only begun, or only ended, is on the path all the same; one that was merely planned or assigned is not.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from service.core.records.steps import Step, Value
from service.core.records.words import ENDS, InstanceState, Lifecycle

_STATES = {
    Lifecycle.START: InstanceState.RUNNING,
    Lifecycle.RESUME: InstanceState.RUNNING,
    Lifecycle.COMPLETE: InstanceState.COMPLETED,
    Lifecycle.CANCEL: InstanceState.CANCELLED,
    Lifecycle.FAIL: InstanceState.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One time that an activity was done; None where its start, or its end, was not told.

    `ended_by` is how it ended. `team` is whoever was named last for it.
    """

    name: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: Lifecycle | None = None
    team: str | None = None

    @property
    def begun_at(self) -> datetime | None:
        return self.started_at or self.ended_at

    @property
    def left_at(self) -> datetime | None:
        return self.ended_at or self.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """An activity that was done more than once, and how many times."""

    activity: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """Where work went from one team to another: with which activity, and when that began."""

    giver: str
    taker: str
    activity: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """How long nothing was done between one activity and the next: from the end of the one to the start of the other.

    A start that was not told is taken for the end, and an end for the start; what overlaps waits for nothing.
    """

    after: str
    before: str
    lasted: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """`steps` that hold, in order; `path` in order of ends, or of starts where no end was told.

    `attributes` are as they were said last.
    """

    state: InstanceState = InstanceState.RUNNING
    steps: tuple[Step, ...] = ()
    path: tuple[Activity, ...] = ()
    loops: tuple[Loop, ...] = ()
    handoffs: tuple[Handoff, ...] = ()
    pauses: tuple[Pause, ...] = ()
    attributes: Mapping[str, Value] = field(default_factory=dict)


def course(rows: Iterable[Step]) -> Course:
    """Say how one instance went; its rows may come in any order, and with what was corrected since among them."""
    steps = ordered(rows)
    # What begins and ends at one instant has begun first, whatever was told first.
    paired = sorted(steps, key=lambda step: (step.at, step.lifecycle in ENDS))
    path = _path(paired)
    times = Counter(one.name for one in path)
    return Course(
        state=_state(paired),
        steps=steps,
        path=path,
        loops=tuple(Loop(activity=name, times=count) for name, count in times.items() if count > 1),
        handoffs=tuple(_handoffs(path)),
        pauses=tuple(_pauses(path)),
        attributes={name: value for step in steps for name, value in step.attributes.items()},
    )


def ordered(rows: Iterable[Step]) -> tuple[Step, ...]:
    """Keep of each step what holds, in order of when it happened, then of when that was told."""
    held: dict[tuple[str, str, str], Step] = {}
    for row in rows:
        known = held.get(row.key)
        if known is None or known.rank < row.rank:
            held[row.key] = row
    return tuple(sorted((one for one in held.values() if not one.withdrawn), key=place))


def place(step: Step) -> tuple[datetime, datetime, str, tuple[str, str, str]]:
    """Name the place of a step in its course."""
    return (step.at, step.told_at, step.event_id, step.key)


def _state(steps: Sequence[Step]) -> InstanceState:
    """Take the last that was said of the instance as a whole: one that is begun anew runs."""
    said = (_STATES.get(step.lifecycle) for step in reversed(steps) if step.activity is None)
    return next((state for state in said if state is not None), InstanceState.RUNNING)


def _path(steps: Sequence[Step]) -> tuple[Activity, ...]:
    """Pair starts and ends of each activity, the earliest start with the earliest end."""
    done: list[tuple[int, Activity]] = []
    running: dict[str, list[tuple[int, Activity]]] = {}
    assigned: dict[str, str] = {}
    for at, step in enumerate(steps):
        name = step.activity
        if name is None:
            continue
        begun = running.setdefault(name, [])
        if step.lifecycle is Lifecycle.START:
            team = step.team or assigned.pop(name, None)
            begun.append((at, Activity(name=name, started_at=step.at, team=team)))
        elif step.lifecycle in ENDS:
            team = assigned.pop(name, None) if not begun else None
            if begun or step.lifecycle is not Lifecycle.CANCEL:
                _, one = begun.pop(0) if begun else (at, Activity(name=name, team=team))
                done.append((at, _ended(one, step)))
        elif step.team is not None:
            if begun:
                begun[0] = (begun[0][0], replace(begun[0][1], team=step.team))
            else:
                assigned[name] = step.team
    found = [*done, *(one for begun in running.values() for one in begun)]
    return tuple(one for _, one in sorted(found, key=lambda each: each[0]))


def _ended(one: Activity, step: Step) -> Activity:
    return replace(one, ended_at=step.at, ended_by=step.lifecycle, team=step.team or one.team)


def _handoffs(path: Sequence[Activity]) -> list[Handoff]:
    """Compare each activity with the last before it that names a team."""
    found: list[Handoff] = []
    giver: str | None = None
    for one in path:
        if one.team is not None and one.begun_at is not None:
            if giver not in (None, one.team):
                found.append(Handoff(giver=giver or "", taker=one.team, activity=one.name, at=one.begun_at))
            giver = one.team
    return found


def _pauses(path: Sequence[Activity]) -> list[Pause]:
    found: list[Pause] = []
    for one, following in pairwise(path):
        if one.left_at is not None and following.begun_at is not None:
            lasted = max(timedelta(), following.begun_at - one.left_at)
            found.append(Pause(after=one.name, before=following.name, lasted=lasted))
    return found
