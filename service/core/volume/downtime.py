"""Downtimes of processes -> the days that they spoil, by cell, and what these days count for in its history.

A day is one of a downtime where enough of it lies in one, or shortly after a long one: people complain later. Refuses
to weigh such days by fewer than three of them: a ratio that nothing is known of is 1, and says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from service.core.records.feedback import Downtime
from service.core.volume.counting import CellKey, Turnout
from service.core.volume.flags import EvidenceFlag
from service.core.volume.gamma import Matrix
from service.core.volume.grid import GRID_DAYS, MAX_WEEKS, CellHistory, DaysDown
from service.core.volume.settings import DowntimeMode, DowntimeRule
from service.core.volume.watched import Place

_DAY = timedelta(days=1)
# Days that no window reaches are what days are weighed by.
_JUDGED_DAYS = 7 * MAX_WEEKS
_LEAST_DAYS = 3
_LARGEST_RATIO = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """How many days of a window were of a downtime, and how many of its customers counted on them."""

    days: int
    x: int
    ratio_unknown: bool = False


def days_down(downtimes: Iterable[Downtime], end: date, rule: DowntimeRule) -> Matrix | None:
    """Mark the days, the tick's first and then back, by what concerns one cell; None where there is none.

    What still lasts ends at the tick. Time in downtimes and after those that lasted long enough is counted together.
    """
    limit = datetime.combine(end + _DAY, time(), UTC)
    spans: list[tuple[datetime, datetime]] = []
    for one in downtimes:
        spans.append((one.started_at, one.ended_at or limit))
        if one.ended_at is not None and one.ended_at - one.started_at >= rule.least:
            spans.append((one.ended_at, one.ended_at + rule.after))
    spoilt: defaultdict[int, timedelta] = defaultdict(timedelta)
    for start, stop in _joined(spans, limit - GRID_DAYS * _DAY, limit):
        for age in range((limit - stop) // _DAY, -((start - limit) // _DAY)):
            midnight = limit - (age + 1) * _DAY
            spoilt[age] += min(stop, midnight + _DAY) - max(start, midnight)
    ages = [age for age, amount in spoilt.items() if amount >= rule.least]
    if not ages:
        return None
    marks = np.zeros(GRID_DAYS)
    marks[ages] = 1
    return marks


def with_downtimes(
    histories: Sequence[CellHistory], downtimes: Iterable[Downtime], end: date, rule: DowntimeRule, *, by_region: bool
) -> list[CellHistory]:
    """Give each cell its days of downtime, and what they count for by the rule's mode.

    A downtime of one region concerns all of a process' cells unless regions are parted, one without a region all of
    them in any case. Who counted on a day that is left out does not count.
    """
    of_process: defaultdict[str, list[Downtime]] = defaultdict(list)
    for one in downtimes:
        of_process[one.process].append(one)
    cells_of: defaultdict[Place, list[CellHistory]] = defaultdict(list)
    for history in histories:
        if history.cell.process in of_process:
            cells_of[history.cell.process, history.cell.region].append(history)
    known: dict[Place, DaysDown] = {}
    for place, cells in cells_of.items():
        days = days_down(concerning(of_process[place[0]], cells[0].cell, by_region=by_region), end, rule)
        if days is not None:
            known[place] = _weighed(days, cells, end, rule.mode)
    return [_under(history, known, end) for history in histories]


def concerning(downtimes: Iterable[Downtime], cell: CellKey, *, by_region: bool) -> Iterator[Downtime]:
    """Yield those that concern a cell."""
    for one in downtimes:
        if one.process == cell.process and (not by_region or one.region in (None, cell.region)):
            yield one


def fallen(histories: Iterable[CellHistory], end: date, weeks: int) -> Fallen | None:
    """Count the days of a window of some cells that were of a downtime, each once; None where none was."""
    days: set[int] = set()
    x, unknown = 0, False
    for one in histories:
        if one.down is not None:
            reach = min(7 * weeks, max(0, (end - one.first_day).days + 1))
            down = one.down.days[:reach] > 0
            ages = end.toordinal() - one.counted.days
            days |= set(np.flatnonzero(down).tolist())
            x += int(down[ages[(ages >= 0) & (ages < reach)]].sum())
            unknown = unknown or one.down.ratio_unknown
    return Fallen(days=len(days), x=x, ratio_unknown=unknown) if days else None


def flags_of(down: Fallen | None) -> tuple[EvidenceFlag, ...]:
    """What a reader should know of a window that holds such days."""
    if down is None:
        return ()
    unknown = (EvidenceFlag.DOWNTIME_RATIO_UNKNOWN,) if down.ratio_unknown else ()
    return (EvidenceFlag.DOWNTIME, *unknown)


def _joined(
    spans: Iterable[tuple[datetime, datetime]], low: datetime, high: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield what the spans cover between two instants, in order and nothing twice."""
    reached = low
    for start, stop in sorted(spans):
        first, last = max(start, reached), min(stop, high)
        if first < last:
            yield first, last
            reached = last


def _weighed(days: Matrix, cells: Sequence[CellHistory], end: date, mode: DowntimeMode) -> DaysDown:
    match mode:
        case DowntimeMode.TAG:
            return DaysDown(days=days)
        case DowntimeMode.EXCLUDE:
            return DaysDown(days=days, scale=1 - days)
        case DowntimeMode.STRATIFY:
            found = ratio(days, cells, end)
            if found is None:
                return DaysDown(days=days, ratio_unknown=True)
            return DaysDown(days=days, scale=np.where(days > 0, found, 1.0))


def ratio(days: Matrix, cells: Sequence[CellHistory], end: date) -> float | None:
    """How many times as much is complained of on a day of a downtime, all cells of a process taken together.

    (x + 1) / (m + 1), from 1 to 20, where x counted on these days and m is what the other days' rate makes of their
    exposure; only days before the longest window. None with fewer than three such days, or without any other.
    """
    watched = max((end - min(one.first_day for one in cells)).days + 1, 0)
    before = np.zeros(GRID_DAYS)
    before[_JUDGED_DAYS:watched] = 1
    down, other = before * days, before * (1 - days)
    known = next((one.exposure for one in cells if one.exposure is not None), np.ones(GRID_DAYS))
    exposed, usual = float((known * down).sum()), float((known * other).sum())
    if down.sum() < _LEAST_DAYS or not usual:
        return None
    counts = np.zeros(GRID_DAYS)
    for one in cells:
        ages = end.toordinal() - one.counted.days
        counts += np.bincount(ages[(ages >= 0) & (ages < GRID_DAYS)], minlength=GRID_DAYS)
    expected = float((counts * other).sum()) / usual * exposed
    return min(_LARGEST_RATIO, max(1.0, (float((counts * down).sum()) + 1) / (expected + 1)))


def _under(history: CellHistory, known: Mapping[Place, DaysDown], end: date) -> CellHistory:
    down = known.get((history.cell.process, history.cell.region))
    if down is None:
        return history
    if down.scale is None:
        return replace(history, down=down)
    ages = end.toordinal() - history.counted.days
    inside = (ages >= 0) & (ages < GRID_DAYS)
    stays = down.scale[np.where(inside, ages, 0)] > 0
    kept = stays | ~inside
    counted = Turnout(history.counted.days[kept], history.counted.customers[kept])
    return replace(history, counted=counted, down=down)
