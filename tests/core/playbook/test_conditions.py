"""Conditions: an unsound one is refused at load, a failing one is an error and never a no."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.playbook.conditions import SAMPLE, Condition, ConditionFault, Held, compile_condition, part_holds
from service.core.playbook.expressions import conjuncts


@pytest.mark.parametrize(
    ("expression", "facts", "held"),
    [
        ("feedback.kind == 'survey'", {"kind": "survey"}, Held.YES),
        ("feedback.kind == 'survey'", {"kind": "ticket"}, Held.NO),
        ("feedback.region == 'north'", {}, Held.NO),
        ("feedback.region == 'north'", {"region": None}, Held.NO),
        ("has(feedback.score) && feedback.score <= 2", {"score": 1.5}, Held.YES),
        ("has(feedback.score) && feedback.score <= 2", {"score": None}, Held.NO),
        ("feedback.labels.exists(label, label.startsWith('refund'))", {"labels": ("refund-late",)}, Held.YES),
        ("'vip' in feedback.labels || feedback.tier == 'gold'", {"tier": "gold"}, Held.YES),
        ("has(feedback.attributes.site) && feedback.attributes.site == 'A'", {"attributes": {"site": "A"}}, Held.YES),
        ("has(feedback.attributes.site) && feedback.attributes.site == 'A'", {"attributes": {}}, Held.NO),
        ("feedback.severity in ['high', 'critical'] ? feedback.tier == 'gold' : false", SAMPLE, Held.YES),
        ("size(feedback.categories.filter(c, c.startsWith('delivery.'))) == 1", SAMPLE, Held.YES),
    ],
)
def test_a_sound_condition_holds_where_it_says(expression: str, facts: dict[str, object], held: Held) -> None:
    condition = compile_condition(expression)
    assert isinstance(condition, Condition)
    assert condition.holds(facts) is held


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("feedback.kind == 'a' && feedback.typo == 1", "feedback.typo is not a field"),
        ("has(feedback.typo)", "feedback.typo is not a field"),
        ("score < 2", "'score' is not known here; the only variable is feedback, as in feedback.score"),
        ("feedback['kind'] == 'a'", "write feedback.<field>"),
        ("feedback == feedback", "write feedback.<field>"),
        ("feedback.kind.lower() == 'a'", "'lower' is not a function"),
        ("feedback.labels.map(l, l + l).size() > 0", "map() is not allowed"),
        ("feedback.labels.exists(a, true) || " * 4 + "feedback.labels.exists(a, true)", "at most 4 macros"),
        ("feedback.score <= 2", "feedback.score may be absent; write has(feedback.score) && before it is used"),
        ("feedback.kind == 'survey' && feedback.score <= 2", "feedback.score may be absent"),
        ("feedback.attributes.site == 'A'", "feedback.attributes.site may be absent; write has("),
        ("feedback.attributes['site'] == 'A'", "feedback.attributes.site may be absent; write has("),
        ("feedback.kind == 'ticket' && feedback.tier > 3", "values of different types are put together"),
        ("feedback.labels[0] == 'a'", "a list may be shorter than the index"),
        ("feedback.source.matches('[')", "a function is not known, or can not take what it is given"),
        ("feedback.kind", "a condition must give true or false; this one gives a value of type str"),
        ("feedback.kind ==", "this is not CEL"),
        ("", "this is not CEL"),
        ("(" * 21 + "true" + ")" * 21, "brackets go 20 deep at most"),
        ("true" + " " * 1000, "at most 1000 characters"),
        ("feedback.labels.exists(a, feedback.labels.exists(b, a == b))", "must not stand within another macro"),
    ],
)
def test_an_unsound_condition_is_refused_with_what_to_do(expression: str, message: str) -> None:
    fault = compile_condition(expression)
    assert isinstance(fault, ConditionFault)
    assert message in fault.message


def test_the_expression_of_an_author_is_not_echoed() -> None:
    fault = compile_condition("feedback.kind == 'secret word' &&")
    assert isinstance(fault, ConditionFault)
    assert "secret word" not in fault.message


def test_what_fails_at_run_time_is_an_error_and_not_a_no() -> None:
    condition = compile_condition("has(feedback.score) && feedback.score > 2")
    assert isinstance(condition, Condition)
    assert condition.holds({"score": "not a number"}) is Held.ERROR


def test_conditions_compare_by_their_expression() -> None:
    assert compile_condition("feedback.kind == 'a'") == compile_condition("feedback.kind == 'a'")


_PIECES = st.lists(
    st.sampled_from(
        [
            *("feedback", ".", "kind", "labels", "exists", "(", ")", "[", "]", "x", ",", "==", "'a'", '"', "&&", "!"),
            *("1", " ", "has", "{", "}", "//", "\n", "true", "?", ":", "r'", "\\", "'''"),
        ]
    ),
    max_size=30,
).map("".join)


@given(st.one_of(st.text(max_size=60), _PIECES))
def test_no_text_makes_the_compiler_raise(expression: str) -> None:
    compiled = compile_condition(expression)
    if isinstance(compiled, Condition):
        assert compiled.holds(SAMPLE) in {Held.YES, Held.NO}
        assert compiled.holds({}) in {Held.YES, Held.NO}


@pytest.mark.parametrize(
    ("expression", "parts"),
    [
        ("feedback.score > 1.0", ("feedback.score > 1.0",)),
        ("has(feedback.score)&&feedback.score > 1.0", ("has(feedback.score)", "feedback.score > 1.0")),
        ("(a && b) && 'c && d' == e", ("(a && b)", "'c && d' == e")),
        ("a && b || c", ("a && b || c",)),
        ("a ? b && c : d", ("a ? b && c : d",)),
        ("a.exists(x, x == 1 || x == 2) && b", ("a.exists(x, x == 1 || x == 2)", "b")),
    ],
)
def test_what_has_to_hold_together_is_split_where_nothing_else_binds_less(
    expression: str, parts: tuple[str, ...]
) -> None:
    assert conjuncts(expression) == parts


def test_a_part_is_judged_by_itself_and_may_fail_there() -> None:
    assert [part_holds("feedback.score > 1.0", {"score": score}) for score in (2.0, 0.0, None)] == [
        Held.YES,
        Held.NO,
        Held.ERROR,
    ]
    assert part_holds("feedback.region ==", {}) is Held.ERROR
