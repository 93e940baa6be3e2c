"""Whatever stands for a condition is refused with a sentence or judges any feedback; any text can be redacted."""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.test_redact import cards, phones
from tests.fuzz.mutation import HOSTILE
from tests.fuzz.promises import keeps_judging, keeps_redacting
from tests.fuzz.targets import EXPRESSIONS

few = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
RANDOM = st.randoms(use_true_random=False)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
PIECES = (
    *("feedback.", "record.", "labels", "score", "a", "b", "s", "x", ".exists(x, ", ".all(x, ", ".filter(x, ", "map("),
    *(
        ".matches('",
        "[a-z]{9}",
        "{1,99}",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        "'''",
        "r'",
        "b'",
        "\\x00",
        "\\ud800",
    ),
    *("has(", "size(", "int(", "double(", "string(", "bool(", " in ", " == ", " && ", " || ", " ? ", " : ", "!", "-"),
    *("1", "1u", "0", "9223372036854775807", "1e308", "1e400", "null", "true", " / ", " % ", ", ", ".", "//", "\n"),
    *("ERROR: <input>:", " expecting "),
)


@given(text=st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=40))
@settings(few, max_examples=700)
def test_any_text_is_no_condition_or_judges_any_feedback(text: str) -> None:
    keeps_judging(text)


@given(random=RANDOM, times=st.integers(1, 3))
@settings(few, max_examples=500)
def test_an_almost_right_expression_is_refused_or_judges_any_feedback(random: Random, times: int) -> None:
    text = random.choice(EXPRESSIONS)
    for _ in range(times):
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice(PIECES) + text[at + random.randrange(6) :]
    keeps_judging(text)


@given(
    planted=phones() | st.tuples(st.just("GB"), st.emails() | cards()),
    before=ANY_TEXT,
    after=ANY_TEXT,
    frame=st.sampled_from([(" ", " "), ("\n", "\n"), (" (", ") "), (": ", " ")]),
)
@settings(few, max_examples=400)
def test_what_identifies_a_person_does_not_come_through(
    planted: tuple[str, str], before: str, after: str, frame: tuple[str, str]
) -> None:
    region, secret = planted
    # A number that stands beside other digits may be a part of another; words keep them apart.
    assert secret not in keeps_redacting(f"{before} word {frame[0]}{secret}{frame[1]} word {after}", region)


@given(text=ANY_TEXT | st.lists(st.sampled_from([value for value in HOSTILE if isinstance(value, str)])).map("".join))
@settings(few, max_examples=150)
def test_redaction_takes_any_text(text: str) -> None:
    keeps_redacting(text[:4_000])
