"""CEL text -> bounded program -> its value over one set of variables.

Refused at load: text that does not parse, names and functions that do not exist, and what could run long or grow,
since the engine counts no steps: macros within macros, `map` (a chain of them doubles a list at each link), brackets
too deep. Matching is linear in its text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import cel

MAX_LENGTH = 1000
MAX_DEPTH = 20
MAX_MACROS = 4

_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*)
    |(?P<text>[rRbB]{0,2}(?:\"{3}(?s:.*?)\"{3}|'{3}(?s:.*?)'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_MACROS = frozenset({"all", "exists", "exists_one", "filter"})
_FUNCTIONS = frozenset({"size", "contains", "startsWith", "endsWith", "matches", "string", "int", "double", "bool"})


@dataclass(frozen=True, slots=True)
class Program:
    """An expression that has passed the bounds."""

    text: str
    compiled: cel.Program = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a program gave no value: the kind of error, without a word of what it ran on."""

    kind: str


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an expression: its `sort` is text, name or sign."""

    sort: str
    text: str


def compile_expression(text: str, *, variable: str) -> Program | str:
    """Return the program, or a sentence that says what is wrong with the text."""
    if len(text) > MAX_LENGTH:
        return f"an expression has at most {MAX_LENGTH} characters"
    scanned = tuple(tokens(text))
    fault = _cost_fault(scanned)
    if fault is not None:
        return fault
    try:
        compiled = cel.compile(text)
    except ValueError as error:
        return (
            "this is not CEL: "
            + str(error).rpartition("ERROR: <input>:")[2].partition(" expecting ")[0].splitlines()[0]
        )
    bound = _loop_names(scanned)
    for name in compiled.variables():
        if name != variable and name not in bound:
            return f"{name!r} is not known here; the only variable is {variable}, as in {variable}.{name}"
    for name in compiled.functions():
        # Operators and what macros become are called _+_, !_, @in and the like.
        if name.isidentifier() and not name.startswith("_") and name not in _FUNCTIONS:
            return f"{name!r} is not a function; use one of {', '.join(sorted(_FUNCTIONS | _MACROS))} or has"
    return Program(text, compiled)


def run(program: Program, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a CEL value may be of any JSON type
    """Return the value, or `Failed`: a missing field, a wrong type, a bad regular expression."""
    try:
        return program.compiled.execute(dict(variables))
    except (LookupError, TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        return Failed(type(error).__name__)


def tokens(text: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(text):
        if found.lastgroup is not None and found.lastgroup != "blank":
            yield Token(found.lastgroup, found[0])


def _cost_fault(scanned: tuple[Token, ...]) -> str | None:
    # One entry an open bracket: whether it holds the body of a macro.
    opened: list[bool] = []
    macros = 0
    for at, token in enumerate(scanned):
        if token.text in {"(", "[", "{"}:
            name = scanned[at - 1].text if at > 0 and token.text == "(" else ""
            if name == "map":
                return "map() is not allowed; use exists, all or filter"
            if name in _MACROS and any(opened):
                return f"{name}() must not stand within another macro; put them side by side"
            macros += name in _MACROS
            opened.append(name in _MACROS)
            if len(opened) > MAX_DEPTH:
                return f"brackets go {MAX_DEPTH} deep at most"
        elif token.text in {")", "]", "}"} and opened:
            opened.pop()
    return f"at most {MAX_MACROS} macros in one expression" if macros > MAX_MACROS else None


def _loop_names(scanned: tuple[Token, ...]) -> frozenset[str]:
    return frozenset(
        scanned[at + 2].text
        for at, token in enumerate(scanned[:-2])
        if token.text in _MACROS and scanned[at + 1].text == "(" and scanned[at + 2].sort == "name"
    )
