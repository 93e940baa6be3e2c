import pytest
from pydantic import ValidationError

from service.core.playbook.origins import ValueSpec, label_text
from service.core.playbook.sources import Source, TimeSpec


def first_message(raised: pytest.ExceptionInfo[ValidationError]) -> str:
    return raised.value.errors()[0]["msg"].removeprefix("Value error, ")


def test_a_bare_text_is_a_path() -> None:
    source = Source.model_validate({"kind": "survey", "subject": "response.id", "texts": ["comment"], "id": "event_id"})
    assert source.subject == ValueSpec(path="response.id")
    assert source.texts[0].value == ValueSpec(path="comment")
    assert source.id == (ValueSpec(path="event_id"),)


def test_the_labels_of_a_map_may_be_what_yaml_makes_of_them() -> None:
    value = ValueSpec.model_validate({"path": "p", "map": {3: "low", True: "yes", "In Progress ": "open", 2.0: "low"}})
    assert value.map == {"3": "low", "true": "yes", "in progress": "open", "2": "low"}


def test_a_label_with_two_meanings_is_refused() -> None:
    with pytest.raises(ValidationError) as raised:
        ValueSpec.model_validate({"path": "p", "map": {"Open": "open", "OPEN ": "new"}})
    assert first_message(raised) == "'OPEN ' is here twice; labels compare without case and outer blanks"


def test_a_source_reads_back_from_its_own_json() -> None:
    source = Source.model_validate(
        {
            "kind": "ticket",
            "subject": {"join": ["a", {"const": 1}], "separator": "-"},
            "time": {"value": "t", "formats": [{"when": "record.a == 1", "format": "%d/%m/%Y"}]},
            "ticket": {"status": {"path": "s", "map": {"Open": "open"}}, "public": {"const": False}},
            "attributes": {"group": "g"},
        }
    )
    assert Source.model_validate_json(source.model_dump_json()) == source


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"path": "a", "const": 1}, "a value has one of path, paths, cel, const, join; this one has path and const"),
        ({"default": 1}, "a value has one of path, paths, cel, const, join; this one has none"),
    ],
)
def test_a_value_has_one_origin(value: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        ValueSpec.model_validate(value)
    assert first_message(raised) == message


@pytest.mark.parametrize("value", [False, 0])
def test_a_constant_may_be_false_or_nought(value: object) -> None:
    assert ValueSpec.model_validate({"const": value}).const == value


@pytest.mark.parametrize(
    ("time", "message"),
    [
        ({"zone": "Europe/Londn"}, "'Europe/Londn' is not a time zone; write one such as Europe/London or UTC"),
        ({"zone": "../etc/passwd"}, "'../etc/passwd' is not a time zone; write one such as Europe/London or UTC"),
        ({"default": "%d/%m/%K"}, "'%d/%m/%K' is not a format that strptime knows"),
        ({"default": "%"}, "'%' is not a format that strptime knows"),
        ({"default": "iso"}, "write a strptime format such as '%d/%m/%Y', or rfc3339, unix or unix_ms"),
    ],
)
def test_a_zone_or_format_that_does_not_exist_is_refused(time: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        TimeSpec.model_validate({"value": "t", **time})
    assert first_message(raised) == message


@pytest.mark.parametrize("written", ["rfc3339", "unix", "unix_ms", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%S.%f%z", "%d %b %y"])
def test_a_format_that_exists_is_taken(written: str) -> None:
    assert TimeSpec.model_validate({"value": "t", "default": written}).default == written


def test_a_scale_without_length_is_refused() -> None:
    score = {"kind": "csat", "value": "s", "scale_min": 5, "scale_max": 1, "orientation": "lower_better"}
    with pytest.raises(ValidationError) as raised:
        Source.model_validate({"kind": "survey", "subject": "id", "scores": [score]})
    assert first_message(raised) == "scale_min must be below scale_max; say which end is good with orientation"


def test_a_survey_has_no_ticket_fields() -> None:
    with pytest.raises(ValidationError) as raised:
        Source.model_validate({"kind": "survey", "subject": "id", "ticket": {"status": "s"}})
    assert first_message(raised) == "ticket: only a source of kind ticket has ticket fields"


def test_a_name_that_is_not_of_the_model_is_refused() -> None:
    with pytest.raises(ValidationError):
        Source.model_validate({"kind": "survey", "subject": "id", "tiem": "t"})


@pytest.mark.parametrize(
    ("value", "text"), [(" Closed ", "closed"), (7.0, "7"), (7, "7"), (True, "true"), (0.5, "0.5")]
)
def test_labels_compare_as_text_without_case(value: object, text: str) -> None:
    assert label_text(value) == text
