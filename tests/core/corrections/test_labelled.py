"""Corrections and what teams acted on, as lines to train by and as acts to do again."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from service.core.corrections import CorrectionAct, acts_of, confirmed_lines, labelled_line
from service.core.records.corrections import Correction
from service.core.records.decisions import PartKey
from service.core.records.words import FeedbackKind
from service.core.refile import by_person, said_by_person
from tests.builders import START, make_categorised, make_contribution, make_feedback

HOUR = timedelta(hours=1)


def correction(**changes: Any) -> Correction:  # noqa: ANN401 - any field of Correction
    given: dict[str, Any] = {
        "key": PartKey("/surveys", "r1"),
        "number": 1,
        "event_id": "r1-1",
        "customer": "k1:anna",
        "kind": FeedbackKind.SURVEY,
        "language": "en",
        "question": "",
        "text": "It was late.",
        "given": make_categorised(),
        "meant": ("refund",),
        "author": "ana",
        "reason": None,
        "at": START,
    }
    return Correction(**(given | changes))


def test_a_line_has_the_text_with_all_that_a_person_said_of_it() -> None:
    assert labelled_line(correction(meant=("money", "delivery"), question="Why?"), {"money": "refund"}) == {
        "id": "/surveys#r1-1",
        "text": "It was late.",
        "language": "en",
        "question": "Why?",
        "labels": ["refund", "delivery"],
    }


def test_none_of_the_categories_is_a_line_without_a_label() -> None:
    line = labelled_line(correction(meant=(), language="und"), {})
    assert line == {"id": "/surveys#r1-1", "text": "It was late.", "labels": []}


def test_what_is_erased_or_has_ended_gives_no_line() -> None:
    gone = (correction(text=""), correction(ended_by="b", ended_at=START))
    assert [labelled_line(one, {}) for one in gone] == [None] * 2


def test_of_confirmed_texts_that_are_alike_one_is_taken_and_none_that_a_person_filed() -> None:
    texts = ["the parcel came 3 days late again", "The parcel came 5 days late again!", "nobody rang my bell"]
    members = [make_contribution(make_feedback(event_id=f"e{at}", text=text)) for at, text in enumerate(texts)]
    other = make_contribution(make_feedback(event_id="e3", text="money back"), "refund")
    members += [other, by_person(members[2], said_by_person(("refund",)), ""), make_contribution(category="unmapped")]
    assert [(line["id"], line["labels"]) for line in confirmed_lines(members, {})] == [
        ("/surveys#e0", ["delivery"]),
        ("/surveys#e2", ["delivery"]),
        ("/surveys#e3", ["refund"]),
    ]


def act(at: timedelta, *meant: str, back: bool = False, by: str = "ana") -> CorrectionAct:
    return CorrectionAct(
        at=START + at,
        source="/surveys",
        subject="r1",
        event_id="r1-1",
        meant=None if back else meant,
        author=by,
    )


def test_acts_are_what_was_said_and_taken_back_in_order_and_what_replaces_is_one_act() -> None:
    first = correction(ended_by="ben", ended_at=START + HOUR)
    second = correction(number=2, meant=("safety",), author="ben", at=START + HOUR)
    back = replace(second, ended_by="cem", ended_at=START + 2 * HOUR)
    third = correction(number=3, meant=(), at=START + 3 * HOUR)
    assert acts_of([third, back, first]) == (
        act(timedelta(), "refund"),
        act(HOUR, "safety", by="ben"),
        act(2 * HOUR, back=True, by="cem"),
        act(3 * HOUR),
    )
