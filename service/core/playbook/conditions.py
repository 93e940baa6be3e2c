"""Expression -> Condition | ConditionFault: the CEL conditions of routes, checked when the playbook is loaded.

Refused are expressions past the bounds of `expressions`, those that name a field which a feedback does not have, and
those that fail or give something else than true or false on a sample. What still fails at run time is `Held.ERROR`,
never a silent no.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from service.core.playbook.expressions import Failed, Program, Token, compile_expression, run, tokens

_MAX_LITERALS = 50

# The variable `feedback` as a condition sees it. A text that is unknown is "" and a list is empty; `score` and single
# attributes are absent when there is none, so that `has(feedback.score)` says so.
SAMPLE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "source": "/typeform/acme/lT4Z3j",
        "kind": "survey",
        "channel": "email",
        "language": "en",
        "category": "delivery.late",
        "categories": ("delivery.late",),
        "stage": "at-the-door",
        "outcome": "paid-back",
        "process": "order-to-cash",
        "severity": "high",
        "score": 2.0,
        "region": "uk",
        "tier": "gold",
        "segment": "retail",
        "survey": "lT4Z3j",
        "touchpoint": "delivery",
        "group": "Group 1",
        "priority": "high",
        "status": "open",
        "labels": ("refund",),
        "attributes": {"product": "A-1"},
    }
)
_OPTIONAL = frozenset({"score"})
_EMPTY: Final[Mapping[str, Any]] = MappingProxyType(
    {
        name: {} if isinstance(value, Mapping) else [] if isinstance(value, tuple) else ""
        for name, value in SAMPLE.items()
        if name not in _OPTIONAL
    }
)
_MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "TypeError": "values of different types are put together, such as a text and a number",
        "IndexError": "a list may be shorter than the index; use `in` or exists()",
        "KeyError": "a key may be absent; ask with `in` before it is used",
        "RuntimeError": "a function is not known, or can not take what it is given",
        "ValueError": "a text can not be read as what it is turned into",
    }
)


class Held(StrEnum):
    """Whether a condition holds for one feedback."""

    YES = "yes"
    NO = "no"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionFault:
    """Why an expression can not be a condition."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A checked expression over the variable `feedback`."""

    expression: str
    _program: Program = field(repr=False, compare=False)
    # Handing a program a whole feedback costs much more than running it, so it gets the fields that it names.
    fields: frozenset[str] = field(repr=False, compare=False)

    def holds(self, facts: Mapping[str, Any]) -> Held:
        """Judge one feedback. `facts` has the names of `SAMPLE`; any may be missing or None, others are ignored."""
        known = {name: facts[name] for name in self.fields if facts.get(name) is not None}
        empty = {name: _EMPTY[name] for name in self.fields - known.keys() - _OPTIONAL}
        match _judged(self._program, empty | known):
            case True:
                return Held.YES
            case False:
                return Held.NO
            case _:
                return Held.ERROR


def compile_condition(expression: str) -> Condition | ConditionFault:
    """Compile and dry-run an expression such as `has(feedback.score) && feedback.score <= 2`."""
    program = compile_expression(expression, variable="feedback")
    if isinstance(program, str):
        return ConditionFault(message=program)
    scanned = tuple(tokens(expression))
    message = _field_fault(scanned) or _dry_run_fault(program, scanned)
    if message is not None:
        return ConditionFault(message=message)
    return _condition(expression, program, scanned)


def part_holds(part: str, facts: Mapping[str, Any]) -> Held:
    """Judge a part of a condition that was checked as a whole; by itself it may fail where the whole does not."""
    program = compile_expression(part, variable="feedback")
    return Held.ERROR if isinstance(program, str) else _condition(part, program, tuple(tokens(part))).holds(facts)


def _condition(expression: str, program: Program, scanned: tuple[Token, ...]) -> Condition:
    fields = frozenset(scanned[at + 2].text for at in range(len(scanned) - 2) if _is_variable(scanned, at))
    return Condition(expression=expression, _program=program, fields=fields)


def _field_fault(scanned: tuple[Token, ...]) -> str | None:
    """Name the first field that a feedback does not have, also where a run would not come by."""
    for at in range(len(scanned)):
        if not _is_variable(scanned, at):
            continue
        match tuple(t.text for t in scanned[at + 1 : at + 3]):
            case (".", name) if name in SAMPLE:
                continue
            case (".", name):
                return f"feedback.{name} is not a field; use one of {', '.join(sorted(SAMPLE))}"
            case _:
                return "write feedback.<field>, with a field's name behind a dot"
    return None


def _is_variable(scanned: tuple[Token, ...], at: int) -> bool:
    return scanned[at].text == "feedback" and (at == 0 or scanned[at - 1].text != ".")


def _dry_run_fault(program: Program, scanned: tuple[Token, ...]) -> str | None:
    for facts, absent in _samples(scanned):
        match _judged(program, facts):
            case bool():
                continue
            case Failed() if absent is not None:
                return f"{absent} may be absent; write has({absent}) && before it is used"
            case Failed(kind=kind):
                return f"fails on a sample feedback: {_MEANINGS.get(kind, kind)}"
            case other:
                return f"a condition must give true or false; this one gives a value of type {type(other).__name__}"
    return None


def _judged(program: Program, facts: Mapping[str, Any]) -> object:
    return run(program, {"feedback": dict(facts)})


def _samples(scanned: tuple[Token, ...]) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Yield feedbacks, and which one field that may be absent is.

    Each text of the expression is once the value of every field, so that a run reaches the far side of `&&`.
    """
    literals = dict.fromkeys(_unquoted(token.text) for token in scanned if token.sort == "text")
    attributes = dict.fromkeys(_attributes(scanned))
    yield dict(_EMPTY) | {"attributes": dict.fromkeys(attributes, ""), "score": 0.0}, None
    for literal in ("sample", *tuple(literals)[:_MAX_LITERALS]):
        filled = dict.fromkeys((*attributes, literal), literal)
        full = {name: _filled(value, literal) for name, value in SAMPLE.items()} | {"attributes": filled}
        yield full, None
        yield {name: value for name, value in full.items() if name != "score"}, "feedback.score"
        for absent in attributes:
            kept = {name: value for name, value in filled.items() if name != absent}
            yield full | {"attributes": kept}, f"feedback.attributes.{absent}"


def _filled(value: object, literal: str) -> object:
    match value:
        case str():
            return literal
        case tuple():
            return [literal]
        case _:
            return value


def _attributes(scanned: tuple[Token, ...]) -> Iterator[str]:
    for at, token in enumerate(scanned):
        if token.text == "attributes":
            match tuple(scanned[at + 1 : at + 3]):
                case (Token(text="."), Token(sort="name", text=name)):
                    yield name
                case (Token(text="["), Token(sort="text", text=text)):
                    yield _unquoted(text)
                case _:
                    pass


def _unquoted(text: str) -> str:
    return text.lstrip("rRbB").strip("'\"")
