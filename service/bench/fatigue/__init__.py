"""Recorded feedback -> how often teams are interrupted, what for, how late; and the same through an Alertmanager."""

from service.bench.fatigue.inputs import Asked
from service.bench.fatigue.suite import fatigue
from service.bench.fatigue.table import table

__all__ = ["Asked", "fatigue", "table"]
