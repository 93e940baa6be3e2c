"""A number -> how somebody typed it, and what is left of that when case, separators and look-alikes are undone."""

import random

# How many of a hundred are typed so; each text has one of these.
TYPED = {
    "as_it_is": 30,
    "case": 15,
    "separators": 15,
    "look_alikes": 10,
    "all_three": 10,
    "digit_dropped": 5,
    "digit_doubled": 5,
    "digit_wrong": 4,
    "digits_swapped": 4,
    "letters_left_out": 2,
}
ERRORS = frozenset({"digit_dropped", "digit_doubled", "digit_wrong", "digits_swapped", "letters_left_out"})
_LOOK_ALIKES = {"0": "OoQD", "1": "Ili|", "2": "Zz", "5": "Ss", "8": "B"}
_SEPARATORS = (" ", "-", ".", "/", ": ", " #", "-", " ")
_LETTERS = len("INC")


def type_reference(number: str, kind: str, dice: random.Random) -> tuple[str, str]:
    """Type `INC0001234`: a typing error is in what is left, all other noise is not."""
    if kind in ERRORS:
        wrong = number[_LETTERS:] if kind == "letters_left_out" else _mistyped(number, kind, dice)
        return wrong, wrong
    typed = _look_alike(number, dice) if kind in {"look_alikes", "all_three"} else number
    typed = _cased(typed, dice) if kind in {"case", "all_three"} else typed
    return (_separated(typed, dice) if kind in {"separators", "all_three"} else typed), number


def _mistyped(number: str, kind: str, dice: random.Random) -> str:
    at = dice.randrange(_LETTERS, len(number))
    if kind == "digit_dropped":
        return number[:at] + number[at + 1 :]
    if kind == "digit_doubled":
        return number[:at] + number[at] + number[at:]
    if kind == "digit_wrong":
        return number[:at] + dice.choice([each for each in "0123456789" if each != number[at]]) + number[at + 1 :]
    places = [each for each in range(_LETTERS, len(number) - 1) if number[each] != number[each + 1]]
    at = dice.choice(places)
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def _cased(number: str, dice: random.Random) -> str:
    return dice.choice(["inc", "Inc", "iNC"]) + number[_LETTERS:]


def _separated(number: str, dice: random.Random) -> str:
    """Put a separator behind the letters, and one or none among the digits."""
    at = dice.randrange(_LETTERS + 1, len(number))
    between = dice.choice(["", dice.choice(_SEPARATORS)])
    return number[:_LETTERS] + dice.choice(_SEPARATORS) + number[_LETTERS:at] + between + number[at:]


def _look_alike(number: str, dice: random.Random) -> str:
    """Type a letter for up to three digits; a last digit is never a bar, which would frame a table."""
    places = [at for at in range(_LETTERS, len(number)) if number[at] in _LOOK_ALIKES]
    typed = list(number)
    for at in dice.sample(places, min(len(places), dice.randint(1, 3))):
        letters = _LOOK_ALIKES[number[at]]
        typed[at] = dice.choice(letters.replace("|", "") if at == len(number) - 1 else letters)
    return "".join(typed)
