"""What a model hears does not depend on the batch, names its words, and says why it names nothing."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.records.heard import Asked, Heard
from service.core.records.words import Abstained
from tests.classifying import lines, trained

MODEL = trained().model
KNOWN = [one.text for one in lines()]


def test_a_text_gets_its_category_with_a_confidence_and_the_words_that_spoke_for_it() -> None:
    (heard,) = MODEL.hear([Asked(text="the refund never came!")])
    assert heard.categories[0] == "refund"
    assert heard.abstained is None
    assert 0.5 < heard.confidence <= 1
    assert "refund" in heard.matched


def test_a_text_without_words_gets_none() -> None:
    assert MODEL.hear([Asked(text=" \n")]) == [Heard(abstained=Abstained.NO_TEXT)]


def test_a_text_unlike_all_that_was_learnt_is_out_of_scope() -> None:
    (heard,) = MODEL.hear([Asked(text="ζάχαρη ουρανός")])
    assert (heard.categories, heard.confidence, heard.abstained) == ((), 0.0, Abstained.OUT_OF_SCOPE)


def test_nothing_asked_is_nothing_heard() -> None:
    assert list(MODEL.hear([])) == []


@settings(max_examples=30)
@given(st.lists(st.one_of(st.sampled_from(KNOWN), st.text(max_size=80)), min_size=2, max_size=150), st.data())
def test_what_is_heard_does_not_depend_on_the_batch(texts: list[str], data: st.DataObject) -> None:
    asked = [Asked(text=text) for text in texts]
    together = MODEL.hear(asked)
    at = data.draw(st.integers(0, len(texts) - 1))
    assert MODEL.hear([asked[at]]) == [together[at]]
    assert list(MODEL.hear(asked[::-1]))[::-1] == list(together)


def test_without_its_vectors_it_answers_with_the_heads_that_remain() -> None:
    views = {name: view for name, view in MODEL.views.items() if name != "static"}
    (heard,) = replace(MODEL, views=views).hear([Asked(text="the refund never came!")])
    assert heard.categories[0] == "refund"
