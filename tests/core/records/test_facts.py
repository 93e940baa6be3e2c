"""The working set of a transaction: what was changed, what is loaded beside it, and whom it has met."""

from msgspec.structs import replace

from service.core.records.alerts import Member
from service.core.records.decisions import PartKey
from service.core.records.facts import Facts
from service.core.records.table import Table
from service.core.records.words import Severity
from tests.builders import START, make_contribution, make_feedback

ANNA = make_contribution(make_feedback(customer="anna"))
BEN = make_contribution(make_feedback(customer="ben", subject="response/2"))


def test_a_table_knows_what_was_written_and_what_was_removed() -> None:
    table = Table({"a": 1, "b": 2, "c": 3})
    table.put("a", 1)
    table.drop("b")
    table.put("d", 4)
    table.drop("d")
    assert (table.written, table.removed, table.get("c"), list(table)) == ({"a": 1}, {"b", "d"}, 3, ["a", "c"])


def test_loading_does_not_undo_a_change() -> None:
    table = Table({"a": 1, "b": 2})
    table.put("a", 9)
    table.drop("b")
    table.load({"a": 1, "b": 2, "c": 3})
    assert {key: table[key] for key in table} == {"a": 9, "c": 3}
    assert table.written == {"a": 9}


def test_a_table_still_knows_what_was_loaded() -> None:
    table = Table({"a": 1, "b": 2, "c": 3})
    for value in (8, 9):
        table.put("a", value)
        table.put("d", value)
    table.drop("b")
    assert [table.loaded(key) for key in "abcd"] == [1, 2, 3, None]
    assert sorted(table.all_loaded()) == [1, 2, 3]


def test_contributions_are_found_by_customer_and_subject_as_they_change_hands() -> None:
    facts = Facts()
    facts.load_contributions({ANNA.key: ANNA, BEN.key: BEN})
    facts.put_contribution(replace(ANNA, feedback=replace(ANNA.feedback, customer="ben")))
    assert [one.key for one in facts.contacts_since("ben", START)] == [ANNA.key, BEN.key]
    assert facts.contacts_since("anna", START) == []
    facts.drop_contribution(BEN.key)
    facts.drop_contribution(BEN.key)
    assert [one.key for one in facts.contacts_since("ben", START)] == [ANNA.key]
    assert facts.parts_of("/surveys", "response/2") == ()


def test_whoever_was_met_is_remembered_though_replaced() -> None:
    facts = Facts()
    facts.put_contribution(replace(ANNA, link=replace(ANNA.link, instance_id="i1")))
    facts.put_contribution(replace(ANNA, feedback=replace(ANNA.feedback, customer="ben")))
    facts.drop_contribution(ANNA.key)
    member = Member(
        key=PartKey("/surveys", "response/3"),
        alert_id="a-1",
        alert_key="k-1",
        copy=False,
        event_id="e-3",
        customer="cleo",
        instance_id="i2",
        severity=Severity.HIGH,
        score=60.0,
        done=False,
        team="desk",
    )
    facts.load_members([member])
    assert (facts.people, facts.cases) == ({"anna", "ben", "cleo"}, {"i1", "i2"})
    assert facts.members_of("/surveys", "response/3") == (member,)
    facts.drop_member(member)
    assert facts.members_of("/surveys", "response/3") == ()
