"""Text -> text without e-mail addresses, bank accounts, payment cards (by their check digit) and telephones."""

import re

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
# An order number has letters and a hyphen before its digits.
_PHONE = re.compile(r"(?<![\w-])\+?\d(?:[ ()/.-]{0,2}\d){7,14}(?![\w-])")
_TENS = 10


def redact(text: str) -> str:
    if "@" in text:
        text = _EMAIL.sub("[email]", text)
    text = _IBAN.sub("[iban]", text)
    text = _CARD.sub(_card, text)
    return _PHONE.sub("[phone]", text)


def _card(found: re.Match[str]) -> str:
    return "[card]" if _luhn([int(digit) for digit in found[0] if digit.isdecimal()]) else found[0]


def _luhn(digits: list[int]) -> bool:
    doubled = [2 * digit - (9 if 2 * digit >= _TENS else 0) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % _TENS == 0
