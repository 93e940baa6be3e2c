"""Value spec + record -> the value, or None where the record has none.

A value that has the wrong shape for its use, such as an object where a text is wanted, is absent. Numbers and truth
values keep their JSON type until a field asks for a text.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from service.core.mapping.paths import Json, Path, find
from service.core.playbook.origins import Scalar, label_text

_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")
_TRUE = frozenset({"true", "yes", "y", "1"})
_FALSE = frozenset({"false", "no", "n", "0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One record and what the source's expressions gave for it, by their places."""

    record: dict[str, Json]
    results: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledValue:
    """A value spec with its paths read. `expression` is the place of its result in a scope."""

    paths: tuple[Path, ...] = ()
    expression: str | None = None
    const: Scalar = None
    join: tuple["CompiledValue", ...] = ()
    separator: str = ""
    split: str | None = None
    labels: Mapping[str, Scalar] | None = None
    missing: frozenset[str] = frozenset()
    default: Scalar = None


def value_of(value: CompiledValue, scope: Scope) -> Scalar | tuple[Scalar, ...]:
    """Return one scalar, or several (none of them None) where a path collects or a text is split."""
    found = _origin(value, scope)
    if isinstance(found, list):
        settled = tuple(kept for item in found[:100] if (kept := _settled(value, item)) is not None)
        return settled or value.default
    kept = _settled(value, found)
    return value.default if kept is None else kept


def first(found: Scalar | tuple[Scalar, ...]) -> Scalar:
    return (found[0] if found else None) if isinstance(found, tuple) else found


def as_texts(found: Scalar | tuple[Scalar, ...]) -> tuple[str, ...]:
    items = found if isinstance(found, tuple) else (found,)
    return tuple(text for item in items if (text := as_text(item)) is not None)


def as_text(found: Scalar | tuple[Scalar, ...]) -> str | None:
    """Return a text without outer blanks; 7.0 is `7` and true is `true`."""
    match first(found):
        case str(text):
            return text.strip()
        case None:
            return None
        case bool() as flag:
            return str(flag).lower()
        case float() as number if number.is_integer():
            return str(int(number))
        case number:
            return str(number)


def as_number(found: Scalar | tuple[Scalar, ...]) -> float | None:
    """Return a finite number, read from a text such as `10` or `3.5` as well; a truth value counts as 1 or 0."""
    match first(found):
        case bool() | int() | float() as number:
            return float(number) if math.isfinite(number) else None
        case str(text) if _NUMBER.fullmatch(text.strip()):
            return float(text)
        case _:
            return None


def as_flag(found: Scalar | tuple[Scalar, ...]) -> bool | None:
    word = as_text(found)
    if word is None:
        return None
    folded = label_text(word)
    return True if folded in _TRUE else False if folded in _FALSE else None


def _origin(value: CompiledValue, scope: Scope) -> Json:
    if value.join:
        parts = [as_text(value_of(part, scope)) for part in value.join]
        found: Json = None if None in parts else value.separator.join(part for part in parts if part is not None)
    elif value.expression is not None:
        found = scope.results.get(value.expression)
    elif len(value.paths) == 1:
        found = find(value.paths[0], scope.record)
    elif value.paths:
        candidates = (find(path, scope.record) for path in value.paths)
        found = next((candidate for candidate in candidates if not _is_absent(value, candidate)), None)
    else:
        found = value.const
    if value.split is not None and isinstance(found, str):
        return [*found.split(value.split)]
    return found


def _is_absent(value: CompiledValue, found: Json) -> bool:
    match found:
        case str() if not value.missing:
            return not found or found.isspace()
        case None | dict():
            return True
        case list():
            return not found
        case _:
            label = label_text(found)
            return not label or label in value.missing


def _settled(value: CompiledValue, found: Json) -> Scalar:
    if isinstance(found, list | dict) or _is_absent(value, found):
        return None
    return found if value.labels is None else value.labels.get(label_text(found))
