"""Texts -> their languages, by the model that py3langid brings along.

The model is loaded when the first text asks for it, once a process: half a second, and 100 MB at its peak.
"""

from collections.abc import Callable
from copy import copy
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_OWN_MIND = 0.5


def detector(among: frozenset[str]) -> Callable[[str], tuple[str, float]]:
    """Return what names the likeliest language of a text among these, and how sure that is, 0 to 1.

    It is not sure at all where the whole model is sure of a language that is not among them.
    """

    @cache
    def chosen() -> LanguageIdentifier:
        few = copy(_whole())
        few.set_languages(sorted(among & set(few.labels)))
        return few

    def detect(text: str) -> tuple[str, float]:
        language, sure = chosen().classify(text)
        other, how_sure = _whole().classify(text)
        return str(language), 0.0 if other != language and how_sure > _OWN_MIND else float(sure)

    return detect


@cache
def _whole() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
