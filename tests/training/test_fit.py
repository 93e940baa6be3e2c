"""A model is fitted from labelled lines: the same from the same seed, chosen on lines held out."""

from dataclasses import replace

import numpy as np
import pytest

from service.core.records.heard import Asked
from service.core.records.words import Abstained
from service.training import Labelled, train
from service.training.folds import folds, groups
from service.training.fusing import fuse, temperature
from service.training.vocabulary import fit_terms
from tests.classifying import OUTSIDE, MadeUpVectors, lines, trained


def test_the_report_says_what_was_trained_on_and_what_was_chosen() -> None:
    report = trained().report
    assert (report["n"], report["out_of_scope"], report["seed"]) == (120, 3, 1)
    assert report["categories"] == {"card": 40, "delivery": 40, "refund": 40}
    assert report["vectors"] == {"static": "made-up"}
    assert report["held_out"]["stages"][-1]["accuracy"] == 1.0
    assert report["tones"]["severity"]["n"] == 120
    assert set(report["versions"]) == {"numpy", "scipy", "scikit-learn"}


def test_lines_out_of_scope_are_no_class_and_lower_what_is_kept() -> None:
    assert trained().model.categories == ("card", "delivery", "refund")
    assert trained().report["kept"] == 0.95
    heard = trained().model.hear([Asked(text=one.text) for one in OUTSIDE])
    assert [one.abstained for one in heard] == [Abstained.OUT_OF_SCOPE] * 3


def test_few_lines_a_class_are_learnt_by_fixed_settings() -> None:
    few = [one for one in lines() if one.id.split("-")[2] in "01"]
    report = train(few, seed=1, vectors={"static": MadeUpVectors()}).report
    assert set(report["tried"]) == {"logistic on text, C=20", "nearness on static, C=10"}
    assert report["kept"] == 0.99


def test_a_question_is_a_view_of_its_own() -> None:
    asked = [one for at, one in enumerate(lines(question="What went wrong?")) if at % 2]
    asked += [one for at, one in enumerate(lines(question="What was good?")) if not at % 2]
    model = train(asked, seed=1, vectors={}).model
    assert set(model.views) == {"text", "question"}


def test_one_label_alone_needs_no_classifier() -> None:
    with pytest.raises(ValueError, match="a classifier needs two"):
        train(lines()[:40], seed=1, vectors={})


def test_severity_follows_what_people_said() -> None:
    low, high = trained().model.hear([Asked(text="my refund is late"), Asked(text="is a refund possible?")])
    assert low.severity is not None
    assert high.severity is not None
    assert 0 <= low.severity < high.severity <= 100
    assert low.sentiment is not None


def test_encoders_are_asked_about_the_share_that_training_was_told() -> None:
    words, always = (
        train(lines(), seed=1, vectors={"near": MadeUpVectors(digest="slow")}, slow=["near"], unsure=share).model
        for share in (0.1, 1.0)
    )
    assert [[one.below for one in model.stages] for model in (words, always)] == [
        [None, words.stages[1].below],
        [None, 2.0],
    ]
    assert [one.slow for one in always.tones["severity"]] == [False, True]
    asked = [Asked(text=one.text) for one in lines()]
    unsure = always.stages[0]
    slowly = [one.severity for one in always.hear(asked)]
    quickly = [one.severity for one in replace(always, stages=(unsure,)).hear(asked)]
    assert slowly != quickly
    assert None not in slowly + quickly


def test_parts_hold_each_class_alike_and_texts_that_stand_twice_together() -> None:
    classes = np.repeat([0, 1], 50)
    texts = [str(at // 2) for at in range(100)]
    part = folds(classes, texts, 5, seed=3)
    assert [int((part[classes == 0] == one).sum()) for one in range(5)] == [10] * 5
    assert all(part[at] == part[at + 1] for at in range(0, 100, 2))
    assert (part == folds(classes, texts, 5, seed=3)).all()
    assert (part != folds(classes, texts, 5, seed=4)).any()


def test_lines_of_one_group_are_held_out_together_and_so_are_equal_texts_of_several() -> None:
    told = [
        Labelled(id="", text="Too late!", group="late"),
        Labelled(id="", text="Zu spät!", group="late"),
        Labelled(id="", text="zu spät!", group="spät"),
        Labelled(id="", text="En retard", group="spät"),
        Labelled(id="", text="En retard, encore"),
        Labelled(id="", text="late"),
    ]
    one, *others = groups(told)
    assert others[:3] == [one] * 3
    assert len({one, *others[3:]}) == 3
    part = folds(np.zeros(240, np.intp), [str(at % 40) for at in range(240)], 5, seed=1)
    assert all(len(set(part[at::40])) == 1 for at in range(40))


def test_a_temperature_takes_back_how_far_logits_are_blown_up() -> None:
    dice = np.random.default_rng(1)
    logits = dice.normal(size=(4_000, 4)) * 2
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    classes = np.array([dice.choice(4, p=chance) for chance in chances])
    assert temperature(logits * 3, classes) == pytest.approx(3, rel=0.1)


def test_the_better_head_gets_the_larger_share() -> None:
    dice = np.random.default_rng(1)
    classes = dice.integers(0, 3, 900)
    clear = np.eye(3)[classes] * 3 + dice.normal(size=(900, 3))
    vague = np.eye(3)[classes] * 0.5 + dice.normal(size=(900, 3))
    fusion = fuse({"clear": clear, "vague": vague}, classes)
    assert fusion.shares["clear"] > fusion.shares["vague"]
    assert fusion.ece < 0.05


def test_terms_are_the_most_frequent_ones() -> None:
    terms = fit_terms(["a b", "a c", "a b"], least=2, most=4)
    assert terms.words == ("a", "a b")
    assert len(terms.pieces) == 2
