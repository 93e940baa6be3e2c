"""Proposed cuts: the highest that keep nearly every review which called for something, if they spare noise at all."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.core.intervals import share
from service.core.noise import (
    CutProposal,
    Limits,
    ReviewOutcome,
    Setting,
    propose_cuts,
    review_outcomes,
    snippet,
    words,
)
from service.core.records.facts import ReviewRow
from service.core.records.words import AlertKind, Disposition
from tests.builders import START
from tests.core.noise.test_endings import SPAN, ended

LIMITS = {"volume": Limits(h_local=2.0, h_formal=6.0, local_min=3)}
NOISE, ACTIONABLE = Disposition.NOISE, Disposition.ACTIONABLE


def outcomes(noise: list[float], actionable: list[float], x: int = 9, rule: str = "volume") -> list[ReviewOutcome]:
    said = [*((NOISE, one) for one in noise), *((ACTIONABLE, one) for one in actionable)]
    return [
        ReviewOutcome(alert_id=f"a{at}", rule=rule, disposition=disposition, statistic=statistic, x=x)
        for at, (disposition, statistic) in enumerate(said)
    ]


def test_a_cut_that_spares_noise_and_keeps_the_rest_is_proposed_with_what_it_would_have_done() -> None:
    found = propose_cuts(outcomes([2.1] * 12 + [5.0], [3.456] * 10), LIMITS)
    assert found == (
        CutProposal(
            rule="volume",
            setting=Setting.H_LOCAL,
            current=2.0,
            proposed=3.45,
            outcomes=23,
            noise_avoided=12,
            actionable_lost=0,
            others_lost=0,
            share=share(12, 12),
        ),
    )
    assert snippet(found[0]) == "volume:\n  h_local: 3.45\n"
    assert words(found[0]) == (
        "Raise the cut of volume rule volume (h_local) from 2 to 3.45. Of 23 reviews of which somebody said what they "
        "were, these would not have come: 12 that were noise, 0 that called for something, 0 that were duplicates or "
        "another team's. Noise is 100% of them, with 95 % between 76% and 100%."
    )


def test_of_a_hundred_that_called_for_something_five_may_go() -> None:
    actionable = [2.2] * 5 + [4.0] * 95
    (found,) = propose_cuts(outcomes([2.1] * 30, actionable), LIMITS)
    assert (found.proposed, found.noise_avoided, found.actionable_lost) == (4.0, 30, 5)


@pytest.mark.parametrize(
    ("noise", "actionable"),
    [
        pytest.param([2.1] * 10, [3.0] * 9, id="too few outcomes"),
        pytest.param([2.1] * 40, [3.0] * 4, id="too few that called for something"),
        pytest.param([5.0] * 30, [3.0] * 10, id="noise as strong as the rest"),
        pytest.param([2.1] * 3 + [5.0] * 30, [3.0] * 10, id="so little noise that it may be chance"),
        pytest.param([1.0] * 30, [2.0] * 10, id="a cut that holds already"),
    ],
)
def test_nothing_is_proposed_where_it_is_not_known_to_help(noise: list[float], actionable: list[float]) -> None:
    assert propose_cuts(outcomes(noise, actionable), LIMITS) == ()


def test_a_cut_is_never_raised_past_that_of_formal_reviews() -> None:
    (found,) = propose_cuts(outcomes([2.1] * 20, [9.0] * 10), LIMITS)
    assert found.proposed == 6.0


def test_a_least_count_is_proposed_beside_the_cut_of_a_rule_of_its_own() -> None:
    small = [replace(one, x=4) for one in outcomes([2.1] * 15, [], rule="quiet-desk")]
    large = [replace(one, x=7) for one in outcomes([], [2.1] * 10, rule="quiet-desk")]
    (found,) = propose_cuts([*small, *large], {"quiet-desk": LIMITS["volume"]})
    assert (found.setting, found.current, found.proposed, found.noise_avoided) == (Setting.LOCAL_MIN, 3, 7, 15)
    assert snippet(found) == "volume:\n  thresholds:\n    - id: quiet-desk\n      local_min: 7\n"


def test_a_rule_that_the_playbook_has_not_gets_none() -> None:
    assert propose_cuts(outcomes([2.1] * 20, [4.0] * 10, rule="gone"), LIMITS) == ()


def finding(alert_id: str, **changes: Any) -> ReviewRow:  # noqa: ANN401 - fields of a review's document
    document: dict[str, Any] = {
        "level": "local_adjustment",
        "method": "averaged_bayes_factor",
        "reason": "statistic",
        "statistic": 2.5,
        "x": 5,
        "hours": None,
        "siblings": [],
        "thresholds": {"rule": "volume"},
    }
    return ReviewRow(ends_at=START - timedelta(days=5), alert_id=alert_id, document=document | changes)


def test_a_review_s_outcome_has_the_strongest_of_its_findings() -> None:
    alerts = [
        ended("a", NOISE, kind=AlertKind.VOLUME),
        ended("b", ACTIONABLE, kind=AlertKind.VOLUME),
        ended("unsaid", kind=AlertKind.VOLUME),
        ended("no review", NOISE),
    ]
    rows = [
        finding("a"),
        finding("a", statistic=3.5, x=4),
        finding("a", level=None, statistic=9.0, x=99),
        finding("b"),
        finding("unsaid"),
        finding("no review"),
    ]
    assert review_outcomes(alerts, rows, SPAN) == [
        ReviewOutcome(alert_id="a", rule="volume", disposition=NOISE, statistic=3.5, x=5),
        ReviewOutcome(alert_id="b", rule="volume", disposition=ACTIONABLE, statistic=2.5, x=5),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "zero_tolerance"},
        {"method": "fixed_count", "statistic": None},
        {"method": "cusum", "reason": "chart"},
        {"siblings": [{"x": 3}]},
        {"hours": ["2026-05-01T00:00:00Z", "2026-05-01T05:00:00Z"]},
    ],
)
def test_what_no_cut_would_have_held_back_is_no_outcome(changes: dict[str, Any]) -> None:
    alerts = [ended("a", NOISE, kind=AlertKind.VOLUME)]
    assert review_outcomes(alerts, [finding("a"), finding("a", **changes)], SPAN) == []
