"""Seeded events -> figures: how fast the service is, beside what reading alone and bare writing reach."""

from service.bench.scale import Scale
from service.bench.suites import Suite, run

__all__ = ["Scale", "Suite", "run"]
