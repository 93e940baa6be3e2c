"""What an explanation says of the category: the method, the model's own words, and what would have had to differ."""

from datetime import timedelta
from typing import Any

import pytest

from service.core.explain import explain
from service.core.explain.document import CategoryTold, ModelTold, Why
from service.core.records.muting import Muters
from service.core.records.words import Abstained, CategoryMethod, ModelUse
from tests.builders import Timeline, survey
from tests.listening import digest_of, listening_rules, model_file

KEYWORD_OR_LABEL = "its text held a keyword, or its labels named a label, of a category"


def why(text: str, *, confidence: float = 0.9, **settings: Any) -> Why:  # noqa: ANN401 - settings of a classifier
    timeline = Timeline()
    timeline.rules = listening_rules(model_file(confidence=confidence), settings=settings)
    timeline.push(timedelta(minutes=1), survey("r1", 0, text))
    rows = timeline.store.rows
    (one,) = rows.contributions.values()
    row = rows.rows[one.feedback.source, one.feedback.event_id]
    return explain(one, timeline.rules, timeline.now, row.document, None, Muters())


def test_what_the_model_decided_is_told_with_the_words_that_spoke_for_it() -> None:
    found = why("the courier came")
    assert found.category == CategoryTold(
        category="delivery",
        confidence=0.9,
        method=CategoryMethod.MODEL,
        categories=("delivery",),
        matched=("courier",),
        model=ModelTold(
            model=digest_of(model_file()),
            use=ModelUse.DECIDED,
            said="no label and no keyword spoke, so the classifier decided, 90% sure",
            categories=("delivery",),
            confidence=0.9,
            abstained=None,
            matched=("courier",),
        ),
    )
    assert found.would_differ_if.category == (
        KEYWORD_OR_LABEL,
        "the classifier were not 90% sure of delivery",
    )


@pytest.mark.parametrize(
    ("text", "confidence", "use", "said", "differs"),
    [
        (
            "late courier",
            0.9,
            ModelUse.AGREED,
            "the keyword decided, and the classifier says the same, 90% sure",
            (),
        ),
        (
            "late, I was charged",
            0.6,
            ModelUse.OUTRANKED,
            "the keyword decided; the classifier leans to refund, 60% sure",
            ("no keyword had spoken: the classifier would have said refund",),
        ),
        (
            "late, I was charged",
            0.9,
            ModelUse.CONTRADICTED,
            (
                "the keyword decided against the classifier, which is 90% sure of refund (80% or more is a "
                "contradiction): look at the keyword"
            ),
            ("no keyword had spoken: the classifier would have said refund",),
        ),
        (
            "I was charged",
            0.3,
            ModelUse.UNSURE,
            "the classifier is only 30% sure of refund, which is below min_confidence",
            (KEYWORD_OR_LABEL, "the classifier's confidence in refund were 50% or more"),
        ),
        (
            "hm",
            0.9,
            ModelUse.ABSTAINED,
            "the classifier names no category: the text is like none that it learnt",
            (KEYWORD_OR_LABEL, "its text were like those of a category"),
        ),
        (
            "",
            0.9,
            ModelUse.ABSTAINED,
            "the classifier names no category: there is no text",
            (KEYWORD_OR_LABEL, "it had a text"),
        ),
    ],
)
def test_whatever_became_of_what_the_model_said_is_a_sentence(
    text: str, confidence: float, use: ModelUse, said: str, differs: tuple[str, ...]
) -> None:
    found = why(text, confidence=confidence, min_confidence=0.5)
    assert found.category.model is not None
    assert (found.category.model.use, found.category.model.said) == (use, said)
    assert found.would_differ_if.category == differs


def test_a_language_that_is_not_the_model_s_is_said() -> None:
    found = why("the courier came", languages=["de"])
    assert found.category.model is not None
    assert (found.category.model.use, found.category.model.abstained) == (ModelUse.NOT_ITS_LANGUAGE, None)
    assert found.would_differ_if.category == (KEYWORD_OR_LABEL, "it were in a language of the classifier")


def test_why_the_model_abstained_is_a_word_of_a_closed_list() -> None:
    told = why("hm").category.model
    assert told is not None
    assert told.abstained is Abstained.OUT_OF_SCOPE
