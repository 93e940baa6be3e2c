"""Made-up years in which the truth is known -> how often the volume rule is wrong, and how often it sees a shift.

The rule is that of `service.core.volume`, tick by tick; only the counts are drawn. Refuses nothing: the command line
checks the figures.
"""

from service.simulation.measured import Tenant, measured
from service.simulation.population import SHIFTS, Population, Rule, Shift, rule_of
from service.simulation.report import Asked, parts_of, simulate, told
from service.simulation.solve import ROUNDS, Budget, solve

__all__ = [
    "ROUNDS",
    "SHIFTS",
    "Asked",
    "Budget",
    "Population",
    "Rule",
    "Shift",
    "Tenant",
    "measured",
    "parts_of",
    "rule_of",
    "simulate",
    "solve",
    "told",
]
