"""Proposed floors: bands that were mostly noise, by enough people's word, and never what is high or critical."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.intervals import share
from service.core.noise import EndingTally, FloorProposal, Rule, propose_floors, snippet, words
from service.core.records.words import AlertKind, Disposition, Severity

FLOORS = {"root": Severity.LOW, "owned": Severity.LOW}
LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL
NOISE, ACTIONABLE = Disposition.NOISE, Disposition.ACTIONABLE
Counts = Mapping[tuple[Severity, Disposition | None], int]


def tallies(counts: Counts, route: str = "owned", kind: AlertKind = AlertKind.EVENT) -> list[EndingTally]:
    return [
        EndingTally(
            team="drivers",
            rule=Rule(kind=kind, route=route),
            severity=severity,
            disposition=said,
            alerts=count,
            told=count,
            ignored=0,
        )
        for (severity, said), count in counts.items()
    ]


def proposed(counts: Counts) -> Severity | None:
    found = propose_floors(tallies(counts), FLOORS)
    return found[0].proposed if found else None


def test_a_band_that_was_mostly_noise_asks_for_a_floor_above_it_and_says_what_that_costs() -> None:
    counts = {
        (LOW, NOISE): 22,
        (LOW, ACTIONABLE): 1,
        (LOW, Disposition.DUPLICATE): 1,
        (LOW, Disposition.WRONG_TEAM): 1,
        (LOW, None): 7,
        (MEDIUM, ACTIONABLE): 9,
    }
    (found,) = propose_floors(tallies(counts), FLOORS)
    assert found == FloorProposal(
        route="owned",
        current=LOW,
        proposed=MEDIUM,
        outcomes=34,
        noise_avoided=22,
        actionable_lost=1,
        others_lost=2,
        unsaid_lost=7,
        share=share(22, 25),
    )
    assert snippet(found) == "- id: owned\n  floor: medium\n"
    assert words(found) == (
        "Raise the floor of route owned from low to medium. Of 34 alerts of which somebody said what they were, these "
        "would not have come: 22 that were noise, 1 that called for something, 2 that were duplicates or another "
        "team's. Noise is 88% of them, with 95 % between 70% and 96%. Nobody said anything of 7 more. Feedback below "
        "it still counts for volume; nothing critical is below a floor."
    )


@pytest.mark.parametrize(
    ("counts", "floor"),
    [
        ({(LOW, NOISE): 19}, None),
        ({(LOW, NOISE): 20}, MEDIUM),
        ({(LOW, NOISE): 20, (LOW, ACTIONABLE): 20}, None),
        ({(LOW, NOISE): 14, (LOW, ACTIONABLE): 6}, None),
        ({(LOW, NOISE): 15, (LOW, ACTIONABLE): 5}, MEDIUM),
        ({(LOW, Disposition.WRONG_TEAM): 40}, None),
        ({(LOW, Disposition.DUPLICATE): 40}, None),
        ({(LOW, None): 400}, None),
        ({(LOW, NOISE): 20, (MEDIUM, NOISE): 20}, HIGH),
        ({(MEDIUM, NOISE): 40}, HIGH),
        ({(LOW, ACTIONABLE): 15, (MEDIUM, NOISE): 40}, HIGH),
        ({(LOW, ACTIONABLE): 15, (MEDIUM, NOISE): 20}, None),
        ({(LOW, ACTIONABLE): 20, (MEDIUM, NOISE): 99}, None),
        ({(LOW, NOISE): 20, (MEDIUM, NOISE): 20, (HIGH, NOISE): 99, (CRITICAL, NOISE): 99}, HIGH),
    ],
)
def test_a_floor_rises_over_bands_of_twenty_outcomes_and_what_few_lie_below_them(
    counts: Counts, floor: Severity | None
) -> None:
    assert proposed(counts) is floor


def test_the_floor_that_holds_is_where_it_begins() -> None:
    counts = tallies({(LOW, NOISE): 40, (MEDIUM, NOISE): 40})
    (found,) = propose_floors(counts, {"owned": MEDIUM})
    assert (found.current, found.proposed, found.noise_avoided, found.outcomes) == (MEDIUM, HIGH, 40, 80)
    assert propose_floors(counts, {"owned": HIGH}) == ()


def test_a_route_that_the_playbook_has_not_and_alerts_of_another_kind_get_none() -> None:
    noise: Counts = {(LOW, NOISE): 40}
    assert propose_floors([*tallies(noise, "gone"), *tallies(noise, "owned", AlertKind.AT_RISK)], FLOORS) == ()


def test_the_root_s_floor_is_written_where_the_tree_begins() -> None:
    (found,) = propose_floors(tallies({(LOW, NOISE): 20}, "root"), FLOORS)
    assert snippet(found) == "routes:\n  floor: medium\n"


@given(
    counts=st.dictionaries(
        st.tuples(st.sampled_from(Severity), st.sampled_from((*Disposition, None))), st.integers(0, 60)
    )
)
def test_no_floor_hides_what_is_high_or_was_mostly_worth_something(counts: Counts) -> None:
    for found in propose_floors(tallies(counts), FLOORS):
        assert LOW.rank < found.proposed.rank <= HIGH.rank
        assert found.noise_avoided > found.actionable_lost + found.others_lost
