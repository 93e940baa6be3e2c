"""A source's programs + one record -> what each gives: a JSON value, `Absent`, or the kind of failure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import cel

from service.core.mapping.paths import Json
from service.core.playbook.expressions import Failed, Program, Token, tokens

VARIABLE = "record"
# A macro copies what it goes through, and what its body names, at each step: ten thousand values take it seconds, these
# a fifth of one.
MAX_LOOPED = 5_000
TOO_MANY = "too_many_values"


@dataclass(frozen=True, slots=True)
class Absent:
    """The expression asked for a field that the record does not have."""


def fields_read(programs: Iterable[Program]) -> frozenset[str] | None:
    """Return the record's own fields that the programs look at, None where that can not be told from their text."""
    read: set[str] = set()
    for program in programs:
        scanned = tuple(tokens(program.text))
        for at, token in enumerate(scanned):
            # A field called `record`, as in `record.record`, is none of the variable's own uses.
            if token.text != VARIABLE or (at > 0 and scanned[at - 1].text == "."):
                continue
            match scanned[at + 1 : at + 3]:
                case (Token(text="."), Token(sort="name", text=name)):
                    read.add(name)
                case _:
                    return None
    return frozenset(read)


def run_all(
    programs: Mapping[str, Program],
    record: Mapping[str, Json],
    read: frozenset[str] | None,
    looped: frozenset[str] | None = frozenset(),
) -> dict[str, Json | Absent | Failed]:
    """Run each program over one record. Handing a record over costs more than a run: only what is `read` is handed.

    `looped` is what those with a macro read; where it holds more than they may go through, these fail.
    """
    if not programs:
        return {}
    context = cel.Context(variables={VARIABLE: _part(record, read)})
    is_large = looped != frozenset() and _holds_more(_part(record, looped), MAX_LOOPED)
    return {
        name: Failed(TOO_MANY) if is_large and program.loops else _run(program, context)
        for name, program in programs.items()
    }


def _part(record: Mapping[str, Json], names: frozenset[str] | None) -> dict[str, Json]:
    return dict(record) if names is None else {name: record[name] for name in names if name in record}


def _holds_more(value: Json, most: int) -> bool:
    """Say whether a value holds more than so many values, at any depth; texts count by the kilobyte."""
    held = 0
    left: list[Json] = [value]
    while left and held <= most:
        one = left.pop()
        if isinstance(one, dict | list):
            held += len(one)
            left.extend(one.values() if isinstance(one, dict) else one)
        elif isinstance(one, str):
            held += len(one) >> 10
    return held > most


def _run(program: Program, context: cel.Context) -> Json | Absent | Failed:
    try:
        value = program.compiled.execute(context)
    except LookupError:
        return Absent()
    except (TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        return Failed(type(error).__name__)
    return value if value is None or isinstance(value, str | int | float | list | dict) else Failed("type")
