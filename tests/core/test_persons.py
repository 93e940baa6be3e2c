"""References of one customer: joined by precedence, contested, shared, split; the same whatever came first."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from service.core.persons import Persons, Standing, evidence_of, walk
from service.core.records.identities import Evidence, IdentityRule, JoinReason, Reference, Split
from tests.builders import START

RULE = IdentityRule(precedence=("crm", "account", "email", "phone"), shared_above=2)
TYPES = {"c": "crm", "a": "account", "e": "email", "p": "phone"}


def reference(name: str) -> Reference:
    """Name a reference by a letter for its type and a number."""
    return Reference(TYPES[name[0]], name)


def seen(*names: str, at: int = 0) -> tuple[Evidence, ...]:
    def told(one: Reference, other: Reference) -> Evidence:
        return Evidence(first=one, second=other, source="/s", event_id="-".join(names), at=START + timedelta(hours=at))

    return evidence_of(map(reference, names), RULE, told)


def split(one: str, other: str, *, lifted: bool = False) -> Split:
    at = START if lifted else None
    return Split(ref=one, other=other, author="ana", reason="", at=START, lifted_at=at)


def persons(*events: Iterable[Evidence], splits: Iterable[Split] = ()) -> Persons:
    return Persons(RULE, [one for event in events for one in event], splits)


def standing(found: Persons, name: str) -> tuple[JoinReason, list[str]]:
    told = found.standing(reference(name))
    return told.reason, [one.ref for one in told.to]


def kin(found: Persons, name: str) -> str:
    return " ".join(sorted(found.kin(name)))


def test_references_that_one_event_names_are_one_persons() -> None:
    found = persons(seen("c1", "a1", "e1"))
    assert [kin(found, name) for name in ("c1", "a1", "e1")] == ["a1 c1 e1"] * 3
    assert found.person(reference("e1")) == (reference("c1"), reference("a1"), reference("e1"))
    assert standing(found, "c1") == (JoinReason.FOREMOST, [])
    assert standing(found, "e1") == (JoinReason.SEEN_TOGETHER, ["c1"])


def test_references_are_joined_over_several_events() -> None:
    found = persons(seen("e1", "p1"), seen("a1", "e1"), seen("c1", "a1"))
    assert kin(found, "p1") == "a1 c1 e1 p1"


def test_who_was_seen_with_nobody_is_a_person_of_its_own() -> None:
    assert kin(persons(seen("c1", "e1")), "e9") == "e9"


def test_of_references_that_lead_to_different_persons_the_better_one_decides() -> None:
    found = persons(seen("c1", "a1"), seen("a1", "e1"), seen("c2", "e1"))
    assert (kin(found, "c1"), kin(found, "c2")) == ("a1 c1", "c2 e1")


def test_a_mailbox_of_two_accounts_is_contested_and_all_that_hung_on_it_is_undone() -> None:
    before = (seen("a1", "e1"), seen("e1", "p1"))
    assert kin(persons(*before), "a1") == "a1 e1 p1"
    after = persons(*before, seen("a2", "e1"))
    assert [kin(after, name) for name in ("a1", "a2", "e1", "p1")] == ["a1", "a2", "e1", "p1"]
    assert standing(after, "e1") == (JoinReason.CONTESTED, [])
    assert standing(after, "p1") == (JoinReason.UNCERTAIN, [])


def test_a_mailbox_of_two_accounts_of_one_person_is_that_persons() -> None:
    found = persons(seen("a1", "e1"), seen("a2", "e1"), seen("c1", "a1"), seen("c1", "a2"))
    assert standing(found, "e1") == (JoinReason.SAME_PERSON, ["a1", "a2"])
    assert kin(found, "e1") == "a1 a2 c1 e1"


def test_two_numbers_of_the_best_type_are_never_one_person() -> None:
    found = persons(seen("c1", "a1"), seen("c2", "a1"), seen("a1", "e1"))
    assert [kin(found, name) for name in ("c1", "c2", "a1", "e1")] == ["c1", "c2", "a1", "e1"]


def test_an_account_that_many_mailboxes_use_belongs_to_none_of_them() -> None:
    guests = [seen("a1", f"e{number}") for number in range(3)]
    found = persons(*guests, seen("c1", "a1"), seen("a2", "e0"))
    assert standing(found, "e1") == (JoinReason.SHARED, [])
    assert (kin(found, "c1"), kin(found, "e0")) == ("a1 c1", "a2 e0")
    assert kin(persons(*guests[:2]), "e1") == "a1 e0 e1"


def test_a_mailbox_that_was_seen_with_too_many_accounts_is_contested_whosoever_they_are() -> None:
    found = persons(
        *(seen("c1", f"a{number}") for number in range(2)), *(seen(f"a{number}", "e1") for number in (0, 1))
    )
    assert standing(found, "e1")[0] is JoinReason.SAME_PERSON
    for one in seen("a7", "e1"):
        found.add(one)
    assert standing(found, "e1") == (JoinReason.CONTESTED, [])


def test_a_split_takes_a_reference_and_what_hangs_on_it_away_whatever_is_seen() -> None:
    events = (seen("c1", "a1"), seen("a1", "e1"), seen("e1", "p1"))
    for parted in (("e1", "a1"), ("e1", "c1")):
        found = persons(*events, splits=[split(*parted)])
        assert (standing(found, "e1"), kin(found, "e1")) == ((JoinReason.SPLIT, []), "e1 p1")
        assert kin(found, "c1") == "a1 c1"
    assert kin(persons(*events, seen("c1", "e1"), splits=[split("e1", "c1")]), "e1") == "e1 p1"
    assert kin(persons(*events, splits=[split("e1", "a1", lifted=True)]), "e1") == "a1 c1 e1 p1"


def test_a_split_may_settle_whose_a_contested_reference_is() -> None:
    events = (seen("a1", "e1"), seen("a2", "e1"))
    assert kin(persons(*events, splits=[split("e1", "a2")]), "e1") == "a1 e1"


def test_types_that_are_not_listed_join_nothing() -> None:
    loyalty = Reference("loyalty", "l1")

    def told(one: Reference, other: Reference) -> Evidence:
        return Evidence(first=one, second=other, source="/s", event_id="e", at=START)

    assert evidence_of((loyalty, reference("c1")), RULE, told) == ()
    found = Persons(RULE, [told(reference("c1"), loyalty)], ())
    assert (found.kin("l1"), found.standing(loyalty)) == (frozenset({"l1"}), Standing(reason=JoinReason.FOREMOST))


def test_what_is_written_the_same_under_two_types_finds_what_either_is_joined_to() -> None:
    account, number = Reference("account", "x"), Reference("crm", "x")

    def told(one: Reference, other: Reference) -> Evidence:
        return Evidence(first=one, second=other, source="/s", event_id="e", at=START)

    found = Persons(RULE, [told(account, reference("e1")), told(number, reference("e2"))], ())
    assert (kin(found, "x"), kin(found, "e1"), kin(found, "e2")) == ("e1 e2 x", "e1 x", "e2 x")


NAMES = [f"{letter}{number}" for letter in TYPES for number in range(4)]
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=14)
SPLITS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=2)


@given(PAIRS, SPLITS, st.randoms(use_true_random=False))
def test_the_order_of_evidence_changes_nothing_and_saying_it_twice_neither(
    pairs: list[tuple[str, str]], splits: list[tuple[str, str]], chance: Random
) -> None:
    told = [one for pair in pairs for one in seen(*pair)]
    parted = [split(*pair) for pair in splits]
    first = Persons(RULE, told, parted)
    again = [*told, *told]
    chance.shuffle(again)
    second = Persons(RULE, (), parted)
    for one in again:
        second.add(one)
        second.kin("e0")
    assert [first.standing(reference(name)) for name in NAMES] == [second.standing(reference(name)) for name in NAMES]
    assert [first.kin(name) for name in NAMES] == [second.kin(name) for name in NAMES]


@given(PAIRS, SPLITS)
def test_each_reference_is_one_persons_who_has_one_of_the_best_type_and_nothing_split(
    pairs: list[tuple[str, str]], splits: list[tuple[str, str]]
) -> None:
    found = persons(*(seen(*pair) for pair in pairs), splits=[split(*pair) for pair in splits])
    for name in NAMES:
        person = found.person(reference(name))
        assert reference(name) in person
        assert {found.person(one) for one in person} == {person}
        best = min(RULE.precedence.index(one.type) for one in person)
        assert [RULE.precedence.index(one.type) for one in person].count(best) == 1
        above = [one for one in person if one in found.standing(reference(name)).to]
        assert not {(name, one.ref) for one in above} & {*splits, *(pair[::-1] for pair in splits)}


@given(PAIRS, SPLITS, st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), st.sampled_from(NAMES))
def test_a_person_is_worked_out_from_what_is_walked_and_changes_by_what_names_some_of_it(
    pairs: list[tuple[str, str]], splits: list[tuple[str, str]], late: tuple[str, str], name: str
) -> None:
    told = [seen(*pair) for pair in pairs]
    parted = [split(*pair) for pair in splits]
    whole = persons(*told, splits=parted)
    walked = whole.walked(name)
    part = persons((one for event in told for one in event if {one.first.ref, one.second.ref} & walked), splits=parted)
    assert part.kin(name) == whole.kin(name)
    if not walked & set(late):
        assert persons(*told, seen(*late), splits=parted).kin(name) == whole.kin(name)


def test_a_walk_does_not_go_on_through_what_is_shared() -> None:
    told = {one.pair: one for number in range(5) for one in (*seen("a1", f"e{number}"), *seen(f"e{number}", "p1"))}
    found = walk(
        [reference("a1")],
        lambda one, name: {
            other for pair in told for other in pair if one in pair and other != one and other.type == name
        },
        RULE,
    )
    assert found == {reference("a1")}
