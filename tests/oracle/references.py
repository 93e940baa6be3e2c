"""Numbers of orders, tickets or claims as people type them: deploy/docs/linking.md, 'References'."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

# More than three are layout.
_BETWEEN = r"[\s./:#-]{0,3}"
_TYPED_FOR = {"0": "OoQD", "1": "Iil|", "2": "Zz", "5": "Ss", "8": "B"}
_DIGIT_MEANT = {typed: digit for digit, letters in _TYPED_FOR.items() for typed in letters}
_DIGIT = "[0-9" + "".join(_DIGIT_MEANT) + "]"
_ANY = r"(?:[^\W_]|\|)"
_FEWEST_LEADING = 2


@cache
def references(text: str, forms: tuple[str, ...]) -> frozenset[str]:
    """Read what a text names, each in capitals and digits alone."""
    return frozenset(
        _plain(match[0], form)
        for form in forms
        for match in _pattern((_shape(form),)).finditer(text)
        if _is_typed_in_digits(match[0], form)
    )


@cache
def written_as(name: str, forms: tuple[str, ...]) -> frozenset[str]:
    """Read an id or a key of an instance, all of which is to be a reference, its digits as digits."""
    exact = [(form, _pattern((tuple("[0-9]" if one == "#" else one for one in _places(form)),))) for form in forms]
    return frozenset(_plain(name, form) for form, pattern in exact if pattern.fullmatch(name.upper()))


def names_about(text: str, forms: tuple[str, ...]) -> bool:
    """Tell whether a text has anything that is written in a form, or would be but for one error."""
    return any(_pattern((_shape(form), *_with_one_error(_shape(form)))).search(text) for form in forms)


def is_near(text: str, reference: str) -> bool:
    """Tell whether a text has a reference but for one error."""
    exact = tuple(f"[{one}{_TYPED_FOR.get(one, one.lower())}]" for one in reference)
    return _pattern(tuple(_with_one_error(exact))).search(text) is not None


def has_digits_of(text: str, reference: str) -> bool:
    """Tell whether a text has a reference but for the letters that lead it."""
    exact = [f"[{one}{_TYPED_FOR.get(one, one.lower())}]" for one in reference]
    leading = next((at for at, one in enumerate(exact) if any(map(str.isdigit, one))), 0)
    return leading >= _FEWEST_LEADING and _pattern((("".join(exact[leading:]),),)).search(text) is not None


def _shape(form: str) -> tuple[str, ...]:
    """Say for each character of a form how it may be typed."""
    return tuple(
        _DIGIT if one == "#" else f"[{one.upper()}{_TYPED_FOR.get(one, one.lower())}]" for one in _places(form)
    )


def _places(form: str) -> list[str]:
    return [one for one in form if one == "#" or one.isalnum()]


def _is_typed_in_digits(found: str, form: str) -> bool:
    """Tell whether half of the digits at least were typed as such."""
    return 2 * sum(map(str.isdigit, found)) >= form.count("#")


def _plain(found: str, form: str) -> str:
    typed, wanted = re.sub(_BETWEEN, "", found), _places(form)
    return "".join(
        _DIGIT_MEANT.get(one, one) if place == "#" or place.isdigit() else one.upper()
        for one, place in zip(typed, wanted, strict=True)
    )


def _with_one_error(exact: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Leave out, put in, change, or change places; or leave out the letters that lead."""
    leading = next((at for at, one in enumerate(exact) if any(map(str.isdigit, one))), 0)
    if leading >= _FEWEST_LEADING:
        # Digits alone are a telephone number as soon as they are spread out.
        yield ("".join(exact[leading:]),)
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
