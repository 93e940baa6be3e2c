"""Faults with their places -> the lines a person reads and the records a program does."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedFault:
    """A fault at a place of a file; line and column count from 1, `path` is where it is in the document."""

    file: str
    line: int
    column: int
    path: tuple[str | int, ...]
    message: str


def format_faults(faults: Iterable[LocatedFault]) -> str:
    """Write one fault a line, in the order of their places: `file:line:column: path: message`."""
    return "".join(f"{_line(fault)}\n" for fault in sorted(faults, key=order))


def faults_json(faults: Iterable[LocatedFault]) -> list[dict[str, str | int]]:
    """Return one record a fault, in the order of their places, with `path` written as in `routes.routes[2].team`."""
    return [
        {
            "file": fault.file,
            "line": fault.line,
            "column": fault.column,
            "path": _written(fault),
            "message": fault.message,
        }
        for fault in sorted(faults, key=order)
    ]


def order(fault: LocatedFault) -> tuple[str, int, int, str, str]:
    return (fault.file, fault.line, fault.column, _written(fault), fault.message)


def _line(fault: LocatedFault) -> str:
    parts = (f"{fault.file}:{fault.line}:{fault.column}", _written(fault), fault.message)
    # An author's name may hold a line break; a fault stays one line.
    return " ".join(": ".join(part for part in parts if part).split())


def _written(fault: LocatedFault) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault.path).removeprefix(".")
