"""A classifier beside labels and keywords: it decides where they are silent, and never against them."""

import dataclasses

import pytest
from msgspec.structs import replace

from service.core.consult import ModelRules, compile_model, consult, unknown_names
from service.core.playbook.classifier import ClassifierSettings
from service.core.playbook.taxonomy import Category
from service.core.records.feedback import Categorised
from service.core.records.heard import Heard, ModelSaid
from service.core.records.words import Abstained, Axis, CategoryMethod, FeedbackKind, ModelUse

DIGEST = "ab" * 32
NAMES = ("delivery", "billing", "account", "refund")
RULES = ModelRules(model=DIGEST, names={name: name for name in NAMES})
SILENT = Categorised(category="unmapped", confidence=0.0, method=CategoryMethod.NONE)
KEYWORD = Categorised(
    category="delivery",
    confidence=2 / 3,
    method=CategoryMethod.KEYWORD,
    categories=("delivery",),
    matched=("late",),
)


def heard(*categories: str, confidence: float = 0.9) -> Heard:
    return Heard(categories=categories, confidence=confidence, matched=("courier",))


def said(use: ModelUse, *categories: str, confidence: float = 0.9) -> ModelSaid:
    return ModelSaid(model=DIGEST, use=use, categories=categories, confidence=confidence, matched=("courier",))


def test_where_label_and_keyword_are_silent_the_model_decides() -> None:
    assert consult(SILENT, heard("billing", "refund"), RULES) == Categorised(
        category="billing",
        confidence=0.9,
        method=CategoryMethod.MODEL,
        categories=("billing", "refund"),
        matched=("courier",),
        model=said(ModelUse.DECIDED, "billing", "refund"),
    )


def test_a_model_that_agrees_with_a_keyword_changes_nothing() -> None:
    assert consult(KEYWORD, heard("delivery", "refund"), RULES) == replace(
        KEYWORD, model=said(ModelUse.AGREED, "delivery", "refund")
    )


@pytest.mark.parametrize(("confidence", "use"), [(0.79, ModelUse.OUTRANKED), (0.8, ModelUse.CONTRADICTED)])
def test_a_model_that_says_something_else_adds_one_category_behind(confidence: float, use: ModelUse) -> None:
    assert consult(KEYWORD, heard("billing", "refund", confidence=confidence), RULES) == replace(
        KEYWORD, categories=("delivery", "billing"), model=said(use, "billing", "refund", confidence=confidence)
    )


def test_there_are_never_more_than_three_categories() -> None:
    full = replace(KEYWORD, categories=("delivery", "account", "refund"))
    assert consult(full, heard("billing"), RULES).categories == full.categories


@pytest.mark.parametrize("found", [SILENT, KEYWORD])
@pytest.mark.parametrize("why", [Abstained.NO_TEXT, Abstained.OUT_OF_SCOPE])
def test_a_model_that_abstains_leaves_what_was_found_and_says_why(found: Categorised, why: Abstained) -> None:
    assert consult(found, Heard(abstained=why), RULES) == replace(
        found, model=ModelSaid(model=DIGEST, use=ModelUse.ABSTAINED, abstained=why)
    )


def test_below_the_least_confidence_the_text_stays_unmapped_and_what_was_said_is_kept() -> None:
    unsure = dataclasses.replace(RULES, min_confidence=0.7)
    assert consult(SILENT, heard("billing", confidence=0.69), unsure) == replace(
        SILENT, model=said(ModelUse.UNSURE, "billing", confidence=0.69)
    )
    assert consult(SILENT, heard("billing", confidence=0.7), unsure).category == "billing"


def test_a_model_that_was_not_asked_says_nothing() -> None:
    assert consult(KEYWORD, None, RULES) == replace(
        KEYWORD, model=ModelSaid(model=DIGEST, use=ModelUse.NOT_ITS_LANGUAGE)
    )


def test_a_model_speaks_for_the_languages_that_are_named_or_for_all() -> None:
    english = dataclasses.replace(RULES, languages=frozenset({"en", "und"}))
    assert [english.speaks(one) for one in ("en", "und", "de")] == [True, True, False]
    assert RULES.speaks("de")


TAXONOMY = (
    Category(id="delivery", label={"en": "Delivery"}, labels=("Card arrival", "shared"), replaces=("shipping",)),
    Category(id="billing", label={"en": "Billing"}, labels=("shared",)),
    Category(id="tools", label={"en": "Tools"}, kinds=(FeedbackKind.EMPLOYEE,)),
    Category(id="at_the_door", label={"en": "At the door"}, axis=Axis.STAGE),
)


def test_a_model_names_issues_by_their_ids_new_or_old_or_by_a_label_that_one_alone_has() -> None:
    settings = ClassifierSettings(model=DIGEST, min_confidence=0.5, languages=("en",))
    names = ("Billing", "card arrival", "shipping", "tools", "shared", "travel", "at_the_door")
    assert compile_model(settings, names, TAXONOMY) == ModelRules(
        model=DIGEST,
        names={"Billing": "billing", "card arrival": "delivery", "shipping": "delivery", "tools": "tools"},
        kinds={"tools": frozenset({FeedbackKind.EMPLOYEE})},
        min_confidence=0.5,
        languages=frozenset({"en"}),
    )
    assert unknown_names(names, TAXONOMY) == ("shared", "travel", "at_the_door")


def test_two_names_of_one_category_are_that_category_once() -> None:
    rules = dataclasses.replace(RULES, names={"late": "delivery", "lost": "delivery", "billing": "billing"})
    assert consult(SILENT, heard("late", "lost", "billing"), rules).categories == ("delivery", "billing")


def test_what_is_for_employees_alone_is_named_for_them_alone_and_before_what_is_for_all() -> None:
    rules = compile_model(ClassifierSettings(model=DIGEST), ("tools", "billing"), TAXONOMY)
    said_both = heard("billing", "tools")
    assert consult(SILENT, said_both, rules, FeedbackKind.SURVEY).categories == ("billing",)
    assert consult(SILENT, said_both, rules, FeedbackKind.EMPLOYEE).categories == ("tools",)
    assert consult(SILENT, heard("tools"), rules, FeedbackKind.TICKET).category == "unmapped"


def test_stage_and_outcome_stay_as_rules_found_them() -> None:
    found = replace(SILENT, stage="at_the_door")
    assert (consult(found, heard("billing"), RULES).category, consult(found, heard("billing"), RULES).stage) == (
        "billing",
        "at_the_door",
    )
