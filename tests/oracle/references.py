"""Numbers of orders, tickets or claims as people type them: deploy/docs/linking.md, 'References'."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

_BETWEEN = r"[\s./:#-]*"
_TYPED_FOR = {"0": "OoQD", "1": "Iil|", "2": "Zz", "5": "Ss", "8": "B"}
_DIGIT_MEANT = {typed: digit for digit, letters in _TYPED_FOR.items() for typed in letters}
_DIGIT = "[0-9" + "".join(_DIGIT_MEANT) + "]"
_ANY = r"(?:[^\W_]|\|)"


@cache
def references(text: str, forms: tuple[str, ...]) -> frozenset[str]:
    """Read what a text names, each in capitals and digits alone."""
    return frozenset(_plain(match[0], form) for form in forms for match in _pattern((_shape(form),)).finditer(text))


@cache
def written_as(name: str, forms: tuple[str, ...]) -> frozenset[str]:
    """Read an id or a key of an instance, all of which is to be a reference."""
    return frozenset(_plain(name, form) for form in forms if _pattern((_shape(form),)).fullmatch(name))


def names_about(text: str, forms: tuple[str, ...]) -> bool:
    """Tell whether a text has anything that is written in a form, or would be but for one error."""
    return any(_pattern((_shape(form), *_with_one_error(_shape(form)))).search(text) for form in forms)


def is_near(text: str, reference: str) -> bool:
    """Tell whether a text has a reference but for one error."""
    exact = tuple(f"[{one}{_TYPED_FOR.get(one, one.lower())}]" for one in reference)
    return _pattern(tuple(_with_one_error(exact))).search(text) is not None


def _shape(form: str) -> tuple[str, ...]:
    """Say for each character of a form how it may be typed."""
    return tuple(
        _DIGIT if one == "#" else f"[{one.upper()}{_TYPED_FOR.get(one, one.lower())}]"
        for one in form
        if one == "#" or one.isalnum()
    )


def _plain(found: str, form: str) -> str:
    typed = re.sub(_BETWEEN, "", found)
    wanted = [one for one in form if one == "#" or one.isalnum()]
    return "".join(
        _DIGIT_MEANT.get(one, one) if place == "#" or place.isdigit() else one.upper()
        for one, place in zip(typed, wanted, strict=True)
    )


def _with_one_error(exact: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for at in range(len(exact) + 1):
        before, rest = tuple(exact[:at]), tuple(exact[at:])
        yield (*before, _ANY, *rest)
        if rest:
            yield (*before, *rest[1:])
            yield (*before, _ANY, *rest[1:])
        if rest[1:]:
            yield (*before, rest[1], rest[0], *rest[2:])


@cache
def _pattern(shapes: tuple[tuple[str, ...], ...]) -> re.Pattern[str]:
    either = "|".join(_BETWEEN.join(shape) for shape in shapes)
    return re.compile(rf"(?<![^\W_])(?:{either})(?![^\W_])")
