"""Text -> where it holds national ids that a check digit or a fixed format confirms, and NHS numbers in their grouping.

A check that every eleventh number passes is not enough: such ids (BSN, PESEL, an NHS number without gaps) are found
behind their name alone, by `marked`. The checks are those that the authorities describe.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from string import ascii_uppercase

from service.core.redact.cues import Span
from service.core.redact.digits import Digits

# What is fast to find, and has every shape below within: only there the shapes are tried.
_RUN = re.compile(r"[\dA-Z][\dA-Z \u00a0./+-]{7,}")
_BEHIND = 2
_CAPITALS = bytes(ord("A") if chr(one) in ascii_uppercase else 0 for one in range(256))
_SIX_CAPITALS = b"AAAAAA"
_GAP = r"[ \u00a0.-]?"
_SHAPES = re.compile(
    # Behind a country code groups of digits are a telephone number.
    r"(?<![\w#/.@-])(?<!\+\d[ \u00a0])(?<!\+\d\d[ \u00a0])(?<!\+\d{3}[ \u00a0])(?:"
    r"(?P<fixed>"
    # United States: three, two and four digits, none of them all zero.
    r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}"
    # United Kingdom, national insurance.
    r"|(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\d\d[ -]?\d\d[ -]?\d\d[ -]?[A-D]"
    r")"
    rf"|(?P<nir>[1-478]{_GAP}\d\d{_GAP}(?:0[1-9]|1[0-2]|[2-9]\d){_GAP}(?:\d\d|2[AB]){_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d\d)"
    r"|(?P<nhs>\d{3}[ \u00a0-]\d{3}[ \u00a0-]\d{4})"
    r"|(?P<steuer>[1-9]\d[ \u00a0]\d{3}[ \u00a0]\d{3}[ \u00a0]\d{3})"
    r"|(?P<cpf>\d{3}\.\d{3}\.\d{3}-\d\d)"
    r"|(?P<rrn>\d\d\.\d\d\.\d\d-\d{3}\.\d\d)"
    r"|(?P<ahv>756\.?\d{4}\.?\d{4}\.?\d\d)"
    r"|(?P<dni>\d{8}[ -]?[A-Z]|\d{1,2}\.\d{3}\.\d{3}[ -]?[A-Z]|[XYZ][ -]?\d{7}[ -]?[A-Z])"
    r"|(?P<fiscal>[A-Z]{6}[ ]?[\dLMNP-V]{2}[A-EHLMPRST][\dLMNP-V]{2}[ ]?[A-Z][\dLMNP-V]{3}[A-Z])"
    r"|(?P<pension>\d\d[ ]?\d{6}[ ]?[A-Z][ ]?\d{3})"
    r"|(?P<nordic>\d{6}[-+A]\d{3}[0-9A-FHJ-NPR-Y]|19\d{6}-\d{4})"
    r"|(?P<czech>\d{6}/\d{4})"
    r"|(?P<chinese>\d{17}[\dX])"
    r"|(?P<thirteen>[1-8]\d{12})"
    r"|(?P<eleven>\d{11})"
    r")(?![\w-]|[.,]\d)"
)
_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21),
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        ),
        strict=True,
    )
)
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU_LETTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_ROMANIAN_COUNTIES = range(1, 53)
_DAYS, _MONTHS = range(1, 32), range(1, 13)
_CHINESE_CHECKS = "10X98765432"


def national_ids(text: str, digits: Digits, kept: Collection[str] = ()) -> tuple[Sequence[Span], Sequence[Span]]:
    """Return where NHS numbers are, ten digits as 3-3-4 that pass modulo 11, and where other ids are.

    One that is among `kept` as well, without its separators, is a reference and stays.
    """
    nhs: list[Span] = []
    others: list[Span] = []
    for start, end in ((0, len(text)),) if _may_be_spelt(text) else digits.near:
        for run in _RUN.finditer(text, start, end):
            for shape in _SHAPES.finditer(text, run.start(), run.end() + _BEHIND):
                kind = shape.lastgroup or ""
                bare = re.sub(r"[\s.\-+/]", "", shape[0])
                if kind == "fixed" or (bare.isascii() and bare not in kept and _CHECKS[kind](bare)):
                    (nhs if kind == "nhs" else others).append(shape.span())
    return nhs, others


def _may_be_spelt(text: str) -> bool:
    """Say whether there are six capitals in a row: an Italian number may have letters for all of its digits."""
    return _SIX_CAPITALS in text.encode(errors="replace").translate(_CAPITALS)


def _is_nhs(number: str) -> bool:
    return -_weighed(number[:9], range(10, 1, -1)) % 11 == int(number[9])


def _is_steuer_id(number: str) -> bool:
    """Modulo 11, 10 (ISO 7064), and of the first ten digits one twice or thrice, the others once at most."""
    counts = sorted(number[:10].count(digit) for digit in set(number[:10]))
    product = 10
    for digit in number[:10]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return number[0] != "0" and counts[-1] in (2, 3) and counts[-2] == 1 and (11 - product) % 10 == int(number[10])


def _is_nir(number: str) -> bool:
    body = number[:13].replace("2A", "19").replace("2B", "18") if number[5:7] in ("2A", "2B") else number[:13]
    return body.isdigit() and 97 - int(body) % 97 == int(number[13:])


def _is_cpf(number: str) -> bool:
    first = _weighed(number[:9], range(10, 1, -1)) * 10 % 11 % 10
    second = _weighed(number[:10], range(11, 1, -1)) * 10 % 11 % 10
    return number[9:] == f"{first}{second}" and len(set(number)) > 1


def _is_belgian(number: str) -> bool:
    check = int(number[9:])
    born = _is_day(number[4:6], number[2:4])
    return born and check in (97 - int(number[:9]) % 97, 97 - int("2" + number[:9]) % 97)


def _is_norwegian(number: str) -> bool:
    first = -_weighed(number[:9], (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
    second = -_weighed(number[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return _is_day(number[:2], number[2:4]) and number[9:] == f"{first}{second}"


def _is_ahv(number: str) -> bool:
    return -_weighed(number[:12], (1, 3) * 6) % 10 == int(number[12])


def _is_dni(number: str) -> bool:
    first = number[0]
    digits = f"{'XYZ'.index(first)}{number[1:-1]}" if first in "XYZ" else number[:-1]
    return digits.isdigit() and _DNI_LETTERS[int(digits) % 23] == number[-1]


def _is_codice_fiscale(number: str) -> bool:
    total = sum(
        _ODD[one] if at % 2 == 0 else int(one, 36) - (10 if one.isalpha() else 0) for at, one in enumerate(number[:15])
    )
    return ord("A") + total % 26 == ord(number[15])


def _is_pension(number: str) -> bool:
    """Weighs the German number by its digits, its letter being two of them."""
    spelt = f"{number[:8]}{ord(number[8]) - 64:02}{number[9:11]}"
    total = sum(
        sum(divmod(int(one) * by, 10)) for one, by in zip(spelt, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)
    )
    return _is_day(number[2:4], number[4:6]) and total % 10 == int(number[11])


def _is_finnish(number: str) -> bool:
    digits = number[:6] + number[-4:-1]
    return digits.isdigit() and _is_day(number[:2], number[2:4]) and _HETU_LETTERS[int(digits) % 31] == number[-1]


def _is_swedish(number: str) -> bool:
    ten = number[-10:]
    if not number.isdigit():
        return False
    total = sum(sum(divmod(int(one) * (2 - at % 2), 10)) for at, one in enumerate(ten))
    return _is_day(ten[4:6], ten[2:4]) and total % 10 == 0


def _is_czech(number: str) -> bool:
    return int(number) % 11 == 0 and _is_day(number[4:6], f"{int(number[2:4]) % 50:02}")


def _is_chinese(number: str) -> bool:
    total = sum(int(one) * pow(2, 17 - at, 11) for at, one in enumerate(number[:17]))
    return _is_day(number[12:14], number[10:12]) and _CHINESE_CHECKS[total % 11] == number[17]


def _is_thirteen(number: str) -> bool:
    """Switzerland, or Romania, whose number begins with sex, birthday and county."""
    if number.startswith("756") and _is_ahv(number):
        return True
    check = _weighed(number[:12], (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    is_plausible = _is_day(number[5:7], number[3:5]) and int(number[7:9]) in _ROMANIAN_COUNTIES
    return is_plausible and int(number[12]) == check % 10 + check // 10


def _is_eleven(number: str) -> bool:
    return _is_steuer_id(number) or _is_norwegian(number) or _is_belgian(number)


def _is_day(day: str, month: str) -> bool:
    return int(day) in _DAYS and int(month) in _MONTHS


def _weighed(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * by for digit, by in zip(digits, weights, strict=True))


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "nir": _is_nir,
    "nhs": _is_nhs,
    "steuer": _is_steuer_id,
    "cpf": _is_cpf,
    "rrn": _is_belgian,
    "ahv": _is_ahv,
    "dni": _is_dni,
    "fiscal": _is_codice_fiscale,
    "pension": _is_pension,
    "nordic": lambda number: _is_finnish(number) or _is_swedish(number),
    "czech": _is_czech,
    "chinese": _is_chinese,
    "thirteen": _is_thirteen,
    "eleven": _is_eleven,
}
