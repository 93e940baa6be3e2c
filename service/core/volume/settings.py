"""A playbook's numbers -> VolumeSettings of the volume rule.

Refuses nothing: the playbook's loader checks the ranges, where it can name the line at fault.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeSettings:
    """Defaults are the weekly tick's, simulated at about 0.9 false LOCAL and 0.09 false FORMAL per 100 cells and week.

    `h_local` and `h_formal` are natural logarithms. With `half_life_days` a day of the baseline loses half its weight
    in that time, which helps where exposure is unknown and rates drift; without it the baseline is flat.
    """

    h_local: float = 2.12
    h_formal: float = 4.0
    local_min: int = 3
    formal_min: int = 5
    min_ratio: float = 1.5
    local_min_customers: int = 3
    formal_min_customers: int = 5
    max_customer_share: float = 0.40
    warm_up_min: int = 5
    baseline_days: int = 364
    min_baseline_days: int = 28
    half_life_days: int | None = None
    down_weight: float = 0.7
    down_weight_budget_days: int = 91
    down_weight_span_days: int = 182
    close_after_days: int = 14
