"""A source's programs + one record -> what each gives: a JSON value, `Absent`, or the kind of failure."""

from collections.abc import Mapping
from dataclasses import dataclass

import cel

from service.core.mapping.paths import Json
from service.core.playbook.expressions import Failed, Program

VARIABLE = "record"


@dataclass(frozen=True, slots=True)
class Absent:
    """The expression asked for a field that the record does not have."""


def run_all(programs: Mapping[str, Program], record: Json) -> dict[str, Json | Absent | Failed]:
    """Run each program over one record, which is handed to the engine once: that costs far more than a run."""
    if not programs:
        return {}
    context = cel.Context(variables={VARIABLE: record})
    return {name: _run(program, context) for name, program in programs.items()}


def _run(program: Program, context: cel.Context) -> Json | Absent | Failed:
    try:
        value = program.compiled.execute(context)
    except LookupError:
        return Absent()
    except (TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        return Failed(type(error).__name__)
    return value if value is None or isinstance(value, str | int | float | list | dict) else Failed("type")
