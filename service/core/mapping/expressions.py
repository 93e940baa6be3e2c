"""A source's programs + one record -> what each gives: a JSON value, `Absent`, or the kind of failure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import cel

from service.core.mapping.paths import Json
from service.core.playbook.expressions import Failed, Program, Token, tokens

VARIABLE = "record"


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
    programs: Mapping[str, Program], record: Mapping[str, Json], read: frozenset[str] | None
) -> dict[str, Json | Absent | Failed]:
    """Run each program over one record. Handing a record over costs more than a run: only what is `read` is handed."""
    if not programs:
        return {}
    shown = dict(record) if read is None else {name: record[name] for name in read if name in record}
    context = cel.Context(variables={VARIABLE: shown})
    return {name: _run(program, context) for name, program in programs.items()}


def _run(program: Program, context: cel.Context) -> Json | Absent | Failed:
    try:
        value = program.compiled.execute(context)
    except LookupError:
        return Absent()
    except (TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        return Failed(type(error).__name__)
    return value if value is None or isinstance(value, str | int | float | list | dict) else Failed("type")
