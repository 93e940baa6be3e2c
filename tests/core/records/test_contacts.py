"""What stands around an instant among what one customer has said."""

from datetime import timedelta

from msgspec.structs import replace

from service.core.records.contacts import MOST_NEAR, Contacts
from service.core.records.decisions import Contribution, PartKey
from tests.builders import START, make_contribution, make_feedback

HOUR = timedelta(hours=1)


def said(number: int, at: int, customer: str = "anna") -> Contribution:
    return make_contribution(make_feedback(subject=f"r{number:03d}", customer=customer, occurred_at=START + at * HOUR))


def standing(*given: Contribution) -> Contacts:
    contacts = Contacts()
    for one in given:
        contacts.put(one)
    return contacts


def names(keys: list[PartKey]) -> list[str]:
    return [key.subject for key in keys]


def test_what_began_before_and_since_is_told_apart_and_in_order() -> None:
    contacts = standing(said(3, 2), said(1, 1), said(2, 2), said(4, 3), said(9, 1, "ben"))
    assert names(contacts.before("anna", START + 2 * HOUR)) == ["r001"]
    assert names(contacts.since("anna", START + 2 * HOUR)) == ["r002", "r003", "r004"]


def test_only_the_nearest_count_on_either_side() -> None:
    contacts = standing(*(said(number, number) for number in range(3 * MOST_NEAR)))
    middle = 3 * MOST_NEAR // 2
    at = START + middle * HOUR
    assert names(contacts.before("anna", at)) == [f"r{number:03d}" for number in range(middle - MOST_NEAR, middle)]
    assert names(contacts.since("anna", at)) == [f"r{number:03d}" for number in range(middle, middle + MOST_NEAR)]


def test_what_is_taken_out_leaves_what_began_with_it() -> None:
    contacts = standing(said(1, 1), said(2, 1), said(3, 1))
    contacts.take_out(replace(said(2, 1)))
    assert names(contacts.since("anna", START)) == ["r001", "r003"]


def test_whoever_is_unknown_has_said_nothing() -> None:
    contacts = standing(said(1, 1))
    contacts.take_out(said(1, 1))
    assert [contacts.before(name, START + 9 * HOUR) for name in ("anna", "ben")] == [[], []]
    assert [contacts.since(name, START) for name in ("anna", "ben")] == [[], []]
