"""Redaction: what must go, what must stay, and what holds for any string."""

import string
import time

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.core.redact import PiiClass, Redacted, redact

ANY_TEXT = st.text(st.characters(exclude_categories=()))
IBAN_EXAMPLES = {"DE": 22, "GB": 22, "FR": 27, "NO": 15, "NL": 18, "MT": 31, "LC": 32, "ES": 24}


@st.composite
def cards(draw: st.DrawFn) -> str:
    first = draw(st.sampled_from(["4", "51", "2221", "34", "37", "36", "6011", "62", "3528", "5018"]))
    length = draw(st.integers(13, 19))
    body = (first + draw(st.text(string.digits, min_size=20, max_size=20)))[: length - 1]
    number = next(body + check for check in string.digits if _passes_luhn(body + check))
    separator = draw(st.sampled_from(["", " ", "-", "\u00a0", " - "]))
    sizes = draw(st.sampled_from([(4, 4, 4, 4, 3), (4, 6, 5, 4), (6, 13), (19,)]))
    return _grouped(number, sizes, separator)


@st.composite
def ibans(draw: st.DrawFn) -> str:
    country = draw(st.sampled_from(sorted(IBAN_EXAMPLES)))
    size = IBAN_EXAMPLES[country] - 4
    account = draw(st.text(string.digits + string.ascii_uppercase, min_size=size, max_size=size))
    check = 98 - int("".join(str(int(c, 36)) for c in f"{account}{country}00")) % 97
    separator = draw(st.sampled_from(["", " ", "-", "\u202f"]))
    written = _grouped(f"{country}{check:02}{account}", (4,) * 8, separator)
    return written.lower() if draw(st.booleans()) else written


@st.composite
def phones(draw: st.DrawFn) -> tuple[str, str]:
    region = draw(st.sampled_from(["GB", "DE", "FR", "NL", "US", "ES", "IT", "PL", "IN", "BR", "JP", "AU"]))
    kind = draw(st.sampled_from([phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE]))
    number = phonenumbers.example_number_for_type(region, kind)
    assert number is not None
    style = draw(st.sampled_from([0, 1, 2]))
    return region, phonenumbers.format_number(number, style)


@st.composite
def surrounded(draw: st.DrawFn, value: st.SearchStrategy[str]) -> tuple[str, str]:
    secret = draw(value)
    before, after = draw(st.sampled_from([" ", "\n", ": ", "(", "x", "[", "…"])), draw(st.sampled_from(" \n.,)x]…"))
    return draw(ANY_TEXT) + before + secret + after + draw(ANY_TEXT), secret


def _passes_luhn(number: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def _grouped(value: str, sizes: tuple[int, ...], separator: str) -> str:
    groups, at = [], 0
    for size in sizes:
        groups.append(value[at : at + size])
        at += size
    return separator.join(group for group in groups if group)


@pytest.mark.parametrize(
    ("text", "redacted", "classes"),
    [
        ("Write to Jane.O'Neil+x@mail.example.org.", "Write to [email].", (PiiClass.EMAIL,)),
        ("mailto:jörg@müller.example", "mailto:[email]", (PiiClass.EMAIL,)),
        ("jane＠example.jp", "[email]", (PiiClass.EMAIL,)),
        ("IBAN DE89 3704 0044 0532 0130 00 THANK YOU", "IBAN [iban] THANK YOU", (PiiClass.IBAN,)),
        ("konto:nl91abna0417164300", "konto:[iban]", (PiiClass.IBAN,)),
        ("card 4111-1111-1111-1111, cvc 123", "card [card], cvc 123", (PiiClass.CARD,)),
        ("12 4111 1111 1111 1111 99 1234", "12 [card] 99 1234", (PiiClass.CARD,)),
        ("amex 3782 822463 10005", "amex [card]", (PiiClass.CARD,)),
        ("ssn 219-09-9999", "ssn [national_id]", (PiiClass.NATIONAL_ID,)),
        ("NI AB 12 34 56 C", "NI [national_id]", (PiiClass.NATIONAL_ID,)),
        ("call 07911 123456 now", "call [phone] now", (PiiClass.PHONE,)),
        ("call +44 (0)20 7946 0958", "call [phone]", (PiiClass.PHONE,)),
        ("fictitious: +44 7700 900123, (07700) 900123", "fictitious: [phone], [phone]", (PiiClass.PHONE,)),
        ("SO-07911123456, call +44 7700 900123", "SO-07911123456, call [phone]", (PiiClass.PHONE,)),
        ("ring 06.12.34.56.78", "ring [phone]", (PiiClass.PHONE,)),
        ("a@b.example or 07911123456", "[email] or [phone]", (PiiClass.EMAIL, PiiClass.PHONE)),
        ("", "", ()),
    ],
)
def test_personal_values_become_typed_placeholders(text: str, redacted: str, classes: tuple[PiiClass, ...]) -> None:
    assert redact(text, "GB") == Redacted(text=redacted, classes=classes)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("see https://shop.example/reset?token=abc.", "see https://shop.example/[url]."),
        ("https://shop.example/a/b#access_token=x", "https://shop.example/[url]"),
        ("https://shop.example:8443?id=7", "https://shop.example:8443[url]"),
        ("https://user:pw@shop.example/x", "https://[url]"),
        ("https://user:p/w@shop.example/x", "https://[url]"),
        ("postgres://admin:secret@db/prod", "postgres://[url]"),
        ("WWW.shop.example/cart;jsessionid=1A", "WWW.shop.example/[url]"),
        ("shop.example/r?k=v", "shop.example/[url]"),
        ("https://s.example/r/0f8fad5b-d9cb-469f-a165-70867728950e", "https://s.example/[url]"),
        ("https://s.example/r/aB3dE6gH9jK2mN5pQ8", "https://s.example/[url]"),
        ("https://s.example/@jane", "https://s.example/[url]"),
        ("https://[2001:db8::1]:80/x?y", "https://[2001:db8::1]:80/[url]"),
    ],
)
def test_a_link_keeps_its_host_and_loses_what_may_be_a_secret(text: str, redacted: str) -> None:
    assert redact(text, "GB") == Redacted(text=redacted, classes=(PiiClass.URL,))


@pytest.mark.parametrize(
    "text",
    [
        "SO-5531", "INC0000045", "Order #07911123456", "ticket REQ-20260504-0001", "PO_447911123456",
        "2026-05-04 09:12:31", "2026-05-04T09:12:31Z", "04/05/2026 10:30", "05.12.2026 08.30", "seen 04/10/21 1345",
        "20260504091231", "1777885951001", "1777885951009", "from 20260504 to 20260511", "20260504 20260511",
        "scores 1 2 3 4 5 6 7 8 9 10 11 12 13", "paid £1,234.56 and 12,345,678.90", "v10.2.33.4455", "192.168.100.200",
        "4111 1111 1111 1112", "flat 12, 3rd floor", "@handle", "50% @ 3 each",
        "https://shop.example/orders/SO-5531", "service.why?because", "and/or", "x = y", "[email] [card]",
        "000-12-3456",
    ],
)  # fmt: skip
@pytest.mark.parametrize("region", ["GB", "DE", "US"])
def test_references_dates_and_figures_survive(text: str, region: str) -> None:
    assert redact(text, region) == Redacted(text=text)


@given(surrounded(cards() | ibans()))
def test_no_value_with_a_valid_checksum_survives_any_surroundings(case: tuple[str, str]) -> None:
    text, secret = case
    assert secret not in redact(text, "GB").text


@given(surrounded(st.emails()))
def test_no_address_survives_any_surroundings(case: tuple[str, str]) -> None:
    text, secret = case
    assert secret not in redact(text, "GB").text


@given(surrounded(st.text(string.ascii_letters + string.digits, min_size=1).map("https://h.example/a?key=".__add__)))
def test_no_query_survives_any_surroundings(case: tuple[str, str]) -> None:
    text, secret = case
    assert secret not in redact(text, "GB").text


@given(
    phones(),
    st.sampled_from(["call ", "Tel. ", "my number is: ", "(", "\n"]),
    st.sampled_from([" please", ".", ")", ""]),
)
def test_no_valid_phone_number_survives_among_words(phone: tuple[str, str], before: str, after: str) -> None:
    region, number = phone
    assert redact(before + number + after, region) == Redacted(
        text=f"{before}[phone]{after}", classes=(PiiClass.PHONE,)
    )


@given(st.text(st.characters(exclude_categories=["Nd"], exclude_characters="@\uff20/=")))
def test_a_text_without_digits_addresses_and_links_is_untouched(text: str) -> None:
    assert redact(text, "GB") == Redacted(text=text)


PIECES = st.sampled_from(
    ["[url]", "[email]", "[phone]", "https://", "www.", "h.example", "/", "?", "=", "#", ";", ":", "@", "a", "SO-", "+",
     "0", "44", "07911123456", "4111", "1111", " ", "-", ".", "(", ")", "DE89", "37040044", "AB123456C", "\ud800", "\0"]
)  # fmt: skip


@given(st.lists(PIECES | cards() | ibans(), max_size=12).map("".join) | ANY_TEXT, st.sampled_from(["GB", "DE", "US"]))
def test_redacting_again_changes_nothing(text: str, region: str) -> None:
    once = redact(text, region)
    assert redact(once.text, region) == Redacted(text=once.text)
    assume(text != once.text)
    assert once.classes


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1 ",
        "1234 ",
        "4111 1111 1111 1111 ",
        "a@",
        "a.",
        "a" * 70 + ".",
        "DE89 ",
        "http://a",
        "07911123456 ",
        "+",
        "=/a.b",
    ],
)
def test_a_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    assert len(redact(text, "GB").text) <= 2 * len(text)


@pytest.mark.parametrize(
    "piece",
    [
        *("1-1-", "1 ", "1", "@@@@", "a.a.", "a@b.", "http://", "www.a/?", "1234 ", "+1 ", "07911123456 ", "(0", "/"),
        *("4111 1111 1111 1111 ", "DE89370400440532013000", "219-09-9999", "12.34.56.78.", "+44 20 7946 0958-"),
    ],
)
def test_lists_of_short_numbers_used_to_cost_the_square_of_their_length(piece: str) -> None:
    assert cost(piece, 32_000) < 8 * cost(piece, 8_000)


def test_phone_numbers_without_a_gap_used_to_come_to_light_one_in_a_round() -> None:
    glued = "+44 7700 900123"
    assert cost(glued, 16_000) < 8 * cost(glued, 4_000)
    assert "900123" not in redact(glued * 100, "GB").text


def test_a_few_numbers_without_a_gap_are_told_apart() -> None:
    assert redact("+44 7700 900123" * 3, "GB").text == "[phone]" * 3


def cost(piece: str, length: int) -> float:
    """Take the least of three times, and no less than what a clock can tell."""
    text = piece * (length // len(piece))
    times = []
    for _ in range(3):
        began = time.process_time()
        redact(text, "GB")
        times.append(time.process_time() - began)
    return max(0.002, *[min(times)])
