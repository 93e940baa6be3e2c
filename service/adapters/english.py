"""English text -> how it sounds, by the lexicon and the rules of VADER (Hutto and Gilbert 2014).

It reads negation and emphasis, which the playbook's own words do not. The lexicon is loaded when the first text asks.
"""

import re
from functools import cache
from itertools import count
from typing import Any

# What lies behind says little more. Time grows with the square of the emoji, each of which stands for several words.
_LONGEST, _MOST_SYMBOLS = 1_000, 20
_WORD = re.compile("[a-z]+(?:'[a-z]+)*")
_SYMBOL = re.compile(r"[^\w\s!-~]")


def sentiment(text: str) -> float | None:
    """Return -1 to 1; None where no word of the text is in the lexicon, which VADER itself would call neutral."""
    found = _analyzer().polarity_scores(_bounded(text))
    if not any((found["pos"], found["neg"], found["compound"])):
        return None
    return round(float(found["compound"]), 6)


def _bounded(text: str) -> str:
    symbols = count()
    return _SYMBOL.sub(lambda found: found[0] if next(symbols) < _MOST_SYMBOLS else " ", text[:_LONGEST])


def valences() -> dict[str, float]:
    """Return the valence, -4 to 4, of each word of the lexicon that is made of letters."""
    known: dict[str, float] = _analyzer().lexicon
    return {word: valence for word, valence in known.items() if _WORD.fullmatch(word)}


@cache
def _analyzer() -> Any:  # noqa: ANN401 - the package has no types
    # Imported here, because the package brings an HTTP client along, which only its own demonstration needs.
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415

    return SentimentIntensityAnalyzer()
