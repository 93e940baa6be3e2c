"""What a tick has to know of all cells at once, as a store gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from service.core.records.feedback import Downtime
from service.core.volume.counting import CellKey, Turnout
from service.core.volume.episode import CellState
from service.core.volume.gamma import Matrix
from service.core.volume.tempo import WEEK_HOURS, Tempo

# A process, and a region of it, which is None for all that names none.
Place = tuple[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Responses to surveys: how many on each day, the tick's first, and how many of all are negative."""

    daily: Matrix
    negative: int


# The eight weeks of the longest window, and one more.
ACTS_REACH = timedelta(days=63)
# The days over which a cell's severity is taken.
HARM_REACH = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """How many negative contacts there were, and the sum of their severity scores, each rounded, 0..100."""

    contacts: int
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The negative contacts of each cell and region, those that do not count among them, since the day asked for.

    `first_days` has the day on which the first feedback of each process began, good or bad. `states` is what each cell
    remembers. `critical` says when the last critical contact of the last week began, by cell and region. `completed`
    are, by process and region, the instances completed on each of the 420 days up to the tick's, that one first;
    `answers` likewise. `hours` counts the negative contacts by hour of the week, from Monday 00:00 UTC on. `acts` says
    when a person last closed a review of a cell. `harms` has the severity scores of the last four weeks by cell and
    region. `downtimes` are those of these days, in any order.
    """

    contacts: Mapping[CellKey, Turnout]
    states: Mapping[CellKey, CellState]
    first_days: Mapping[str, date]
    critical: Mapping[CellKey, datetime] = field(default_factory=dict)
    hours: tuple[int, ...] = (0,) * WEEK_HOURS
    completed: Mapping[Place, Matrix] = field(default_factory=dict)
    answers: Mapping[Place, Answers] = field(default_factory=dict)
    acts: Mapping[CellKey, datetime] = field(default_factory=dict)
    harms: Mapping[CellKey, Harm] = field(default_factory=dict)
    downtimes: Sequence[Downtime] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedHours:
    """What a tick of hours has to know of the few cells that it judges; `contacts` are by hours, 24 a day.

    `tempo` is None before there was a tick of days. `downtimes` are those of the last 24 hours.
    """

    contacts: Mapping[CellKey, Turnout]
    states: Mapping[CellKey, CellState]
    first_days: Mapping[str, date]
    tempo: Tempo | None
    acts: Mapping[CellKey, datetime] = field(default_factory=dict)
    downtimes: Sequence[Downtime] = ()
