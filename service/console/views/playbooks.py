"""Files of two playbooks -> their difference by line; faults of a draft -> each with the line it is about.

And a comparison of two runs -> the table that a lead reads before activating the second.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.core.backtest import Comparison

_MOST_LINES = 3_000
_CONTEXT = 3
# What a team bears, in the order in which people ask for it.
COUNTED = ("interrupts", "digests", "alerts", "newly_silent_customers", "critical_untold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a difference: `kind` is added, removed, same, or place, which says where the next lines are."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What differs in one file; `cut` says that there are more lines than are shown."""

    file: str
    lines: tuple[Line, ...]
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A fault or a warning; `source` is the line of the file that it is about, None where it is about none."""

    file: str
    line: int
    path: str
    message: str
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a figure changes; `worse` where that is what nobody wants."""

    old: int
    new: int
    worse: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamChange:
    team: str | None
    changes: tuple[Change, ...]

    @property
    def moved(self) -> bool:
        return any(one.old != one.new for one in self.changes)


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Difference, ...]:
    """Compare two playbooks file by file; files that are alike are left out."""
    found = (_difference(file, old.get(file, ""), new.get(file, "")) for file in sorted({*old, *new}))
    return tuple(one for one in found if one.lines)


def placed(faults: Sequence[Mapping[str, str | int]], documents: Mapping[str, str]) -> tuple[Placed, ...]:
    """Put beside each fault the line that it is about."""
    lines = {file: text.splitlines() for file, text in documents.items()}
    return tuple(_placed(one, lines) for one in faults)


def changes(comparison: Comparison) -> tuple[TeamChange, ...]:
    """All teams together, then each team, those in front for which something changes."""
    teams = [_change(comparison, team) for team in comparison.teams]
    return (_change(comparison, None), *sorted(teams, key=lambda one: not one.moved))


def _difference(file: str, old: str, new: str) -> Difference:
    found = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=_CONTEXT))[2:]
    return Difference(file=file, lines=tuple(_line(one) for one in found[:_MOST_LINES]), cut=len(found) > _MOST_LINES)


def _line(text: str) -> Line:
    match text[:1]:
        case "+":
            return Line(kind="added", text=text[1:])
        case "-":
            return Line(kind="removed", text=text[1:])
        case "@":
            return Line(kind="place", text=text.strip("@ "))
        case _:
            return Line(kind="same", text=text[1:])


def _placed(fault: Mapping[str, str | int], lines: Mapping[str, Sequence[str]]) -> Placed:
    file, line = str(fault.get("file", "")), int(fault.get("line", 0))
    known = lines.get(file, ())
    return Placed(
        file=file,
        line=line,
        path=str(fault.get("path", "")),
        message=str(fault["message"]),
        source=known[line - 1] if 0 < line <= len(known) else None,
    )


def _change(comparison: Comparison, team: str | None) -> TeamChange:
    old, new = comparison.counts(comparison.old, team), comparison.counts(comparison.new, team)
    return TeamChange(
        team=team,
        changes=tuple(Change(old=old[name], new=new[name], worse=new[name] > old[name]) for name in COUNTED),
    )
