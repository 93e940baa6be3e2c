"""Short texts in thirteen languages, 102 of 146 of them named and none wrongly, and in ten others, none named.

The bounds of the detection were set on these texts, so that their figures flatter it a little.
"""

from collections import Counter

import pytest

from service.adapters.languages import detector
from service.core.language import COMMON, UNKNOWN, in_its_language
from tests.builders import make_feedback
from tests.quality.classification.spoken import FOREIGN, SPOKEN

pytestmark = pytest.mark.quality

DETECT = detector(COMMON)
# So many of the ten or twelve texts of a language are named; the rest stays `und`.
NAMED = {
    "da": 3, "de": 6, "en": 9, "es": 8, "fi": 9, "fr": 9, "it": 10, "nl": 10, "no": 5, "pl": 11, "pt": 9, "sv": 5,
    "tr": 8,
}  # fmt: skip


def named(text: str) -> str:
    return in_its_language(make_feedback(text=text, language=UNKNOWN), DETECT).language


@pytest.mark.parametrize("language", sorted(SPOKEN))
def test_a_short_text_is_named_rightly_or_not_at_all(language: str) -> None:
    found = Counter(named(text) for text in SPOKEN[language])
    assert found == {language: NAMED[language], UNKNOWN: len(SPOKEN[language]) - NAMED[language]}


def test_what_has_six_words_is_named_nearly_always() -> None:
    long = [(text, language) for language, texts in SPOKEN.items() for text in texts if len(text.split()) > 5]
    assert [language for text, language in long if named(text) != language] == ["da"]
    assert len(long) == 36


def test_a_language_that_is_not_asked_for_passes_for_none_that_is() -> None:
    assert {named(text) for texts in FOREIGN.values() for text in texts} == {UNKNOWN}
