"""What is said of each node that the search came by: the first predicate that failed, and what it wanted and found."""

from collections.abc import Mapping
from typing import Any

import pytest

from service.core.explain.document import Operand, Predicate, TriedRoute
from service.core.explain.walk import told, walk
from service.core.pipeline.rules import compile_playbook
from service.core.playbook.conditions import Held
from tests.builders import with_routes

FACTS: Mapping[str, Any] = {
    "category": "delivery",
    "region": "uk",
    "tier": None,
    "score": 60.0,
    "attributes": {"product": "A-1"},
}


def said(*routes: Mapping[str, Any]) -> list[TriedRoute]:
    steps = walk(FACTS, compile_playbook(with_routes(*routes)))
    return [told(step, FACTS) for step in steps]


@pytest.mark.parametrize(
    ("match", "failed"),
    [
        pytest.param(
            {"category": ["refund", "safety"]},
            Predicate(
                field="category",
                wanted=("refund", "safety"),
                found="delivery",
                said="category: wanted refund or safety, was delivery",
            ),
            id="a value that is another",
        ),
        pytest.param(
            {"region": "uk", "tier": "gold"},
            Predicate(field="tier", wanted=("gold",), found="", said="tier: wanted gold, was not known"),
            id="a value that is not known",
        ),
        pytest.param(
            {"attributes.product": [f"B-{number}" for number in range(9)]},
            Predicate(
                field="attributes.product",
                wanted=("B-0", "B-1", "B-2", "B-3", "B-4"),
                found="A-1",
                said="attributes.product: wanted B-0 or B-1 or B-2 or B-3 or B-4 or one of 4 others, was A-1",
            ),
            id="of many values the first are named",
        ),
    ],
)
def test_a_matcher_says_what_it_wanted_and_what_it_found(match: dict[str, Any], failed: Predicate) -> None:
    assert said({"id": "one", "match": match, "team": "legal"}) == [TriedRoute(route="one", parent=None, failed=failed)]


def test_a_condition_says_which_of_its_parts_did_not_hold() -> None:
    when = 'has(feedback.score) && feedback.score > 70.0 && feedback.region in ["uk", "a && b"]'
    assert said({"id": "bad", "when": when, "team": "legal"}) == [
        TriedRoute(
            route="bad",
            parent=None,
            failed=Predicate(field="when", wanted=(when,), found="it does not hold", said="when: it does not hold"),
            operands=(
                Operand(expression="has(feedback.score)", held=Held.YES),
                Operand(expression="feedback.score > 70.0", held=Held.NO),
                Operand(expression='feedback.region in ["uk", "a && b"]', held=Held.YES),
            ),
        )
    ]


def test_a_condition_that_is_one_piece_has_no_parts() -> None:
    (one,) = said({"id": "bad", "when": 'feedback.region == "de" || feedback.tier == "a" && true', "team": "legal"})
    assert one.operands == ()


def test_a_condition_that_fails_ends_the_search() -> None:
    facts = {**FACTS, "score": "no number"}
    rules = compile_playbook(
        with_routes(
            {
                "id": "uk",
                "match": {"region": "uk"},
                "team": "legal",
                "routes": [{"id": "bad", "when": "has(feedback.score) && feedback.score > 70.0", "team": "desk"}],
            },
            {"id": "all", "team": "drivers"},
        )
    )
    found = [told(step, facts) for step in walk(facts, rules)]
    assert [(one.route, one.parent, one.failed and one.failed.found) for one in found] == [
        ("uk", None, None),
        ("bad", "uk", "it fails on this feedback"),
    ]
