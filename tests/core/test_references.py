"""References in text: whole values for how people write numbers, and what holds for any text, noise and form."""

import re
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.core.references import MOST_REFERENCES, References, canonical, form, is_near, references

INCIDENT = form("INC#######")
ORDER = form("SO-####")
POLICY = form("@@-#####")
FORMS = (INCIDENT, ORDER, POLICY)

SEPARATORS = ["", " ", "-", ".", "/", ":", "#", " # ", "\n", "\u00a0", "\u2013", ": #"]
TYPED_FOR = {"0": "0OoQD", "1": "1Ili|", "2": "2Zz", "5": "5Ss", "8": "8B"}
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Where a letter that stands for a digit is itself beside the error, the error can be read in two ways.
PLAIN = "ACEFGHJKMNPRTUVWXY"
MOST = 10_000


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("Why is INC0012345 still open?", ("INC0012345",)),
        ("inc 0012345", ("INC0012345",)),
        ("Inc: #0012-345.", ("INC0012345",)),
        ("I N C 0 0 1 2 3 4 5", ("INC0012345",)),
        ("INC\n0012345", ("INC0012345",)),
        ("INC\u20110012345 and INC\u00a00012346", ("INC0012345", "INC0012346")),
        ("INCOO12345, iNcoOl234S, INCQDi234s, INC|012345", ("INC0012345", "INC1012345")),
        ("|INC0012345|SO1234|", ("INC0012345", "SO1234")),
        ("INC0012345/INC0012346/INC0012345", ("INC0012345", "INC0012346")),
        ("so-1Z5B and SO 4711", ("SO1258", "SO4711")),
        ("policy OI-12345", ("OI12345",)),
        ("INC0012345 2 days ago", ("INC0012345",)),
        ("INC0012345_screenshot.png", ("INC0012345",)),
        ("I N C 0 0 1 2 3 4 S, INC000110-l", ("INC0012345", "INC0001101")),
        (" ".join(f"SO{number}" for number in range(1000, 1020)), tuple(f"SO{number}" for number in range(1000, 1010))),
    ],
)
def test_a_reference_is_read_however_it_is_typed(text: str, exact: tuple[str, ...]) -> None:
    assert references(text, FORMS) == References(exact=exact)


@pytest.mark.parametrize(
    ("text", "loose"),
    [
        ("INC001234", "INC001234"),
        ("INC00123455", "INC00123455"),
        ("inc 001x345", "INC001X345"),
        ("INCOO1234", "INC001234"),
        ("ICN0012345", "ICN0012345"),
        ("IN0C0l2345", "IN0C012345"),
        ("IN0CO12345", "IN0C012345"),
        ("NC0012345", "NC0012345"),
        ("IMC0012345", "IMC0012345"),
        ("XINC0012345", "XINC0012345"),
        ("my number is 0012345", "INC0012345"),
        ("PRB 0012345", "INC0012345"),
        ("INC001234 a long story", "INC001234"),
        ("INC001234: I waited", "INC001234"),
    ],
)
def test_one_typing_error_makes_a_loose_reference(text: str, loose: str) -> None:
    assert references(text, [INCIDENT]) == References(loose=(loose,))


def test_what_is_exact_goes_before_what_is_loose() -> None:
    assert references("Both 0012346 and INC0012345 x", [INCIDENT]) == References(("INC0012345",), ("INC0012346",))
    assert references("INC0012345, or was it 0012345?", [INCIDENT]) == References(("INC0012345",))


def test_the_widest_span_and_the_first_form_win() -> None:
    assert references("INC 0012345", [form("#######"), INCIDENT]) == References(("INC0012345",))
    assert references("SO1234", [form("@@####"), form("SO123#####")]) == References(("SO1234",))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Late again, and nobody calls back.",
        "so I did, so bill, in oslo",
        "INCOOOOOOO",
        "12 days, 3 calls, £30, 24/7, 020 7946 0018 99",
        "INC0012345678",
        "ZINC00123456",
        "INC - - - 0012345x7",
        "éINC0012345é",
        "SO,1234",
        "https://example.org/since/2019.12.31.23.59.59.123",
    ],
)
def test_other_words_and_numbers_are_none(text: str) -> None:
    assert references(text, [INCIDENT]) == References()


def test_a_letter_that_stands_alone_ends_a_number_that_ends_in_a_letter() -> None:
    assert references("1234-I or 1234 O", [form("####@")]) == References(("1234I", "1234O"))


def test_a_telephone_number_is_not_a_number_without_its_letters() -> None:
    assert references("Call 020 7946, on 12/12/2026", [INCIDENT, form("INV########")]) == References()


@pytest.mark.parametrize("said", ["word " * 200, "I was there 3 times. " * 50, "a1 " * 300, "x" * 500 + ", "])
def test_a_reference_is_read_however_much_is_said_around_it(said: str) -> None:
    text = f"{said}I N C 0 0 1 2 3 4 5, {said}SO 4711, {said}INC001234 {said}"
    assert references(text, FORMS) == References(("INC0012345", "SO4711"), ("INC001234",))


def test_without_forms_nothing_is_a_reference() -> None:
    assert references("INC0012345", ()) == References()


@pytest.mark.parametrize(
    ("key", "reference"),
    [
        ("INC0012345", "INC0012345"),
        ("inc-001/2345", "INC0012345"),
        ("#so 4711", "SO4711"),
        ("INCOO12345", None),
        ("INC001234", None),
        ("see INC0012345", None),
        ("İNC0012345", None),
        ("", None),
    ],
)
def test_a_key_of_the_registry_is_a_reference_only_as_a_whole(key: str, reference: str | None) -> None:
    assert canonical(key, FORMS) == reference


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("INC##", "at least three digits"),
        ("INC" + "#" * 30, "at most 32 characters"),
        ("INC_####", "letters from A to Z"),
        ("ÄB-####", "letters from A to Z"),
    ],
)
def test_a_form_that_words_would_pass_for_is_refused(written: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        form(written)


@pytest.mark.parametrize(
    ("written", "near"),
    [
        ("INC001234", True),
        ("INC00123455", True),
        ("INC0012346", True),
        ("INC0021345", True),
        ("ICN0012345", True),
        ("INC0012345", False),
        ("INC0012543", False),
        ("INC00123", False),
        ("INC0102354", False),
        ("", False),
    ],
)
def test_near_is_one_error_away(written: str, near: bool) -> None:  # noqa: FBT001
    assert is_near(written, "INC0012345") is near


@st.composite
def written_forms(draw: st.DrawFn, letters: str = CAPITALS) -> tuple[str, str]:
    """Draw a form and a reference that is written as it says."""
    head = draw(st.text(letters, max_size=4))
    places = head + draw(st.text("@##7", max_size=6)) + "###"
    values = {"#": st.sampled_from("0123456789"), "@": st.sampled_from(letters)}
    return places, "".join(draw(values[place]) if place in values else place for place in places)


@st.composite
def typed(draw: st.DrawFn, places: str, reference: str) -> str:
    """Type it with all the noise that the words name, but at least half of its digits as digits."""
    letters = draw(st.sets(st.integers(0, len(places) - 1)))
    spare = places.count("#") // 2
    characters = []
    for at, (place, character) in enumerate(zip(places, reference, strict=True)):
        noisy = draw(st.sampled_from(TYPED_FOR.get(character, character))) if place in "#7" else character
        if noisy == "|" and at in {0, len(places) - 1}:
            noisy = character
        if place == "#" and not noisy.isdigit() and (at not in letters or (spare := spare - 1) < 0):
            noisy = character
        cased = draw(st.sampled_from([character, character.lower()])) if place not in "#7" else noisy
        characters.append(cased + draw(st.sampled_from(SEPARATORS)))
    return "".join(characters)


def ends_in_a_word(text: str) -> bool:
    """Say whether a letter stands alone at the end, behind a longer word and a blank."""
    return re.search(r"[A-Za-z0-9]{2}[^A-Za-z0-9|]*\s[A-Za-z][^A-Za-z0-9|]*$", text) is not None


@given(st.data(), written_forms())
def test_noise_that_the_words_name_is_undone(data: st.DataObject, written: tuple[str, str]) -> None:
    places, reference = written
    text = data.draw(typed(places, reference))
    assume(places[-1] == "@" or not ends_in_a_word(text))
    assert references(f"On {'x' * 40}, {text}, {'y' * 40}.", [form(places)]) == References((reference,))
    assert canonical(reference.lower(), [form(places)]) == reference


@given(st.data(), written_forms(PLAIN))
def test_one_error_leaves_a_near_reference(data: st.DataObject, written: tuple[str, str]) -> None:
    places, reference = written
    at = data.draw(st.integers(0, len(reference) - 1))
    error = data.draw(st.sampled_from(CAPITALS + "0123456789"))
    wrong = data.draw(
        st.sampled_from(
            [
                reference[:at] + reference[at + 1 :],
                reference[:at] + error + reference[at:],
                reference[:at] + error + reference[at + 1 :],
                reference[:at] + reference[at : at + 2][::-1] + reference[at + 2 :],
            ]
        )
    )
    found = references(f"On {'x' * 40}, {wrong}, {'y' * 40}.", [form(places)])
    assert any(each == reference or is_near(each, reference) for each in found.exact + found.loose)


@given(st.text("AB12", max_size=6), st.text("AB12", max_size=6))
def test_near_is_the_distance_of_optimal_string_alignment(one: str, other: str) -> None:
    assert is_near(one, other) is (_distance(one, other) == 1)
    assert is_near(one, other) is is_near(other, one)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_read_and_gives_ten_of_each_kind_at_most(text: str) -> None:
    found = references(text, FORMS)
    assert all(canonical(reference, FORMS) == reference for reference in found.exact)
    assert len(found.exact) <= MOST_REFERENCES
    assert len(found.loose) <= MOST_REFERENCES
    assert not {*found.exact} & {*found.loose}


@pytest.mark.parametrize(
    "piece",
    ["0", "0 ", "I N C 0 ", "INC0 ", "INC", "| ", "|", "- ", "-", "0---", " ", "\n", "é", "INC O1O1O1 ", "a1b2c3 "],
)
def test_a_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    text = (piece * MOST)[:MOST]

    # Calls are counted, since a clock would tell of the machine as well. The regular expressions match without choice.
    assert _calls(text, MOST) < 11 * _calls(text, MOST // 10) + 1_000


def _calls(text: str, length: int) -> int:
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(counted)
    try:
        references(text[:length], FORMS)
    finally:
        sys.setprofile(None)
    return count


def _distance(one: str, other: str) -> int:
    table = [[row + column for column in range(len(other) + 1)] for row in range(len(one) + 1)]
    for row in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            table[row][column] = min(
                table[row - 1][column] + 1,
                table[row][column - 1] + 1,
                table[row - 1][column - 1] + (one[row - 1] != other[column - 1]),
            )
            if row > 1 and column > 1 and one[row - 2 : row] == other[column - 2 : column][::-1]:
                table[row][column] = min(table[row][column], table[row - 2][column - 2] + 1)
    return table[-1][-1]
