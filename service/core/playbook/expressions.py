"""CEL text -> bounded program -> its value over one set of variables.

Refused at load: text that does not parse, names and functions that do not exist, and what could run long or grow,
since the engine counts no steps: macros within macros, `map` (a chain of them doubles a list at each link), brackets
too deep. Matching is linear in its text, but each run builds its pattern anew; so patterns are written out, where their
repetitions can be counted. What a macro may go through is bounded where records come from outside (`mapping`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import cel

MAX_LENGTH = 1000
MAX_DEPTH = 20
MAX_MACROS = 4
# `.{100}` takes the engine a tenth of a millisecond to build, `(.{100}){100}` forty.
MAX_REPEATS = 100
MAX_LOOPED_PATTERN = 100

_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*)
    |(?P<text>[rRbB]{0,2}(?:\"{3}(?s:.*?)\"{3}|'{3}(?s:.*?)'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_MACROS = frozenset({"all", "exists", "exists_one", "filter"})
_REPEATED = re.compile(r"\{(\d+)(?:,(\d*))?\}")
# The engine repeats the text before its messages, and the line at fault behind a bar: neither may pass for a message.
_COMPLAINT = re.compile(r"^ERROR: <input>:(.+)$", re.MULTILINE)
_FUNCTIONS = frozenset({"size", "contains", "startsWith", "endsWith", "matches", "string", "int", "double", "bool"})


@dataclass(frozen=True, slots=True)
class Program:
    """An expression that has passed the bounds. One that `loops` costs the square of what it is given."""

    text: str
    compiled: cel.Program = field(repr=False, compare=False)
    loops: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a program gave no value: the kind of error, without a word of what it ran on."""

    kind: str


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an expression: its `sort` is text, name or sign; between tokens stand blanks."""

    sort: str
    text: str


_MATCHES, _OPENING = Token("name", "matches"), Token("sign", "(")


def compile_expression(text: str, *, variable: str, others: tuple[str, ...] = ()) -> Program | str:
    """Return the program, or a sentence that says what is wrong with the text; `others` are further variables."""
    if len(text) > MAX_LENGTH:
        return f"an expression has at most {MAX_LENGTH} characters"
    scanned = tuple(tokens(text))
    fault = _cost_fault(scanned)
    if fault is not None:
        return fault
    try:
        compiled = cel.compile(text)
    except ValueError as error:
        said = _COMPLAINT.findall(str(error).removeprefix(f"Failed to parse expression '{text}': "))
        return f"this is not CEL: {said[-1].partition(' expecting ')[0] if said else 'it can not be read'}"
    bound = _loop_names(scanned)
    for name in compiled.variables():
        if name not in (variable, *others) and name not in bound:
            known = (
                f"the variables are {', '.join((variable, *others))}" if others else f"the only variable is {variable}"
            )
            return f"{name!r} is not known here; {known}, as in {variable}.{name}"
    for name in compiled.functions():
        # Operators and what macros become are called _+_, !_, @in and the like.
        if name.isidentifier() and not name.startswith("_") and name not in _FUNCTIONS:
            return f"{name!r} is not a function; use one of {', '.join(sorted(_FUNCTIONS | _MACROS))} or has"
    return Program(text, compiled, loops=any(token.text in _MACROS for token in scanned))


def run(program: Program, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a CEL value may be of any JSON type
    """Return the value, or `Failed`: a missing field, a wrong type, a bad regular expression."""
    try:
        return program.compiled.execute(dict(variables))
    except (LookupError, TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        return Failed(type(error).__name__)


def conjuncts(text: str) -> tuple[str, ...]:
    """Split an expression at its outermost `&&`; one that is an alternative as a whole stays in one piece."""
    parts, start, depth = [], 0, 0
    for found in _TOKEN.finditer(text.replace("&&", " \u2227")):
        sign = found[0]
        depth += (sign in {"(", "[", "{"}) - (sign in {")", "]", "}"})
        if depth == 0 and sign in {"?", "|"}:
            return (text.strip(),)
        if depth == 0 and sign == "\u2227":
            parts.append(text[start : found.start() - 1].strip())
            start = found.end()
    return (*parts, text[start:].strip())


def tokens(text: str) -> Iterator[Token]:
    return (piece for piece in pieces(text) if piece.sort != "blank")


def pieces(text: str) -> Iterator[Token]:
    """Yield the tokens and, as `blank`, what stands between them: put together they are the text again."""
    for found in _TOKEN.finditer(text):
        if found.lastgroup is not None:
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
        elif token == _MATCHES and scanned[at + 1 : at + 2] == (_OPENING,):
            fault = _pattern_fault(scanned[at + 1 :], looped=any(opened))
            if fault is not None:
                return fault
    return f"at most {MAX_MACROS} macros in one expression" if macros > MAX_MACROS else None


def _pattern_fault(behind: tuple[Token, ...], *, looped: bool) -> str | None:
    """Say what is wrong with the pattern of a call: the last thing in its brackets, which stand behind the name."""
    depth = 0
    for at, token in enumerate(behind):
        depth += (token.text in {"(", "[", "{"}) - (token.text in {")", "]", "}"})
        if depth == 0:
            match behind[max(0, at - 2) : at]:
                case (Token(sort="sign", text="(" | ","), Token(sort="text", text=pattern)):
                    # A class such as \\w has 700 ranges: built for each of thousands of values, it takes minutes.
                    if looped and ("\\" in pattern or "{" in pattern or len(pattern) > MAX_LOOPED_PATTERN):
                        return (
                            f"within a macro a pattern has at most {MAX_LOOPED_PATTERN} characters, no \\ and no {{}}; "
                            "write [0-9] or [a-z]+, or use startsWith"
                        )
                    times = prod(int((most or least)[:9]) for least, most in _REPEATED.findall(pattern))
                    return f"a pattern repeats at most {MAX_REPEATS} times" if times > MAX_REPEATS else None
                case _:
                    return "write the pattern of matches() out, as a text in quotes"
    return None


def _loop_names(scanned: tuple[Token, ...]) -> frozenset[str]:
    return frozenset(
        scanned[at + 2].text
        for at, token in enumerate(scanned[:-2])
        if token.text in _MACROS and scanned[at + 1].text == "(" and scanned[at + 2].sort == "name"
    )
