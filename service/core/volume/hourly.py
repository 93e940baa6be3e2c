"""The last hours of cells -> which call for a local adjustment at once: an outage can not wait for a tick of days.

The statistic is that of the weeks with hours for windows and larger shifts, and a far higher cut. Refuses a cell that
has been watched for less than five weeks, and all cells before there was a tick of days: there is nothing to compare.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from service.core.records.feedback import Downtime
from service.core.records.words import Level
from service.core.volume.counting import DayRange, Turnout, hour_of
from service.core.volume.downtime import concerning
from service.core.volume.evidence import Evidence
from service.core.volume.flags import EvidenceFlag
from service.core.volume.gamma import Matrix, log_rising, tail_probability
from service.core.volume.grid import CellHistory
from service.core.volume.levels import Crowd, Guard, LevelReason, held_back
from service.core.volume.score import log_sum_exp
from service.core.volume.settings import HourlyThresholds, Method, VolumeSettings
from service.core.volume.tempo import WEEK_HOURS, Tempo

HOUR = timedelta(hours=1)
WINDOWS = (1, 3, 6, 12, 24)
SHIFTS = (4.0, 16.0, 64.0)
REACH_HOURS = max(WINDOWS)
# The days of a baseline, the longest window, and a week in which one who counts there may have counted.
HOURS_REACH = timedelta(days=364 + 2 + 7)
_BASELINE_DAYS = 364
_LEAST_DAYS = 35
_NODES = np.linspace(-3.2, 3.2, 11)
_MAX_LOG = 700.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """Cells by windows: what counted and its exposure in days; and the Gamma of each cell's rate a day."""

    x: Matrix
    exposure: Matrix
    shape: Matrix
    rate: Matrix


def judge_hours(
    histories: Sequence[CellHistory],
    end: datetime,
    known: Tempo,
    thresholds: HourlyThresholds,
    settings: VolumeSettings,
) -> tuple[Evidence, ...]:
    """Judge cells at the end of an hour; `counted` of each is by hours, as `counted_customers` gives it for 24 a day.

    T = ln(mean over windows and shifts of the Bayes factor); 1, 3, 6, 12 and 24 hours, 4, 16 and 64 times the rate.
    """
    judged = [one for one in histories if (end.date() - one.first_day).days >= _LEAST_DAYS]
    if not judged:
        return ()
    recent = _recent(judged, end, known, settings)
    # No window reaches back to before what was last done about its cell.
    after = np.array([[one.acted_at is None or one.acted_at <= end - w * HOUR for w in WINDOWS] for one in judged])
    factors = np.where(after[:, :, None], log_bayes_factors(recent, known.prior.phi), -np.inf)
    statistics, largest = averaged(factors), factors.max(axis=2)
    return tuple(
        _evidence(one, end, recent, row, largest[row], float(statistics[row]), known, thresholds)
        for row, one in enumerate(judged)
    )


def tell_downtimes(found: Iterable[Evidence], downtimes: Sequence[Downtime], *, by_region: bool) -> Iterator[Evidence]:
    """Flag what was found in hours of which some lie in a downtime; whatever the playbook says, they count alike."""
    for one in found:
        spans = ((each.started_at, each.ended_at) for each in concerning(downtimes, one.cell, by_region=by_region))
        low, high = one.hours or (None, None)
        met = (
            low is not None
            and high is not None
            and any(start < high and (stop is None or stop > low) for start, stop in spans)
        )
        yield replace(one, flags=(*one.flags, EvidenceFlag.DOWNTIME)) if met else one


def _recent(histories: Sequence[CellHistory], end: datetime, known: Tempo, settings: VolumeSettings) -> Recent:
    last = hour_of(end) - 1
    shares = [known.hours[_hour_of_week(last - back)] / 24 for back in range(REACH_HOURS)]
    exposure = np.cumsum(shares)[[window - 1 for window in WINDOWS]]
    x = np.array([[_since(one.counted, last - window + 1, last) for window in WINDOWS] for one in histories])
    # The days that ended before the longest window began.
    until = (last + 1 - REACH_HOURS) // 24 - 1
    baselines = [_baseline(one, until, settings) for one in histories]
    phi = known.prior.phi
    return Recent(
        x=x.astype(np.float64),
        exposure=np.broadcast_to(exposure, x.shape),
        shape=np.array([known.prior.a0 + counted / phi for counted, _ in baselines]),
        rate=np.array([known.prior.b0 + days / phi for _, days in baselines]),
    )


def _since(counted: Turnout, first: int, last: int) -> int:
    bounds = np.searchsorted(counted.days, (first, last + 1))
    return int(bounds[1] - bounds[0])


def _hour_of_week(hour: int) -> int:
    # Ordinal 1 is a Monday.
    return (hour - 24) % WEEK_HOURS


def _baseline(history: CellHistory, until: int, settings: VolumeSettings) -> tuple[float, float]:
    """What counted in the 364 days up to one, and these days; days of alarms weigh less."""
    first = max(history.first_day.toordinal(), until - _BASELINE_DAYS + 1)
    weights = np.ones(max(0, until - first + 1))
    for days in history.down_weighted:
        weights[max(0, days.first.toordinal() - first) : max(0, days.last.toordinal() + 1 - first)] = (
            settings.down_weight
        )
    days_counted = history.counted.days // 24 - first
    inside = days_counted[(days_counted >= 0) & (days_counted < len(weights))]
    return float(weights[inside].sum()), float(weights.sum())


def log_bayes_factors(recent: Recent, phi: float) -> Matrix:
    """Cells by windows by shifts."""
    spread = np.minimum(1.0, 1 / np.sqrt(recent.shape))
    log_nodes = np.log(recent.shape / recent.rate)[:, None] + _NODES * spread[:, None]
    nodes = np.exp(log_nodes)
    log_weight = recent.shape[:, None] * log_nodes - recent.rate[:, None] * nodes
    r = nodes[:, :, None] * recent.exposure[:, None, :] / (phi - 1)
    n = recent.x[:, None, :]

    def marginal(shift: float) -> Matrix:
        seen = log_rising(shift * r, n) - shift * r * np.log(phi)
        return log_sum_exp(np.swapaxes(log_weight[:, :, None] + seen, 1, 2))

    unshifted = marginal(1.0)
    return np.stack([marginal(shift) - unshifted for shift in SHIFTS], axis=2)


def averaged(factors: Matrix) -> Matrix:
    """T of each cell."""
    return log_sum_exp(factors.reshape(len(factors), -1)) - math.log(len(WINDOWS) * len(SHIFTS))


def _evidence(
    history: CellHistory,
    end: datetime,
    recent: Recent,
    row: int,
    factors: Matrix,
    statistic: float,
    known: Tempo,
    thresholds: HourlyThresholds,
) -> Evidence:
    guard = Guard(min_x=thresholds.min_customers, min_customers=thresholds.min_customers)
    mean = recent.shape[row] / recent.rate[row] * recent.exposure[row]
    carries = (recent.x[row] >= guard.min_x) & (recent.x[row] >= thresholds.min_ratio * mean) & np.isfinite(factors)
    place = int(np.where(carries, factors, -np.inf).argmax()) if carries.any() else int(factors.argmax())
    crowd = _crowd(history.counted, end, WINDOWS[place])
    level, reason = None, LevelReason.STATISTIC
    if statistic >= thresholds.h:
        held = held_back(crowd, guard, thresholds.max_customer_share) if carries.any() else LevelReason.SMALL_WINDOW
        level, reason = (Level.LOCAL_ADJUSTMENT, reason) if held is None else (None, held)
    x, expected = int(recent.x[row, place]), float(mean[place])
    start = end - WINDOWS[place] * HOUR
    return Evidence(
        cell=history.cell,
        window_end=(end - HOUR).date(),
        level=level,
        reason=reason,
        method=Method.HOURLY,
        window=DayRange(first=start.date(), last=(end - HOUR).date()),
        hours=(start, end),
        x=x,
        expected=expected,
        ratio=x / expected if expected > 0 else 0.0,
        customers=crowd.customers,
        largest_share=crowd.largest_share,
        statistic=statistic if math.isfinite(statistic) else None,
        bayes_factor=math.exp(min(_MAX_LOG, statistic)) if math.isfinite(statistic) else None,
        p=tail_probability(x, expected, known.prior.phi) if expected > 0 else None,
        flags=(EvidenceFlag.EXPOSURE_UNKNOWN,),
        thresholds=history.thresholds,
        limit=thresholds.h,
    )


def _crowd(counted: Turnout, end: datetime, hours: int) -> Crowd:
    last = hour_of(end) - 1
    first, after = np.searchsorted(counted.days, (last - hours + 1, last + 1))
    people = counted.customers[first:after]
    if not len(people):
        return Crowd(customers=0, largest_share=0.0)
    _, times = np.unique(people, return_counts=True)
    return Crowd(customers=len(times), largest_share=float(times.max() / times.sum()))
