"""The files under schemas/ say what the models say, and the topics list every message."""

from pathlib import Path

import pytest
import yaml

from service.adapters.schema_files import drift, files, main, write
from service.core.contracts.event_type import IncomingType, OutgoingType

SCHEMAS = Path(__file__).parents[2] / "schemas"


def test_what_is_committed_is_what_the_models_say() -> None:
    assert drift(SCHEMAS) == ()


def test_every_type_has_a_schema() -> None:
    types = {*IncomingType, *OutgoingType, "feedback.relay-marker"}
    assert files().keys() == {f"{kind}.json" for kind in types} | {"asyncapi.yaml"}


def test_check_names_what_differs_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path)
    (tmp_path / "privacy.erasure.v1.json").write_text("{}")
    (tmp_path / "privacy.erasure.v0.json").write_text("{}")
    (tmp_path / "asyncapi.yaml").unlink()
    found = main(["--check", str(tmp_path)])
    named = [f"out of date: {tmp_path / name}" for name in drift(tmp_path)]
    assert (found, capsys.readouterr().err.splitlines()) == (1, named)
    assert drift(tmp_path) == ("asyncapi.yaml", "privacy.erasure.v0.json", "privacy.erasure.v1.json")


def test_writing_brings_a_folder_up_to_date_and_leaves_examples_alone(tmp_path: Path) -> None:
    example = tmp_path / "examples" / "valid" / "one.json"
    example.parent.mkdir(parents=True)
    example.write_text("{}")
    (tmp_path / "privacy.erasure.v0.json").write_text("{}")
    assert main([str(tmp_path)]) == 0
    assert (drift(tmp_path), example.read_text()) == ((), "{}")


def test_the_topics_carry_every_type_once_and_each_reference_leads_somewhere() -> None:
    document = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text(encoding="utf-8"))
    carried = [kind for channel in document["channels"].values() for kind in channel["messages"]]
    assert sorted(carried) == sorted([*IncomingType, *OutgoingType, "feedback.relay-marker"])
    payloads = [message["payload"]["schema"]["$ref"] for message in document["components"]["messages"].values()]
    assert [name for name in payloads if not (SCHEMAS / name).is_file()] == []
    addresses = {name: channel["address"] for name, channel in document["channels"].items()}
    assert addresses == {
        "surveys": "feedback.surveys",
        "tickets": "feedback.tickets",
        "employee": "feedback.employee",
        "process": "process.events",
        "erasures": "privacy.erasures",
        "queue": "queue.{team}",
        "classified": "feedback.classified",
        "reviews": "feedback.reviews",
        "deadletter": "feedback.deadletter",
        "receipts": "privacy.receipts",
        "outcomes": "feedback.outcomes",
        "answered": "feedback.answered",
        "relay-markers": "feedback.relay-markers",
    }
