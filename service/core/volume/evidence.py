"""Cell histories -> Evidence: what a tick found in each cell, at which level, and why not at the next one.

Refuses a level whose guards fail: too few events, too small a ratio, too few customers, or one customer behind too many
of them. A cell that has been watched for less than five weeks is judged by a fixed count, never above local adjustment.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from service.core.records.words import Level
from service.core.volume.counting import CellKey, DayRange
from service.core.volume.gamma import tail_probability
from service.core.volume.grid import MAX_WEEKS, CellHistory, day_grid
from service.core.volume.prior import Prior
from service.core.volume.score import Scores, score
from service.core.volume.settings import VolumeSettings

_CHUNK_CELLS = 256
_MAX_LOG = 700.0


class Method(StrEnum):
    BAYES_FACTOR = "averaged_bayes_factor"
    FIXED_COUNT = "fixed_count"


class LevelReason(StrEnum):
    """What settled the level: the statistic or count itself, or the guard that held the next higher level back."""

    STATISTIC = "statistic"
    FIXED_COUNT = "fixed_count"
    SMALL_WINDOW = "small_window"
    FEW_CUSTOMERS = "few_customers"
    ONE_CUSTOMER = "one_customer"


class EvidenceFlag(StrEnum):
    LOW_CONFIDENCE = "low_confidence"
    EXPOSURE_UNKNOWN = "exposure_unknown"
    DEFAULT_PRIOR = "default_prior"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one tick found in one cell.

    `level` is None where nothing calls for action. `window` is the one with the largest Bayes factor among those that
    carry the level, or among all where there is none. `x` counts customers, once in any seven days; `expected` is its
    mean if nothing changed; `ratio` is x / expected. `largest_share` is the part of x that one customer supplies.
    `statistic` is T and `bayes_factor` the odds for a raised rate (capped at 1e304), both None under a fixed count. `p`
    is P(X >= x) by the overdispersed predictive, None without a baseline; it explains and does not decide.
    """

    cell: CellKey
    window_end: date
    level: Level | None
    reason: LevelReason
    method: Method
    window: DayRange
    x: int
    expected: float
    ratio: float
    customers: int
    largest_share: float
    statistic: float | None
    bayes_factor: float | None
    p: float | None
    flags: tuple[EvidenceFlag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guards:
    threshold: float
    min_x: int
    min_customers: int


def evaluate(history: CellHistory, window_end: date, prior: Prior, settings: VolumeSettings) -> Evidence:
    """One cell at the tick whose last day is `window_end`."""
    return evaluate_all((history,), window_end, prior, settings)[0]


def evaluate_all(
    histories: Sequence[CellHistory], window_end: date, prior: Prior, settings: VolumeSettings
) -> tuple[Evidence, ...]:
    """Every cell, in the order given; no cell's evidence depends on the others."""
    found: list[Evidence] = []
    for start in range(0, len(histories), _CHUNK_CELLS):
        chunk = histories[start : start + _CHUNK_CELLS]
        scores = score(day_grid(chunk, window_end, settings), prior, settings)
        found.extend(_judged(history, scores, row, window_end, prior, settings) for row, history in enumerate(chunk))
    return tuple(found)


def _judged(
    history: CellHistory, scores: Scores, row: int, window_end: date, prior: Prior, settings: VolumeSettings
) -> Evidence:
    statistic: float | None = float(scores.statistic[row])
    bayes_factor: float | None = math.exp(min(_MAX_LOG, float(scores.log_bayes_factor[row])))
    if math.isinf(scores.statistic[row]):
        method, statistic, bayes_factor = Method.FIXED_COUNT, None, None
        level, reason, weeks = _fixed_count_level(scores, row, settings)
    else:
        method = Method.BAYES_FACTOR
        level, reason, weeks = _statistic_level(history, scores, row, window_end, settings)
    window = _window(history, window_end, weeks)
    customers = _turnout(history.counted, window)
    x, expected = int(scores.x[row, weeks - 1]), float(scores.expected[row, weeks - 1])
    return Evidence(
        cell=history.cell,
        window_end=window_end,
        level=level,
        reason=reason,
        method=method,
        window=window,
        x=x,
        expected=expected,
        ratio=x / expected if expected > 0 else 0.0,
        customers=len(customers),
        largest_share=_largest_share(customers),
        statistic=statistic,
        bayes_factor=bayes_factor,
        p=_predictive_p(scores, row, weeks, prior.phi),
        flags=_flags(history, method, prior),
    )


def _fixed_count_level(scores: Scores, row: int, settings: VolumeSettings) -> tuple[Level | None, LevelReason, int]:
    # Within one week a customer counts once, so five events are five customers and no share guard can bind.
    level = Level.LOCAL_ADJUSTMENT if scores.x[row, 0] >= settings.warm_up_min else None
    return level, LevelReason.FIXED_COUNT, 1


def _statistic_level(
    history: CellHistory, scores: Scores, row: int, window_end: date, settings: VolumeSettings
) -> tuple[Level | None, LevelReason, int]:
    reason = LevelReason.STATISTIC
    for level, guards in _guards(settings):
        if scores.statistic[row] < guards.threshold:
            continue
        carriers = [
            weeks
            for weeks in range(1, MAX_WEEKS + 1)
            if not math.isinf(scores.window_log_bayes_factor[row, weeks - 1])
            and scores.x[row, weeks - 1] >= guards.min_x
            and scores.x[row, weeks - 1] >= settings.min_ratio * scores.expected[row, weeks - 1]
        ]
        if not carriers:
            held = LevelReason.SMALL_WINDOW
        else:
            weeks = _best(scores, row, carriers)
            customers = _turnout(history.counted, _window(history, window_end, weeks))
            if len(customers) < guards.min_customers:
                held = LevelReason.FEW_CUSTOMERS
            elif _largest_share(customers) > settings.max_customer_share:
                held = LevelReason.ONE_CUSTOMER
            else:
                return level, reason, weeks
        # The reason tells what held back the level next above the one that is given in the end.
        reason = held
    return None, reason, _best(scores, row, range(1, MAX_WEEKS + 1))


def _guards(settings: VolumeSettings) -> tuple[tuple[Level, _Guards], ...]:
    """The highest level first."""
    formal = _Guards(
        threshold=settings.h_formal, min_x=settings.formal_min, min_customers=settings.formal_min_customers
    )
    local = _Guards(threshold=settings.h_local, min_x=settings.local_min, min_customers=settings.local_min_customers)
    return (Level.FORMAL_REVIEW, formal), (Level.LOCAL_ADJUSTMENT, local)


def _best(scores: Scores, row: int, weeks: Sequence[int]) -> int:
    """The number of weeks with the largest Bayes factor; the shorter window of equals."""
    return max(weeks, key=lambda count: (float(scores.window_log_bayes_factor[row, count - 1]), -count))


def _window(history: CellHistory, window_end: date, weeks: int) -> DayRange:
    first = window_end - timedelta(days=7 * weeks - 1)
    return DayRange(first=max(first, min(history.first_day, window_end)), last=window_end)


def _turnout(counted: Mapping[date, frozenset[str]], window: DayRange) -> Counter[str]:
    """How often each customer counts in the window."""
    return Counter(customer for day in window for customer in counted.get(day, ()))


def _largest_share(customers: Counter[str]) -> float:
    return max(customers.values()) / customers.total() if customers else 0.0


def _predictive_p(scores: Scores, row: int, weeks: int, phi: float) -> float | None:
    """P(X >= x) with mean e (S + 1/2) / E and variance phi mean (1 + e / E): S, E baseline, e the window's exposure."""
    x, exposure, baseline_x, baseline_exposure = (
        float(array[row, weeks - 1])
        for array in (scores.x, scores.exposure, scores.baseline_x, scores.baseline_exposure)
    )
    if baseline_exposure == 0 or exposure == 0:
        return None
    mean = exposure * (baseline_x + 0.5) / baseline_exposure
    return tail_probability(int(x), mean, phi * (1 + exposure / baseline_exposure))


def _flags(history: CellHistory, method: Method, prior: Prior) -> tuple[EvidenceFlag, ...]:
    raised = {
        EvidenceFlag.LOW_CONFIDENCE: method is Method.FIXED_COUNT,
        EvidenceFlag.EXPOSURE_UNKNOWN: history.exposure is None,
        EvidenceFlag.DEFAULT_PRIOR: prior.phi_cells == 0 or prior.rate_cells == 0,
    }
    return tuple(flag for flag, holds in raised.items() if holds)
