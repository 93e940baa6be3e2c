"""Text -> where it holds IBANs, card numbers, IP addresses and phone numbers, as (start, end) in ascending order.

What neither a checksum nor a strict form confirms is left alone, so that order numbers, ticket numbers and dates live.
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import AddressValueError, IPv6Address

from phonenumbers import PhoneNumberMatcher

from service.core.redact.cues import Span
from service.core.redact.digits import REACH, Digits

# Characters of an IBAN by country, from the SWIFT registry (ISO 13616).
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
    "YE": 30,
}  # fmt: skip
_IBAN_START = re.compile(r"[A-Za-z]{2}\d{2}")
_IBAN_REST = {
    length: re.compile(rf"(?:[ \t\u00a0\u202f.-]{{0,2}}[A-Za-z\d]){{{length - 4}}}")
    for length in set(_IBAN_LENGTHS.values())
}

_GROUPS = re.compile(r"\d+(?:[ \t\u00a0\u202f\u2010\u2011\u2013-]{1,3}\d+)*")
_GROUP = re.compile(r"\d+")
_CARD_DIGITS = range(13, 20)
# Cards are written in groups of four or more; groups of one and two are scores and dates. The last may be short.
_CARD_GROUP = 3
# 20260504091231 and 1777885951000 are times; no issuer has such numbers.
_TIME = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|1\d{12}\Z")

_IP_ADDRESS = re.compile(
    r"(?<![\w.:/@\[-])(?:(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)|(?:[0-9a-f]{1,4}:){2,7}(?::|[0-9a-f:]{1,39})(?![\w:]))",
    re.IGNORECASE,
)
# Fast to find, and one of them within every such address.
_LIKE_IP = re.compile(r"\d\.\d{1,3}\.\d")
_LIKE_IP_6 = re.compile(r":[0-9a-fA-F]{0,4}:")
# Addresses of local nets (RFC 1918) and of the machine itself.
_LOCAL = re.compile(r"(?:0|10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.")
_OCTET = range(256)
# Four small numbers are a version or a paragraph.
_NUMBERED = re.compile(r"(?:\bv|version|build|firmware|release|section|paragraph|chapter|clause)\.? ?\Z", re.IGNORECASE)
_NUMBERED_LENGTH = 12

# With fewer the matcher takes a part of a price for a number.
_PHONE_DIGITS = 6
_SEVEN = 7
# The matcher is slow, so that only texts with seven digits near one another get to it.
_SEVEN_DIGITS = re.compile(r"\d(?:\D{0,4}\d){6}")
# Plainly meant as a phone number, though no number plan may know it: with + or 00, or a trunk 0 and ten digits or more.
_MEANT_AS_PHONE = re.compile(
    r"(?<![\w#+-])(?<!\d[.,/])"
    r"(?:(?:\+ ?|00)(?:[ \u00a0().-]{0,3}\d){8,14}|\(?0(?=[1-9(])(?:[ \u00a0()./-]{0,3}\d){9,11})(?![\w-])"
)
# 06.12.34.56.78 goes on with its separator and is no date.
_DATE = re.compile(r"\d\d?([./-])\d\d?\1(?:(?:19|20)\d\d(?!\d)|\d\d(?!\1?\d))|(?:19|20)\d\d([./-])\d\d?\2\d\d?(?!\d)")
# SO-12345678 or #12345678 is a reference however valid its digits are.
_REFERENCE = re.compile(r"(?:(?<!\w)(?!TEL|PH|MOB|FAX)[A-Z]{2,10}[-_/]|[#\u2116] ?)\Z")
_REFERENCE_LENGTH = 12
# Such references as a whole. No number reaches into one from before it, since letters stand between; beyond 20 digits
# the matcher begins anew within them.
_WHOLE_REFERENCE = re.compile(r"(?<!\w)(?!TEL|PH|MOB|FAX)[A-Z]{2,10}[-_/]([0-9]{1,20})(?![0-9])")
# No word for an extension is as long, which with any gap around it may stand between two groups of one number.
_APART = re.compile(r"[^ \t\u00a0,-](?:[ \t\u00a0,-]*[^ \t\u00a0,-]){15}")


def ibans(text: str, digits: Digits) -> Sequence[Span]:
    """Find IBANs of registered length that pass mod 97 (ISO 7064), spaced or not, in either case, glued or not."""
    spans: list[Span] = []
    for start in _near(_IBAN_START, text, digits):
        length = _IBAN_LENGTHS.get(text[start.start() : start.start() + 2].upper())
        rest = None if length is None else _IBAN_REST[length].match(text, start.end())
        if rest is None or (spans and start.start() < spans[-1][1]):
            continue
        account = "".join(filter(str.isalnum, rest[0])) + start[0]
        if int("".join(str(int(character, 36)) for character in account)) % 97 == 1:
            spans.append((start.start(), rest.end()))
    return spans


def cards(text: str, digits: Digits) -> Sequence[Span]:
    """Find 13 to 19 digits that pass the check of Luhn (ISO 7812), in one or more groups, among other groups too."""
    spans: list[Span] = []
    if digits.many < _CARD_DIGITS.start:
        return spans
    for run in _near(_GROUPS, text, digits):
        if run.end() - run.start() >= _CARD_DIGITS.start:
            spans += _cards_among([group.span() for group in _GROUP.finditer(text, *run.span())], text)
    return spans


def ip_addresses(text: str, digits: Digits) -> Sequence[Span]:
    """Find addresses of the internet, of either version; those of a local net name nobody."""
    if ":" in text and _LIKE_IP_6.search(text) is not None:
        return [found.span() for found in _IP_ADDRESS.finditer(text) if _is_public(found, text)]
    return [
        found.span()
        for start, end in digits.near
        if _LIKE_IP.search(text, start, end) is not None
        for found in _IP_ADDRESS.finditer(text, start, end)
        if _is_public(found, text)
    ]


def phones(text: str, region: str, digits: Digits) -> Sequence[Span]:
    """Find numbers that are valid in `region` or with their country code; when there are none, those meant as such."""
    if digits.many < _SEVEN or not any(_SEVEN_DIGITS.search(text, start, end) for start, end in digits.near):
        return ()
    if digits.many - sum(len(found[1]) for found in _near(_WHOLE_REFERENCE, text, digits)) < _PHONE_DIGITS:
        return ()
    valid = _trusted(list(_valid(text, region, digits)), text)
    return valid or _trusted([found.span() for found in _near(_MEANT_AS_PHONE, text, digits)], text)


def _valid(text: str, region: str, digits: Digits) -> Iterable[Span]:
    """Let the matcher look at one part of the text after another; what it asks of a number it finds beside it."""
    parts: list[Span] = []
    for start, end in digits.near:
        if parts and _APART.search(text, parts[-1][1] - REACH, start + REACH) is None:
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    for start, end in parts:
        part = text[start:end]
        if sum(map(str.isdecimal, part)) >= _PHONE_DIGITS:
            for found in PhoneNumberMatcher(part, region):
                yield start + found.start, start + found.end


def _near(pattern: re.Pattern[str], text: str, digits: Digits) -> Iterable[re.Match[str]]:
    return (found for start, end in digits.near for found in pattern.finditer(text, start, end))


def _trusted(candidates: Sequence[Span], text: str) -> Sequence[Span]:
    """Leave out prices, dates and references, and a bracket that the number does not close."""
    return [
        (start + (text[start] == "(" and ")" not in text[start:end]), end)
        for start, end in candidates
        if sum(map(str.isdigit, text[start:end])) >= _PHONE_DIGITS
        and not _DATE.match(text, start)
        and not _REFERENCE.search(text, max(0, start - _REFERENCE_LENGTH), start)
    ]


def _cards_among(groups: Sequence[Span], text: str) -> Sequence[Span]:
    """Join every window of groups that is a card number, so that no order of looking leaves a part of one behind."""
    spans: list[Span] = []
    for first, (start, _) in enumerate(groups):
        digits = ""
        for group_start, end in groups[first : first + _CARD_DIGITS.stop]:
            digits += text[group_start:end]
            if len(digits) >= _CARD_DIGITS.stop:
                break
            if len(digits) in _CARD_DIGITS and _luhn(digits) and not _TIME.match(digits):
                joined = spans and start < spans[-1][1]
                spans[-1:] = [(spans[-1][0], max(end, spans[-1][1]))] if joined else [*spans[-1:], (start, end)]
            if end - group_start < _CARD_GROUP:
                break
    return spans


def _luhn(digits: str) -> bool:
    odd = sum(int(digit) for digit in digits[-1::-2])
    even = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (odd + even) % 10 == 0


def _is_public(found: re.Match[str], text: str) -> bool:
    start = found.start()
    if ":" in found[0]:
        try:
            address = IPv6Address(found[0])
        except AddressValueError:
            return False
        return not (address.is_loopback or address.is_link_local or address.is_unspecified)
    if max(map(len, found[0].split("."))) == 1 or _NUMBERED.search(text, max(0, start - _NUMBERED_LENGTH), start):
        return False
    return _LOCAL.match(found[0]) is None and all(int(part) in _OCTET for part in found[0].split("."))
