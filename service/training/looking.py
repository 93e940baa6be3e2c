"""Labelled lines -> the views that their words give, and the rows of each view."""

from collections.abc import Mapping, Sequence

import numpy as np

from service.core.classify import LEXICAL, QUESTION, TEXT, DenseView, LexicalView, QuestionView, TextView, Vectors, View
from service.core.classify.terms import Rows
from service.core.records.heard import Asked
from service.core.text import fold
from service.training.labelled import Labelled
from service.training.vocabulary import MOST_COLUMNS, fit_terms

# Below that many texts, a term that one of them alone has is still worth a column.
_MANY = 2_000
# What the weights of two heads may take: 80 MB in memory, half of it in a file.
_MOST_WEIGHTS = 10_000_000


def asked_of(lines: Sequence[Labelled]) -> Sequence[Asked]:
    return [Asked(text=one.text, question=one.question, language=one.language) for one in lines]


def read_views(lines: Sequence[Labelled], classes: int) -> dict[str, View]:
    """Fit the vocabularies of the text and, where any line has one, of the question."""
    most = min(MOST_COLUMNS, _MOST_WEIGHTS // max(classes, 1))
    least = 2 if len(lines) >= _MANY else 1
    views: dict[str, View] = {TEXT: TextView(fit_terms([fold(one.text) for one in lines], least=least, most=most))}
    questions = [fold(one.question) for one in lines if one.question]
    if len(set(questions)) > 1:
        views[QUESTION] = QuestionView(fit_terms(questions, least=1, most=_MANY, with_pieces=False))
    return views


def dense_rows(vectors: Mapping[str, Vectors], lines: Sequence[Labelled]) -> dict[str, Rows]:
    return rows_of(dense_views(vectors), lines)


def dense_views(vectors: Mapping[str, Vectors]) -> dict[str, View]:
    return {name: DenseView(one) for name, one in vectors.items()}


def lexical_view(lexicon: Mapping[str, float]) -> dict[str, View]:
    """Return the view of a lexicon that has words."""
    if not lexicon:
        return {}
    words = tuple(sorted(lexicon))
    valences = np.array([lexicon[word] for word in words], np.float16).astype(np.float64)
    return {LEXICAL: LexicalView(words, tuple(valences.tolist()))}


def rows_of(views: Mapping[str, View], lines: Sequence[Labelled]) -> dict[str, Rows]:
    asked = asked_of(lines)
    return {name: view.rows(asked) for name, view in views.items()}
