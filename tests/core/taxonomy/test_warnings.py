"""What does not stop a playbook and should be looked at, and examples that its words contradict."""

from typing import Any

import pytest

from service.core.playbook.faults import Fault, faults
from service.core.taxonomy import example_faults, warnings
from tests.core.taxonomy.words import AXES, of

LATE: dict[str, Any] = {"id": "late", "label": {"en": "Late"}, "keywords": {"en": ["late"]}}
RUDE: dict[str, Any] = {"id": "rude", "label": {"en": "Rude"}, "keywords": {"en": ["rude"]}}


def test_a_taxonomy_that_is_small_and_whole_is_warned_of_nothing() -> None:
    assert warnings(of(*AXES)) == ()


@pytest.mark.parametrize(
    ("taxonomy", "expected"),
    [
        (
            tuple({"id": f"c{at}", "label": {"en": "C"}} for at in range(61)),
            "has 61 issues; people choose badly among more than 60",
        ),
        (
            tuple({"id": f"g{at}.c", "label": {"en": "C"}} for at in range(11)),
            "has 11 groups of issues; people choose badly among more than 10",
        ),
        (
            (LATE, {**RUDE, "label": {"en": "Rude", "de": "Grob"}}),
            "1 of 2 categories have no label in de: late",
        ),
        (
            (LATE, {**RUDE, "keywords": {"en": ["rude"], "de": ["grob"]}}),
            "1 of 2 categories have no keywords in de: late",
        ),
    ],
)
def test_what_is_large_or_leaves_a_language_out_is_warned_of(
    taxonomy: tuple[dict[str, Any], ...], expected: str
) -> None:
    assert warnings(of(*taxonomy)) == (Fault(path=("taxonomy",), message=expected),)


def test_words_for_every_language_and_categories_known_by_labels_lack_none() -> None:
    every = {"id": "eta", "label": {"en": "Time"}, "keywords": {"*": ["eta"]}}
    assert warnings(of(LATE, every, {"id": "other", "label": {"en": "Other"}, "labels": ["x"]})) == ()


def test_groups_are_named_or_come_from_the_ids() -> None:
    grouped = [{"id": f"g{at}.c", "label": {"en": "C"}, "group": "one"} for at in range(11)]
    assert warnings(of(*grouped)) == ()


def test_an_issue_with_the_words_of_a_stage_is_on_the_wrong_axis() -> None:
    stage = {"id": "waiting", "axis": "stage", "label": {"en": "Waiting"}, "keywords": {"en": ["LATE"]}}
    message = "has the very words of the stage waiting; one of them is on the wrong axis"
    assert warnings(of(LATE, stage)) == (Fault(path=("taxonomy", 0, "keywords", "en"), message=message),)


def test_examples_that_belong_and_are_not_found_are_warnings() -> None:
    included = {"en": ["It was late.", "It took for ever.", "He was rude."]}
    at = ("taxonomy", 0, "examples", "include", "en")
    assert warnings(of({**LATE, "examples": {"include": included}}, RUDE)) == (
        Fault(path=(*at, 1), message="no word of it is a keyword; only a classifier can place it"),
        Fault(path=(*at, 2), message="its words (rude) put it into rude, not here"),
    )


def test_an_example_that_does_not_belong_and_is_found_is_a_fault() -> None:
    excluded = {"en": ["A late apology.", "He was rude."]}
    assert tuple(example_faults(of({**LATE, "examples": {"exclude": excluded}}, RUDE))) == (
        Fault(
            path=("taxonomy", 0, "examples", "exclude", "en", 0),
            message="is said not to belong here, and its words put it here; change the keywords of late",
        ),
    )


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        (
            {"taxonomy": [{**LATE, "owner": "drive"}]},
            ("taxonomy", 0, "owner"),
            "'drive' is not a known team; did you mean drivers?",
        ),
        (
            {
                "taxonomy": [LATE, {"id": "door", "axis": "stage", "label": {"en": "Door"}, "process": "shipping"}],
            },
            ("taxonomy", 1, "process"),
            "is what an issue is about, and this is stage; take it out",
        ),
        (
            {"crosswalk": {"*": {"slow": "lat"}}},
            ("crosswalk", "*", "slow"),
            "'lat' is not a known category; did you mean late?",
        ),
        (
            {"crosswalk": {"form": {"slow": "late"}}},
            ("crosswalk", "form"),
            "'form' is not a known source; add it, or use one of ",
        ),
        (
            {"crosswalk": {"*": {"slow": "late", "SLOW": "rude"}}},
            ("crosswalk", "*", "SLOW"),
            "is here already as 'slow'; case does not matter",
        ),
        (
            {
                "taxonomy": [LATE, {"id": "door", "axis": "stage", "label": {"en": "Door"}}],
                "routes": {
                    "team": "desk",
                    "arbitration": "judges",
                    "routes": [{"id": "a", "match": {"category": "door"}}],
                },
            },
            ("routes", "routes", 0, "match", "category"),
            "'door' is not a known category; add it, or use one of late, unmapped",
        ),
    ],
)
def test_names_that_nothing_answers_to_are_faults(
    changes: dict[str, Any], path: tuple[str | int, ...], message: str
) -> None:
    found = faults(of(*changes.pop("taxonomy", (LATE, RUDE)), **changes))
    assert [(one.path, one.message) for one in found] == [(path, message)]


MOVED: dict[str, Any] = {**RUDE, "replaces": ["coarse", "unkind"]}


@pytest.mark.parametrize(
    ("taxonomy", "path", "message"),
    [
        (
            (LATE, {**RUDE, "replaces": ["late"]}),
            ("taxonomy", 1, "replaces", 0),
            "late is still there; only an id that is no category any more can be replaced",
        ),
        (
            ({**LATE, "replaces": ["coarse"]}, MOVED),
            ("taxonomy", 1, "replaces", 0),
            "late replaces coarse already; one old id becomes one new category",
        ),
        (
            (LATE, {**RUDE, "replaces": ["unmapped"]}),
            ("taxonomy", 1, "replaces", 0),
            "unmapped is still there; only an id that is no category any more can be replaced",
        ),
    ],
)
def test_one_old_id_becomes_one_new_category(
    taxonomy: tuple[dict[str, Any], ...], path: tuple[str | int, ...], message: str
) -> None:
    assert faults(of(*taxonomy)) == (Fault(path=path, message=message),)


def test_rules_that_name_an_old_id_are_told_of_the_new_one() -> None:
    asked = {"id": "a", "match": {"category": ["late", "coarse"]}, "when": "feedback.category != 'unkind'"}
    playbook = of(
        LATE,
        MOVED,
        routes={"team": "desk", "arbitration": "judges", "routes": [asked]},
        volume={"zero_tolerance": ["coarse"]},
        crosswalk={"*": {"grob": "unkind"}},
    )
    assert faults(playbook) == ()
    said = {warning.path: warning.message for warning in warnings(playbook)}
    assert said == {
        ("routes", "routes", 0, "match", "category", 1): "coarse is rude now; write that",
        ("routes", "routes", 0, "when"): "unkind is rude now, and no feedback has that id any more; write rude",
        ("volume", "zero_tolerance", 0): "coarse is rude now; write that",
        ("crosswalk", "*", "grob"): "unkind is rude now; write that",
    }


def test_routes_may_ask_for_stages_and_outcomes() -> None:
    asked = {"id": "door", "match": {"stage": "doorstep", "outcome": ["paid-back"]}, "when": "feedback.stage != ''"}
    assert faults(of(*AXES, routes={"team": "desk", "arbitration": "judges", "routes": [asked]})) == ()
