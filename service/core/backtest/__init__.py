"""What two playbooks made of the same recorded events -> what changes, for whom, and whether that is too much.

`observe` sums one run up, `compare` puts two beside each other, a `Gate` judges the comparison. None of them runs
anything: a run is what the store in memory holds after a replay.
"""

from service.core.backtest.compare import Comparison, compare, report
from service.core.backtest.gate import Gate, GateFault, Judgement, compile_gate, judge
from service.core.backtest.observe import Figures, Observed, Run, observe

__all__ = [
    "Comparison",
    "Figures",
    "Gate",
    "GateFault",
    "Judgement",
    "Observed",
    "Run",
    "compare",
    "compile_gate",
    "judge",
    "observe",
    "report",
]
