"""The language of a text: the event's, else the one that is detected with certainty, else `und`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.language import COMMON, Detect, choice, in_its_language
from service.core.pipeline.instruments import Instruments
from service.core.pipeline.rules import compile_playbook
from service.core.records.words import Flag
from tests.builders import make_feedback, make_playbook

TEXT = "Ich warte seit Wochen"


@pytest.mark.parametrize(
    ("text", "given_language", "sure", "language", "flags"),
    [
        pytest.param(TEXT, "und", 0.75, "de", (Flag.LANGUAGE_DETECTED,), id="sure enough"),
        pytest.param(TEXT, "und", 0.74, "und", (), id="unsure"),
        pytest.param(TEXT, "en", 1.0, "en", (), id="the event names it"),
        pytest.param("Ich warte", "und", 1.0, "und", (), id="eight letters are too few"),
        pytest.param("Ich warte!?! 123456", "und", 1.0, "und", (), id="only letters count"),
        pytest.param("[email] [phone] ja", "und", 1.0, "und", (), id="what was redacted is no text"),
        pytest.param("遅すぎる", "und", 1.0, "de", (Flag.LANGUAGE_DETECTED,), id="letters that are syllables say more"),
        pytest.param("", "und", 1.0, "und", (), id="no text"),
    ],
)
def test_a_language(text: str, given_language: str, sure: float, language: str, flags: tuple[Flag, ...]) -> None:
    found = in_its_language(make_feedback(text=text, language=given_language), lambda _: ("de", sure))
    assert (found.language, found.flags) == (language, flags)


def test_without_a_detector_nothing_is_looked_for() -> None:
    one = make_feedback(text=TEXT, language="und")
    assert in_its_language(one, None) is one


@given(text=st.text(max_size=50), sure=st.floats(0, 1))
def test_any_text_keeps_all_but_its_language(text: str, sure: float) -> None:
    one = make_feedback(text=text, language="und")
    found = in_its_language(one, lambda _: ("de", sure))
    assert found.text == one.text
    assert (found.language == "de") == (Flag.LANGUAGE_DETECTED in found.flags)


def test_the_languages_of_the_playbook_are_chosen_from_beside_the_common_ones() -> None:
    asked: list[frozenset[str]] = []

    def detectors(among: frozenset[str]) -> Detect:
        asked.append(among)
        return lambda _: ("en", 1.0)

    playbook = make_playbook(
        languages={"detect": True, "also": ["ja"]},
        severity={
            "sentiment": {"hu": {"negative": ["rossz"]}},
            "hot_words": [{"id": "cancel", "words": {"*": ["stop"], "cs": ["zrušit"]}}],
        },
    )
    compile_playbook(playbook, instruments=Instruments(detectors=detectors))
    assert asked == [COMMON | {"hu", "cs", "ja"}]
    assert choice(["de-AT", "*"]) == COMMON


@pytest.mark.parametrize(
    "asking",
    [
        pytest.param({"languages": {"detect": True}}, id="languages"),
        pytest.param({"severity": {"tone": ["words", "lexicon"]}}, id="the lexicon"),
    ],
)
def test_a_playbook_that_asks_for_what_is_not_there_is_not_compiled(asking: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="handed in"):
        compile_playbook(make_playbook(**asking))
