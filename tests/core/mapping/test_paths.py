import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.mapping.paths import MAX_COLLECTED, Json, PathFault, find, parse_path, put, without

ANSWERS: Json = {
    "form": {
        "fields": [{"id": "f1", "title": "How likely?"}, {"id": "f2", "title": "Why?"}],
        "answers": [
            {"field": {"id": "f2", "type": "text"}, "text": "Slow"},
            {"field": {"id": "f1", "type": "scale"}, "number": 3},
            {"field": {"id": "f3", "type": "text"}, "text": "Rude"},
        ],
    },
    "FFT answer": "Fine",
    "odd.name": {"a[b]": 1},
    "hidden": None,
}


def found(path: str, record: Json = ANSWERS) -> Json:
    parsed = parse_path(path)
    assert not isinstance(parsed, PathFault), parsed
    return find(parsed, record)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("FFT answer", "Fine"),
        ("form.fields[1].title", "Why?"),
        ("form.fields[9].title", None),
        ("form.answers[field.id=f1].number", 3),
        ("form.answers[field.id=F1].number", 3),
        ("form.answers[field.type=text].text", "Slow"),
        ("form.answers[*field.type=text].text", ["Slow", "Rude"]),
        ("form.answers[*].number", [3]),
        ("form.answers[*].colour", []),
        ("form.answers[field.id={form.fields[title='How likely?'].id}].number", 3),
        ("form.answers[field.id={form.fields[title=Nothing].id}].number", None),
        ("\"odd.name\".'a[b]'", 1),
        ("hidden.user", None),
        ("form.answers.text", None),
        ("form[0]", None),
        ("nothing[*].text", None),
    ],
)
def test_a_path_finds_what_is_there_and_nothing_else(path: str, value: Json) -> None:
    assert found(path) == value


def test_a_name_with_a_space_and_a_no_break_space_is_plain() -> None:
    assert found("Service\xa0type 1", {"Service\xa0type 1": "111"}) == "111"


def test_lists_within_lists_are_collected_in_order() -> None:
    assert found("a[*].b[*].c", {"a": [{"b": [{"c": 1}, {"c": 2}]}, {"b": [{"c": 3}]}]}) == [1, 2, 3]


def test_a_list_that_is_itself_the_value_stays_one_value_of_the_collection() -> None:
    assert found("a[*].tags", {"a": [{"tags": ["x", "y"]}]}) == [["x", "y"]]


def test_a_path_collects_so_many_values_and_no_more() -> None:
    values: list[Json] = list(range(MAX_COLLECTED * 2))
    assert found("a[*]", {"a": values}) == values[:MAX_COLLECTED]


@pytest.mark.parametrize(
    ("path", "at"),
    [
        ("", 0),
        (" ", 0),
        ("a.", 2),
        (".a", 0),
        ("a..b", 2),
        ("a[", 2),
        ("a[0", 4),
        ("a[x]", 3),
        ("a[x=", 4),
        ("a[x=1", 2),
        ("a]", 1),
        ("a=b", 1),
        ('a."b', 2),
        ("a[b[0]=c]", 2),
        ("a[b={c[*]}]", 4),
        ("a[b={c[d={e[f={g}]}]}]", 14),
        ("a[*].b[c={d}]", 6),
        (".".join("a" * 17), 33),
    ],
)
def test_a_path_that_does_not_read_says_where(path: str, at: int) -> None:
    fault = parse_path(path)
    assert isinstance(fault, PathFault)
    assert fault.at == at


@given(st.text(alphabet="ab.[]{}*='\" 0", max_size=40))
def test_any_text_is_a_path_or_a_fault(text: str) -> None:
    parsed = parse_path(text)
    assert isinstance(parsed, PathFault) or find(parsed, ANSWERS) is None or parsed


def test_a_field_is_taken_out_of_a_record_without_touching_it() -> None:
    record: dict[str, Json] = {"a": {"b": 1, "c": 2}, "d": 3}
    assert without(record, ("a", "b")) == {"a": {"c": 2}, "d": 3}
    assert without(record, ("d",)) == {"a": {"b": 1, "c": 2}}
    assert without(record, ("x", "y")) == record == {"a": {"b": 1, "c": 2}, "d": 3}


def test_a_field_is_replaced_in_place() -> None:
    assert put({"a": {"b": "{}", "c": 2}}, ("a", "b"), {"x": 1}) == {"a": {"b": {"x": 1}, "c": 2}}
