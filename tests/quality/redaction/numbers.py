"""A seeded source -> identifiers of each country with valid check digits, written as people write them."""

import string
from random import Random

import phonenumbers

_CF_ODD = dict(
    zip(
        string.digits + string.ascii_uppercase,
        (
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21),
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        ),
        strict=True,
    )
)
_IBAN = {"en": ("GB", "AAAA", 14), "de": ("DE", "", 18), "fr": ("FR", "", 23), "es": ("ES", "", 20),
         "it": ("IT", "A", 22), "nl": ("NL", "AAAA", 10)}  # fmt: skip
REGIONS = {"en": "GB", "de": "DE", "fr": "FR", "es": "ES", "it": "IT", "nl": "NL"}


def digits(dice: Random, count: int) -> str:
    return "".join(dice.choices(string.digits, k=count))


def letters(dice: Random, count: int, among: str = string.ascii_uppercase) -> str:
    return "".join(dice.choices(among, k=count))


def iban(dice: Random, language: str) -> str:
    country, shape, count = _IBAN[language]
    account = letters(dice, len(shape)) + digits(dice, count)
    check = 98 - int("".join(str(int(c, 36)) for c in f"{account}{country}00")) % 97
    return _spaced(dice, f"{country}{check:02}{account}", 4)


def card(dice: Random, _language: str) -> str:
    body = dice.choice("45") + digits(dice, 14)
    doubled = [int(c) * (2 - at % 2) for at, c in enumerate(body)]
    total = sum(one - 9 if one > 9 else one for one in doubled)
    return _spaced(dice, f"{body}{-total % 10}", 4, dice.choice(" -"))


def email(dice: Random, _language: str) -> str:
    who = f"{letters(dice, 5)}.{letters(dice, 6)}{dice.randrange(99)}"
    return f"{who.lower()}@example.{dice.choice(['org', 'com', 'net'])}"


def phone(dice: Random, language: str) -> str:
    kind = dice.choice([phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE])
    example = phonenumbers.example_number_for_type(REGIONS[language], kind)
    assert example is not None
    assert example.national_number is not None
    plan = example.national_number // 10_000
    while True:
        # The last four digits are free in every plan that is used here.
        example.national_number = plan * 10_000 + dice.randrange(10_000)
        if phonenumbers.is_valid_number(example):
            return phonenumbers.format_number(example, dice.choice([1, 2]))


def nhs_number(dice: Random, _language: str) -> str:
    while True:
        body = digits(dice, 9)
        check = -sum(int(c) * (10 - at) for at, c in enumerate(body)) % 11
        if check < 10:
            return f"{body[:3]} {body[3:6]} {body[6:]}{check}"


def national_id(dice: Random, language: str) -> str:
    return {"en": _nino, "de": _steuer_id, "fr": _nir, "es": _dni, "it": _codice_fiscale, "nl": _bsn}[language](dice)


def _nino(dice: Random) -> str:
    if dice.random() < 0.3:
        return f"{dice.randrange(100, 666)}-{dice.randrange(10, 99)}-{dice.randrange(1000, 9999)}"
    first = letters(dice, 1, "ABCEHJLMPRSWXY") + letters(dice, 1, "ABCEHJLMPRSWXYZ")
    pairs = [digits(dice, 2) for _ in range(3)]
    return dice.choice([" ", ""]).join([first, *pairs, letters(dice, 1, "ABCD")])


def _steuer_id(dice: Random) -> str:
    while True:
        pool = dice.sample(string.digits, 9)
        body = [*pool, dice.choice(pool)]
        dice.shuffle(body)
        if body[0] != "0":
            break
    product = 10
    for digit in body:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    number = "".join(body) + str((11 - product) % 10)
    return dice.choice([number, f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"])


def _nir(dice: Random) -> str:
    body = f"{dice.choice('12')}{digits(dice, 2)}{dice.randrange(1, 13):02}{dice.randrange(1, 96):02}{digits(dice, 6)}"
    key = f"{97 - int(body) % 97:02}"
    spaced = f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:]} {key}"
    return dice.choice([body + key, spaced])


def _dni(dice: Random) -> str:
    if dice.random() < 0.3:
        first, body = dice.choice("XYZ"), digits(dice, 7)
        check = "TRWAGMYFPDXBNJZSQVHLCKE"[int(str("XYZ".index(first)) + body) % 23]
        return f"{first}{dice.choice(['', '-'])}{body}{dice.choice(['', '-'])}{check}"
    body = digits(dice, 8)
    return body + dice.choice(["", "-"]) + "TRWAGMYFPDXBNJZSQVHLCKE"[int(body) % 23]


def _codice_fiscale(dice: Random) -> str:
    day = dice.choice([dice.randrange(1, 32), dice.randrange(41, 72)])
    body = letters(dice, 6, "BCDFGLMNPRST") + digits(dice, 2) + letters(dice, 1, "ABCDEHLMPRST") + f"{day:02}"
    body += letters(dice, 1, "ABCDEFGHIL") + digits(dice, 3)
    total = sum(_CF_ODD[c] if at % 2 == 0 else int(c, 36) - (10 if c.isalpha() else 0) for at, c in enumerate(body))
    return body + string.ascii_uppercase[total % 26]


def _bsn(dice: Random) -> str:
    while True:
        body = digits(dice, 8)
        check = sum(int(c) * (9 - at) for at, c in enumerate(body)) % 11
        if check < 10 and body[0] != "0":
            return f"{body}{check}"


def postcode(dice: Random, language: str) -> str:
    if language == "en":
        area = f"{letters(dice, 1, 'BGLMNSE')}{dice.randrange(1, 20)}"
        return f"{area} {dice.randrange(1, 9)}{letters(dice, 2, 'ABDEFGHJLNPQRSTUWXYZ')}"
    if language == "nl":
        return f"{dice.randrange(1000, 9999)} {letters(dice, 2, 'BCDEFGHJKLNPRTVWXZ')}"
    return f"{dice.randrange(10_000, 52_000) if language == 'es' else dice.randrange(10_000, 97_999)}"


def plate(dice: Random, language: str) -> str:
    two, three = letters(dice, 2, "BCDFGHJKLMNPRSTVWXYZ"), letters(dice, 3, "BCDFGHJKLMNPRSTVWXYZ")
    return {
        "en": f"{two}{dice.randrange(10, 75)} {three}",
        "de": f"{dice.choice(['B', 'M', 'HH', 'KA'])}-{two} {dice.randrange(100, 9999)}",
        "fr": f"{two}-{dice.randrange(100, 999)}-{letters(dice, 2, 'BCDFG')}",
        "es": f"{dice.randrange(1000, 9999)} {three}",
        "it": f"{two}{dice.randrange(100, 999)}{letters(dice, 2, 'BCDFG')}",
        "nl": f"{two}-{dice.randrange(100, 999)}-{letters(dice, 1, 'BCDFG')}",
    }[language]


def id_document(dice: Random, language: str) -> str:
    return {
        "en": digits(dice, 9),
        "de": letters(dice, 1, "CFGHJK") + digits(dice, 8),
        "fr": f"{digits(dice, 2)}{letters(dice, 2)}{digits(dice, 5)}",
        "es": letters(dice, 3) + digits(dice, 6),
        "it": letters(dice, 2) + digits(dice, 7),
        "nl": letters(dice, 2, "NBCDFG") + digits(dice, 7),
    }[language]


def ip_address(dice: Random, _language: str) -> str:
    if dice.random() < 0.2:
        return ":".join(["2001", "db8", *(f"{dice.randrange(65536):x}" for _ in range(6))])
    return f"{dice.choice([81, 92, 134, 203])}.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"


def _spaced(dice: Random, value: str, size: int, separator: str = " ") -> str:
    if dice.random() < 0.4:
        return value
    return separator.join(value[at : at + size] for at in range(0, len(value), size))
