"""The ladder: each step with its confidence and reason, several candidates are ambiguous, nothing is ever guessed."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.core.link import LinkRules, link, ran_at
from service.core.link.keys import (
    business_key,
    customer_key,
    instance_key,
    looked_under,
    reference_key,
    registered_under,
    ticket_key,
    told_under,
)
from service.core.records.decisions import Link
from service.core.records.feedback import Feedback, Instance, Keys, Merge
from service.core.records.registry import MOST_KIN, Registry
from service.core.records.words import Flag, LinkMethod, LinkReason, LinkStatus
from tests.builders import START, make_feedback

DAY = timedelta(days=1)
RULES = LinkRules(window=14 * DAY, touchpoints={"doorstep": frozenset({"shipping"})})
ANNA, BEN = "k1:anna", "k1:ben"
ORDER = Keys(business_key="SO-1", business_within="shipping")


def an_instance(name: str, *keys: str, **more: object) -> Instance:
    given: dict[str, object] = {"process": "shipping", "updated_at": START, "started_at": START - DAY}
    return Instance(instance_id=name, keys=keys, **(given | more))  # type: ignore[arg-type] # any field of Instance


def known(*instances: Instance, merges: Iterable[tuple[str, str]] = ()) -> Registry:
    registry = Registry()
    for one in instances:
        registry.put(one, registered_under(one))
    for ticket, into in merges:
        registry.merges.put(ticket, Merge(ticket=ticket, into=into, at=START, event_id="m"))
    return registry


def linked(method: LinkMethod, confidence: float, reason: LinkReason, name: str = "i1") -> Link:
    return Link(
        status=LinkStatus.LINKED,
        method=method,
        reason=reason,
        instance_id=name,
        confidence=confidence,
        candidates=(name,),
    )


def ambiguous(method: LinkMethod, reason: LinkReason, *names: str) -> Link:
    return Link(status=LinkStatus.AMBIGUOUS, method=method, reason=reason, candidates=names)


def unlinked(reason: LinkReason) -> Link:
    return Link(status=LinkStatus.UNLINKED, method=LinkMethod.NOT_FOUND, reason=reason)


def none(reason: LinkReason) -> Link:
    return Link(status=LinkStatus.NONE, method=LinkMethod.NO_KEY, reason=reason)


NOBODY = make_feedback(customer="anonymous:1", flags=(Flag.ANONYMOUS,))
SHIPPED = make_feedback(keys=ORDER, process="shipping")
WRITTEN = make_feedback(keys=Keys(references=("INC0000123",)))
MISTYPED = make_feedback(keys=Keys(loose=("INC000123",)))
INCIDENT = an_instance("i1", references=("INC0000123",), customer=ANNA)
MINE = an_instance("i1", customer=ANNA)


@pytest.mark.parametrize(
    ("feedback", "registry", "expected"),
    [
        pytest.param(
            make_feedback(
                keys=Keys(instance="i1", business_key="SO-1", business_within="shipping"), process="shipping"
            ),
            known(an_instance("i1"), an_instance("i2", "SO-1")),
            linked(LinkMethod.INSTANCE_ID, 1.0, LinkReason.SOLE_CARRIER),
            id="the engine's own id is sure and comes first",
        ),
        pytest.param(
            SHIPPED,
            known(an_instance("i1", "SO-1")),
            linked(LinkMethod.BUSINESS_KEY, 0.9, LinkReason.SOLE_CARRIER),
            id="a business key within its process",
        ),
        pytest.param(
            make_feedback(keys=Keys(order="SO-1", order_within="shipping"), process="shipping"),
            known(an_instance("i1", "SO-1")),
            linked(LinkMethod.BUSINESS_KEY, 0.9, LinkReason.SOLE_CARRIER),
            id="an order is a business key",
        ),
        pytest.param(
            make_feedback(keys=Keys(instance="gone", ticket="T-1")),
            known(an_instance("i1", "T-1")),
            linked(LinkMethod.TICKET, 0.85, LinkReason.SOLE_CARRIER),
            id="a step that finds nobody lets the next one try",
        ),
        pytest.param(
            make_feedback(keys=Keys(business_key="SO-1", business_within="shipping", ticket="T-1"), process="shipping"),
            known(an_instance("i1", "SO-1", "T-1"), an_instance("i2", "SO-1")),
            ambiguous(LinkMethod.BUSINESS_KEY, LinkReason.SHARED_KEY, "i1", "i2"),
            id="two candidates are ambiguous, though a weaker step would name one of them",
        ),
        pytest.param(
            SHIPPED,
            known(*(an_instance(f"i{n}", "SO-1") for n in range(9))),
            ambiguous(LinkMethod.BUSINESS_KEY, LinkReason.SHARED_KEY, "i0", "i1", "i2", "i3", "i4"),
            id="five candidates are listed at most",
        ),
        pytest.param(
            SHIPPED,
            known(
                an_instance("i1", "SO-1"),
                an_instance("i0", "SO-1", started_at=START - 40 * DAY, ended_at=START - 30 * DAY),
                an_instance("i2", "SO-1", started_at=START + DAY),
            ),
            linked(LinkMethod.BUSINESS_KEY, 0.9, LinkReason.RAN_AT_THE_TIME),
            id="of a key that was used again the instance that ran at the time is meant",
        ),
        pytest.param(
            SHIPPED,
            known(an_instance("i1", "SO-1", ended_at=START - 30 * DAY)),
            linked(LinkMethod.BUSINESS_KEY, 0.9, LinkReason.SOLE_CARRIER),
            id="who alone carries a key is meant, however long ago it ended",
        ),
        pytest.param(
            SHIPPED,
            known(an_instance("i1", "SO-1", customer=ANNA), an_instance("i2", "SO-1", customer=BEN)),
            linked(LinkMethod.BUSINESS_KEY, 0.9, LinkReason.CUSTOMER_AGREES),
            id="of several that carry a key the customer's own one is meant",
        ),
        pytest.param(
            SHIPPED,
            known(an_instance("i1", "SO-1", customer=ANNA), an_instance("i2", "SO-1")),
            ambiguous(LinkMethod.BUSINESS_KEY, LinkReason.SHARED_KEY, "i1", "i2"),
            id="whose the other one is must be known for that",
        ),
        pytest.param(
            replace(SHIPPED, customer=NOBODY.customer, flags=NOBODY.flags),
            known(an_instance("i1", "SO-1", customer=ANNA), an_instance("i2", "SO-1", customer=BEN)),
            ambiguous(LinkMethod.BUSINESS_KEY, LinkReason.SHARED_KEY, "i1", "i2"),
            id="somebody anonymous agrees with nobody",
        ),
        pytest.param(
            make_feedback(keys=Keys(ticket="T-1")),
            known(an_instance("i1", "T-3"), merges=[("T-1", "T-2"), ("T-2", "T-3")]),
            linked(LinkMethod.TICKET, 0.85, LinkReason.TICKET_MERGED),
            id="a merged ticket leads to the one that it is part of",
        ),
        pytest.param(
            make_feedback(keys=Keys(ticket="T-1")),
            known(an_instance("i1", "T-3"), merges=[("T-1", "T-2"), ("T-2", "T-1")]),
            unlinked(LinkReason.KEY_UNKNOWN),
            id="tickets that were merged in a ring lead nowhere",
        ),
        pytest.param(
            WRITTEN,
            known(INCIDENT),
            linked(LinkMethod.REFERENCE, 0.8, LinkReason.REFERENCE_IN_TEXT),
            id="a number in the text",
        ),
        pytest.param(
            WRITTEN,
            known(replace(INCIDENT, customer=BEN)),
            unlinked(LinkReason.KEY_UNKNOWN),
            id="a number of somebody else's case is a typing error",
        ),
        pytest.param(
            WRITTEN,
            known(replace(INCIDENT, customer=None)),
            linked(LinkMethod.REFERENCE, 0.8, LinkReason.REFERENCE_IN_TEXT),
            id="unless nobody knows whose it is",
        ),
        pytest.param(
            WRITTEN,
            known(replace(INCIDENT, started_at=START + DAY)),
            unlinked(LinkReason.KEY_UNKNOWN),
            id="nobody writes of a case that has not begun",
        ),
        pytest.param(
            make_feedback(keys=Keys(references=("INC0000123", "INC0000999"))),
            known(INCIDENT, an_instance("i2", references=("INC0000999",), customer=ANNA)),
            ambiguous(LinkMethod.REFERENCE, LinkReason.SHARED_KEY, "i1", "i2"),
            id="who writes of two cases may mean either",
        ),
        pytest.param(
            MISTYPED,
            known(INCIDENT, an_instance("i2", references=("INC0000999",), customer=ANNA)),
            linked(LinkMethod.REFERENCE, 0.7, LinkReason.NEAR_REFERENCE),
            id="a number with one typing error, among the customer's own",
        ),
        pytest.param(
            MISTYPED,
            known(INCIDENT, an_instance("i2", references=("INC0001123",), customer=ANNA)),
            ambiguous(LinkMethod.REFERENCE, LinkReason.SEVERAL_CANDIDATES, "i1", "i2"),
            id="two of the customer's own are as near",
        ),
        pytest.param(
            MISTYPED,
            known(replace(INCIDENT, ended_at=START - 20 * DAY)),
            unlinked(LinkReason.KEY_UNKNOWN),
            id="what ended long ago is not near",
        ),
        pytest.param(
            make_feedback(keys=Keys(loose=("INC0000123",))),
            known(INCIDENT, an_instance("i2", references=("INC0000124",), customer=ANNA)),
            linked(LinkMethod.REFERENCE, 0.7, LinkReason.NEAR_REFERENCE),
            id="a number without its letters is sooner this one than one that is near to it",
        ),
        pytest.param(
            make_feedback(),
            known(MINE, an_instance("i2", customer=BEN), an_instance("i3")),
            linked(LinkMethod.CUSTOMER, 0.6, LinkReason.SOLE_CANDIDATE),
            id="the customer's only instance at the time",
        ),
        pytest.param(
            make_feedback(),
            known(MINE, an_instance("i2", customer=ANNA, ended_at=START - 14 * DAY)),
            ambiguous(LinkMethod.CUSTOMER, LinkReason.SEVERAL_CANDIDATES, "i1", "i2"),
            id="two of the customer's instances, one ended just within the window",
        ),
        pytest.param(
            make_feedback(process="returns"),
            known(MINE, an_instance("i2", process="returns", customer=ANNA)),
            linked(LinkMethod.CUSTOMER, 0.6, LinkReason.SOLE_CANDIDATE, "i2"),
            id="a named process leaves its own",
        ),
        pytest.param(
            make_feedback(touchpoint="Doorstep"),
            known(MINE, an_instance("i2", process="returns", customer=ANNA)),
            linked(LinkMethod.CUSTOMER, 0.6, LinkReason.SOLE_CANDIDATE),
            id="a touchpoint leaves those of its processes",
        ),
        pytest.param(
            make_feedback(touchpoint="checkout"),
            known(MINE, an_instance("i2", process="returns", customer=ANNA)),
            ambiguous(LinkMethod.CUSTOMER, LinkReason.SEVERAL_CANDIDATES, "i1", "i2"),
            id="a touchpoint of no process leaves all",
        ),
        pytest.param(
            make_feedback(),
            known(MINE, *(an_instance(f"j{n}", customer=ANNA, ended_at=START - 30 * DAY) for n in range(MOST_KIN))),
            ambiguous(LinkMethod.CUSTOMER, LinkReason.SEVERAL_CANDIDATES, "i1"),
            id="of a customer with too many instances nothing is said",
        ),
        pytest.param(
            make_feedback(keys=Keys(ticket="T-1", is_own=True)),
            known(MINE),
            linked(LinkMethod.CUSTOMER, 0.6, LinkReason.SOLE_CANDIDATE),
            id="a ticket that names no other one is looked for by its customer",
        ),
        pytest.param(
            make_feedback(keys=Keys(instance="gone")),
            known(MINE),
            unlinked(LinkReason.KEY_UNKNOWN),
            id="what is named and not known is not for that another case of the customer's",
        ),
        pytest.param(
            make_feedback(keys=replace(ORDER, business_within="returns"), process="returns"),
            known(an_instance("i1", "SO-1")),
            unlinked(LinkReason.KEY_UNKNOWN),
            id="the same key in another process is another key",
        ),
        pytest.param(
            SHIPPED,
            known(an_instance("i1", "SO-1"), an_instance("i1", process="returns")),
            unlinked(LinkReason.KEY_UNKNOWN),
            id="an instance that has come to be of another process carries none of the keys of the old one",
        ),
        pytest.param(make_feedback(), known(), unlinked(LinkReason.NONE_AT_THE_TIME), id="a customer without a case"),
        pytest.param(NOBODY, known(MINE), none(LinkReason.NO_KEY), id="nobody, about nothing"),
        pytest.param(
            make_feedback(keys=Keys(instance="i1"), relationship=True),
            known(MINE),
            none(LinkReason.RELATIONSHIP_SURVEY),
            id="a relationship survey speaks of no instance",
        ),
    ],
)
def test_the_ladder(feedback: Feedback, registry: Registry, expected: Link) -> None:
    assert link(feedback, START, registry, RULES) == expected


def test_the_instant_at_which_the_subject_began_is_what_counts() -> None:
    registry = known(an_instance("i1", customer=ANNA, ended_at=START))
    assert link(make_feedback(), START + 14 * DAY, registry, RULES).status is LinkStatus.LINKED
    assert link(make_feedback(), START + 15 * DAY, registry, RULES).status is LinkStatus.UNLINKED


def test_an_instance_that_was_started_again_runs() -> None:
    again = an_instance("i1", ended_at=START, begun_at=START + DAY)
    assert ran_at(again, START + 40 * DAY, RULES.window)
    assert not ran_at(replace(again, begun_at=START - DAY), START + 40 * DAY, RULES.window)
    assert ran_at(Instance(instance_id="i1", process="p", updated_at=START), START, RULES.window)


@given(st.permutations([MINE, INCIDENT, an_instance("i2", "SO-1"), an_instance("i3", "SO-1", customer=BEN)]))
def test_the_order_in_which_instances_are_heard_of_changes_no_link(order: list[Instance]) -> None:
    one = replace(SHIPPED, customer=BEN)
    expected = ambiguous(LinkMethod.BUSINESS_KEY, LinkReason.SHARED_KEY, "i2", "i3")
    assert link(one, START, known(*order), RULES) == expected


def test_an_instance_is_found_by_its_id_by_each_key_as_object_and_as_ticket_and_by_its_references() -> None:
    one = an_instance("i1", "SO-1", references=("SO1",), customer=ANNA)
    under = (
        business_key("shipping", "SO-1"),
        instance_key("i1"),
        reference_key("SO1"),
        ticket_key("SO-1"),
    )
    assert registered_under(one) == under
    assert told_under(one) == (*under, customer_key(ANNA))
    assert told_under(replace(one, customer=None)) == under


def test_a_feedback_waits_under_all_that_it_names_and_under_its_customer() -> None:
    one = make_feedback(
        keys=Keys(business_key="SO-1", business_within="shipping", references=("SO1",), loose=("SO",)),
        process="shipping",
    )
    assert looked_under(one) == (business_key("shipping", "SO-1"), reference_key("SO1"), customer_key(ANNA))
    assert looked_under(NOBODY) == ()
    assert looked_under(replace(one, relationship=True)) == ()
