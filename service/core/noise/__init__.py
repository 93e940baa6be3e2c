"""What people said of alerts that ended -> how noisy each rule is, and the thresholds that would have spared the noise.

A proposal is for a person to read, try with `backtest` and put into the playbook: nothing here changes a rule.
"""

from service.core.noise.cuts import CutProposal, Limits, ReviewOutcome, Setting, propose_cuts, review_outcomes
from service.core.noise.endings import NOISE_DAYS, NOISY, EndingTally, Rule, Span, count_endings
from service.core.noise.floors import FloorProposal, propose_floors
from service.core.noise.ratios import RuleNoise, rule_noise
from service.core.noise.wording import snippet, words

__all__ = [
    "NOISE_DAYS",
    "NOISY",
    "CutProposal",
    "EndingTally",
    "FloorProposal",
    "Limits",
    "ReviewOutcome",
    "Rule",
    "RuleNoise",
    "Setting",
    "Span",
    "count_endings",
    "propose_cuts",
    "propose_floors",
    "review_outcomes",
    "rule_noise",
    "snippet",
    "words",
]
