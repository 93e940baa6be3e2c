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
_DIGIT = re.compile(r"\d")
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
            text = _replaced(text, [run.span() for run in _DIGITS.finditer(text)], PiiClass.PHONE, found)
        for pii, spans in _WORDS:
            text = _replaced(text, spans(text), pii, found)
        has_digit = _DIGIT.search(text) is not None
        if has_digit:
            for pii, spans in _PAYMENTS:
                text = _replaced(text, spans(text), pii, found)
            text = _replaced(text, addresses(text), PiiClass.ADDRESS, found)
            text = _without_ids(text, kept, found)
        text = _uncued(text, found)
        if has_digit:
            text = _replaced(text, ip_addresses(text), PiiClass.IP_ADDRESS, found)
            text = _replaced(text, phones(text, region), PiiClass.PHONE, found)
        if text == before:
            break
    return Redacted(text=text, classes=tuple(pii for pii in PiiClass if pii in found) if found else ())


def sure_classes(text: str) -> frozenset[PiiClass]:
    """Return the classes of what a check digit or a fixed format alone makes sure, wherever the text is from."""
    found = {PiiClass.EMAIL} if _emails(text) else set()
    if _DIGIT.search(text) is not None:
        nhs, others = national_ids(text)
        found |= {pii for pii, spans in _PAYMENTS if spans(text)}
        found |= {PiiClass.NHS_NUMBER} if nhs else set()
        found |= {PiiClass.NATIONAL_ID} if others else set()
    return frozenset(found)


def _emails(text: str) -> Sequence[Span]:
    if "@" not in text and "\uff20" not in text:
        return ()
    return [found.span() for found in _EMAIL.finditer(text)]


# Links come first because they may hold an address; checksums come before phones because they are the surer sign.
_WORDS: tuple[tuple[PiiClass, Callable[[str], Sequence[Span]]], ...] = (
    (PiiClass.URL, secret_links),
    (PiiClass.EMAIL, _emails),
)
_PAYMENTS: tuple[tuple[PiiClass, Callable[[str], Sequence[Span]]], ...] = (
    (PiiClass.IBAN, ibans),
    (PiiClass.CARD, cards),
)


def _uncued(text: str, found: set[PiiClass]) -> str:
    """Take out what cues announce, which may be of several classes."""
    return _put(text, [(*one.span, _CUED[one.rule][0]) for one in _CUES.find(text)], found)


def _without_ids(text: str, kept: Collection[str], found: set[PiiClass]) -> str:
    nhs, others = national_ids(text, kept)
    spans = [(*span, PiiClass.NHS_NUMBER) for span in nhs] + [(*span, PiiClass.NATIONAL_ID) for span in others]
    return _put(text, sorted(spans), found)


def _replaced(text: str, spans: Sequence[Span], pii: PiiClass, found: set[PiiClass]) -> str:
    return _put(text, [(start, end, pii) for start, end in spans], found) if spans else text


def _put(text: str, spans: Sequence[tuple[int, int, PiiClass]], found: set[PiiClass]) -> str:
    """Put a placeholder into the place of each span; they are in ascending order and do not overlap."""
    parts: list[str] = []
    at = 0
    for start, end, pii in spans:
        found.add(pii)
        parts += (text[at:start], f"[{pii}]")
        at = end
    return "".join((*parts, text[at:])) if parts else text
