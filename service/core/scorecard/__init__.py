"""Contributions and a period -> what customers' scores come to: NPS, CSAT, ease, thumbs, ratings, by a dimension.

And what became of closed cases: the share after which nobody came back. Refuses to put a number to fewer answers or
cases than the playbook's floor, and says so with how many there are.
"""

from service.core.intervals import Estimate
from service.core.scorecard.cards import Scorecard, Unsaid, loop_scorecards, scorecard_line, scorecards
from service.core.scorecard.cohorts import CasesTallied, CaseTally, Cohort, count_cases, heard_until
from service.core.scorecard.counting import COUNTED, UNBOUNDED, Dimension, Sample, Tallied, Tally, count
from service.core.scorecard.loop import ACTED, Looped, LoopTallied, LoopTally, count_loop
from service.core.scorecard.measures import Measure
from service.core.scorecard.period import EVER, LONGEST, RECENT, Period, PeriodFault, period

__all__ = [
    "ACTED",
    "COUNTED",
    "EVER",
    "LONGEST",
    "RECENT",
    "UNBOUNDED",
    "CaseTally",
    "CasesTallied",
    "Cohort",
    "Dimension",
    "Estimate",
    "LoopTallied",
    "LoopTally",
    "Looped",
    "Measure",
    "Period",
    "PeriodFault",
    "Sample",
    "Scorecard",
    "Tallied",
    "Tally",
    "Unsaid",
    "count",
    "count_cases",
    "count_loop",
    "heard_until",
    "loop_scorecards",
    "period",
    "scorecard_line",
    "scorecards",
]
