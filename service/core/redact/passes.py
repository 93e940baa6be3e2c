"""Text -> the text with a typed placeholder such as `[email]` for what identifies or pays for a person.

Nothing is refused. Found: what has a shape or a checksum. Not found: names, addresses, phone numbers in the national
form of another region, numbers spelt out in words. Expects text from `text.clean`, which takes out the invisible
characters that would break a value up. Costs time linear in the text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from service.core.redact.links import secret_links
from service.core.redact.numbers import Span, cards, ibans, national_ids, phones


class PiiClass(StrEnum):
    """What was found; the value is also the placeholder's name."""

    URL = "url"
    EMAIL = "email"
    IBAN = "iban"
    CARD = "card"
    NATIONAL_ID = "national_id"
    PHONE = "phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """The text without personal values, and which classes of them it had, in the order of `PiiClass`."""

    text: str
    classes: tuple[PiiClass, ...] = ()


# RFC 5321 lengths; letters of any script, and the full-width @ that East Asian keyboards give.
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}[@\uff20][\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_DIGIT = re.compile(r"\d")
# Numbers without a gap between them come to light one in a round. Nobody writes more than a few like that, so what is
# left after these rounds was made to cost time, and every run of digits that could hold a number goes at once.
_ROUNDS = 4
_DIGITS = re.compile(r"\d(?:\D{0,4}\d){6,}")


def redact(text: str, region: str) -> Redacted:
    """Return the text redacted; `region` (ISO 3166, such as GB) is where phone numbers without a country code are from.

    A link that carries credentials, a query, a fragment or a token keeps its scheme and host: `https://host/[url]`.
    Redacting the result again changes nothing: rounds go on until nothing is found, since a number taken out may leave
    one beside it standing alone. Each round takes out characters that no other puts back, so they end.
    """
    found: set[PiiClass] = set()
    for done in count():
        before = text
        if done == _ROUNDS:
            text = _replaced(text, [run.span() for run in _DIGITS.finditer(text)], PiiClass.PHONE, found)
        for pii, spans in _finders(text, region):
            text = _replaced(text, spans(text), pii, found)
        if text == before:
            break
    return Redacted(text=text, classes=tuple(pii for pii in PiiClass if pii in found))


def _finders(given: str, region: str) -> Sequence[tuple[PiiClass, Callable[[str], Sequence[Span]]]]:
    # Links come first because they may hold an address; checksums come before phones because they are the surer sign.
    words = ((PiiClass.URL, secret_links), (PiiClass.EMAIL, _emails))
    if _DIGIT.search(given) is None:
        return words
    return (
        *words,
        (PiiClass.IBAN, ibans),
        (PiiClass.CARD, cards),
        (PiiClass.NATIONAL_ID, national_ids),
        (PiiClass.PHONE, lambda text: phones(text, region)),
    )


def _emails(text: str) -> Sequence[Span]:
    if "@" not in text and "\uff20" not in text:
        return ()
    return [found.span() for found in _EMAIL.finditer(text)]


def _replaced(text: str, spans: Sequence[Span], pii: PiiClass, found: set[PiiClass]) -> str:
    if not spans:
        return text
    found.add(pii)
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += (text[at:start], f"[{pii}]")
        at = end
    return "".join((*parts, text[at:]))
