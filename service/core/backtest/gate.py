"""An expression over `old` and `new` -> whether a comparison is too much, and which of its parts say so.

Every figure is a double, and so is every whole number that the expression writes: CEL turns no kind of number into
another, and nobody who writes `1.2 * old.interrupts > 3` thinks of that. Refused are an unknown figure or team, also
where a run would not come by, and what fails, or gives no true or false, on made-up figures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.core.backtest.compare import A_DAY, COUNTED, MEASURED, OF_A_SIDE
from service.core.playbook.expressions import Failed, Program, Token, compile_expression, pieces, run, tokens

_SIDES = ("old", "new")
_TEAMS = "teams"
_FIELDS = (*COUNTED, *OF_A_SIDE, A_DAY, _TEAMS)
_MACROS = frozenset({"all", "exists", "exists_one", "filter"})
# Figures of either side to try an expression on: nothing, the same, less and more, so that both sides of `||` are run.
_TRIED = ((0.0, 0.0), (1.0, 1.0), (9.0, 2.0), (2.0, 9.0), (1e6, 0.0), (0.0, 1e6))
_MEANINGS = {
    "TypeError": "it puts values of different types together, such as a number and a text, or uses % on figures",
    "KeyError": "it asks for a team that neither playbook has",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFault:
    """Why an expression can not be a gate."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What stands between two `||`, and the figures that it names, as paths."""

    expression: str
    paths: tuple[tuple[str, ...], ...]
    _program: Program = field(repr=False, compare=False)

    def holds(self, variables: Mapping[str, Any]) -> bool | None:
        """Judge figures; None where that fails."""
        found = run(self._program, variables)
        return found if isinstance(found, bool) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A checked expression, in its parts: it is true if one of them is."""

    expression: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether the gate's expression holds, None where it could not be judged, and the figures of each part at fault."""

    holds: bool | None
    because: tuple[tuple[str, Mapping[str, float]], ...] = ()


def compile_gate(expression: str, teams: Sequence[str]) -> Gate | GateFault:
    """Compile and try an expression such as `new.interrupts > 1.2 * old.interrupts`; `teams` are all there are."""
    fault = _fault(expression, teams)
    if fault is not None:
        return GateFault(message=fault)
    parts: list[Part] = []
    for text in _parts(expression):
        program = compile_expression(_with_doubles(text), variable="old", others=("new",))
        if isinstance(program, str):
            return GateFault(message=program)
        parts.append(Part(expression=text, paths=tuple(_paths(text, teams)), _program=program))
    gate = Gate(expression=expression, parts=tuple(parts))
    message = _trial_fault(gate, teams)
    return gate if message is None else GateFault(message=message)


def judge(gate: Gate, variables: Mapping[str, Any]) -> Judgement:
    """Judge a comparison by its `variables`; a part that fails leaves it open unless another one is true."""
    found = [(part, part.holds(variables)) for part in gate.parts]
    because = tuple(
        (part.expression, {".".join(path): _value(path, variables) for path in part.paths})
        for part, holds in found
        if holds
    )
    if because:
        return Judgement(holds=True, because=because)
    return Judgement(holds=None if any(holds is None for _, holds in found) else False)


def _fault(expression: str, teams: Sequence[str]) -> str | None:
    """Say what the text itself has wrong: its syntax, or a name that no comparison has."""
    program = compile_expression(expression, variable="old", others=("new",))
    if isinstance(program, str):
        return program
    scanned = tuple(tokens(expression))
    for at, token in enumerate(scanned):
        if token.text in _SIDES and (at == 0 or scanned[at - 1].text != "."):
            fault = _name_fault(token.text, [one.text for one in scanned[at + 1 : at + 8]], teams)
            if fault is not None:
                return fault
    return None


def _name_fault(side: str, behind: Sequence[str], teams: Sequence[str]) -> str | None:
    match behind:
        case [".", name, *rest] if name in _FIELDS:
            if name == A_DAY and (rest[:1] != ["."] or rest[1:2][0] not in MEASURED):
                return f"write {side}.{A_DAY}.max or {side}.{A_DAY}.mean"
            return _team_fault(side, rest, teams) if name == _TEAMS else None
        case [".", name, *_]:
            return f"{side}.{name} is not a figure; use one of {', '.join(sorted(_FIELDS))}"
        case _:
            return f"write {side}.<figure>, with a figure's name behind a dot"


def _team_fault(side: str, behind: Sequence[str], teams: Sequence[str]) -> str | None:
    match behind:
        case ["[", inside, "]", ".", name, *_] if name not in COUNTED:
            return f"{side}.teams[{inside}].{name} is not a figure of a team; use one of {', '.join(sorted(COUNTED))}"
        case ["[", inside, "]", *_] if inside[0] in "\"'" and inside[1:-1] not in teams:
            return f"{inside} is not a team of either playbook; they have {', '.join(teams)}"
        case [".", name, *_] if name not in (*teams, *_MACROS):
            return f"{name!r} is not a team of either playbook; they have {', '.join(teams)}"
        case _:
            return None


def _trial_fault(gate: Gate, teams: Sequence[str]) -> str | None:
    for old, new in _TRIED:
        variables = {"old": _made_up(old, teams), "new": _made_up(new, teams)}
        for part in gate.parts:
            found = run(part._program, variables)  # noqa: SLF001 - a Part of this very module
            if isinstance(found, Failed):
                return f"it fails on made-up figures: {_MEANINGS.get(found.kind, found.kind)}"
            if not isinstance(found, bool):
                return f"it must give true or false; {part.expression!r} gives a value of type {type(found).__name__}"
    return None


def _made_up(figure: float, teams: Sequence[str]) -> dict[str, Any]:
    return {
        **dict.fromkeys((*COUNTED, *OF_A_SIDE), figure),
        A_DAY: dict.fromkeys(MEASURED, figure),
        _TEAMS: {team: dict.fromkeys(COUNTED, figure) for team in teams},
    }


def _parts(expression: str) -> Iterator[str]:
    """Split at each `||` that stands in no brackets; a choice by `?` binds looser, and a comment may hold anything."""
    found, depth, said = [""], 0, tuple(pieces(expression))
    for at, piece in enumerate(said):
        if piece.text in {"(", "[", "{"}:
            depth += 1
        elif piece.text in {")", "]", "}"}:
            depth -= 1
        bar = piece == Token("sign", "|")
        if piece.text == "?" or piece.text.startswith("//"):
            yield expression
            return
        if depth == 0 and bar and said[at + 1 : at + 2] == (piece,):
            found.append("")
        elif depth != 0 or not bar:
            found[-1] += piece.text
    yield from (part.strip() for part in found)


def _with_doubles(text: str) -> str:
    """Write whole numbers as doubles; `1.5`, `1e3`, `0x1f` and `2u` stay as they are."""
    said = tuple(pieces(text))
    written = ""
    for at, piece in enumerate(said):
        written += piece.text
        if not piece.text.isdigit() or (at + 1 < len(said) and said[at + 1].text.isdigit()):
            continue
        first = at
        while first > 0 and said[first - 1].text.isdigit():
            first -= 1
        before = said[first - 1] if first > 0 else None
        behind = said[at + 1] if at + 1 < len(said) else None
        goes_on = behind is not None and (behind.text == "." or behind.sort == "name")
        written += "" if goes_on or (before is not None and before.text == ".") else ".0"
    return written


def _paths(text: str, teams: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """List the figures that a part names outright, each once."""
    scanned = [token.text for token in tokens(text)]
    found: dict[tuple[str, ...], None] = {}
    for at, word in enumerate(scanned):
        if word not in _SIDES or (at > 0 and scanned[at - 1] == "."):
            continue
        match scanned[at + 1 : at + 8]:
            case [".", "teams", "[", inside, "]", ".", name] if inside[1:-1] in teams:
                found[word, _TEAMS, inside[1:-1], name] = None
            case [".", "teams", ".", team, ".", name, *_] if team in teams:
                found[word, _TEAMS, team, name] = None
            case [".", name, ".", measured, *_] if name == A_DAY:
                found[word, name, measured] = None
            case [".", name, *_] if name not in (_TEAMS, A_DAY):
                found[word, name] = None
            case _:
                pass
    yield from found


def _value(path: Sequence[str], variables: Mapping[str, Any]) -> float:
    found: Any = variables
    for name in path:
        found = found[name]
    return float(found)
