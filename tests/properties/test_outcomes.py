"""What settles complaints: it is what their customers' contributions say in the end, whatever came before."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from msgspec.structs import replace

from service.core.assess import MOMENT
from service.core.outcome import is_complaint, settlements
from service.core.playbook.model import Fatigue
from service.core.records.decisions import Contribution, PartKey, SettledBy
from service.core.records.words import AlertKind, AlertState, Settlement
from tests.builders import START, Timeline
from tests.properties.generous import GenerousStore
from tests.properties.streams import PLAYBOOKS, Life, arrivals
from tests.properties.talks import orders, talks
from tests.properties.test_laws import AFTER, DAY, Cuts, at_risk, closed, everything, held, run, settled, shown

BOUND = timedelta(hours=20)
NAME = "settled"
RULE = PLAYBOOKS[NAME].fatigue.outcome
WITHOUT = PLAYBOOKS[NAME].model_copy(update={"fatigue": Fatigue()})

some = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@given(told=talks(BOUND), one=orders(), other=orders(), cuts=Cuts, others=Cuts)
@some
def test_neither_order_nor_batches_nor_duplicates_change_what_is_settled_and_what_the_alerts_hold(
    told: list[Life], one: list[int], other: list[int], cuts: list[int], others: list[int]
) -> None:
    happenings = arrivals(told, one, processes_first=True)
    first, _ = run([*happenings, *happenings[::2]], cuts, NAME)
    second, _ = run(arrivals(told, other, processes_first=True), others, NAME)
    assert settled(first) == settled(second)
    assert held(first) == held(second)
    assert shown(first) == shown(second)
    assert at_risk(first) == at_risk(second)
    assert closed(first) == closed(second)
    assert states(first) == states(second)


def states(timeline: Timeline) -> dict[str, AlertState]:
    """Whether each alert with anything in it is open."""
    return {one.alert_id: one.state for one in timeline.store.rows.alerts.values() if one.events > 0}


@given(told=talks(3 * DAY), picks=orders(), one=Cuts, other=Cuts)
@some
def test_batches_change_nothing_at_all_and_what_is_needed_is_all_that_is_read(
    told: list[Life], picks: list[int], one: list[int], other: list[int]
) -> None:
    happenings = arrivals(told, picks, processes_first=True)
    sparing, _ = run(happenings, one, NAME)
    lavish, _ = run(happenings, other, NAME, Timeline(PLAYBOOKS[NAME], GenerousStore))
    for timeline in (sparing, lavish):
        timeline.wait(timeline.now - START + AFTER)
    assert everything(sparing) == everything(lavish)


@given(told=talks(BOUND), picks=orders(), cuts=Cuts)
@some
def test_it_is_read_off_all_that_the_customer_has_said(told: list[Life], picks: list[int], cuts: list[int]) -> None:
    timeline, _ = run(arrivals(told, picks), cuts, NAME)
    contributions = timeline.store.rows.contributions
    assert {key: one.settled_by for key, one in contributions.items()} == expected(contributions)


def expected(contributions: Mapping[PartKey, Contribution]) -> dict[PartKey, SettledBy | None]:
    assert RULE is not None
    said: defaultdict[str, list[Contribution]] = defaultdict(list)
    for one in sorted(contributions.values(), key=lambda one: (one.began_at, one.key)):
        said[one.feedback.customer].append(one)
    found: dict[PartKey, SettledBy | None] = dict.fromkeys(contributions)
    for theirs in said.values():
        found |= settlements(theirs, list(filter(is_complaint, theirs)), RULE, MOMENT)
    return found


@given(told=talks(BOUND), picks=orders(), cuts=Cuts)
@some
def test_an_alert_is_open_as_long_as_something_in_it_is_not_done(
    told: list[Life], picks: list[int], cuts: list[int]
) -> None:
    timeline, _ = run(arrivals(told, picks), cuts, NAME)
    for alert in timeline.store.rows.alerts.values():
        if alert.kind is AlertKind.EVENT:
            assert (alert.state is AlertState.OPEN) == (alert.unfinished > 0)


@given(told=talks(BOUND), picks=orders(), cuts=Cuts)
@some
def test_cells_and_closed_cases_know_nothing_of_it(told: list[Life], picks: list[int], cuts: list[int]) -> None:
    with_it, _ = run(arrivals(told, picks), cuts, NAME)
    without, _ = run(arrivals(told, picks), cuts, NAME, Timeline(WITHOUT))
    assert closed(with_it) == closed(without)
    assert bare(with_it) == bare(without)


def bare(timeline: Timeline) -> dict[PartKey, Contribution]:
    """Contributions, which all else is counted from, less what settled them and what was told at the time."""
    return {
        key: replace(one, settled_by=None, verdict=None, reason=None, alert_id=None, versions=1)
        for key, one in timeline.store.rows.contributions.items()
    }


@pytest.mark.parametrize("how", Settlement)
def test_the_talks_reach_either_way_and_take_it_back(how: Settlement) -> None:
    once = settings(some, max_examples=500, phases=[Phase.generate])
    find(talks(BOUND), lambda told: how in taken_back(told), settings=once)


def taken_back(told: Sequence[Life]) -> set[Settlement]:
    """How complaints were settled that are at work again in the end."""
    timeline = Timeline(PLAYBOOKS[NAME])
    found: dict[PartKey, Settlement] = {}
    for happening in arrivals(told, [], processes_first=True):
        run([happening], [1], NAME, timeline)
        found |= {key: one.how for key, one in settled(timeline).items()}
    contributions = timeline.store.rows.contributions
    return {
        how
        for key, how in found.items()
        if key in contributions and is_complaint(contributions[key]) and contributions[key].settled_by is None
    }
