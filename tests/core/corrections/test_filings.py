"""How often each step of the ladder was wrong, as people said."""

from datetime import timedelta

from service.core.corrections import (
    CategoryFiled,
    Confusion,
    KeywordFiled,
    count_filings,
    filed_by_category,
    filed_by_keyword,
)
from service.core.intervals import share
from service.core.records.decisions import Contribution
from service.core.records.words import CategoryMethod
from service.core.refile import by_person, said_by_person
from tests.builders import START, make_contribution, make_feedback

DAY = timedelta(days=1)
SPAN = (START, START + DAY)


def said(number: int, category: str, *meant: str, at: timedelta = timedelta(), part: str | None = None) -> Contribution:
    one = make_contribution(make_feedback(subject=f"r{number}", occurred_at=START + at), category)
    return by_person(one, said_by_person(meant), one.key.part if part is None else part) if meant else one


def test_of_each_category_and_step_the_share_that_was_refiled_and_where_to() -> None:
    filings = count_filings(
        [
            said(1, "delivery"),
            said(2, "delivery", "refund"),
            said(3, "delivery", "refund"),
            said(4, "delivery", "safety"),
            said(5, "delivery", "delivery"),
            said(6, "refund"),
        ],
        *SPAN,
    )
    assert filed_by_category(filings, {}) == (
        CategoryFiled(
            category="delivery",
            method=CategoryMethod.KEYWORD,
            feedbacks=5,
            refiled=3,
            share=share(3, 5),
            confusions=(Confusion(meant="refund", feedbacks=2), Confusion(meant="safety", feedbacks=1)),
        ),
        CategoryFiled(
            category="refund",
            method=CategoryMethod.KEYWORD,
            feedbacks=1,
            refiled=0,
            share=share(0, 1),
            confusions=(),
        ),
    )
    assert filed_by_keyword(filings, {}) == (
        KeywordFiled(category="delivery", keyword="late", feedbacks=5, refiled=3, share=share(3, 5)),
        KeywordFiled(category="refund", keyword="late", feedbacks=1, refiled=0, share=share(0, 1)),
    )


def test_what_began_outside_the_span_or_was_filed_with_its_state_does_not_count() -> None:
    filings = count_filings(
        [said(1, "delivery", at=-DAY), said(2, "delivery", at=DAY), said(3, "delivery", "refund", part="of the state")],
        *SPAN,
    )
    assert (filed_by_category(filings, {}), filed_by_keyword(filings, {})) == ((), ())


def test_what_was_filed_under_earlier_ids_counts_under_the_present_ones() -> None:
    filings = count_filings([said(1, "late", "delivery"), said(2, "late", "returns"), said(3, "delivery")], *SPAN)
    renamed = {"late": "delivery", "returns": "refund"}
    (delivery,) = filed_by_category(filings, renamed)
    assert (delivery.category, delivery.feedbacks, delivery.refiled) == ("delivery", 3, 1)
    assert delivery.confusions == (Confusion(meant="refund", feedbacks=1),)
    (late,) = filed_by_keyword(filings, renamed)
    assert (late.category, late.feedbacks) == ("delivery", 3)
