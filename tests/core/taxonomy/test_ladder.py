"""Axes, and labels that mean to one source what they mean to no other."""

import pytest

from service.core.categorise import categorise
from service.core.records.feedback import Categorised
from service.core.records.words import CategoryMethod
from service.core.taxonomy import compile_ladder, on_all_axes
from tests.core.taxonomy.words import AXES, of

FORMS = {"forms": {"kind": "survey", "topic": "raw.forms", "subject": "id"}}


def named(labels: tuple[str, ...], text: str, source: str = "/other", **parts: object) -> Categorised:
    ladder = compile_ladder(of(*AXES, **parts))
    said = (labels, text, "en", source)
    return on_all_axes(categorise(ladder.issues, *said), ladder.others, *said)


def test_each_axis_is_answered_by_itself_from_the_same_labels_and_text() -> None:
    assert named(("Refunded", "late"), "Left late on my porch") == Categorised(
        category="delivery.late",
        confidence=1.0,
        method=CategoryMethod.LABEL,
        categories=("delivery.late",),
        matched=("late",),
        stage="depot",
        outcome="paid-back",
    )


def test_a_stage_without_an_issue_leaves_the_category_unmapped() -> None:
    found = named((), "On the doorstep")
    assert (found.category, found.categories, found.stage, found.outcome) == ("unmapped", (), "doorstep", None)


@pytest.mark.parametrize(
    ("crosswalk", "source", "expected"),
    [
        ({}, "/forms", ("delivery.late", "depot")),
        ({"*": {"Late": "refund.late"}}, "/forms", ("refund.late", "depot")),
        ({"*": {"late": "refund.late"}, "forms": {"late": "delivery.late"}}, "/forms", ("delivery.late", "depot")),
        ({"forms": {"late": "refund.late"}}, "/forms", ("refund.late", "depot")),
        ({"forms": {"late": "refund.late"}}, "/other", ("delivery.late", "depot")),
        ({"/other": {"late": "refund.late"}}, "/other", ("refund.late", "depot")),
        ({"forms": {"late": "doorstep"}}, "/forms", ("delivery.late", "doorstep")),
        ({"forms": {"slow": "refund.late"}}, "/forms", ("delivery.late", "depot")),
    ],
)
def test_what_a_label_means_to_its_source_comes_first(
    crosswalk: dict[str, dict[str, str]], source: str, expected: tuple[str, str]
) -> None:
    found = named(("late",), "", source, crosswalk=crosswalk, sources=FORMS)
    assert (found.category, found.stage) == expected
