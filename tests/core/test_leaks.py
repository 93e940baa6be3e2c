"""The scanner: what it finds however it is written, what it leaves alone, and that it never repeats a value."""

import base64
import hashlib
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.leaks import Leak, Needle, Piece, Scanner, Tally, read_needles

MAIL = "jürgen.o'neil@example.org"
STORY = "The courier threw my parcel over the fence, and when I rang to complain nobody knew of it at all."


@pytest.mark.parametrize(
    "written",
    [
        str,
        str.upper,
        json.dumps,
        lambda value: json.dumps({"a": [json.dumps({"b": value})]}),
        quote,
        lambda value: quote(quote(value)),
        lambda value: value.replace("ü", "&uuml;").replace("'", "&#39;"),
        lambda value: base64.b64encode(value.encode()).decode(),
        lambda value: base64.urlsafe_b64encode(f"user:{value}".encode()).decode().rstrip("="),
        lambda value: value.encode().hex(),
        lambda value: "\\x" + f'{{"a": "{value}"}}'.encode().hex(),
        " ".join,
        lambda value: value.replace("n", "n\u200b"),
        lambda value: hashlib.sha256(value.encode()).hexdigest(),
    ],
)
def test_a_needle_is_found_however_it_is_written(written: Callable[[str], str]) -> None:
    scanner = Scanner([Needle("address", MAIL)])
    assert "address" in scanner.found(f"before {written(MAIL)} behind")
    assert "address" in scanner.found(written(MAIL).encode())


def test_any_stretch_of_a_long_text_betrays_it() -> None:
    scanner = Scanner([Needle("text", STORY)])
    assert scanner.found(STORY[:60] + "…") == {"text"}
    assert scanner.found(STORY[-70:]) == {"text"}
    assert scanner.found("The courier threw a stone.") == frozenset()


def test_a_short_needle_must_stand_alone() -> None:
    scanner = Scanner([Needle("customer", "C-4711")])
    assert scanner.found('{"ref":"c-4711"}') == {"customer"}
    assert scanner.found("abc-4711") == scanner.found("C-47112") == frozenset()
    assert Scanner([Needle("customer", "471147")]).found(471147) == {"customer"}


def test_sure_identifiers_are_found_without_a_needle_and_our_own_numbers_are_not() -> None:
    scanner = Scanner([])
    assert scanner.found('{"text": "card 4111 1111 1111 1111 of jane@example.org"}') == {"card", "email"}
    assert scanner.found('{"revision": 4111111111111111, "text": "[card] \\"of\\" [email]"}') == frozenset()
    assert scanner.found(4111111111111111) == frozenset()
    assert scanner.found("k1:4111111111111111aaaaaaaaaaaaaaaa") == frozenset()


def test_a_leak_is_a_place_a_class_and_a_count() -> None:
    tally = Tally(Scanner([Needle("customer", "C-4711")]))
    for number, value in enumerate(["C-4711", "nothing", "C-4711 jane@example.org"], start=1):
        tally.add(Piece(place="feedback.doc", at=f"row {number}", value=value))
    assert tally.pieces == 3
    assert tally.leaks() == (
        Leak(place="feedback.doc", kind="customer", count=2, first="row 1"),
        Leak(place="feedback.doc", kind="email", count=1, first="row 3"),
    )


def test_a_line_that_is_no_needle_gives_its_number() -> None:
    lines = [b'{"class":"a","value":"C-4711"}', b"", b'{"class":"a","value":"4711"}', b"C-4711", b'{"value":"C-4711"}']
    assert list(read_needles(lines)) == [Needle("a", "C-4711"), 3, 4, 5]


@given(st.text(st.characters(exclude_categories=())) | st.binary())
def test_whatever_is_held_can_be_looked_through(held: str | bytes) -> None:
    assert Scanner([Needle("customer", "C-4711")]).found(held) <= {"customer", "email", "iban", "card", "national_id"}
