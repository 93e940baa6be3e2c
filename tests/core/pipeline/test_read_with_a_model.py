"""Reading with a classifier: who is asked what, in which batches, and that batches change nothing."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.pipeline.read import MOST_ASKED, ReadRecord, Taken, read, read_taken, take
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.records.feedback import FeedbackRead, Message, Reading
from service.core.records.heard import ModelSaid
from service.core.records.words import Abstained, CategoryMethod, ModelUse
from tests.builders import KEY, START, make_playbook, survey, ticket
from tests.listening import WordClassifier, listening, listening_rules, model_file, open_words

RULES = listening_rules()


def message(event: Mapping[str, Any] | bytes, offset: int = 0) -> Message:
    value = event if isinstance(event, bytes) else orjson.dumps({"time": START.isoformat(), **event})
    return Message(topic="feedback.surveys", partition=0, offset=offset, key=None, value=value, received_at=START)


def said(event: Mapping[str, Any], rules: Rules = RULES) -> FeedbackRead:
    (record,) = read(message(event), rules, KEY)
    assert isinstance(record.read, Reading)
    assert isinstance(record.read.said, FeedbackRead)
    return record.read.said


def test_a_text_without_label_or_keyword_gets_the_category_that_the_model_names() -> None:
    found = said(survey("r1", 0, "The courier left")).categorised
    assert (found.category, found.method, found.confidence, found.matched) == (
        "delivery",
        CategoryMethod.MODEL,
        0.9,
        ("courier",),
    )


def test_the_question_is_heard_with_the_answer_after_it_was_cleaned() -> None:
    answer = {"text": "No", "question": "Anna, write to anna@example.org: were you charged?", "language": "en"}
    found = said(survey("r1", 0, verbatims=[{**answer, "question": "were you charged twice"}]))
    assert found.categorised.category == "refund"
    cleaned = said(survey("r1", 0, verbatims=[answer])).feedback.question
    assert (cleaned.endswith("were you charged?"), "example.org" in cleaned) == (True, False)


def test_a_feedback_without_a_text_is_not_asked_about() -> None:
    found = said(survey("r1", 0)).categorised
    assert found.model == ModelSaid(
        model=RULES.model.model if RULES.model else "", use=ModelUse.ABSTAINED, abstained=Abstained.NO_TEXT
    )
    assert (found.category, found.method) == ("unmapped", CategoryMethod.NONE)


def test_a_language_that_the_model_does_not_speak_is_not_asked_about() -> None:
    rules = listening_rules(settings={"languages": ["en"]})
    german = survey("r1", 0, verbatims=[{"text": "courier", "language": "de"}])
    assert said(german, rules).categorised.category == "unmapped"
    assert said(german, RULES).categorised.category == "delivery"


def test_without_a_classifier_nothing_is_said_of_one() -> None:
    assert said(survey("r1", 0, "courier"), compile_playbook(make_playbook())).categorised.model is None


def test_a_playbook_is_compiled_with_the_classifier_that_it_names_and_with_no_other() -> None:
    other = open_words(model_file(confidence=0.5)).classifier
    for playbook, classifier in ((listening(), None), (listening(), other), (make_playbook(), other)):
        with pytest.raises(ValueError, match="not the one that the playbook names"):
            compile_playbook(playbook, classifier)


def test_the_model_is_asked_about_hundreds_of_texts_at_once() -> None:
    rules = listening_rules()
    count = MOST_ASKED + 1
    taken = [one for at in range(count) for one in take(message(survey(f"r{at}", 0, "courier"), at), rules, KEY)]
    found = read_taken(taken, rules)
    assert isinstance(rules.classifier, WordClassifier)
    assert (rules.classifier.batches, [record.message.offset for record in found]) == (
        [MOST_ASKED, 1],
        list(range(count)),
    )


def test_what_is_no_feedback_takes_no_answer_of_another_s() -> None:
    events: list[dict[str, Any] | bytes] = [
        survey("r1", 0, "courier"),
        b"late!",
        survey("r2", 0),
        survey("r3", 0, "charged"),
    ]
    taken = [one for at, event in enumerate(events) for one in take(message(event, at), RULES, KEY)]
    found = [_category(record) for record in read_taken(taken, RULES)]
    assert found == ["delivery", None, "unmapped", "refund"]


_TEXTS = st.lists(
    st.sampled_from(["courier", "late", "charged cents", "refund", "hm", "", "late charged"]), max_size=12
)


@given(texts=_TEXTS, cuts=st.lists(st.integers(0, 12), max_size=4))
def test_how_records_are_cut_into_batches_changes_no_decision(texts: list[str], cuts: list[int]) -> None:
    taken = [one for at, text in enumerate(texts) for one in take(message(_event(at, text), at), RULES, KEY)]
    edges = [0, *sorted(min(cut, len(taken)) for cut in cuts), len(taken)]
    pieces: list[Sequence[Taken]] = [taken[low:high] for low, high in pairwise(edges)]
    assert [one for piece in pieces for one in read_taken(piece, RULES)] == list(read_taken(taken, RULES))


def _event(at: int, text: str) -> dict[str, Any]:
    return ticket("created", f"t{at}", event_id=f"e{at}", body=text) if at % 3 == 2 else survey(f"r{at}", 0, text)


def _category(record: ReadRecord) -> str | None:
    if not isinstance(record.read, Reading) or not isinstance(record.read.said, FeedbackRead):
        return None
    return record.read.said.categorised.category
