"""How words meet a text: both folded, whole words only, in the language of the text or in any if it has none."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache


@cache
def folded(text: str) -> str:
    """Take away what does not matter for a comparison: case, width, kinds of blanks and of apostrophes."""
    even = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(even.replace("\u2019", "'").split())


def met(words: Iterable[str], text: str) -> set[str]:
    """Return those of the words, folded, that stand in the folded text."""
    return {word for word in map(folded, words) if word in text and _whole(word).search(text)}


def met_in_language(words: Mapping[str, Iterable[str]], text: str, language: str) -> set[str]:
    """Return the words of the language that the text has; a text without a language is compared with all."""
    found: set[str] = set()
    for spoken, list_of_words in words.items():
        if language == "und" or spoken in (language, "*"):
            found |= met(list_of_words, text)
    return found


@cache
def _whole(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])")
