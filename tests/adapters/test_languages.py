"""What reads texts by tables of its own: languages by py3langid, English by VADER."""

import subprocess
import sys
import time

import pytest

from service.adapters.english import sentiment
from service.adapters.languages import detector

FEW = frozenset({"de", "en", "es", "fr", "tlh"})


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My parcel never arrived and nobody answers the phone", "en"),
        ("Ich warte seit drei Wochen auf meine Erstattung", "de"),
        ("Mon colis n'est jamais arrivé", "fr"),
    ],
)
def test_a_language_is_named_with_certainty(text: str, language: str) -> None:
    found, sure = detector(FEW)(text)
    assert found == language
    assert sure > 0.95
    assert detector(FEW)(text) == (found, sure)


def test_a_language_that_is_not_among_those_asked_for_is_none_of_them() -> None:
    assert detector(FEW)("A csomagom soha nem érkezett meg")[1] == 0.0


@pytest.mark.parametrize("text", ["", "123", "\ud800 lone", "\x00", "😀"])
def test_any_text_gets_an_answer(text: str) -> None:
    language, sure = detector(FEW)(text)
    assert language in FEW
    assert 0 <= sure <= 1


def test_the_models_are_loaded_when_a_text_asks_for_them() -> None:
    script = (
        "import sys; from service.app.instruments import INSTRUMENTS as i; i.detectors(frozenset({'en'}));"
        "print([name in sys.modules for name in ('vaderSentiment', 'requests')],"
        "__import__('service.adapters.languages').adapters.languages._whole.cache_info().currsize)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[False, False] 0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The parcel came on Monday", None),
        ("", None),
        ("great", 0.6249),
        ("not great", -0.5096),
        ("no complaints", 0.3089),
    ],
)
def test_english_sounds(text: str, expected: float | None) -> None:
    assert sentiment(text) == expected


def test_a_wall_of_emoji_holds_nobody_up() -> None:
    began = time.process_time()
    assert sentiment("😀" * 100_000 + "\ud800") is not None
    assert time.process_time() - began < 1.0
