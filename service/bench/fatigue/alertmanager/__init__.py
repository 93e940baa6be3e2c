"""The same alerts through a real Alertmanager, with the same grouping and timers, on a clock that runs 600 times."""

from service.bench.fatigue.alertmanager.running import AlertmanagerUnavailable, compare, find

__all__ = ["AlertmanagerUnavailable", "compare", "find"]
