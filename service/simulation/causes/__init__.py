"""Made-up processes in which the cause is known -> how often the search for causes names it, and what else it names.

The search is that of `service.core.cause`; only the instances are drawn. Refuses nothing: the command line checks the
figures.
"""

from service.simulation.causes.judged import Judged, judge_seed
from service.simulation.causes.process import Plant, Process, draw_cases
from service.simulation.causes.report import parts_of, report_causes

__all__ = ["Judged", "Plant", "Process", "draw_cases", "judge_seed", "parts_of", "report_causes"]
