"""Inhibitions: those that can not be meant are found when the playbook is loaded."""

from typing import Any

import pytest
from pydantic import ValidationError

from service.core.playbook.attention import FORMAL_REVIEW_INHIBITS
from service.core.playbook.faults import faults
from tests.builders import make_playbook

FORMAL, LOCAL = {"kind": "volume", "level": "formal_review"}, {"kind": "volume", "level": "local_adjustment"}
BACK = {"kind": "recontact"}


def found(*rules: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    named = [{"id": f"r{at}"} | rule for at, rule in enumerate(rules, start=1)]
    return [(one.path, one.message) for one in faults(make_playbook(inhibit=named)) if one.path[0] == "inhibit"]


def test_a_playbook_that_says_nothing_lets_formal_reviews_speak_for_the_alerts_of_their_cells() -> None:
    assert make_playbook().inhibit == (FORMAL_REVIEW_INHIBITS,)
    assert [one for one in faults(make_playbook()) if one.path[0] == "inhibit"] == []


def test_a_formal_review_may_hold_back_local_ones_and_single_alerts() -> None:
    assert (
        found({"source": FORMAL, "target": {"kind": ["event", "late_case"]}}, {"source": FORMAL, "target": LOCAL}) == []
    )


def test_what_could_hold_itself_back_is_refused() -> None:
    message = "can match the review itself, which would hold itself back; narrow source or target by kind or level"
    assert found({"source": FORMAL, "target": {"process": "shipping"}}) == [(("inhibit", 0), message)]
    assert found({"source": {"kind": "volume"}, "target": LOCAL}) == [(("inhibit", 0), message)]


def test_what_could_hold_one_another_back_is_refused_once() -> None:
    message = "hold one another back: r1 -> r2 -> r1; take out one of them, or narrow its target"
    assert found({"source": FORMAL, "target": BACK}, {"source": BACK, "target": {"kind": "volume"}}) == [
        (("inhibit", 0), message)
    ]


def test_a_longer_loop_is_named_in_its_order() -> None:
    message = "hold one another back: r1 -> r2 -> r3 -> r1; take out one of them, or narrow its target"
    rules = (
        {"source": FORMAL, "target": LOCAL},
        {"source": LOCAL, "target": BACK},
        {"source": BACK, "target": FORMAL},
    )
    assert found(*rules) == [(("inhibit", 0), message)]


def test_only_reviews_speak_for_others() -> None:
    message = "kind: only a review speaks for others; name one or both of recontact, volume"
    assert found({"source": {"kind": "event"}, "target": {"kind": "late_case"}}) == [
        (("inhibit", 0, "source"), message)
    ]
    assert found({"source": {"team": "drivers", "kind": "volume"}, "target": {"kind": "event"}}) == []


def test_names_that_nothing_answers_to_are_found() -> None:
    assert found({"source": FORMAL, "target": {"kind": "event", "process": "shiping"}}) == [
        (("inhibit", 0, "target", "process"), "'shiping' is not a known process; did you mean shipping?")
    ]


def test_an_id_is_given_once() -> None:
    twice = {"id": "r", "source": FORMAL, "target": {"kind": "event"}}
    message = "'r' is taken already; give each inhibition an id of its own"
    assert found(twice, twice) == [(("inhibit", 1, "id"), message)]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"target": {}}, "an empty matcher would hold back everything"),
        ({"target": {"weather": "bad"}}, "'weather' is nothing that an alert has"),
        ({"target": {"kind": "weather"}}, "kind: use one or more of"),
        ({"equal": ["weather"]}, "equal: 'weather' is nothing that both have"),
    ],
)
def test_what_is_no_inhibition_is_refused_with_what_to_write(part: dict[str, Any], said: str) -> None:
    rule = {"id": "r", "source": FORMAL, "target": {"kind": "event"}} | part
    with pytest.raises(ValidationError, match=said):
        make_playbook(inhibit=[rule])
