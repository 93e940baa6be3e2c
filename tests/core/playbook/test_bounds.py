"""What the parts of a playbook may cost, at the limit and beyond, and what used to happen without one."""

import time
from typing import Any

import pytest
from pydantic import ValidationError

from service.core.pipeline.rules import compile_playbook
from service.core.playbook.conditions import Condition, ConditionFault, compile_condition
from service.core.playbook.expressions import MAX_DEPTH, MAX_LENGTH, MAX_MACROS, Program, compile_expression
from service.core.playbook.faults import MAX_FAULTS, faults
from service.core.playbook.sources import Source
from tests.builders import make_playbook

SECONDS = 4.0


def test_a_format_that_names_a_part_twice_used_to_raise() -> None:
    with pytest.raises(ValidationError, match="'%d/%d/%Y' names a part of the time twice"):
        Source.model_validate({"kind": "survey", "subject": "a", "time": {"value": "b", "default": "%d/%d/%Y"}})


@pytest.mark.parametrize(
    "text", ["1 + ERROR: <input>: expecting ", "1 + 'ERROR: <input>: expecting ", "1 +\n ERROR: <input>: expecting "]
)
def test_an_expression_that_looks_like_a_message_of_the_engine_used_to_raise(text: str) -> None:
    fault = compile_condition(text)
    assert isinstance(fault, ConditionFault)
    assert fault.message.startswith("this is not CEL: ")
    assert "Syntax error" in fault.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("record.s.matches('(.{100}){100}')", "a pattern repeats at most 100 times"),
        ("matches(record.s, 'a{101}')", "a pattern repeats at most 100 times"),
        ("record.s.matches('a{3,101}')", "a pattern repeats at most 100 times"),
        ("record.s.matches('a{" + "9" * 500 + "}')", "a pattern repeats at most 100 times"),
        ("record.s.matches(record.t)", "write the pattern of matches() out, as a text in quotes"),
        ("record.s.matches('a' + record.t)", "write the pattern of matches() out, as a text in quotes"),
        (
            "record.a.exists(x, x.matches('^\\\\w+$'))",
            "within a macro a pattern has at most 100 characters, no \\ and no {}; write",
        ),
        (
            "record.a.exists(x, matches(x, r'^a{9}$'))",
            "within a macro a pattern has at most 100 characters, no \\ and no {}; write",
        ),
        (f"record.a.exists(x, x.matches('{'.' * 99}'))", "within a macro a pattern has at most 100 characters"),
        ("matches(record.s, true ? 'a' : 'b')", "write the pattern of matches() out, as a text in quotes"),
    ],
)
def test_a_pattern_that_takes_long_to_build_used_to_be_built_anew_for_every_value(text: str, message: str) -> None:
    fault = compile_expression(text, variable="record")
    assert isinstance(fault, str)
    assert fault.startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "record.s.matches('a{100}')",
        "record.s.matches('(a{10}){10}')",
        "matches(record.s, r'^\\d+$')",
        "record.s.matches( 'a' ) && record.matches == 1",
        "record.a.exists(x, x.matches('^[a-z]+$'))",
    ],
)
def test_a_pattern_within_the_bounds_is_taken(text: str) -> None:
    assert isinstance(compile_expression(text, variable="record"), Program)


@pytest.mark.parametrize(
    ("text", "beyond"),
    [
        ("true" + " " * (MAX_LENGTH - 4), " "),
        ("(" * MAX_DEPTH + "true" + ")" * MAX_DEPTH, "|| (" + "(" * MAX_DEPTH + "true" + ")" * MAX_DEPTH + ")"),
        (" || ".join(["feedback.labels.exists(x, true)"] * MAX_MACROS), " || feedback.labels.exists(x, true)"),
    ],
)
def test_an_expression_is_taken_to_its_limits_and_refused_beyond(text: str, beyond: str) -> None:
    assert isinstance(compile_condition(text), Condition)
    assert isinstance(compile_condition(text + beyond), ConditionFault)


@pytest.mark.parametrize(("written", "is_taken"), [("3653d", True), ("3654d", False), ("999999d", False)])
def test_a_wait_of_thousands_of_years_used_to_be_taken(written: str, *, is_taken: bool) -> None:
    try:
        make_playbook(fatigue={"auto_close": written})
        taken = True
    except ValidationError as error:
        taken = "is longer than 3653d" not in str(error)
    assert taken == is_taken


def test_a_thousand_unknown_names_used_to_take_minutes_to_guess_at() -> None:
    processes = [{"id": f"deliver{at}", "name": "D", "team": "desk"} for at in range(900)]
    names = [f"delivery{at}" for at in range(20_000)]
    playbook = make_playbook(
        processes=processes,
        taxonomy=[{"id": "late", "label": {"en": "Late"}}],
        routes={
            "team": "desk",
            "arbitration": "desk",
            "routes": [{"id": "r", "match": {"process": names}, "team": "desk"}],
        },
    )
    began = time.process_time()
    found = faults(playbook)
    assert time.process_time() - began < SECONDS
    assert len(found) == MAX_FAULTS


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"severity": {"priority": {f"p{at}": 0.5 for at in range(1_001)}}}, ("severity", "priority")),
        ({"sources": {f"s{at}": {"kind": "survey", "subject": "a"} for at in range(1_001)}}, ("sources",)),
        ({"calendars": {f"c{at}": {"time_zone": "UTC"} for at in range(1_001)}}, ("calendars",)),
    ],
)
def test_what_is_compared_with_all_its_like_has_a_limit(parts: dict[str, Any], expected: tuple[str, ...]) -> None:
    (fault,) = faults(make_playbook(**parts))
    assert (fault.path, "has 1001 entries" in fault.message) == (expected, True)


def test_a_dedup_key_of_very_many_fields_used_to_be_compared_with_itself() -> None:
    with pytest.raises(ValidationError, match="at most 20 items"):
        make_playbook(routes={"team": "desk", "arbitration": "desk", "group_by": ["category"] * 21})


def test_a_thousand_routes_are_checked_and_compiled_in_seconds() -> None:
    routes = [
        {
            "id": f"r{at}",
            "match": {"category": ["delivery", "refund"], "region": f"g{at}"},
            "when": f"has(feedback.score) && feedback.score > {at % 100}.0",
            "team": "desk",
        }
        for at in range(999)
    ]
    playbook = make_playbook(routes={"team": "desk", "arbitration": "desk", "routes": routes})
    began = time.process_time()
    assert faults(playbook) == ()
    compile_playbook(playbook)
    assert time.process_time() - began < SECONDS
