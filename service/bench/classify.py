"""How many texts a second one core takes up the ladder, beside scikit-learn's own pipeline of the same features.

The ladder is label, the playbook's keywords, the default classifier, and what becomes of each. The
yardstick is `predict_proba` of TF-IDF of words and of letters with a logistic regression, which names no reason, takes
no text for a strange one and is not calibrated. Both are trained in the run, from the demo's sentences, and asked about
others in batches. They run in turns, by CPU time of this process, so that what else the machine does falls on neither.
"""

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union

from service.bench.hearing import LINES, listening, spoken, taught
from service.bench.scale import Say, Scale
from service.core.categorise import categorise
from service.core.consult import consult
from service.core.pipeline.rules import Rules
from service.core.records.feedback import Categorised
from service.core.records.heard import Asked
from service.training import Labelled

BATCH = 500


def classify(rules: Rules, scale: Scale, say: Say) -> dict[str, Any]:
    """Return texts per second of CPU, and how often the category was the one that was complained of."""
    taught_by = spoken(scale.seed, min(LINES, 2 * scale.events))
    asked = spoken(scale.seed + 1, scale.events)
    heard_by = listening(rules, taught(taught_by, scale.seed, say))
    yardstick = _yardstick(taught_by)
    turns: list[tuple[float, float, float]] = []
    found: list[Categorised] = []
    for number in range(1, scale.repeats + 1):
        ladder, found = _timed(lambda batch: _ladder(batch, heard_by), asked)
        keywords, _ = _timed(lambda batch: _keywords(batch, heard_by), asked)
        plain, _ = _timed(lambda batch: list(yardstick.predict_proba([one.text for one in batch])), asked)
        turns.append((ladder, keywords, plain))
        say(f"classify {number}/{scale.repeats}: ladder, yardstick in texts/s: {ladder:,.0f}, {plain:,.0f}")
    return {
        "texts": len(asked),
        "characters_per_text": round(sum(len(one.text) for one in asked) / len(asked), 1),
        "batch": BATCH,
        "categories": len(heard_by.classifier.categories) if heard_by.classifier else 0,
        "texts_per_second": {
            "ladder": round(median(one[0] for one in turns)),
            "labels_and_keywords": round(median(one[1] for one in turns)),
            "yardstick": round(median(one[2] for one in turns)),
        },
        "ladder_to_yardstick": round(median(one[0] / one[2] for one in turns), 3),
        "methods": _methods(found),
        "right": {
            "ladder": _right([one.categories[:1] for one in found], asked),
            "classifier": _right([one.model.categories[:1] if one.model else () for one in found], asked),
        },
    }


def _yardstick(lines: Sequence[Labelled]) -> Pipeline:
    inside = [one for one in lines if one.labels]
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=2, max_features=200_000),
    )
    made = make_pipeline(features, LogisticRegression(C=20, max_iter=100))
    return made.fit([one.text for one in inside], [one.labels[0] for one in inside])


def _timed(
    work: Callable[[Sequence[Labelled]], list[Any]], asked: Sequence[Labelled]
) -> tuple[float, list[Categorised]]:
    found: list[Any] = []
    started = time.process_time()
    for at in range(0, len(asked), BATCH):
        found += work(asked[at : at + BATCH])
    return len(asked) / (time.process_time() - started), found


def _ladder(batch: Sequence[Labelled], rules: Rules) -> list[Categorised]:
    if rules.classifier is None or rules.model is None:
        raise ValueError("the ladder's playbook has no classifier")
    heard = rules.classifier.hear([Asked(text=one.text, language=one.language) for one in batch])
    return [consult(found, of, rules.model) for found, of in zip(_keywords(batch, rules), heard, strict=True)]


def _keywords(batch: Sequence[Labelled], rules: Rules) -> list[Categorised]:
    return [categorise(rules.keywords, (), one.text, one.language) for one in batch]


def _methods(found: Sequence[Categorised]) -> dict[str, int]:
    methods = [one.method.value for one in found]
    return {method: methods.count(method) for method in sorted(set(methods))}


def _right(first: Sequence[tuple[str, ...]], asked: Sequence[Labelled]) -> float:
    """Return the share of texts with the category complained of, and of those about nothing with none."""
    return round(sum(one == of.labels[:1] for one, of in zip(first, asked, strict=True)) / len(asked), 4)
