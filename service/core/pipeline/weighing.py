"""What a tick has to know of all cells -> what it found in those that have something to tell or to remember.

Single cells are judged first, then their siblings together. Refuses to judge a cell by what came after the window.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from service.core.identity import alert_key
from service.core.pipeline.carrying import Carried, carried, named_now, settled, told_of
from service.core.pipeline.rules import Rules
from service.core.records.words import AlertKind
from service.core.volume import (
    EVERY,
    NOBODY,
    CellHistory,
    CellKey,
    CellState,
    Evidence,
    ExposureSource,
    Harm,
    Judgement,
    Tempo,
    Transition,
    Turnout,
    Watched,
    WatchedHours,
    advance,
    advance_hours,
    after_acts,
    counted_customers,
    exposures,
    is_blank,
    is_news,
    judge_hours,
    pooled_evidence,
    raise_levels,
    raise_recurred,
    scattered,
    tell_downtimes,
    tempo,
    together,
    with_downtimes,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What a tick found for one cell, and what the cell remembers after it.

    `told_as` is the category in the key of its alert where that is an earlier name, `instead_of` the cell whose memory
    it has taken over.
    """

    evidence: Evidence
    state: CellState
    transition: Transition
    alert_key: str
    team: str
    told_as: str | None = None
    instead_of: CellKey | None = None

    @property
    def named(self) -> CellKey:
        """The cell as the key of its alert names it."""
        return told_of(self.told_as, self.evidence.cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedCells:
    """What a tick of days found, and what the ticks of hours until the next one have to know."""

    cells: list[Weighed]
    tempo: Tempo


def weigh_cells(watched: Watched, end: date, rules: Rules) -> WeighedCells:
    """Judge every cell at the tick whose window ends with `end`."""
    taken = carried(watched.states, watched.acts, rules.renamed)
    before, watched = taken.states, replace(watched, states=after_acts(taken.states, taken.acts, end), acts=taken.acts)
    ended = {cell for cell, state in before.items() if state.is_open and not watched.states[cell].is_open}
    judgement = Judgement(histories_of(watched, end, rules), end, rules.volume.settings)
    states = [watched.states.get(one.cell) or CellState(cell=one.cell) for one in judgement.histories]
    critical: dict[CellKey, datetime] = {}
    for part, at in watched.critical.items():
        critical[_keyed(part, rules)] = max(at, critical.get(_keyed(part, rules), at))
    raise_levels(judgement.levels, states, critical, end, rules.volume.legs)
    thresholds = [one.thresholds for one in judgement.histories]
    armed = [state.unproven for state in states]
    raise_recurred(judgement.scores, judgement.levels, armed, thresholds, judgement.crowd)
    found: list[Weighed] = []
    for row, (rank, state) in enumerate(zip(judgement.levels.rank.tolist(), states, strict=True)):
        if rank or not is_blank(state):
            found.append(_weighed(judgement.evidence(row), state, rules, taken, ended=state.cell in ended))
    for evidence in _together(judgement, watched, end, rules):
        state = watched.states.get(evidence.cell) or CellState(cell=evidence.cell)
        if evidence.level is not None or not is_blank(state):
            found.append(_weighed(evidence, state, rules, taken, ended=state.cell in ended))
    return WeighedCells(cells=found, tempo=tempo(judgement.prior, watched.hours))


def _together(judgement: Judgement, watched: Watched, end: date, rules: Rules) -> Iterator[Evidence]:
    """Yield what siblings say together, and that those say nothing which are no group any more but have an episode."""
    acts = {cell: state.acted_at for cell, state in watched.states.items() if state.acted_at is not None}
    judged = () if rules.volume.pooled is None else pooled_evidence(judgement, rules.volume.pooled, acts)
    yield from judged
    groups = {one.cell for one in judged}
    for cell, state in sorted(watched.states.items(), key=lambda one: _place(one[0])):
        if _is_group(cell) and cell not in groups and (state.level is not None or state.unproven):
            yield scattered(cell, end)


def weigh_hours(watched: WatchedHours, end: datetime, rules: Rules) -> list[Weighed]:
    """Judge the last hours of the cells in which much has happened, and of those with an outage that is not over."""
    hourly = rules.volume.hourly
    tempo_of_days = watched.tempo
    if hourly is None or tempo_of_days is None:
        return []
    taken = carried(watched.states, watched.acts, rules.renamed)
    watched = replace(watched, states=taken.states, acts=taken.acts)
    counted = counted_customers(dict(_folded(watched.contacts, rules)), hours=True)
    troubled = {cell for cell, state in watched.states.items() if state.outage_on is not None}
    histories = []
    for cell in sorted({*counted, *troubled}, key=_place):
        state, act = watched.states.get(cell) or CellState(cell=cell), watched.acts.get(cell)
        histories.append(
            CellHistory(
                cell=cell,
                first_day=min(watched.first_days.get(cell.process, end.date()), end.date()),
                counted=counted.get(cell, NOBODY),
                down_weighted=state.down_weighted,
                acted_at=act if is_news(act, state, end.date()) else state.acted_at,
                thresholds=rules.volume.thresholds_of(cell),
            )
        )
    found: list[Weighed] = []
    judged = judge_hours(histories, end, tempo_of_days, hourly, rules.volume.settings)
    for evidence in tell_downtimes(judged, watched.downtimes, by_region=rules.playbook.volume.by_region):
        before = watched.states.get(evidence.cell) or CellState(cell=evidence.cell)
        acted = is_news(watched.acts.get(evidence.cell), before, end.date())
        state = replace(before, outage_on=None) if acted else before
        # A review by days that a person has closed tells nothing any more, which the next tick of days will note.
        told = state.level is None or acted
        after, transition = advance_hours(state, end, alarmed=evidence.level is not None, told=told)
        if state != before and transition is Transition.NONE:
            transition = Transition.CLOSED
        # One that goes on is named even where an episode by days tells: the next hour is asked for because of it.
        if after != before or after.outage_on is not None:
            found.append(_told(evidence, state, after, transition, rules, taken))
    return found


def cell_fields(cell: CellKey) -> dict[str, str]:
    """The declared parts of a volume alert's key."""
    fields = {"process": cell.process, "category": cell.category}
    return fields if cell.region is None else {**fields, "region": cell.region}


def histories_of(watched: Watched, end: date, rules: Rules) -> list[CellHistory]:
    """Put together what a tick has to know about each cell that it judges."""
    by_region = rules.playbook.volume.by_region
    known = exposures(watched, end, by_region=by_region)
    counted = counted_customers(dict(_folded(watched.contacts, rules)))
    cells = sorted({*counted, *_single(watched.states)}, key=_place)
    harms: dict[CellKey, list[Harm]] = {}
    for part, harm in watched.harms.items():
        harms.setdefault(_keyed(part, rules), []).append(harm)
    histories = []
    for cell in cells:
        state = watched.states.get(cell) or CellState(cell=cell)
        exposure = known.get((cell.process, cell.region))
        histories.append(
            CellHistory(
                cell=cell,
                first_day=exposure.first_day if exposure else min(watched.first_days.get(cell.process, end), end),
                counted=counted.get(cell, NOBODY),
                exposure=exposure.daily if exposure else None,
                exposed_to=exposure.source if exposure else ExposureSource.UNKNOWN,
                trials=exposure.answers if exposure else None,
                down_weighted=state.down_weighted,
                formal=state.formal,
                acted_at=state.acted_at,
                harm=_harm(harms.get(cell, ())),
                thresholds=rules.volume.thresholds_of(cell),
            )
        )
    return with_downtimes(histories, watched.downtimes, end, rules.volume.downtime, by_region=by_region)


def _harm(parts: Sequence[Harm]) -> float | None:
    contacts = sum(part.contacts for part in parts)
    return sum(part.score for part in parts) / contacts if contacts else None


def _folded(contacts: Mapping[CellKey, Turnout], rules: Rules) -> Iterator[tuple[CellKey, Turnout]]:
    """Put the regions of a cell together unless the playbook splits by them."""
    parts: dict[CellKey, list[Turnout]] = {}
    for cell, turnout in contacts.items():
        parts.setdefault(_keyed(cell, rules), []).append(turnout)
    for cell, turnouts in parts.items():
        yield cell, together(turnouts)


def _keyed(cell: CellKey, rules: Rules) -> CellKey:
    now = named_now(cell, rules.renamed)
    return now if rules.playbook.volume.by_region or now.region is None else replace(now, region=None)


def _place(cell: CellKey) -> tuple[str, str, str]:
    return (cell.process, cell.category, cell.region or "")


def _single(states: Mapping[CellKey, CellState]) -> Iterator[CellKey]:
    return (cell for cell, state in states.items() if not _is_group(cell) and not is_blank(state))


def _is_group(cell: CellKey) -> bool:
    return EVERY in (cell.process, cell.category, cell.region)


def _weighed(evidence: Evidence, state: CellState, rules: Rules, taken: Carried, *, ended: bool) -> Weighed:
    """What the tick does to a cell; `ended` says that a person has closed its review since the last one."""
    # Hours may have been turned off while an outage was open; then nothing else would ever end it.
    left_open = state.outage_on is not None and rules.volume.hourly is None
    state = replace(state, outage_on=None) if left_open else state
    after, transition = advance(
        state, evidence.level, evidence.window, evidence.window_end, rules.volume.settings, mended=evidence.mended
    )
    if (left_open or ended) and transition is Transition.NONE:
        transition = Transition.CLOSED
    return _told(evidence, state, after, transition, rules, taken)


def _told(
    evidence: Evidence, before: CellState, after: CellState, transition: Transition, rules: Rules, taken: Carried
) -> Weighed:
    team, named = _team(evidence.cell, rules), told_of(before.told_as, evidence.cell)
    return Weighed(
        evidence=evidence,
        state=settled(after),
        transition=transition,
        alert_key=alert_key(AlertKind.VOLUME, cell_fields(named), team=team),
        team=team,
        told_as=before.told_as,
        instead_of=taken.handed.get(evidence.cell),
    )


def _team(cell: CellKey, rules: Rules) -> str:
    """The owner of the process; what concerns several processes goes where people decide whose it is."""
    if cell.process == EVERY:
        return rules.playbook.routes.arbitration
    return rules.owner(cell.process)
