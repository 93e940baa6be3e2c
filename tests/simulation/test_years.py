"""The years run the very rule that is live: the same openings come out of its public functions, cell by cell."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest

from service.core.records.words import Level
from service.core.volume import (
    CellHistory,
    CellState,
    Judgement,
    Legs,
    PooledThresholds,
    Thresholds,
    Transition,
    Turnout,
    VolumeSettings,
    advance,
    after_act,
    pooled_evidence,
    raise_levels,
    raise_recurred,
)
from service.simulation.drawing import Year, draw_year
from service.simulation.population import Population, Rule
from service.simulation.years import Openings, watch

START = date(2024, 1, 1)
# Lower than any playbook's, so that a year of few cells holds many openings.
RULE = Rule(
    thresholds=Thresholds(h_local=0.6, h_formal=1.6),
    settings=VolumeSettings(),
    legs=Legs(),
    pooled=PooledThresholds(h_local=0.5, h_formal=1.5),
    hourly=None,
    tick_days=7,
)
POPULATION = Population(cells=24, processes=6)


@pytest.mark.parametrize(
    "rule",
    [
        RULE,
        replace(RULE, legs=Legs(two_of_three=True)),
        replace(RULE, settings=VolumeSettings(half_life_weeks=26)),
    ],
    ids=["plain", "two of three", "half-life"],
)
def test_what_opens_is_what_opens_live(rule: Rule) -> None:
    years = [draw_year(np.random.default_rng(seed), POPULATION) for seed in (1, 2)]
    watched = watch(years, POPULATION, rule)
    cells, pooled = _live(years[1], 1, rule)
    mine = slice(POPULATION.cells, None)
    assert watched.cells.local[mine].sum() > 10
    assert np.array_equal(watched.cells.local[mine], cells.local)
    assert np.array_equal(watched.cells.formal[mine], cells.formal)
    groups = [row for row, group in enumerate(watched.groups) if group.rows[0] >= POPULATION.cells]
    assert watched.pooled.local[groups].sum() > 0
    assert np.array_equal(watched.pooled.local[groups], pooled.local)
    assert np.array_equal(watched.pooled.formal[groups], pooled.formal)


def test_daily_ticks_open_what_opens_live() -> None:
    population = replace(POPULATION, cells=12, processes=4)
    rule = replace(RULE, tick_days=1)
    year = draw_year(np.random.default_rng(3), population)
    watched = watch([year], population, rule)
    cells, pooled = _live(year, 0, rule, population)
    assert np.array_equal(watched.cells.local, cells.local)
    assert np.array_equal(watched.pooled.local, pooled.local)


def test_what_comes_back_after_people_have_acted_is_what_comes_back_live() -> None:
    population = replace(POPULATION, acted_after_days=3)
    year = draw_year(np.random.default_rng(5), population)
    watched = watch([year], population, RULE)
    cells, _ = _live(year, 0, RULE, population)
    assert np.array_equal(watched.cells.local, cells.local)
    assert np.array_equal(watched.cells.formal, cells.formal)
    without = replace(RULE, thresholds=replace(RULE.thresholds, h_recurrence=None))
    assert watch([year], population, without).cells.formal.sum() < watched.cells.formal.sum()


def test_looking_at_some_cells_alone_changes_nothing_for_them() -> None:
    years = [draw_year(np.random.default_rng(4), POPULATION)]
    rule = replace(RULE, thresholds=Thresholds(h_local=1.5, h_formal=50.0))
    every, some = watch(years, POPULATION, rule), watch(years, POPULATION, rule, judged=range(5))
    assert np.array_equal(every.cells.local[:5], some.cells.local)


def _live(year: Year, number: int, rule: Rule, population: Population = POPULATION) -> tuple[Openings, Openings]:
    keys = population.keys(number)
    states = {key: CellState(cell=key) for key in keys}
    histories = [
        CellHistory(cell=key, first_day=START, counted=_turnout(year, row), thresholds=rule.thresholds)
        for row, key in enumerate(keys)
    ]
    ticks = range(7 * population.history_weeks + rule.tick_days, population.days + 1, rule.tick_days)
    cells: list[list[tuple[bool, bool]]] = []
    pooled: list[list[tuple[bool, bool]]] = []
    for day in ticks:
        end = START + timedelta(days=day - 1)
        for key in keys if population.acted_after_days is not None else ():
            opened_on = states[key].opened_on
            if opened_on is not None and opened_on + timedelta(days=population.acted_after_days or 0) <= end:
                acted_on = opened_on + timedelta(days=population.acted_after_days or 0)
                states[key] = after_act(states[key], datetime.combine(acted_on, time(12), UTC))
        seen = [
            replace(
                one,
                down_weighted=states[one.cell].down_weighted,
                formal=states[one.cell].formal,
                acted_at=states[one.cell].acted_at,
            )
            for one in histories
        ]
        judgement = Judgement(seen, end, rule.settings)
        raise_levels(judgement.levels, [states[key] for key in keys], {}, end, rule.legs)
        armed = [states[key].unproven for key in keys]
        thresholds = [rule.thresholds] * len(keys)
        raise_recurred(judgement.scores, judgement.levels, armed, thresholds, judgement.crowd)
        found = [judgement.evidence(row) for row in range(len(keys))]
        assert rule.pooled is not None
        found_together = pooled_evidence(judgement, rule.pooled)
        for evidences, marks in ((found, cells), (found_together, pooled)):
            of_tick = []
            for evidence in evidences:
                state = states.get(evidence.cell) or CellState(cell=evidence.cell)
                after, transition = advance(
                    state, evidence.level, evidence.window, end, rule.settings, mended=evidence.mended
                )
                states[evidence.cell] = after
                began = transition in (Transition.OPENED, Transition.RAISED)
                of_tick.append((transition is Transition.OPENED, began and after.level is Level.FORMAL_REVIEW))
            marks.append(of_tick)
    return _openings(cells), _openings(pooled)


def _openings(ticks: list[list[tuple[bool, bool]]]) -> Openings:
    marks = np.array(ticks).transpose(1, 0, 2)
    return Openings(local=marks[:, :, 0], formal=marks[:, :, 1])


def _turnout(year: Year, row: int) -> Turnout:
    """Every customer is another one."""
    days = np.repeat(np.arange(year.counts.shape[1]), year.counts[row].astype(int)) + START.toordinal()
    return Turnout(days, np.arange(len(days)))
