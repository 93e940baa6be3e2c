"""A playbook's numbers -> Thresholds of one cell, and VolumeSettings that hold for all.

Refuses nothing: the playbook's loader checks the ranges, where it can name the line at fault.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Method(StrEnum):
    """How a cell is judged. The fixed count stands in until there is a baseline; siblings together are `POOLED`."""

    BAYES_FACTOR = "averaged_bayes_factor"
    U_CHART = "u_chart"
    P_CHART = "p_chart"
    EWMA = "ewma"
    CUSUM = "cusum"
    FIXED_COUNT = "fixed_count"
    POOLED = "pooled_bayes_factor"
    HOURLY = "hourly_bayes_factor"


class ExposureSource(StrEnum):
    """What a cell's exposure is made of; `unknown` counts every watched day alike."""

    INSTANCES = "instances"
    ANSWERS = "answers"
    CLOSED_CASES = "closed_cases"
    UNKNOWN = "unknown"


class DowntimeMode(StrEnum):
    """What days of a downtime count for: as any other, not at all, or for as much as they usually bring."""

    TAG = "tag"
    EXCLUDE = "exclude"
    STRATIFY = "stratify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What a cell has to reach. `rule` names the place in the playbook where they are from.

    `h_local` and `h_formal` are natural logarithms, for the Bayes factor alone; an infinite one is never reached. The
    defaults are those of a weekly tick, solved by `simulate-volume` for one false local adjustment and a tenth of a
    false formal review per 100 cells and week, with every leg on that is on by default. `h_recurrence` is what the
    weeks after a closed review have to reach for a formal one, None where they are not looked at.
    """

    rule: str = "volume"
    method: Method = Method.BAYES_FACTOR
    h_local: float = 1.90
    h_formal: float = 3.98
    h_recurrence: float | None = 1.5
    local_min: int = 3
    formal_min: int = 5
    min_ratio: float = 1.5
    local_min_customers: int = 3
    formal_min_customers: int = 5
    max_customer_share: float = 0.40
    warm_up_min: int = 5


DEFAULT_THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledThresholds:
    """What siblings have to reach together, in natural logarithms, and without the strongest of them.

    `guards` are those of the playbook for all cells.
    """

    h_local: float = 2.8
    h_formal: float = 6.0
    h_without_strongest: float = 0.0
    guards: Thresholds = DEFAULT_THRESHOLDS


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyThresholds:
    """What the last hours of a cell have to reach for a local adjustment at once; `h` is a natural logarithm."""

    h: float = 6.5
    min_customers: int = 5
    min_ratio: float = 3.0
    max_customer_share: float = 0.40


@dataclass(frozen=True, slots=True, kw_only=True)
class DowntimeRule:
    """A day is one of a downtime with at least `least` of it in one, or in the time of `after` that follows its end."""

    mode: DowntimeMode = DowntimeMode.TAG
    least: timedelta = timedelta(hours=1)
    after: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecontactThresholds:
    """What the closed cases of a cell after which the customer came back have to reach, for a local adjustment at most.

    `cell` holds the cut and the guards, `min_closed` how many cases have to be closed in the window of a finding.
    """

    cell: Thresholds
    min_closed: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeSettings:
    """How the past is weighed. With `half_life_weeks` a week of the baseline loses half its weight in that time.

    That helps where exposure is unknown and rates drift; without it the baseline is flat.
    """

    half_life_weeks: float | None = None
    down_weight: float = 0.7
    down_weight_budget_days: int = 91
    down_weight_span_days: int = 182
    close_after_days: int = 14
