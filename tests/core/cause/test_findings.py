from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.cause import Case, Causes, CauseStatus, FeatureKind, Table, causes_of
from tests.core.cause.cases import group


def named(found: Causes) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """Each finding, by what it is explained, and from what it is not told apart."""
    return [
        (
            one.tested.feature.value,
            one.explained_by.value if one.explained_by else None,
            tuple(other.value for other in one.not_told_apart),
        )
        for one in found.findings
    ]


def test_a_version_with_three_times_the_complaints_is_named_with_its_figures_and_examples() -> None:
    found = causes_of(group("new", 30, 150, version="2") + group("old", 60, 900, version="1"))
    (one,) = found.findings
    assert (found.status, found.cases, found.negative, found.outage) == (
        CauseStatus.FOUND,
        1050,
        90,
        Table(0, 0, 90, 1050),
    )
    assert (one.tested.feature.kind, one.tested.feature.value) == (FeatureKind.VERSION, "2")
    assert one.tested.table == Table(30, 150, 60, 900)
    assert one.tested.lift == one.tested.lift_within == pytest.approx(3.0)
    assert one.examples == ("new-0000", "new-0001", "new-0002", "new-0003", "new-0004")
    assert one.words == (
        "Associated with complaints: the version is 2. 30 of 150 such instances were complained of (20%), and 60 of "
        "900 others (7%): 3.0 times as often."
    )


def test_where_nobody_else_complains_there_is_no_number_of_times() -> None:
    found = causes_of(group("new", 30, 150, version="2") + group("old", 0, 900, version="1"))
    assert found.findings[0].tested.lift == inf
    assert found.findings[0].words.endswith("and 0 of 900 others (0%): only there.")


def test_no_word_says_that_anything_is_a_cause() -> None:
    found = causes_of(group("new", 30, 150, version="2") + group("old", 60, 900, version="1"))
    assert "cause" not in found.findings[0].words


def test_what_an_outage_explains_is_not_named() -> None:
    """Entries by hand are complained of only because they are made while the system is down."""
    calm = group("a", 5, 100, path="enter-by-hand") + group("b", 45, 900, path="enter")
    down = group("c", 45, 90, path="enter-by-hand", outage=True) + group("d", 5, 10, path="enter", outage=True)
    assert named(causes_of(calm + down)) == []
    assert causes_of(calm + down).outage == Table(50, 100, 50, 1000)
    unaware = [Case(instance_id=f"{one.instance_id}", negative=one.negative, visits=one.visits) for one in calm + down]
    assert [name for name, _, _ in named(causes_of(unaware))] == ["enter-by-hand"]


def test_what_goes_with_a_stronger_finding_is_explained_by_it() -> None:
    cases = (
        group("a", 60, 200, version="2", attributes={"form": "new"})
        + group("b", 30, 100, version="2", attributes={"form": "old"})
        + group("c", 10, 200, version="1", attributes={"form": "new"})
        + group("d", 90, 1800, version="1", attributes={"form": "old"})
    )
    assert named(causes_of(cases)) == [("2", None, ()), ("form=new", "2", ())]
    assert (
        causes_of(cases)
        .findings[1]
        .words.endswith("Nothing is left of it where one looks apart at whether the version is 2.")
    )


def test_a_confounder_that_looks_stronger_than_the_cause_does_not_hide_it() -> None:
    """By chance more of those with the cause complain where they have the confounder too; its lift is the higher."""
    cases = (
        group("a", 22, 60, version="2", attributes={"form": "new"})
        + group("b", 20, 120, version="2", attributes={"form": "old"})
        + group("c", 1, 10, version="1", attributes={"form": "new"})
        + group("d", 50, 1000, version="1", attributes={"form": "old"})
    )
    found = causes_of(cases)
    lifts = {one.tested.feature.value: one.tested.lift for one in found.findings}
    assert lifts["form=new"] > lifts["2"]
    assert ("2", None, ()) in named(found)


def test_two_that_explain_one_another_are_not_told_apart() -> None:
    cases = (
        group("a", 60, 200, version="2", attributes={"form": "new"})
        + group("b", 1, 4, version="2", attributes={"form": "old"})
        + group("c", 1, 4, version="1", attributes={"form": "new"})
        + group("d", 50, 1000, version="1", attributes={"form": "old"})
    )
    assert sorted(named(causes_of(cases))) == [("2", None, ("form=new",)), ("form=new", None, ("2",))]
    assert causes_of(cases).findings[0].words.endswith("These instances cannot tell it from: form is new.")


def test_four_complaints_name_nothing_and_neither_does_everybody() -> None:
    few = causes_of(group("new", 4, 4, version="2") + group("old", 0, 900, version="1"))
    assert (few.status, few.findings) == (CauseStatus.TOO_FEW_NEGATIVES, ())
    all_of_them = causes_of(group("new", 40, 40, version="2") + group("old", 40, 44, version="1"))
    assert (all_of_them.status, all_of_them.findings) == (CauseStatus.TOO_FEW_OTHERS, ())
    assert causes_of([]).status is CauseStatus.TOO_FEW_NEGATIVES


def test_what_is_only_half_as_frequent_again_is_not_named_however_sure_it_is() -> None:
    found = causes_of(group("new", 1400, 10_000, version="2") + group("old", 1000, 10_000, version="1"))
    assert (found.status, found.features) == (CauseStatus.NOTHING_STANDS_OUT, 2)


def test_handoffs_are_ranked_by_lift_whether_they_are_named_or_not() -> None:
    cases = (
        group("a", 30, 150, path="take@front weigh@credit")
        + group("b", 60, 500, path="take@front look@store")
        + group("c", 20, 400, path="take@front")
        + group("d", 4, 10, path="take@front call@expert")
    )
    found = causes_of(cases)
    assert [(one.feature.value, round(one.lift, 2)) for one in found.handoffs] == [
        ("front -> credit", 2.17),
        ("front -> store", 1.24),
    ]
    assert ("front -> store", None, ()) not in named(found)


@given(st.permutations(group("new", 9, 20, version="2") + group("old", 5, 60, version="1")))
def test_the_order_of_the_instances_changes_nothing(cases: list[Case]) -> None:
    assert causes_of(cases) == causes_of(sorted(cases, key=lambda one: one.instance_id))


@given(
    st.lists(
        st.tuples(st.booleans(), st.booleans(), st.sampled_from("123"), st.sampled_from(["a b", "a b a", "c@x a@y"])),
        max_size=120,
    )
)
def test_whatever_comes_something_stands_where_anything_is_named(drawn: list[tuple[bool, bool, str, str]]) -> None:
    cases = [
        one
        for at, (negative, outage, version, path) in enumerate(drawn)
        for one in group(f"{at:03}", int(negative), 1, path=path, outage=outage, version=version)
    ]
    found = causes_of(cases)
    assert (found.status is CauseStatus.FOUND) == bool(found.findings)
    assert all(one.tested.table.with_negative >= 5 and one.tested.q <= 0.1 for one in found.findings)
    assert not found.findings or found.findings[0].explained_by is None
