"""A score as given -> the same score on its kind's usual scale, a high one always being good.

Every rule about scores looks at this place and at `good_from` alone, so that there is one of each. It refuses nothing:
the contracts have already refused a score off its own scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.core.records.feedback import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The scale that a kind is usually asked on; below `good_from` an answer is not good (deploy/docs/severity.md)."""

    low: float
    high: float
    good_from: float


_FIVE_POINTS = Scale(low=1, high=5, good_from=4)
_SCALES: Mapping[str, Scale] = {
    "nps": Scale(low=0, high=10, good_from=7),
    "csat": _FIVE_POINTS,
    "ces": Scale(low=1, high=7, good_from=5),
    "binary": Scale(low=0, high=1, good_from=0.5),
    "rating": _FIVE_POINTS,
}


def scale_of(kind: str) -> Scale:
    """Return the usual scale of a kind of score."""
    return _SCALES.get(kind, _FIVE_POINTS)


def on_scale(metric: Metric) -> float:
    """Turn a score round if low is good (min + max - raw), then move it onto its kind's usual scale, in proportion."""
    raw = metric.raw if metric.higher_is_better else metric.scale_min + metric.scale_max - metric.raw
    # Rounding may put a score a little off a scale that is tiny for its place, and no score is off the usual one.
    share = min(1.0, max(0.0, (raw - metric.scale_min) / (metric.scale_max - metric.scale_min)))
    usual = scale_of(metric.kind)
    return usual.low + (usual.high - usual.low) * share
