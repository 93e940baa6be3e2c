"""What a tick has to know of closed cases -> what it found in those cells that have something to tell or to remember.

It has episodes and alerts of its own, told beside those of volume. Refuses to judge cases of which it is too early to
tell whether their customers came back.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from service.core.identity import alert_key
from service.core.pipeline.carrying import Carried, carried, named_now, settled, told_of
from service.core.pipeline.rules import Rules
from service.core.pipeline.weighing import Weighed, cell_fields
from service.core.volume import (
    CellKey,
    CellState,
    ClosedCases,
    Closings,
    Evidence,
    Transition,
    advance,
    after_acts,
    cases_together,
    judge_recontacts,
)


def weigh_recontacts(closings: Closings, end: date, rules: Rules) -> list[Weighed]:
    """Judge the closed cases of every cell at the tick whose window ends with `end`."""
    thresholds = rules.volume.recontact
    if thresholds is None:
        return []
    days, settings = rules.playbook.metrics.recontact_days, rules.volume.settings
    taken = carried(closings.states, closings.acts, rules.renamed)
    states = after_acts(taken.states, taken.acts, end)
    folded = Closings(cases=_folded(closings, rules), states=states)
    ended = {cell for cell, state in taken.states.items() if state.is_open and not states[cell].is_open}
    return [
        _weighed(evidence, states.get(evidence.cell) or CellState(cell=evidence.cell), rules, taken, ended=ended)
        for evidence in judge_recontacts(folded, end, days, thresholds, settings)
    ]


def _folded(closings: Closings, rules: Rules) -> dict[CellKey, ClosedCases]:
    """Put the regions of a cell together unless the playbook splits by them."""
    parts: dict[CellKey, list[ClosedCases]] = {}
    for cell, cases in closings.cases.items():
        now = named_now(cell, rules.renamed)
        key = now if rules.playbook.volume.by_region else replace(now, region=None)
        parts.setdefault(key, []).append(cases)
    return {cell: cases_together(each) for cell, each in parts.items()}


def _weighed(
    evidence: Evidence, state: CellState, rules: Rules, taken: Carried, *, ended: Collection[CellKey]
) -> Weighed:
    """What the tick does to a cell; in those of `ended` a person has closed the review since the last one."""
    after, transition = advance(
        state, evidence.level, evidence.window, evidence.window_end, rules.volume.settings, mended=evidence.mended
    )
    if evidence.cell in ended and transition is Transition.NONE:
        transition = Transition.CLOSED
    team, named = rules.owner(evidence.cell.process), told_of(state.told_as, evidence.cell)
    return Weighed(
        evidence=evidence,
        state=settled(after),
        transition=transition,
        alert_key=alert_key(evidence.cell.measure.alert_kind, cell_fields(named), team=team),
        team=team,
        told_as=state.told_as,
        instead_of=taken.handed.get(evidence.cell),
    )
