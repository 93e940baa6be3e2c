"""An event against its published schema -> the reason for its first fault, in the order of the schema's fields."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

_FOLDER = Path(__file__).parents[2] / "schemas"
_INCOMING = ("feedback.survey.", "feedback.ticket.", "feedback.employee.", "process.", "privacy.")


def first_fault(event: Mapping[str, Any]) -> str | None:
    """Name the reason; of an event of no known type the other attributes are looked at first."""
    kind = event.get("type")
    known = isinstance(kind, str) and kind in _schemas()
    schema, validator = _schemas()[str(kind) if known else "process.downtime.v1"]
    if known and validator.is_valid(event):
        return None
    errors = [error for error in validator.iter_errors(event) if known or _path(error)[0] not in ("type", "data")]
    if errors:
        return _reason(_first(errors, schema, schema["$defs"]))
    if kind in (None, ""):
        return "missing_type"
    if not isinstance(kind, str):
        return "wrong_type"
    return "unknown_type" if kind.isprintable() and len(kind) <= 256 else "invalid_field"


def _first(errors: Iterable[ValidationError], node: Mapping[str, Any], defs: Mapping[str, Any]) -> ValidationError:
    """Take the first in the order of fields, and of a choice what is wrong with the one that was meant."""
    error = min(errors, key=lambda one: _place(one, node, defs))
    branches: defaultdict[Any, list[ValidationError]] = defaultdict(list)
    for one in error.context or ():
        branches[one.relative_schema_path[0]].append(one)
    choices: Any = error.validator_value
    # A text may stand for a number, yet one that does not is no number.
    is_number = any(choices[number].get("type") == "number" for number in branches)
    for number, faults in sorted(branches.items(), key=lambda one: not is_number and _is_of_another_type(one[1])):
        if not any(one.validator == "const" or one.validator_value == "null" for one in faults):
            return _first(faults, choices[number], defs)
    return error


def _is_of_another_type(faults: Iterable[ValidationError]) -> bool:
    return any(one.validator == "type" and not one.relative_path for one in faults)


def _place(error: ValidationError, node: Mapping[str, Any], defs: Mapping[str, Any]) -> list[int]:
    place = []
    for part in _path(error):
        node = defs[node["$ref"].rpartition("/")[2]] if "$ref" in node else node
        fields = list(node.get("properties", ()))
        place.append(fields.index(part) if part in fields else int(part) if part.isdigit() else 0)
        node = node["properties"][part] if part in fields else node.get("items", {})
    return place


def _path(error: ValidationError) -> list[str]:
    path = [str(part) for part in error.relative_path]
    if error.validator == "required":
        wanted: Any = error.validator_value
        given: Any = error.instance
        path.append(next(name for name in wanted if name not in given))
    return path


def _reason(error: ValidationError) -> str:
    missing = error.validator == "required"
    path = [str(part) for part in error.absolute_path] + (_path(error)[-1:] if missing else [])
    if path in (["specversion"], ["data_base64"]):
        return "unsupported_mode"
    if path in (["id"], ["source"]) and (missing or error.instance in (None, "")):
        return f"missing_{path[0]}"
    if missing:
        return "invalid_field"
    if path[-1] == "time" or path[-1].endswith(("_at", "_due")):
        return "bad_time"
    typed = error.validator == "type" or (error.validator in ("enum", "const") and not isinstance(error.instance, str))
    return "wrong_type" if typed else "invalid_field"


@cache
def _schemas() -> Mapping[str, tuple[dict[str, Any], Draft202012Validator]]:
    """Every type that comes in, by its name: its schema, as JSON and ready to be looked things up in."""
    files = [file for file in _FOLDER.glob("*.v1.json") if file.name.startswith(_INCOMING)]
    schemas = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}
    checker = Draft202012Validator.FORMAT_CHECKER
    return {name: (schema, Draft202012Validator(schema, format_checker=checker)) for name, schema in schemas.items()}
