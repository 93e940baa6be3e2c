"""Text -> where it holds postal addresses: a street with its postcode and town, or a street behind `my address is`.

A postcode is looked for first, by the patterns of its country, and the street before it. A bare number of five digits is
none: only with a street and a town is it one. Postcodes of Great Britain and Canada, and an American town with state and
ZIP, are addresses by themselves. Each look back and forth is bounded, so that the cost is linear.
"""

import re
from collections.abc import Iterable, Sequence

from service.core.redact.cues import Rule, Span
from service.core.redact.shapes import CAPITAL_WORD, CAPITALS

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
_WORD = rf"(?-i:{CAPITAL_WORD}\.?)"
_LINKING = r"(?:v[ao]n|de[lrn]?|des|de[lr]l[aeo]|dei|degli|d[aiu]|dos|das|l[ae]s?|los|het|het|zu[mr]?|am|an|im|auf|'t|y|e|i|en|et|ter|ten)"
_WORDS = rf"{_WORD}(?:[ -](?:{_LINKING}[ ]){{0,3}}{_WORD}){{0,4}}"
_JOINT = r"[ \u00a0]{0,2}[,;|]?[\s\u00a0]{1,3}"
_HOUSE = r"\d{1,4}(?!\d)(?:[ ]?(?:[a-zA-Z]|bis)(?!\w))?(?:[/-]\w{1,4})?"

_ENGLISH = r"(?:(?:flat|apartment|apt|unit|suite|room|studio)\.?[ ]?\w{1,5},?\s)?\d{1,5}[a-zA-Z]?(?:[-/]\d{1,4})?,?\s"
_BRITISH = re.compile(
    rf"{_ENGLISH}(?:(?:{_WORD}|upon|on|under|le|the|of|in|by|near|cum),?\s{{1,2}}){{1,9}}\Z", re.IGNORECASE
)

_TOWN_BEFORE = re.compile(rf"(?:{CAPITAL_WORD}[ ]){{0,2}}{CAPITAL_WORD},[ ]\Z")

_GERMAN = (
    rf"(?:(?:{_WORD}[ -]){{0,3}}(?:[{CAPITALS}][\w'\u2019-]{{0,30}})?"
    r"(?:[Ss]tra(?:ß|ss)e|[Ss]tr\.|[Ww]eg|[Pp]latz|[Aa]llee|[Gg]asse|[Rr]ing|[Dd]amm|[Uu]fer|[Cc]haussee|[Ss]tei[gn]|[Pp]fad|[Mm]arkt|"
    r"[Hh]of|[Bb]erg|[Gg]raben|[Ss]tieg|[Kk]amp|[Ww]all|[Bb]rücke|[Pp]ark|[Ff]eld|[Gg]rund|[Ww]inkel|[Rr]ain|[Pp]romenade|[Hh]öhe|"
    r"[Vv]ej|[Gg]ade|[Vv]eien|[Vv]ei|[Gg]at[ae]n?|[Vv]ägen|[Ss]traat|[Ll]aan|[Pp]lein|[Gg]racht|[Kk]ade|[Dd]ijk|[Ss]ingel|[Dd]reef)"
    rf"|(?:A[mn]|Auf|Im|In|Zu[mr]|Unter|Hinter|Vor)[ ](?:de[nmr][ ])?{_WORD}(?:[ ]{_WORD})?)[ ]{_HOUSE}"
)
_FRENCH = (
    r"\d{1,4}(?:[ ]?(?:bis|ter|quater|[A-D]))?,?[ ](?:rue|av(?:enue|\.)|b(?:oulevard|d|ld)\.?|pl(?:ace|\.)|chemin|all[ée]es?|impasse|"
    r"route|quai|cours|square|passage|faubourg|fbg|cité|lotissement|résidence|villa|sentier|esplanade|montée|voie)[ ]"
    rf"(?:(?:de|du|des|la|le|les)[ ]|[dl]['\u2019]){{0,3}}[^\W\d_][\w'\u2019.-]{{0,30}}(?:[ -](?:{_LINKING}[ ]){{0,3}}{_WORD}){{0,4}}"
)
_SPANISH = (
    r"(?:c(?:alle|arrer|/|\.)|av(?:enida|da|inguda|gda)?\.?|pl(?:aza|aça|za|\.)|pza\.?|p(?:aseo|asseig|º)\.?|ronda|camino|carretera|"
    rf"traves[íi]a|glorieta|rambla|rua|travessa|largo|praça|ul\.|al\.|os\.)[ ]?(?:{_LINKING}[ ]){{0,3}}{_WORDS},?[ ](?:n\.?[ºo°]?\.?[ ]?)?\d{{1,4}}"
    r"(?:[ ]?[A-Za-z](?!\w))?(?:,?[ ]?\d{1,2}[ºª°](?:[ ][A-Za-z]{1,3}\b)?)?"
)
_ITALIAN = (
    r"(?:via(?:le)?|piazza(?:le)?|p\.?zza|corso|c\.so|largo|vicolo|strada|contrada|lungo\w{3,12})[ ]"
    rf"(?:{_LINKING}[ ]){{0,2}}(?:dell['\u2019])?{_WORDS},?[ ](?:n\.?[°ºo]?[ ]?)?\d{{1,4}}(?:[ ]?/?[ ]?[A-Za-z](?!\w))?"
)
_DUTCH = rf"{_WORDS}[ ]{_HOUSE}"
_CONTINENTAL = rf"(?<![\w'\u2019])(?:{_GERMAN}|(?i:{_FRENCH})|(?i:{_SPANISH})|(?i:{_ITALIAN}))"
_CONTINENTAL_BEFORE = re.compile(rf"{_CONTINENTAL}{_JOINT}\Z")
_DUTCH_BEFORE = re.compile(rf"(?<![\w'\u2019]){_DUTCH}{_JOINT}\Z")
_TOWN = re.compile(
    r"[ \u00a0]{1,2}(?:(?:Bad|Sankt|St\.?|San(?:t[oae]?)?|Saint|L[aeo]s?|Los|El|Den|New|Reggio|Torre|Castel|Monte|Villa|Porto|Nieuw|Oud|Alt|"
    rf"Neu|Gro(?:ß|ss)|Klein|Santa[ ]Cruz|Ciudad|Jerez)[ ])?(?:'s-|L'|l')?{CAPITAL_WORD}"
    r"(?:[ ](?:am[ ](?:Main|Rhein|Neckar|See|Inn|Lech)|im[ ](?:Breisgau|Allgäu)|(?:an|ob|in|vor|auf|bei)[ ]de[rnm]|aan[ ]de[nr]?|op|"
    rf"sur|del?|de[ ]l[ao]s?|di|d'|upon)(?:(?<=[nrek])(?<!Main)(?<!Rhein)(?<!See)[ ](?:Gran[ ])?{CAPITAL_WORD}|[ ](?:Gran[ ])?{CAPITAL_WORD})?)?"
    r"(?:[ ]\(?[A-Z]{2}\)?(?!\w))?"
)
_ENGLISH_HERE = rf"{_ENGLISH}(?:the[ ])?{_WORD}(?:[ ](?:(?:of|the|on)[ ])?{_WORD}){{0,3}}"
_STREET_HERE = re.compile(
    r"(?:[\s:,]|\b(?:is|at|lautet|ist|nun|jetzt|est|es|è|in|im|an|der|dem|au|à|en|op|aan|de|the|now|dans|le|la|new|auf|sita|calle(?=[ ]en))\b)"
    rf"{{0,6}}?(?<!\w)(?!IP\b)((?i:{_ENGLISH_HERE})|{_CONTINENTAL}|{_DUTCH})(?![.:]\w)(?:,?[ ](?:[A-Z]-)?\d{{4,5}}{_TOWN.pattern})?"
)
_HOMES = (
    *(
        "i live at",
        "i live in",
        "we live at",
        "lives at",
        "living at",
        "my address",
        "my address is",
        "address",
        "address is",
    ),
    *("home address", "delivery address", "ich wohne", "wir wohnen", "wohnhaft", "anschrift", "adresse", "j'habite"),
    *(
        "nous habitons",
        "domicilié",
        "domiciliée",
        "vivo en",
        "vivimos en",
        "domicilio",
        "dirección",
        "abito in",
        "abitiamo in",
    ),
    *("indirizzo", "residente in", "ik woon", "wij wonen", "woonachtig", "adres", "moro na", "morada", "endereço"),
)
_POSTCODES = (
    *("postcode", "post code", "postal code", "zip code", "zip", "postleitzahl", "plz", "code postal", "código postal"),
    "cap",
)


def address_rules() -> Sequence[tuple[Rule, Iterable[str]]]:
    return ((_at_home, _HOMES), (_named_code, _POSTCODES))


def addresses(text: str) -> Sequence[Span]:
    """Find postcodes, each with the street before it and the town behind it."""
    if _LIKE_CODE.search(text) is None:
        return ()
    spans: list[Span] = []
    for code in _CODE.finditer(text):
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
            town = _TOWN.match(text, code.end())
            found = None if town is None else _CONTINENTAL_BEFORE.search(text, floor, start)
            return None if town is None or found is None else (found.start(), town.end())


def _british(text: str, floor: int, end: int) -> int | None:
    found = _BRITISH.search(text, floor, end)
    return None if found is None else found.start()


def _at_home(text: str, _start: int, end: int) -> Span | None:
    found = _STREET_HERE.match(text, end)
    return None if found is None else (found.start(1), found.end())


def _named_code(text: str, _start: int, end: int) -> Span | None:
    found = _NAMED_CODE.match(text, end)
    return None if found is None else found.span(1)
