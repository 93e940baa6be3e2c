"""Every example is accepted or refused as it is filed, by its schema and by the models alike.

The name of a refused example starts with the fault's reason if it is one of an incoming type.
"""

import json
from datetime import datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from service.core.contracts.cloudevent import Event, decode
from service.core.contracts.event_type import IncomingType, OutgoingType
from service.core.contracts.faults import Fault, FaultReason
from service.core.contracts.outgoing import encode
from service.core.contracts.schema import RECORDS

SCHEMAS = Path(__file__).parents[2] / "schemas"
# What relates two fields to each other, a JSON Schema cannot say.
BEYOND_SCHEMA = {"score_off_scale", "invalid_field-ends-before-its-start", "bad_time-none-anywhere"}


def _examples(folder: str) -> list[Path]:
    return sorted((SCHEMAS / "examples" / folder).glob("*/*.json"))


def _name(path: Path) -> str:
    return f"{path.parent.name}: {path.stem}"


def _keeps_its_schema(path: Path) -> bool:
    schema = json.loads((SCHEMAS / f"{path.parent.name}.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(schema, format_checker=checker).is_valid(json.loads(path.read_bytes()))


def test_every_type_has_examples_of_both_kinds() -> None:
    types = {*IncomingType, *OutgoingType, "feedback.relay-marker"}
    filed = [{path.parent.name for path in _examples(folder)} for folder in ("valid", "invalid")]
    assert filed == [types, types]


@pytest.mark.parametrize("path", _examples("valid"), ids=_name)
def test_a_valid_example_keeps_its_schema(path: Path) -> None:
    assert _keeps_its_schema(path)


@pytest.mark.parametrize("path", _examples("invalid"), ids=_name)
def test_an_invalid_example_breaks_its_schema(path: Path) -> None:
    assert _keeps_its_schema(path) == (path.stem in BEYOND_SCHEMA)


@pytest.mark.parametrize(
    "path", [path for path in _examples("valid") if path.parent.name in set(IncomingType)], ids=_name
)
def test_a_valid_event_is_read_as_the_type_it_is_filed_under(path: Path) -> None:
    event = decode(path.read_bytes())
    assert isinstance(event, Event)
    assert event.type == path.parent.name


@pytest.mark.parametrize(
    "path", [path for path in _examples("invalid") if path.parent.name in set(IncomingType)], ids=_name
)
def test_an_invalid_event_is_refused_for_the_reason_in_its_name(path: Path) -> None:
    fault = decode(path.read_bytes())
    assert isinstance(fault, Fault)
    assert fault.reason == FaultReason(path.stem.partition("-")[0])


@pytest.mark.parametrize("path", [path for path in _examples("valid") if path.parent.name in RECORDS], ids=_name)
def test_a_valid_record_is_what_its_model_writes(path: Path) -> None:
    written = RECORDS[path.parent.name].model_validate_json(path.read_bytes()).model_dump_json()
    assert json.loads(written) == json.loads(path.read_bytes())


@pytest.mark.parametrize("path", [path for path in _examples("invalid") if path.parent.name in RECORDS], ids=_name)
def test_an_invalid_record_cannot_be_made(path: Path) -> None:
    with pytest.raises(ValidationError):
        RECORDS[path.parent.name].model_validate_json(path.read_bytes())


@pytest.mark.parametrize(
    "path", [path for path in _examples("valid") if path.parent.name in set(OutgoingType)], ids=_name
)
def test_encode_writes_the_example_from_its_payload(path: Path) -> None:
    example = json.loads(path.read_bytes())
    record = dict(RECORDS[path.parent.name].model_validate_json(path.read_bytes()))["data"]
    at = datetime.fromisoformat(example["time"])
    assert json.loads(encode(record, source=example["source"], at=at)) == example
