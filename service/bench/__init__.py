"""Seeded or recorded events -> figures: how fast the service is, and how seldom it interrupts, beside yardsticks."""

from service.bench.fatigue import Asked, table
from service.bench.fatigue.alertmanager import AlertmanagerUnavailable, find
from service.bench.scale import Scale
from service.bench.suites import Suite, run

__all__ = ["AlertmanagerUnavailable", "Asked", "Scale", "Suite", "find", "run", "table"]
