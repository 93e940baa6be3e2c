"""Cells' weekly counts -> what a classic control chart says of the last week: u, p, Laney's u' and p', EWMA, CUSUM.

Refuses to judge a cell without a baseline: NaN, and no signal. A chart knows neither episodes nor guards; both are the
tick's.
"""

from service.core.volume.charts.charted import Charted, baseline_rate
from service.core.volume.charts.cusum import cusum_chart
from service.core.volume.charts.ewma import ewma_chart
from service.core.volume.charts.run_length import arl, decision_intervals, h_for, reference_value
from service.core.volume.charts.shewhart import laney_p_chart, laney_u_chart, p_chart, u_chart

__all__ = [
    "Charted",
    "arl",
    "baseline_rate",
    "cusum_chart",
    "decision_intervals",
    "ewma_chart",
    "h_for",
    "laney_p_chart",
    "laney_u_chart",
    "p_chart",
    "reference_value",
    "u_chart",
]
