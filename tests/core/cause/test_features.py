from dataclasses import replace

import numpy as np

from service.core.cause import Case, Feature, FeatureKind
from service.core.cause.features import features_of
from tests.core.cause.cases import group, visits


def told(cases: list[Case]) -> dict[tuple[str, str], int]:
    """Each feature and each other name with how many instances it holds of."""
    return {
        (name.kind.value, name.value): int(one.holds.sum())
        for one in features_of(cases)
        for name in (one.feature, *one.also)
    }


def test_a_path_is_told_by_its_activities_loops_handoffs_and_variant() -> None:
    cases = group("a", 0, 6, path="check@credit fix@front check@credit") + group("b", 0, 10, path="check@credit")
    assert told(cases) == {
        ("loop", "check"): 6,
        ("handoff", "credit -> front"): 6,
        ("handoff", "front -> credit"): 6,
        ("activity", "fix"): 6,
        ("variant", "check -> fix -> check"): 6,
        ("variant", "check"): 10,
    }


def test_features_of_the_very_same_instances_are_one_with_other_names() -> None:
    (first, *_) = features_of(group("a", 0, 6, path="check fix check") + group("b", 0, 10))
    assert first.feature == Feature(FeatureKind.LOOP, "check", "check was done more than once")
    assert [name.kind.value for name in first.also] == ["activity", "activity", "variant"]


def test_who_complained_changes_no_feature() -> None:
    cases = group("a", 3, 9, path="check fix check", version="2") + group("b", 1, 30, path="check", version="1")
    flipped = [replace(one, negative=not one.negative) for one in cases]
    assert told(cases) == told(flipped)


def test_what_holds_of_fewer_than_five_or_of_all_but_four_is_left_out() -> None:
    cases = group("a", 0, 4, version="3") + group("b", 0, 5, version="2") + group("c", 0, 8, version="1")
    assert told(cases) == {("version", "2"): 5, ("version", "1"): 8}
    assert told(group("a", 0, 20, version="1") + group("b", 0, 4, version="2")) == {}


def test_a_wait_is_long_where_it_is_longer_than_nine_of_ten_between_the_same_activities() -> None:
    cases = [
        Case(instance_id=f"{at}", negative=False, visits=visits("check pack", [1 + at / 100])) for at in range(100)
    ]
    (one,) = features_of(cases)
    assert one.feature.kind is FeatureKind.WAIT
    assert one.feature.words == "the wait from check to pack was over 1:53:28, longer than nine of ten"
    assert np.flatnonzero(one.holds).tolist() == list(range(90, 100))


def test_of_many_numbers_the_quarters_are_told_apart_and_of_few_each_one() -> None:
    many = [Case(instance_id=f"{at}", negative=False, attributes={"amount": f"{at}.50"}) for at in range(40)]
    assert told(many) == {
        ("attribute", "amount=at most 10.25"): 10,
        ("attribute", "amount=over 10.25, at most 20"): 10,
        ("attribute", "amount=over 20, at most 29.75"): 10,
        ("attribute", "amount=over 29.75"): 10,
    }
    few = [Case(instance_id=f"{at}", negative=False, attributes={"parcels": f"{at % 4}"}) for at in range(40)]
    assert told(few) == {("attribute", f"parcels={number}"): 10 for number in range(4)}


def test_of_more_words_than_twenty_the_commonest_are_told_apart() -> None:
    words = [f"w{at % 30:02}" for at in range(300)] + ["w29"]
    cases = [Case(instance_id=f"{at}", negative=False, attributes={"word": word}) for at, word in enumerate(words)]
    assert told(cases) == {("attribute", f"word=w{at:02}"): 10 for at in range(19)} | {("attribute", "word=w29"): 11}


def test_a_path_that_was_cut_at_a_complaint_is_no_variant() -> None:
    cut = [replace(one, whole=False) for one in group("a", 6, 6, path="check pack")]
    assert told(cut + group("b", 0, 6, path="check")) == {("activity", "pack"): 6, ("variant", "check"): 6}
