"""Text -> the text with a typed placeholder such as `[email]` for what identifies or pays for a person.

Nothing is refused. Found: what has a shape or a checksum, and what a cue announces (deploy/docs/privacy.md). Not found:
names without a cue, streets without a postcode, phone numbers in the national form of another region, numbers spelt out
in words. Expects text from `text.clean`, which takes out the invisible characters that would break a value up. Costs
time linear in the text.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from service.core.redact.addresses import address_rules, addresses
from service.core.redact.cues import Cues, Span
from service.core.redact.digits import Digits, digits_of
from service.core.redact.links import secret_links
from service.core.redact.marked import birth_rules, document_rules, id_rules, ip_rules, nhs_rules, plate_rules
from service.core.redact.names import name_rules
from service.core.redact.national import national_ids
from service.core.redact.numbers import cards, ibans, ip_addresses, phones


class PiiClass(StrEnum):
    """What was found; the value is also the placeholder's name."""

    URL = "url"
    EMAIL = "email"
    IBAN = "iban"
    CARD = "card"
    NATIONAL_ID = "national_id"
    NHS_NUMBER = "nhs_number"
    ID_DOCUMENT = "id_document"
    DATE_OF_BIRTH = "date_of_birth"
    PLATE = "plate"
    NAME = "name"
    ADDRESS = "address"
    IP_ADDRESS = "ip_address"
    PHONE = "phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """The text without personal values, and which classes of them it had, in the order of `PiiClass`."""

    text: str
    classes: tuple[PiiClass, ...] = ()


_Found = tuple[int, int, PiiClass]
_CUED = (
    *((PiiClass.NAME, rule) for rule in name_rules()),
    *((PiiClass.ADDRESS, rule) for rule in address_rules()),
    *((PiiClass.NHS_NUMBER, rule) for rule in nhs_rules()),
    *((PiiClass.NATIONAL_ID, rule) for rule in id_rules()),
    *((PiiClass.ID_DOCUMENT, rule) for rule in document_rules()),
    *((PiiClass.DATE_OF_BIRTH, rule) for rule in birth_rules()),
    *((PiiClass.PLATE, rule) for rule in plate_rules()),
    *((PiiClass.IP_ADDRESS, rule) for rule in ip_rules()),
)
_CUES = Cues([rule for _, rule in _CUED])
# RFC 5321 lengths; letters of any script, and the full-width @ that East Asian keyboards give.
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}[@\uff20][\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_AT = re.compile("[@\uff20]")
_BEFORE_AT, _BEHIND_AT = 64, 63 + 8 * 64
# Numbers without a gap between them come to light one in a round. Nobody writes more than a few like that, so what is
# left after these rounds was made to cost time, and every run of digits that could hold a number goes at once.
_ROUNDS = 4
_DIGITS = re.compile(r"\d(?:\D{0,4}\d){6,}")


def redact(text: str, region: str, kept: Collection[str] = ()) -> Redacted:
    """Return the text redacted; `region` (ISO 3166, such as GB) is where phone numbers without a country code are from.

    `kept` are canonical references: an id by its check digit alone that is one of them stays. A link that carries
    credentials, a query, a fragment or a token keeps its scheme and host: `https://host/[url]`.
    Redacting the result again changes nothing: rounds go on until nothing is found, since a number taken out may leave
    one beside it standing alone. Each round takes out characters that no other puts back, so they end.
    """
    found: set[PiiClass] = set()
    for done in count():
        before = text
        if done == _ROUNDS:
            text = _put(text, _as(PiiClass.PHONE, [run.span() for run in _DIGITS.finditer(text)]), found)
        for pii, spans in _WORDS:
            text = _put(text, _as(pii, spans(text)), found)
        digits = digits_of(text)
        has_digit = digits.many > 0
        if has_digit:
            for pii, numbers in _UNCUED_NUMBERS:
                text, digits = _without(text, digits, _as(pii, numbers(text, digits)), found)
            text, digits = _without(text, digits, _ids(text, digits, kept), found)
        text, digits = _without(text, digits, _cued(text), found)
        if has_digit:
            text, digits = _without(text, digits, _as(PiiClass.IP_ADDRESS, ip_addresses(text, digits)), found)
            text = _put(text, _as(PiiClass.PHONE, phones(text, region, digits)), found)
        if text == before:
            break
    return Redacted(text=text, classes=tuple(pii for pii in PiiClass if pii in found) if found else ())


def sure_classes(text: str) -> frozenset[PiiClass]:
    """Return the classes of what a check digit or a fixed format alone makes sure, wherever the text is from."""
    found = {PiiClass.EMAIL} if _emails(text) else set()
    digits = digits_of(text)
    if digits.many:
        nhs, others = national_ids(text, digits)
        found |= {pii for pii, spans in _PAYMENTS if spans(text, digits)}
        found |= {PiiClass.NHS_NUMBER} if nhs else set()
        found |= {PiiClass.NATIONAL_ID} if others else set()
    return frozenset(found)


def _emails(text: str) -> Sequence[Span]:
    """Look around each @ alone, with room for the longest address that it may be in."""
    spans: list[Span] = []
    behind = 0
    for at in _AT.finditer(text) if "@" in text or "\uff20" in text else ():
        start, end = max(behind, at.start() - _BEFORE_AT), at.end() + _BEHIND_AT
        found = _EMAIL.search(text, start, end) if at.start() >= behind else None
        if found is not None and found.start() < at.start():
            spans.append(found.span())
            behind = found.end()
    return spans


# Links come first because they may hold an address; checksums come before phones because they are the surer sign.
_WORDS: tuple[tuple[PiiClass, Callable[[str], Sequence[Span]]], ...] = (
    (PiiClass.URL, secret_links),
    (PiiClass.EMAIL, _emails),
)
_PAYMENTS: tuple[tuple[PiiClass, Callable[[str, Digits], Sequence[Span]]], ...] = (
    (PiiClass.IBAN, ibans),
    (PiiClass.CARD, cards),
)
_UNCUED_NUMBERS = (*_PAYMENTS, (PiiClass.ADDRESS, addresses))


def _cued(text: str) -> Sequence[_Found]:
    """Find what cues announce, which may be of several classes."""
    return [(*one.span, _CUED[one.rule][0]) for one in _CUES.find(text)]


def _ids(text: str, digits: Digits, kept: Collection[str]) -> Sequence[_Found]:
    nhs, others = national_ids(text, digits, kept)
    spans = [(*span, PiiClass.NHS_NUMBER) for span in nhs] + [(*span, PiiClass.NATIONAL_ID) for span in others]
    return sorted(spans)


def _as(pii: PiiClass, spans: Sequence[Span]) -> Sequence[_Found]:
    return [(start, end, pii) for start, end in spans]


def _without(text: str, digits: Digits, spans: Sequence[_Found], found: set[PiiClass]) -> tuple[str, Digits]:
    """Put placeholders into the text, and say where the digits then are."""
    if not spans:
        return text, digits
    text = _put(text, spans, found)
    return text, digits_of(text)


def _put(text: str, spans: Sequence[_Found], found: set[PiiClass]) -> str:
    """Put a placeholder into the place of each span; they are in ascending order and do not overlap."""
    if not spans:
        return text
    parts: list[str] = []
    at = 0
    for start, end, pii in spans:
        found.add(pii)
        parts += (text[at:start], f"[{pii}]")
        at = end
    return "".join((*parts, text[at:]))
