"""Text -> where it holds postal addresses: a street with its postcode and town, or a street behind `my address is`.

A postcode is looked for first, by the patterns of its country, and the street before it. A bare number of five digits
is none: only with a street and a town is it one. Postcodes of Great Britain and Canada, and an American town with state
and ZIP, are addresses by themselves. Each look back and forth is bounded, so that the cost is linear.
"""

import re
from collections.abc import Iterable, Sequence

from service.core.redact.cues import Rule, Span
from service.core.redact.digits import Digits
from service.core.redact.shapes import CAPITAL_WORD
from service.core.redact.streets import CONTINENTAL, DUTCH, ENGLISH_HOUSE, ENGLISH_PARTS, TOWN, WORD

_LOOK_BACK = 90
_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_CODE = re.compile(
    r"(?<![\w-])(?:"
    r"(?P<british>(?:GIR|[A-PR-UWYZ][A-HK-Y]?\d[\dA-HJKMNPR-Y]?)[ \u00a0]\d[ABD-HJLNP-UW-Z]{2})"
    r"|(?P<canadian>[ABCEGHJ-NPRSTVXY]\d[A-Z][ \u00a0]\d[A-Z]\d)"
    r"|(?P<dutch>[1-9]\d{3}[ \u00a0]?(?!S[ADS])[A-Z]{2})"
    rf"|(?P<american>(?:{_STATES})[ \u00a0]\d{{5}}(?:-\d{{4}})?)"
    rf"|(?P<australian>(?:NSW|VIC|QLD|TAS|ACT|WA|SA|NT)[ \u00a0]\d{{4}})"
    r"|(?P<portuguese>\d{4}-\d{3}|\d\d-\d{3}|\d{3}[ \u00a0]\d\d)"
    r"|(?P<continental>(?:[A-Z]{1,2}-)?\d{4,5})"
    r")(?![\w-]|[.,]\d)"
)
# Fast to find, and within every postcode.
_LIKE_CODE = re.compile(r"\d(?:\d(?:[ \u00a0-]\d|\d[ \u00a0\d-])|[A-Z][A-Z\d])")
# Without a street before it this is rather an amount or a time.
_AMOUNT = re.compile(r"(?:EU|UK|US|[AP]M|TV|PC|[GMKT]B|K[MG]|[CM]M|ML|PS|HP|CV|CT|IT|OK|ST|NR)\Z")
# Written small or without its gap, a British postcode is only known behind its name.
_NAMED_CODE = re.compile(
    r"[ \t:=]{0,3}(?:is |: ?)?([A-Z][A-Z]?\d[\dA-Z]?[ \u00a0]?\d[A-Z]{2}|\d{4}[ \u00a0]?[A-Z]{2}|\d{5})(?!\w)",
    re.IGNORECASE,
)
_JOINT = r"[ \u00a0]{0,2}[,;|]?[\s\u00a0]{1,3}"
_BRITISH = re.compile(rf"{ENGLISH_HOUSE}(?:(?:{WORD}|{ENGLISH_PARTS}),?\s{{1,2}}){{1,10}}\Z", re.IGNORECASE)
_TOWN_BEFORE = re.compile(rf"(?:{CAPITAL_WORD}[ ]){{0,2}}{CAPITAL_WORD},[ ]\Z")
_CONTINENTAL_BEFORE = re.compile(rf"{CONTINENTAL}{_JOINT}(?P<town>{CAPITAL_WORD}(?:[ -]{CAPITAL_WORD}){{0,2}},[ ])?\Z")
_DUTCH_BEFORE = re.compile(rf"{DUTCH}{_JOINT}\Z")
_TOWN = re.compile(TOWN)
_HERE = (
    r"(?:[\s:,]|\b(?:is|at|lautet|ist|nun|jetzt|est|es|è|in|im|an|auf|der|dem|au|à|en|op|aan|de|the|now|dans|le|la|new)\b)"
    r"{0,6}?(?<!\w)(?!IP\b)"
)
_ENGLISH_HERE = rf"(?i:{ENGLISH_HOUSE}(?:the[ ])?{WORD}(?:[ ](?:(?:of|the|on)[ ])?{WORD}){{0,3}})"
_STREET_HERE = re.compile(
    rf"{_HERE}({_ENGLISH_HERE}|{CONTINENTAL}|{DUTCH})(?![.:]\w)(?:,?[ ](?:[A-Z]-)?\d{{4,5}}{TOWN})?"
)
_HOMES = (
    *("i live at", "i live in", "we live at", "lives at", "living at", "address", "address is", "home address"),
    *("ich wohne", "wir wohnen", "wohnhaft", "anschrift", "adresse", "j'habite", "nous habitons", "domicilié"),
    *("domiciliée", "vivo en", "vivimos en", "domicilio", "dirección", "abito in", "abitiamo in", "indirizzo"),
    *("residente in", "ik woon", "wij wonen", "woonachtig", "adres", "moro na", "morada", "endereço"),
)
_POSTCODES = (
    *("postcode", "post code", "postal code", "zip code", "zip", "postleitzahl", "plz", "code postal", "código postal"),
    "cap",
)


def address_rules() -> Sequence[tuple[Rule, Iterable[str]]]:
    return ((_at_home, _HOMES), (_named_code, _POSTCODES))


def addresses(text: str, digits: Digits) -> Sequence[Span]:
    """Find postcodes, each with the street before it and the town behind it."""
    spans: list[Span] = []
    for start, end in digits.near:
        if _LIKE_CODE.search(text, start, end) is None:
            continue
        for code in _CODE.finditer(text, start, end):
            if spans and code.start() < spans[-1][1]:
                continue
            found = _around(text, code, spans[-1][1] if spans else 0)
            if found is not None:
                spans.append(found)
    return spans


def _around(text: str, code: re.Match[str], behind: int) -> Span | None:
    floor = max(behind, code.start() - _LOOK_BACK)
    start = code.start()
    match code.lastgroup:
        case "british" | "canadian" | "australian" | "american":
            street = _british(text, floor, start)
            if street is not None:
                return street, code.end()
            if code.lastgroup in ("british", "canadian"):
                return code.span()
            town = _TOWN_BEFORE.search(text, floor, start)
            return None if town is None else (town.start(), code.end())
        case "dutch" | "portuguese":
            town = _TOWN.match(text, code.end())
            before = _DUTCH_BEFORE if code.lastgroup == "dutch" else _CONTINENTAL_BEFORE
            found = before.search(text, floor, start)
            if found is None and (town is None or code.lastgroup != "dutch" or _AMOUNT.search(code[0])):
                return None
            return (found or code).start(), (town or code).end()
        case _:
            found = _CONTINENTAL_BEFORE.search(text, floor, start)
            if found is None:
                return None
            if found["town"] is not None:
                return found.start(), code.end()
            town = _TOWN.match(text, code.end())
            return None if town is None else (found.start(), town.end())


def _british(text: str, floor: int, end: int) -> int | None:
    found = _BRITISH.search(text, floor, end)
    return None if found is None else found.start()


def _at_home(text: str, _start: int, end: int) -> Span | None:
    found = _STREET_HERE.match(text, end)
    return None if found is None else (found.start(1), found.end())


def _named_code(text: str, _start: int, end: int) -> Span | None:
    found = _NAMED_CODE.match(text, end)
    return None if found is None else found.span(1)
