"""Text -> where it holds what only its name beside it betrays: ids without a sure check, documents, birthdays, plates.

Behind its name a value goes whether its check digit is right or not: who mistypes a number is known by it all the same.
"""

import re
from collections.abc import Iterable, Sequence

from service.core.redact.cues import Rule, Span
from service.core.redact.shapes import FILL

_NHS = re.compile(rf"{FILL}(\d(?:[ \u00a0.-]?\d){{9}})(?!\w)", re.IGNORECASE)
_ID = re.compile(
    rf"{FILL}([A-Z]{{0,2}}[ .-]?\d(?:[ \u00a0./-]{{0,2}}\d){{5,14}}(?:[ .-]?(?-i:[A-Z])|[A-Z]{{1,2}})?"
    r"|(?=[A-Z]{6}\d)[A-Z0-9]{16})(?!\w)",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    rf"(?i:{FILL})((?=(?:[A-Z ]{{0,8}}\d){{3}})[A-Z0-9]{{6,18}}(?!\w)"
    r"|(?=(?:[A-Z -]{0,8}\d){4})[A-Z0-9]{1,9}(?:[ -][A-Z0-9]{1,9}){1,4}(?!\w))"
)
_LOCAL_IP = re.compile(rf"{FILL}((?:\d{{1,3}}\.){{3}}\d{{1,3}})(?![\w-]|\.\d)", re.IGNORECASE)
_PLATE = re.compile(
    rf"(?i:{FILL})((?=[A-ZÄÖÜ -]{{0,7}}\d)(?=[\d -]{{0,6}}[A-ZÄÖÜ])"
    r"[A-ZÄÖÜ0-9]{1,8}(?:[ -][A-ZÄÖÜ0-9]{1,5}){0,3})(?!\w)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|\.|º|ª)?"
_DATE = re.compile(
    r"[^\d\n;!?]{0,24}?"
    r"(\d{1,2}[ ]?[./-][ ]?\d{1,2}[ ]?[./-][ ]?(?:\d{4}|\d\d)|\d{4}[./-]\d{1,2}[./-]\d{1,2}"
    rf"|{_DAY}[ -](?:of[ ]|de[ ])?[^\W\d_]{{3,10}}\.?,?[ -](?:de[ ]|del[ ])?(?:\d{{4}}|\d\d)"
    r"|(?<![^\W_])[^\W\d_]{3,10}\.?[ ]\d{1,2}(?:st|nd|rd|th)?,?[ ]\d{4})(?!\d)",
    re.IGNORECASE,
)

_IP_NAMES = ("ip", "ip address", "ip-adresse", "adresse ip", "dirección ip", "indirizzo ip", "ip-adres")
_NHS_NAMES = ("nhs number", "nhs no", "nhs no.", "nhs num", "nhs nr", "nhs", "nhs id", "health service number")
_ID_NAMES = (
    *("national insurance number", "national insurance", "national insurance no", "ni number", "ni no", "nino"),
    *("social security number", "social security", "ssn", "social insurance number", "tax id", "national id"),
    *("ppsn", "pps number"),
    *("steuer-id", "steuerid", "steuernummer", "steueridentifikationsnummer", "steuer-identifikationsnummer"),
    *("idnr", "identifikationsnummer"),
    *("sozialversicherungsnummer", "rentenversicherungsnummer", "versichertennummer"),
    *("krankenversichertennummer", "svnr", "ahv"),
    *("sécurité sociale", "numéro de sécurité sociale", "sécu", "n° de sécu", "nir", "numéro fiscal"),
    *("numéro national",),
    *("dni", "nie", "nif", "n.i.f", "d.n.i", "seguridad social", "número de la seguridad social"),
    *("codice fiscale", "c.f", "cod. fisc", "cod.fisc", "partita iva", "tessera sanitaria"),
    *("bsn", "burgerservicenummer", "sofinummer", "sofi-nummer", "bsn-nummer", "rijksregisternummer"),
    *("contribuinte", "pesel", "cpf", "cpr", "personnummer", "fødselsnummer", "henkilötunnus"),
)
_DOCUMENT_NAMES = (
    *("passport", "passport number", "passport no", "passport no.", "driving licence", "driving license"),
    *("driver's license",),
    *("drivers license", "driver license", "driving licence number", "identity card", "id card", "residence permit"),
    *("reisepass", "reisepassnummer", "passnummer", "personalausweis", "personalausweisnummer"),
    *("ausweisnummer", "führerschein"),
    *("führerscheinnummer", "passeport", "numéro de passeport", "permis de conduire", "carte d'identité"),
    *("titre de séjour",),
    *("pasaporte", "permiso de conducir", "carnet de conducir", "carné de conducir", "documento de identidad"),
    *("passaporto", "patente", "patente di guida", "carta d'identità", "permesso di soggiorno"),
    *("paspoort", "paspoortnummer", "rijbewijs", "rijbewijsnummer", "identiteitskaart", "identiteitsbewijs"),
    *("passaporte",),
)
_BIRTH_NAMES = (
    *("born", "born on", "date of birth", "dob", "d.o.b", "birth date", "birthdate", "birthday is", "birthday:"),
    *("geboren am", "geboren", "geburtsdatum", "geb.", "geburtstag ist", "né le", "née le", "né", "née"),
    *("date de naissance",),
    *("nací el", "nacido el", "nacida el", "nací", "nacido", "nacida", "fecha de nacimiento", "nato il"),
    *("nata il", "nato a", "nata a"),
    *("data di nascita", "geboren op", "geboortedatum", "nascido em", "nascida em", "data de nascimento"),
)
# `Ich bin am 12. Mai 1980 geboren`.
_BEFORE_BIRTH = re.compile(
    rf"\bam[ ](\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d\d)|{_DAY}[ ][^\W\d_]{{3,10}}[ ]\d{{4}})[ ]"
    r"(?:in[ ][^\W\d_]{2,20}[ ])?\Z",
    re.IGNORECASE,
)
_LOOK_BACK = 48
_PLATE_NAMES = (
    *("number plate", "numberplate", "licence plate", "license plate", "registration", "registration number"),
    *("registration plate",),
    *("reg number", "reg no", "vehicle reg", "reg plate", "kennzeichen", "nummernschild", "plaque"),
    *("plaque d'immatriculation",),
    *("immatriculation", "immatriculée", "immatriculé", "matrícula", "matricula", "targa", "targato", "targata"),
    *("kenteken", "kentekenplaat", "nummerplaat"),
)


def ip_rules() -> Sequence[tuple[Rule, Iterable[str]]]:
    return ((_by(_LOCAL_IP), _IP_NAMES),)


def id_rules() -> Sequence[tuple[Rule, Iterable[str]]]:
    return ((_by(_ID), _ID_NAMES),)


def nhs_rules() -> Sequence[tuple[Rule, Iterable[str]]]:
    return ((_by(_NHS), _NHS_NAMES),)


def document_rules() -> Sequence[tuple[Rule, Iterable[str]]]:
    return ((_by(_TOKEN), _DOCUMENT_NAMES),)


def birth_rules() -> Sequence[tuple[Rule, Iterable[str]]]:
    return ((_by(_DATE), _BIRTH_NAMES), (_before_birth, ("geboren",)))


def plate_rules() -> Sequence[tuple[Rule, Iterable[str]]]:
    return ((_by(_PLATE), _PLATE_NAMES),)


def _by(value: re.Pattern[str]) -> Rule:
    def rule(text: str, _start: int, end: int) -> Span | None:
        found = value.match(text, end)
        return None if found is None else found.span(1)

    return rule


def _before_birth(text: str, start: int, _end: int) -> Span | None:
    found = _BEFORE_BIRTH.search(text, max(0, start - _LOOK_BACK), start)
    return None if found is None else found.span(1)
