"""What the store counted of each process -> the exposure of its cells: how much could have gone wrong on each day.

Instances completed come first, then the answers to surveys, where nearly all complaints are such answers. Refuses
what has been known for less than eight weeks: days on which nobody counted are not days on which nothing happened.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from service.core.volume.counting import CellKey, Turnout
from service.core.volume.gamma import Matrix
from service.core.volume.grid import GRID_DAYS
from service.core.volume.settings import ExposureSource
from service.core.volume.watched import Answers, Place, Watched

_KNOWN_DAYS = 56
# No day has less than this part of the mean: what is complained of on it ended on others too.
_LEAST = 0.1
# Of a process' complaints; with fewer, complaints come by ways that surveys say nothing of.
_SURVEYED = 0.8
# Of the answers; where more of them are bad they are hardly more than the complaints themselves.
_BAD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """`daily` has mean 1 over the days since `first_day`, the tick's day first; None where it is unknown.

    `answers` are those of each day, good and bad, None where none is known.
    """

    source: ExposureSource
    first_day: date
    daily: Matrix | None
    answers: Matrix | None


def exposures(watched: Watched, end: date, *, by_region: bool) -> Mapping[Place, Exposure]:
    """The exposure of each process, or of each process and region, of which anything is known."""
    complaints = _complaints(watched.contacts, by_region=by_region)
    completed = _by_place(watched.completed, by_region=by_region)
    answered = _answered(watched.answers, by_region=by_region)
    found: dict[Place, Exposure] = {}
    for place in {**complaints, **completed, **answered}:
        first_day = min(watched.first_days.get(place[0], end), end)
        asked = answered.get(place)
        given = asked.daily if asked is not None else None
        known = {ExposureSource.INSTANCES: completed.get(place)}
        if asked is not None and _tells(asked, complaints.get(place, 0)):
            known[ExposureSource.ANSWERS] = asked.daily
        found[place] = next(
            (
                Exposure(source=source, first_day=since, daily=_relative(daily, since, end), answers=given)
                for source, daily in known.items()
                if daily is not None and (since := _known_since(daily, first_day, end)) is not None
            ),
            Exposure(source=ExposureSource.UNKNOWN, first_day=first_day, daily=None, answers=given),
        )
    return found


def _tells(answers: Answers, complaints: int) -> bool:
    """Whether complaints are answers, and answers more than complaints: who asks the unhappy alone has no exposure."""
    total = float(answers.daily.sum())
    return answers.negative >= _SURVEYED * complaints and answers.negative <= _BAD * total


def _known_since(daily: Matrix, first_day: date, end: date) -> date | None:
    """The first watched day after counting began, if that is long enough ago and it went on since."""
    counted = np.flatnonzero(daily > 0)
    if not len(counted) or counted[-1] < _KNOWN_DAYS - 1:
        return None
    since = max(first_day, end - timedelta(days=int(counted[-1])))
    return since if counted[0] <= (end - since).days else None


def _relative(daily: Matrix, since: date, end: date) -> Matrix:
    """Count one more on each day, so that a few more or less say little: else one empty week would set phi for all."""
    known: Matrix = daily + 1
    mean: float = known[: (end - since).days + 1].mean()
    relative: Matrix = np.maximum(known / mean, _LEAST)
    return relative


def _complaints(contacts: Mapping[CellKey, Turnout], *, by_region: bool) -> dict[Place, int]:
    found: dict[Place, int] = {}
    for cell, turnout in contacts.items():
        place = (cell.process, cell.region if by_region else None)
        found[place] = found.get(place, 0) + len(turnout.days)
    return found


def _by_place(series: Mapping[Place, Matrix], *, by_region: bool) -> Mapping[Place, Matrix]:
    if by_region:
        return series
    found: dict[Place, Matrix] = {}
    for (process, _), daily in series.items():
        found[process, None] = found.get((process, None), np.zeros(GRID_DAYS)) + daily
    return found


def _answered(answers: Mapping[Place, Answers], *, by_region: bool) -> Mapping[Place, Answers]:
    if by_region:
        return answers
    found: dict[Place, Answers] = {}
    for (process, _), one in answers.items():
        held = found.get((process, None), Answers(daily=np.zeros(GRID_DAYS), negative=0))
        found[process, None] = Answers(daily=held.daily + one.daily, negative=held.negative + one.negative)
    return found
